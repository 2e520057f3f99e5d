//! [`Log`]: refusals, and policies that are installed, as events of `tracing`.

mod differences;
mod policies;

use std::fmt;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use foldhash::fast::RandomState;
use tracing::Level;

use self::policies::{Place, Policies};
use super::memory::{INTERVAL, Line, MOST_TOLD, Memory, Noted};
use crate::adapter::{AdapterOptions, DecisionEvent, Mistake, PolicySource};
use crate::protocol::escape::ForeignText;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::RequestKind;

/// Writes refusals, and the policies that are in use, as events of `tracing`. Needs the feature
/// `tracing`.
///
/// An adapter takes it by its method `log`. [What is told](crate::guide::what_is_told) has the
/// fields of the events.
///
/// - Each refusal is an event of the target `cors::refusal`, on the thread of its request and in
///   the span that is open there. Each pair of an origin and a reason is told once a minute at
///   most, with the number of those that were suppressed since; and at most 256 pairs a minute. A
///   server's own pages need no permission, so nothing is told about them.
/// - What a policy in the shadow would answer otherwise is an event of the target `cors::shadow`, at
///   the level `INFO`, with the same bounds. A server's own pages are left out.
/// - What is nearly always a [mistake](Mistake) in the stack is an event of the target
///   `cors::mistake`, at the level `WARN`, once for each kind and adapter: in a debug build, and
///   elsewhere [where asked for](Self::with_mistakes).
/// - The policies of each adapter are an event of the target `cors::policy`, at the level `INFO`,
///   and so is each replacement of a `SharedPolicy`, with what it changes.
///
/// What a client has sent is escaped and shortened.
///
/// A clone is the same log. Adapters that are made once per worker, and several adapters of one
/// app, take clones, so that nothing is told once per adapter:
///
/// ```
/// use cors_core::Log;
///
/// let log = Log::new();
/// let for_another_adapter = log.clone();
/// # let _ = for_another_adapter;
/// ```
#[derive(Clone)]
pub struct Log {
    state: Arc<State>,
    tells_mistakes: bool,
}

struct State {
    level: Level,
    hasher: RandomState,
    /// The time since some moment; read for refusals and differences alone.
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
    memory: Mutex<Memory>,
    /// The same for what a shadow would answer otherwise.
    differences: Mutex<Memory>,
    in_use: Arc<Policies>,
    in_shadow: Arc<Policies>,
}

impl Log {
    /// Makes a log that tells refusals at the level `WARN`.
    #[must_use]
    pub fn new() -> Self {
        Self::at(Level::WARN)
    }

    /// Makes a log that tells refusals at this level.
    #[must_use]
    pub fn at(level: Level) -> Self {
        let start = Instant::now();
        Self::with_clock(level, move || start.elapsed())
    }

    fn with_clock(level: Level, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        let state = State {
            level,
            hasher: RandomState::default(),
            clock: Box::new(clock),
            memory: Mutex::default(),
            differences: Mutex::default(),
            in_use: Policies::new(Place::InUse),
            in_shadow: Policies::new(Place::InShadow),
        };
        Self {
            state: Arc::new(state),
            tells_mistakes: cfg!(debug_assertions),
        }
    }

    /// Tells mistakes in the stack in a release build too. A debug build does so by itself.
    #[must_use]
    pub const fn with_mistakes(mut self) -> Self {
        self.tells_mistakes = true;
        self
    }

    /// Tells which policies an adapter has, in its shadow too, and from then on each replacement of
    /// them, and adds the listeners that tell the rest to its options. It is for the authors of
    /// adapters.
    pub fn start(self, options: &mut AdapterOptions, source: &PolicySource) {
        self.state.in_use.start(source);
        let in_shadow = Arc::clone(&self.state.in_shadow);
        options.on_shadow(move |shadow| in_shadow.start(shadow));
        if self.tells_mistakes {
            options.mistakes.add(tell_mistake);
        }
        let state = self.state;
        options.listeners.add(move |event| state.decided(event));
    }
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log")
            .field("level", &self.state.level)
            .finish_non_exhaustive()
    }
}

/// Writes an event about refusals. A level belongs to the place in the code where an event is
/// written, so there is a place for each.
macro_rules! refusal_event {
    ($level:expr, $($event:tt)*) => {
        match $level {
            Level::ERROR => tracing::event!(target: "cors::refusal", Level::ERROR, $($event)*),
            Level::WARN => tracing::event!(target: "cors::refusal", Level::WARN, $($event)*),
            Level::INFO => tracing::event!(target: "cors::refusal", Level::INFO, $($event)*),
            Level::DEBUG => tracing::event!(target: "cors::refusal", Level::DEBUG, $($event)*),
            Level::TRACE => tracing::event!(target: "cors::refusal", Level::TRACE, $($event)*),
        }
    };
}

impl State {
    fn decided(&self, event: &DecisionEvent<'_>) {
        if let Some(refusal) = event.decision().refusal() {
            self.refused(event, refusal);
        }
        if let Some(difference) = event.difference_to_tell() {
            self.differs(event, difference);
        }
    }

    #[inline(never)]
    fn refused(&self, event: &DecisionEvent<'_>, refusal: Refusal) {
        if !self.is_wanted() || event.is_same_origin() {
            return;
        }
        // What is refused for its host has no origin, as a rule.
        let subject = match refusal {
            Refusal::HostNotAllowed => event.host(),
            _ => event.origin(),
        };
        let pair = (subject.map(ForeignText::as_bytes), refusal.code());
        let pair = self.hasher.hash_one(pair);
        let Noted { forgotten, line } = noted(&self.memory, pair, (self.clock)());
        if forgotten > 0 {
            refusal_event!(
                self.level,
                suppressed = forgotten,
                "CORS: {forgotten} more refusals, which were not told one by one"
            );
        }
        match line {
            Line::One { suppressed } => self.tell_refusal(event, refusal, suppressed),
            Line::Full => refusal_event!(
                self.level,
                "CORS: {MOST_TOLD} different refusals within {} seconds; more are only counted",
                INTERVAL.as_secs()
            ),
            Line::Suppressed => {}
        }
    }

    /// Returns whether a subscriber is interested in the refusals.
    fn is_wanted(&self) -> bool {
        match self.level {
            Level::ERROR => tracing::enabled!(target: "cors::refusal", Level::ERROR),
            Level::WARN => tracing::enabled!(target: "cors::refusal", Level::WARN),
            Level::INFO => tracing::enabled!(target: "cors::refusal", Level::INFO),
            Level::DEBUG => tracing::enabled!(target: "cors::refusal", Level::DEBUG),
            Level::TRACE => tracing::enabled!(target: "cors::refusal", Level::TRACE),
        }
    }

    fn tell_refusal(&self, event: &DecisionEvent<'_>, refusal: Refusal, suppressed: u64) {
        let (kind, request) = match event.decision().kind() {
            RequestKind::Preflight => ("preflight", "preflight"),
            RequestKind::Actual => ("actual", "actual request"),
            RequestKind::NotCors => ("not_cors", "request without Origin"),
        };
        let explanation = event.explanation();
        // Texts, which a subscriber puts in quotes: a space in a value starts no other field.
        let text = |text: ForeignText<'_>| text.to_string();
        let origin = event.origin().map(text);
        let host = event.host().map(text);
        let pattern = event.pattern().map(str::as_bytes).map(ForeignText::new);
        let pattern = pattern.map(text);
        refusal_event!(
            self.level,
            kind,
            reason = refusal.code(),
            origin = origin.as_deref(),
            method = event.method().to_string(),
            path = event.path().to_string(),
            host = host.as_deref(),
            rejected = event.decision().is_rejected(),
            pattern = pattern.as_deref(),
            version = event.version(),
            remedy = explanation.remedy(),
            suppressed,
            "CORS: {request} refused: {}",
            explanation.reason()
        );
    }
}

/// Notes what is to be told. Nobody waits for what an event costs: the lock is free again.
fn noted(memory: &Mutex<Memory>, pair: u64, now: Duration) -> Noted {
    let memory = memory.lock();
    memory
        .unwrap_or_else(PoisonError::into_inner)
        .note(pair, now)
}

fn tell_mistake(mistake: &Mistake) {
    tracing::event!(
        target: "cors::mistake",
        Level::WARN,
        kind = mistake.kind().code(),
        remedy = mistake.remedy(),
        "CORS: {}",
        mistake.reason()
    );
}

#[cfg(test)]
mod tests;
