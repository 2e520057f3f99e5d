//! [`Mistakes`]: who is told about mistakes in the stack, and the checks that find them.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::mistake::{Mistake, MistakeKind};
use crate::policy::Policy;
use crate::policy::config::PolicyConfig;
use crate::policy::predicate::unless_panicked;
use crate::protocol::escape::ForeignText;
use crate::protocol::field::{RequestField, ResponseField};
use crate::protocol::request::{RequestHead, RequestKind};
use crate::protocol::token::{is_safelisted_method, normalize_method};

/// Functions that are called with each [`Mistake`], once for each kind.
///
/// Where there is none, nothing is checked. Clones have one memory of what was told.
#[derive(Clone, Default)]
pub struct Mistakes(Option<Arc<Stack>>);

/// Whether a preflight has come to an adapter that looks for mistakes. It is one for the process:
/// an adapter may be made once for each worker, and may stand inside of another.
static HAS_SEEN_PREFLIGHT: AtomicBool = AtomicBool::new(false);

type Listener = Arc<dyn Fn(&Mistake) + Send + Sync>;

/// What an adapter knows of the stack that it stands in.
struct Stack {
    listeners: Vec<Listener>,
    /// One bit for each kind that was told.
    told: AtomicU8,
    /// How often an adapter has looked for what costs milliseconds to find.
    looks: AtomicUsize,
    /// The two policies that were found to agree last, so that their settings are not compared for
    /// each request.
    agreed: AtomicUsize,
    since: Instant,
}

impl Mistakes {
    /// Adds a listener, to this value and to the clones that are made of it from here on.
    pub fn add(&mut self, listener: impl Fn(&Mistake) + Send + Sync + 'static) {
        let before = self.0.iter().flat_map(|stack| stack.listeners.iter());
        let added: Listener = Arc::new(listener);
        self.0 = Some(Arc::new(Stack {
            listeners: before.cloned().chain([added]).collect(),
            told: AtomicU8::new(0),
            looks: AtomicUsize::new(0),
            agreed: AtomicUsize::new(0),
            since: Instant::now(),
        }));
    }

    /// Returns whether nobody is told, so that nothing needs to be checked.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns whether an adapter is to look for what costs milliseconds to find, as the caller of a
    /// layer does: somebody is told, and it is one of the first times.
    #[must_use]
    pub fn is_worth_a_look(&self) -> bool {
        let stack = self.0.as_ref();
        stack.is_some_and(|stack| {
            !stack.is_told(MistakeKind::RouteLayer)
                && stack.looks.fetch_add(1, Ordering::Relaxed) < MOST_LOOKS
        })
    }

    /// Tells a mistake, unless one of its kind was told before.
    pub fn tell(&self, mistake: &Mistake) {
        if let Some(stack) = &self.0 {
            stack.tell(mistake.kind(), || mistake.reason().to_owned());
        }
    }

    /// Begins to watch a request, and what becomes of its response; `None` where nobody is told, and
    /// where all that a response can show was told. `for_route` is the adapter's
    /// [option](super::AdapterOptions::for_route).
    #[inline]
    pub fn watch(
        &self,
        kind: RequestKind,
        policy: &Policy,
        request: &dyn RequestHead,
        for_route: bool,
    ) -> Option<Watched> {
        let stack = self.0.as_ref()?;
        Stack::watch(stack, kind, policy, request, for_route)
    }
}

impl fmt::Debug for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.as_ref().map_or(0, |stack| stack.listeners.len());
        f.debug_tuple("Mistakes").field(&count).finish()
    }
}

/// A request that is watched.
#[derive(Clone)]
pub struct Watched {
    stack: Arc<Stack>,
    /// The method and the path, as they are told.
    request: String,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watched").field(&self.request).finish()
    }
}

impl Stack {
    #[cold]
    #[inline(never)]
    fn watch(
        self: &Arc<Self>,
        kind: RequestKind,
        policy: &Policy,
        request: &dyn RequestHead,
        for_route: bool,
    ) -> Option<Watched> {
        match kind {
            RequestKind::Preflight => HAS_SEEN_PREFLIGHT.store(true, Ordering::Relaxed),
            // An outer adapter answers the preflights of a route.
            RequestKind::Actual if !for_route && !HAS_SEEN_PREFLIGHT.load(Ordering::Relaxed) => {
                self.check_preflights(policy, request);
            }
            _ => {}
        }
        let of_responses = [MistakeKind::ForeignHeaders, MistakeKind::TwoAdapters];
        let is_finished = of_responses.iter().all(|kind| self.is_told(*kind));
        (!is_finished).then(|| Watched {
            stack: Arc::clone(self),
            request: shown(request),
        })
    }

    fn is_told(&self, kind: MistakeKind) -> bool {
        self.told.load(Ordering::Relaxed) & (1 << kind as u8) != 0
    }

    /// Returns whether two policies differ for preflights.
    fn differ(&self, outer: &Policy, inner: &Policy) -> bool {
        let pair = outer.address() ^ inner.address().rotate_left(1);
        if self.agreed.load(Ordering::Relaxed) == pair {
            return false;
        }
        let differ = differs_for_preflights(outer, inner);
        if !differ {
            self.agreed.store(pair, Ordering::Relaxed);
        }
        differ
    }

    /// Looks at an actual request while no preflight has come.
    fn check_preflights(&self, policy: &Policy, request: &dyn RequestHead) {
        let fetch_mode = RequestField::Declared("sec-fetch-mode");
        let site = request.field(RequestField::SecFetchSite).single();
        let is_asked_before = request.field(fetch_mode).single() == Some(b"cors")
            && matches!(site, Some(b"cross-site" | b"same-site"))
            && !request.is_method_overridden()
            && !is_safelisted_method(request.method().as_bytes());
        let remembered = policy.compiled().switches.max_age.unwrap_or(REMEMBERED);
        if is_asked_before && self.since.elapsed() >= remembered {
            self.tell(MistakeKind::PreflightsElsewhere, || {
                format!(
                    "a browser has sent {} from another origin, for which it needs a preflight, \
                     and no preflight has ever come to a CORS layer",
                    shown(request)
                )
            });
        }
    }

    fn tell(&self, kind: MistakeKind, reason: impl FnOnce() -> String) {
        let bit = 1 << kind as u8;
        if self.told.fetch_or(bit, Ordering::Relaxed) & bit != 0 {
            return;
        }
        let mistake = Mistake::new(kind, reason());
        for listener in &self.listeners {
            // It is called once for each kind, so one that panics needs no memory.
            let _ = unless_panicked(|| listener(&mistake));
        }
    }
}

/// Returns the method and the path, as they are told.
fn shown(request: &dyn RequestHead) -> String {
    let [method, path] = [request.method(), request.path()].map(str::as_bytes);
    format!("{} {}", ForeignText::new(method), ForeignText::new(path))
}

/// About how much is shown of an app's headers.
const SHOWN_BYTES: usize = 400;

/// A router gives a layer all its routes at once: a few of them tell.
const MOST_LOOKS: usize = 16;

/// How long a browser remembers a preflight whose response does not say.
const REMEMBERED: Duration = Duration::from_secs(5);

impl Watched {
    /// Looks at a response before a policy is applied to it, unless an inner one was. `each_line`
    /// calls its visitor with the lines of a field.
    pub(super) fn check_response(
        &self,
        policy: &Policy,
        each_line: impl Fn(ResponseField, &mut dyn FnMut(&[u8])),
    ) {
        let is_kept = policy.compiled().switches.keep_app_headers;
        if is_kept || self.stack.is_told(MistakeKind::ForeignHeaders) {
            return;
        }
        let mut lines = String::new();
        for field in ResponseField::ALL {
            if field != ResponseField::Vary {
                each_line(field, &mut |line| {
                    if lines.len() > SHOWN_BYTES {
                        return;
                    }
                    let start = if lines.is_empty() { "" } else { ", " };
                    let value = ForeignText::new(line);
                    // To write to a string never fails.
                    let _ = write!(lines, "{start}{}: {value}", field.name());
                });
            }
        }
        if !lines.is_empty() {
            self.stack.tell(MistakeKind::ForeignHeaders, || {
                format!(
                    "the app's response to {} already has CORS headers, which were replaced or \
                     removed: {lines}",
                    self.request
                )
            });
        }
    }

    /// Looks at a response to which an inner policy was applied.
    pub(super) fn check_inner(&self, outer: &Policy, inner: &Policy, for_route: bool) {
        if self.stack.is_told(MistakeKind::TwoAdapters) {
            return;
        }
        let reason = if !for_route {
            "and the one inside never counts"
        } else if self.stack.differ(outer, inner) {
            "the outer one decides about preflights, and the one inside about all else"
        } else {
            return;
        };
        self.stack.tell(MistakeKind::TwoAdapters, || {
            format!("{} has two CORS policies, {reason}", self.request)
        });
    }
}

/// Returns whether preflights would have another answer from the inner policy, and can be meant to:
/// it lists what needs preflights.
fn differs_for_preflights(outer: &Policy, inner: &Policy) -> bool {
    if outer.is_same(inner) || outer.compiled().switches.preflight_passthrough {
        return false;
    }
    let [outer, inner] = [outer, inner].map(|policy| of_preflights(policy.config()));
    let is_asked = !inner.allow_methods.is_empty() || !inner.allow_headers.is_empty();
    is_asked && inner != outer
}

/// Returns the settings that preflights depend on, in whatever order and spelling they are written.
fn of_preflights(config: PolicyConfig) -> PolicyConfig {
    let defaults = PolicyConfig::default();
    let spelled = |items: Vec<String>, normal: fn(&str) -> String| {
        let items: BTreeSet<_> = items.iter().map(|item| normal(item)).collect();
        items.into_iter().collect()
    };
    PolicyConfig {
        allow_origins: spelled(config.allow_origins, str::to_ascii_lowercase),
        allow_origin_regexes: spelled(config.allow_origin_regexes, str::to_owned),
        allow_methods: spelled(config.allow_methods, |method| {
            normalize_method(method).to_owned()
        }),
        allow_headers: spelled(config.allow_headers, str::to_ascii_lowercase),
        allow_credentials_from: spelled(config.allow_credentials_from, str::to_ascii_lowercase),
        expose_headers: defaults.expose_headers,
        keep_app_headers: defaults.keep_app_headers,
        reject_disallowed_origins: defaults.reject_disallowed_origins,
        // Each of the two rejects for its hosts, whatever the other answers.
        allow_hosts: defaults.allow_hosts,
        check_public_suffixes: defaults.check_public_suffixes,
        ..config
    }
}
