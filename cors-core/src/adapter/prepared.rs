//! [`PreparedPolicies`]: the values that an adapter computes from policies, ahead of requests.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

#[cfg(feature = "reload")]
use arc_swap::{ArcSwap, Guard};

use super::header_types::HeaderTypes;
use super::prepared_policy;
use super::source::PolicySource;
use crate::policy::Policy;
use crate::policy::installed::{Installation, InstalledPolicy};
#[cfg(feature = "reload")]
use crate::policy::reload::SharedPolicy;
use crate::protocol::request::RequestHead;

/// A cache of one value per policy, computed when the policy is installed.
///
/// `T` is a pointer to whatever the adapter needs, since it is cloned for each request: an `Arc`, or
/// an `Rc` where every worker has its own, or an [`InstalledPolicy`].
///
/// ```
/// use cors_core::adapter::{
///     Evaluation, InstalledPolicy, PolicySource, PreparedPolicies, RequestHead,
/// };
///
/// fn prepare(source: PolicySource) -> PreparedPolicies<InstalledPolicy> {
///     PreparedPolicies::new(source, InstalledPolicy::clone)
/// }
///
/// fn evaluate(
///     policies: &PreparedPolicies<InstalledPolicy>,
///     request: &dyn RequestHead,
/// ) -> Option<Evaluation> {
///     // Nothing is to be done where there is no policy for the request's path.
///     policies.get(request).map(|policy| policy.evaluate(request))
/// }
/// ```
pub struct PreparedPolicies<T>(State<T>);

enum State<T> {
    Fixed(Prepared<T>),
    #[cfg(feature = "reload")]
    Reloadable(Box<Reloadable<T>>),
}

/// Policies that may be replaced, and the values of those in use.
#[cfg(feature = "reload")]
struct Reloadable<T> {
    shared: SharedPolicy,
    prepare: Box<Prepare<T>>,
    current: ArcSwap<Prepared<T>>,
}

/// Makes the value of a policy. It is given the value of the map's default policy, unless it makes
/// that one.
#[cfg(feature = "reload")]
type Prepare<T> = dyn Fn(&InstalledPolicy, Option<&T>) -> T + Send + Sync;

/// The policies and the values of one installation.
struct Prepared<T> {
    installation: Arc<Installation>,
    /// The value for the policy of every path, where all paths have the same one.
    only: Option<T>,
    /// One per policy, in the order of the map.
    values: Vec<T>,
}

impl<P: Clone> PreparedPolicies<P> {
    /// Prepares every policy, and again those of each replacement. `pointer` makes the pointer to
    /// each: `Arc::new`, or `Rc::new` where every worker has its own.
    ///
    /// What a path inherits from the default policy of its file is prepared once.
    pub fn prepare<H: HeaderTypes>(
        source: impl Into<PolicySource>,
        pointer: impl Fn(prepared_policy::Prepared<H>) -> P + Send + Sync + 'static,
    ) -> Self
    where
        P: Deref<Target = prepared_policy::Prepared<H>>,
    {
        Self::with_default(source.into(), move |policy, default: Option<&P>| {
            pointer(prepared_policy::Prepared::beside(
                policy,
                default.map(|default| &**default),
            ))
        })
    }
}

impl<T: Clone> PreparedPolicies<T> {
    /// Calls `prepare` for every policy, and again for those of each replacement. For the values
    /// that the engine needs there is [`prepare`](Self::prepare).
    ///
    /// # Panics
    ///
    /// Panics where `prepare` does. After a replacement [`get`](Self::get) calls it, and panics for
    /// each request until there are policies that can be prepared: it never falls back to those
    /// that were replaced.
    pub fn new(
        source: impl Into<PolicySource>,
        prepare: impl Fn(&InstalledPolicy) -> T + Send + Sync + 'static,
    ) -> Self {
        Self::with_default(source.into(), move |policy, _| prepare(policy))
    }

    fn with_default(
        source: PolicySource,
        prepare: impl Fn(&InstalledPolicy, Option<&T>) -> T + Send + Sync + 'static,
    ) -> Self {
        Self(match source {
            PolicySource::Fixed(policies) => {
                let installation = Arc::new(Installation::first(policies));
                State::Fixed(Prepared::new(installation, &prepare))
            }
            #[cfg(feature = "reload")]
            PolicySource::Reloadable(shared) => State::Reloadable(Box::new(Reloadable {
                current: ArcSwap::from_pointee(Prepared::new(Arc::clone(&shared.load()), &prepare)),
                shared,
                prepare: Box::new(prepare),
            })),
        })
    }

    /// Returns the policies that values are prepared for.
    #[must_use]
    pub fn source(&self) -> PolicySource {
        match &self.0 {
            State::Fixed(prepared) => PolicySource::Fixed(prepared.installation.policies.clone()),
            #[cfg(feature = "reload")]
            State::Reloadable(policies) => PolicySource::Reloadable(policies.shared.clone()),
        }
    }

    /// Returns the value for the policy of this request; `None` where its path has none.
    #[inline]
    pub fn get(&self, request: &dyn RequestHead) -> Option<T> {
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "the method itself is not one for any lifetime"
        )]
        self.with(request, |value| value.cloned())
    }

    /// Returns the value for the policy of every path, where all have the same one for good.
    #[must_use]
    pub fn of_every_path(&self) -> Option<&T> {
        match &self.0 {
            State::Fixed(prepared) => prepared.only.as_ref(),
            #[cfg(feature = "reload")]
            State::Reloadable { .. } => None,
        }
    }

    /// Calls `function` with the value for the policy of a path; with none where the path has none,
    /// or more than the path counts. It is for those who have no whole request to lend.
    #[inline(always)]
    pub(super) fn with_path<'p, O>(
        &self,
        path: impl FnOnce() -> &'p str,
        function: impl FnOnce(Option<&T>) -> O,
    ) -> O {
        self.with_current(|prepared| function(prepared.of_path(path)))
    }

    /// Calls `function` with the value for the policy of this request. It is lent: to clone it would
    /// be to count, in a place that all threads write.
    #[inline]
    pub(super) fn with<O>(
        &self,
        request: &dyn RequestHead,
        function: impl FnOnce(Option<&T>) -> O,
    ) -> O {
        self.with_current(|prepared| function(prepared.get(request)))
    }

    /// Calls `function` with the policies that are in use.
    #[inline(always)]
    fn with_current<O>(&self, function: impl FnOnce(&Prepared<T>) -> O) -> O {
        #[cfg(feature = "reload")]
        let current;
        #[cfg_attr(
            not(feature = "reload"),
            expect(
                clippy::infallible_destructuring_match,
                reason = "the other state is a feature's"
            )
        )]
        let prepared = match &self.0 {
            State::Fixed(prepared) => prepared,
            #[cfg(feature = "reload")]
            State::Reloadable(policies) => {
                current = policies.current();
                &current
            }
        };
        // The only call, so that it is compiled into the caller.
        function(prepared)
    }
}

#[cfg(feature = "reload")]
impl<T: Clone> Reloadable<T> {
    /// Returns the policies that are in use.
    #[inline]
    fn current(&self) -> Guard<Arc<Prepared<T>>> {
        let prepared = self.current.load();
        if self.shared.is_current(prepared.installation.version) {
            return prepared;
        }
        self.prepare_anew()
    }

    /// The first request after a replacement prepares; two that come at once prepare the same.
    #[cold]
    #[inline(never)]
    fn prepare_anew(&self) -> Guard<Arc<Prepared<T>>> {
        let installation = Arc::clone(&self.shared.load());
        let prepared = Arc::new(Prepared::new(installation, &self.prepare));
        self.current.store(Arc::clone(&prepared));
        Guard::from_inner(prepared)
    }
}

impl<T> PreparedPolicies<T> {
    /// Returns the policies that are in use.
    pub(super) fn installation(&self) -> Arc<Installation> {
        match &self.0 {
            State::Fixed(prepared) => Arc::clone(&prepared.installation),
            #[cfg(feature = "reload")]
            State::Reloadable(policies) => Arc::clone(&policies.shared.load()),
        }
    }
}

impl<T: Clone> Prepared<T> {
    fn new(
        installation: Arc<Installation>,
        prepare: impl Fn(&InstalledPolicy, Option<&T>) -> T,
    ) -> Self {
        let policies = &installation.policies;
        let prepare = |policy: &Policy, default: Option<&T>| {
            prepare(&InstalledPolicy::new(policy, &installation), default)
        };
        let default = policies
            .default_index()
            .and_then(|index| policies.policies().get(index))
            .map(|policy| (policy, prepare(policy, None)));
        // A path that writes no setting of its own has the very policy of the default.
        let value = |policy: &Policy| match &default {
            Some((of_default, value)) if policy.is_same(of_default) => value.clone(),
            Some((_, value)) => prepare(policy, Some(value)),
            None => prepare(policy, None),
        };
        let values: Vec<T> = policies.policies().iter().map(value).collect();
        let only = policies
            .default_index()
            .filter(|_| policies.has_one_policy());
        Self {
            only: only.and_then(|index| values.get(index)).cloned(),
            values,
            installation,
        }
    }

    #[inline]
    fn of_path<'p>(&self, path: impl FnOnce() -> &'p str) -> Option<&T> {
        if self.only.is_some() {
            return self.only.as_ref();
        }
        let index = self.installation.policies.index_by_path(path())?;
        self.values.get(index)
    }

    #[inline]
    fn get(&self, request: &dyn RequestHead) -> Option<&T> {
        // Every path has this policy, so the path is not read.
        if self.only.is_some() {
            return self.only.as_ref();
        }
        let index = self.installation.policies.index_for(request)?;
        self.values.get(index)
    }
}

impl<T> fmt::Debug for PreparedPolicies<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            State::Fixed(prepared) => prepared.installation.policies.fmt(f),
            #[cfg(feature = "reload")]
            State::Reloadable(policies) => policies.shared.fmt(f),
        }
    }
}
