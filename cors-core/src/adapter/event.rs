//! [`DecisionEvent`]: what a listener is told about each request.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::shadow::{Difference, ShadowOutcome, Shadowed};
#[cfg(feature = "tracing")]
use super::source::PolicySource;
use crate::evaluate::explain::{Evidence, Explanation};
use crate::evaluate::same_origin::is_same_origin;
use crate::policy::Policy;
use crate::policy::installed::{Installation, InstalledPolicy};
use crate::policy::predicate::{drop_foreign, unless_panicked};
use crate::protocol::decision::Decision;
use crate::protocol::escape::ForeignText;
use crate::protocol::field::RequestField;
#[cfg(any(feature = "metrics", feature = "tracing"))]
use crate::protocol::refusal::Refusal;
use crate::protocol::request::{RequestHead, RequestKind, host};

/// The decision on one request, for a log, a counter or a trace: an adapter's `on_decision` is
/// called with it.
///
/// It is made for each request that has a policy, in the [shadow](Self::shadow) at least, once, of
/// the evaluation that answers: after an asynchronous predicate, and before the app is called where
/// the adapter says nothing else. It borrows the request, and makes words only when they are asked
/// for, so a listener that only counts allocates nothing.
///
/// What a client has sent is shown escaped and shortened: see [`ForeignText`].
pub struct DecisionEvent<'a> {
    decision: Decision,
    /// `None` where only the shadow has a policy for the path.
    policy: Option<&'a Policy>,
    installation: &'a Installation,
    request: &'a dyn RequestHead,
    /// The text of the error in which an asynchronous predicate has ended.
    error: Option<&'a str>,
    shadow: Option<ShadowOutcome>,
}

impl<'a> DecisionEvent<'a> {
    pub(super) fn new(
        decision: Decision,
        policy: &'a InstalledPolicy,
        request: &'a dyn RequestHead,
        error: Option<&'a str>,
        shadow: Option<ShadowOutcome>,
    ) -> Self {
        Self {
            decision,
            policy: Some(policy),
            installation: policy.installation(),
            request,
            error,
            shadow,
        }
    }

    /// Makes the event of a request whose path has a policy in the shadow alone.
    pub(super) fn without_policy(
        installation: &'a Installation,
        (shadow, decision): (&Policy, Decision),
        request: &'a dyn RequestHead,
    ) -> Self {
        let of_no_policy = Decision::without_policy(decision.kind);
        let shadowed = Shadowed::Other(Some((shadow.clone(), decision)));
        Self {
            decision: of_no_policy,
            policy: None,
            installation,
            request,
            error: None,
            shadow: Some(shadowed.against(None, of_no_policy, request)),
        }
    }

    /// Returns the decision: the kind of the request, the verdict and its reason.
    #[must_use]
    pub const fn decision(&self) -> Decision {
        self.decision
    }

    /// Returns whether the app is called. Where it is not, the adapter answers with the decision's
    /// [status](Decision::status).
    #[must_use]
    pub const fn calls_app(&self) -> bool {
        self.decision.status().is_none()
    }

    /// Returns whether the page is of the server itself, so that it needs no permission: no log and
    /// no counter should have it among the refused.
    #[must_use]
    pub fn is_same_origin(&self) -> bool {
        if self.decision.refusal().is_some() {
            return self.decision.is_same_origin();
        }
        self.decision.kind() == RequestKind::Actual && is_same_origin(self.request)
    }

    /// Returns the request's method: `OPTIONS` for a preflight.
    #[must_use]
    pub fn method(&self) -> ForeignText<'a> {
        ForeignText::new(self.request.method().as_bytes())
    }

    /// Returns the request's path, as it was sent.
    #[must_use]
    pub fn path(&self) -> ForeignText<'a> {
        ForeignText::new(self.request.path().as_bytes())
    }

    /// Returns the host that the request is for, with the port if there is one; `None` where it is
    /// absent or has several lines.
    #[must_use]
    pub fn host(&self) -> Option<ForeignText<'a>> {
        host(self.request).single().map(ForeignText::new)
    }

    /// Returns the request's origin; `None` where it is absent or has several lines.
    #[must_use]
    pub fn origin(&self) -> Option<ForeignText<'a>> {
        let origin = self.request.field(RequestField::Origin).single();
        origin.map(ForeignText::new)
    }

    /// Returns the policy that has decided; `None` where the path has one in the shadow alone.
    #[must_use]
    pub const fn policy(&self) -> Option<&'a Policy> {
        self.policy
    }

    /// Returns the pattern of the path whose policy has decided; `None` where it is the default
    /// policy, and where the path has no single one.
    #[must_use]
    pub fn pattern(&self) -> Option<&'a str> {
        self.installation.policies.pattern(self.request.path())
    }

    /// Returns the number of the policies that have decided: 1 for the first ones, one more for
    /// each replacement of a `SharedPolicy`.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.installation.version
    }

    /// Returns what the policy in the shadow would have decided; `None` where there is no shadow, or
    /// its path has no policy.
    ///
    /// An asynchronous predicate of the shadow is not asked. Where its decision depends on one, it
    /// is a refusal with the reason [`PredicateNotAsked`](crate::Refusal::PredicateNotAsked), and
    /// counts as no difference.
    #[must_use]
    pub fn shadow(&self) -> Option<Decision> {
        self.shadow?.decision
    }

    /// Returns what would be different with the policy of the shadow; `None` where nothing would,
    /// where there is no shadow, and where its decision depends on an asynchronous predicate, which
    /// [is not asked](Self::shadow).
    #[must_use]
    pub fn shadow_difference(&self) -> Option<Difference> {
        self.shadow?.difference
    }

    /// Returns the difference, unless the page is of the server itself and the difference is about
    /// a permission, which it does not need. Its host matters all the same.
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    pub(crate) fn difference_to_tell(&self) -> Option<Difference> {
        self.shadow_difference()
            .filter(|_| self.is_about_host() || !self.is_same_origin())
    }

    /// Returns whether the request is rejected for its host, or would be by the shadow.
    #[cfg(any(feature = "metrics", feature = "tracing"))]
    pub(crate) fn is_about_host(&self) -> bool {
        [Some(self.decision), self.shadow()]
            .into_iter()
            .flatten()
            .any(|decision| decision.refusal() == Some(Refusal::HostNotAllowed))
    }

    /// Returns whether the decision was compared with those of a shadow.
    #[cfg(feature = "metrics")]
    pub(crate) const fn has_shadow(&self) -> bool {
        self.shadow.is_some()
    }

    /// Returns the reason and the remedy in words. It allocates, and asks no predicate again.
    #[must_use]
    pub fn explanation(&self) -> Explanation {
        let Some(policy) = self.policy.map(Policy::compiled) else {
            return Explanation::without_policy(self.decision);
        };
        let failed = policy.failed_value(self.decision, self.request);
        let evidence = Evidence::of(policy, self.decision, failed, self.request);
        policy.explanation(evidence, self.error)
    }
}

impl fmt::Debug for DecisionEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecisionEvent")
            .field("decision", &self.decision)
            .field("method", &self.method())
            .field("path", &self.path())
            .field("host", &self.host())
            .field("origin", &self.origin())
            .field("pattern", &self.pattern())
            .field("version", &self.version())
            .field("shadow", &self.shadow)
            .finish_non_exhaustive()
    }
}

/// A function that is called until it panics.
#[derive(Clone)]
struct Listener(Arc<Function>);

struct Function {
    panicked: AtomicBool,
    call: Box<dyn Fn(&DecisionEvent<'_>) + Send + Sync>,
}

impl Listener {
    fn tell(&self, event: &DecisionEvent<'_>) {
        let Function { panicked, call } = &*self.0;
        if !panicked.load(Ordering::Relaxed) && unless_panicked(|| call(event)).is_err() {
            panicked.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Function {
    /// Ends a panic here: the last one to use a listener may be a request.
    fn drop(&mut self) {
        drop_foreign(mem::replace(&mut self.call, Box::new(|_| ())));
    }
}

/// Functions that are called with each [`DecisionEvent`], in the order in which they were added.
///
/// One that panics is not called again. The others are, and the request goes on. A clone is one
/// reference count, and none where nobody listens.
#[derive(Clone, Default)]
pub struct Listeners(Option<Arc<Functions>>);

/// All that listens to one adapter.
#[derive(Clone, Default)]
struct Functions {
    of_decisions: Vec<Listener>,
    #[cfg(feature = "tracing")]
    of_shadows: Vec<ShadowListener>,
}

/// A function that is called with policies that are put into the shadow.
#[cfg(feature = "tracing")]
type ShadowListener = Arc<dyn Fn(&PolicySource) + Send + Sync>;

impl Listeners {
    /// Adds a listener, to this value and to the clones that are made of it from here on.
    pub fn add(&mut self, listener: impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static) {
        let added = Listener(Arc::new(Function {
            panicked: AtomicBool::new(false),
            call: Box::new(listener),
        }));
        self.change(|functions| functions.of_decisions.push(added));
    }

    /// Adds a function that is called with policies that are put into the shadow.
    #[cfg(feature = "tracing")]
    pub(super) fn add_of_shadows(
        &mut self,
        listener: impl Fn(&PolicySource) + Send + Sync + 'static,
    ) {
        self.change(|functions| functions.of_shadows.push(Arc::new(listener)));
    }

    fn change(&mut self, change: impl FnOnce(&mut Functions)) {
        let mut functions = self.0.as_deref().cloned().unwrap_or_default();
        change(&mut functions);
        self.0 = Some(Arc::new(functions));
    }

    /// Returns whether nobody listens.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    #[inline]
    pub(super) fn tell(&self, event: &DecisionEvent<'_>) {
        if let Some(functions) = &self.0 {
            for listener in &functions.of_decisions {
                listener.tell(event);
            }
        }
    }

    #[cfg(feature = "tracing")]
    pub(super) fn tell_shadow(&self, shadow: &PolicySource) {
        for listener in self.0.iter().flat_map(|functions| &functions.of_shadows) {
            listener(shadow);
        }
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let functions = self.0.as_ref();
        let count = functions.map_or(0, |functions| functions.of_decisions.len());
        f.debug_tuple("Listeners").field(&count).finish()
    }
}
