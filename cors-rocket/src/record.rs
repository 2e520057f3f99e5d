//! [`Record`]: what is kept of a request until its response is there.

use std::ptr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};

use cors_core::RequestKind;
use cors_core::adapter::{BoundDecision, KeptHead, Watched};
use rocket::{Request, Route};

use crate::policies::Policies;

/// All decisions on a request, in its cache.
///
/// To ask the cache is to look a type up in a hash table, so ask once a call, and lend the record.
#[derive(Default)]
pub(crate) struct Record {
    /// The decision under the policy of the app, if it has one for this path.
    pub(crate) app: OnceLock<BoundDecision>,
    /// The decisions under the policies of routes.
    pub(crate) routes: RouteAttempts,
    /// The request, where somebody may be told about it: fairings and Rocket may change it.
    pub(crate) head: OnceLock<Box<KeptHead>>,
    /// Where somebody is told about mistakes in the stack: of the app, or else of a mount.
    pub(crate) watched: OnceLock<Option<Box<Watched>>>,
    notes: AtomicU8,
}

/// What is noted of a request, once.
#[derive(Clone, Copy)]
pub(crate) enum Note {
    /// A mount has seen that the request is one for HEAD: Rocket makes a GET of it where it has no
    /// route.
    CameAsHead = 1,
    /// One of our routes gives the answer.
    Answered = 2,
    /// The app's response was looked at for mistakes.
    Checked = 4,
}

/// The routes with a policy of their own that Rocket tries one after the other, until one of them
/// responds: a list that only grows.
#[derive(Default)]
pub(crate) struct RouteAttempts(OnceLock<Box<RouteAttempt>>);

pub(crate) struct RouteAttempt {
    pub(crate) route: Option<usize>,
    pub(crate) policies: Arc<Policies>,
    pub(crate) decision: Option<BoundDecision>,
    next: RouteAttempts,
}

/// The last word on a response.
#[derive(Clone, Copy)]
pub(crate) struct LastWord<'r> {
    /// The decision under the policy of the attempt, if there is one, and else under the app's.
    pub(crate) decision: Option<&'r BoundDecision>,
    /// The attempt whose policy has the last word, if a route's has: that at the route that
    /// responded, or that was tried before a catcher did. If that has no policy of its own, the one
    /// that has passed the preflight through, so that whatever responds has the headers of its policy.
    pub(crate) attempt: Option<&'r RouteAttempt>,
    /// Whether it is the decision of the app's policy that is to be answered, and that has not
    /// happened.
    pub(crate) is_unanswered: bool,
}

impl Record {
    pub(crate) fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(Self::default)
    }

    /// Notes something, and returns whether that was noted before.
    pub(crate) fn note(&self, note: Note) -> bool {
        self.notes.fetch_or(note as u8, Ordering::Relaxed) & note as u8 != 0
    }

    pub(crate) fn has(&self, note: Note) -> bool {
        self.notes.load(Ordering::Relaxed) & note as u8 != 0
    }

    /// Returns the decision of the app's policy to reject the request. No mount's policy matters
    /// then.
    pub(crate) fn rejection(&self) -> Option<&BoundDecision> {
        let rejects = |bound: &&BoundDecision| bound.decision().is_rejected();
        self.app.get().filter(rejects)
    }

    /// Returns the decision under the policy of the app, if there is one, no mount has disabled the
    /// path, and none has passed the preflight through.
    fn app_decision(&self) -> Option<&BoundDecision> {
        let is_replaced = self.routes.iter().any(|attempt| match &attempt.decision {
            Some(bound) => passes_through(bound),
            None => true,
        });
        self.app.get().filter(|_| !is_replaced)
    }

    /// Returns the decision of the app's policy, unless a mount's has taken its place.
    pub(crate) fn app_word(&self) -> Option<&BoundDecision> {
        self.rejection().or_else(|| self.app_decision())
    }

    /// Returns the decision of the app's policy that is to be answered, where that has not happened:
    /// the app has not yet been called, or has responded all the same, since a fairing has changed
    /// what Rocket routes by.
    fn unanswered(&self) -> Option<&BoundDecision> {
        let bound = self.app_word()?;
        let is_answer = bound.decision().status().is_some();
        (is_answer && !self.has(Note::Answered)).then_some(bound)
    }

    /// Returns who has the last word, as far as is known by now.
    pub(crate) fn last_word(&self, request: &Request<'_>) -> LastWord<'_> {
        if let Some(unanswered) = self.unanswered() {
            return LastWord {
                decision: Some(unanswered),
                attempt: None,
                is_unanswered: true,
            };
        }
        let attempt = self.routes.last(request);
        LastWord {
            decision: match attempt {
                Some(attempt) => attempt.decision.as_ref(),
                None => self.app_decision(),
            },
            attempt,
            is_unanswered: false,
        }
    }
}

impl RouteAttempts {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &RouteAttempt> {
        std::iter::successors(self.0.get(), |attempt| attempt.next.0.get()).map(Box::as_ref)
    }

    /// Adds the attempt at the route that Rocket tries at the moment.
    pub(crate) fn add(
        &self,
        request: &Request<'_>,
        policies: &Arc<Policies>,
        decision: Option<BoundDecision>,
    ) -> &RouteAttempt {
        let end = self.iter().last().map_or(self, |last| &last.next);
        end.0.get_or_init(|| {
            Box::new(RouteAttempt {
                route: request.route().map(address),
                policies: Arc::clone(policies),
                decision,
                next: Self::default(),
            })
        })
    }

    fn last(&self, request: &Request<'_>) -> Option<&RouteAttempt> {
        self.0.get()?;
        let route = request.route().map(address);
        let last = self.iter().find(|attempt| attempt.route == route);
        last.or_else(|| {
            let mut all = self.iter();
            all.find(|attempt| attempt.decision.as_ref().is_some_and(passes_through))
        })
    }
}

pub(crate) fn is_preflight(bound: &BoundDecision) -> bool {
    bound.decision().kind() == RequestKind::Preflight
}

/// Returns whether this is a preflight that the policy leaves to the app.
fn passes_through(bound: &BoundDecision) -> bool {
    is_preflight(bound) && bound.decision().status().is_none()
}

/// Returns a number that tells routes apart: they stay where they are from launch on.
fn address(route: &Route) -> usize {
    ptr::from_ref(route).addr()
}
