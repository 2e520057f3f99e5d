//! [`PolicySource`]: what an adapter serves, and [`Served`], what it makes of that.

use std::fmt;
#[cfg(feature = "reload")]
use std::sync::Arc;

#[cfg(feature = "reload")]
use arc_swap::ArcSwap;

use crate::policy::Policy;
#[cfg(feature = "paths")]
use crate::policy::map::PolicyMap;
#[cfg(feature = "reload")]
use crate::policy::reload::SharedPolicy;
#[cfg(doc)]
use crate::protocol::decision::Decision;
use crate::protocol::request::RequestHead;

/// A policy for every path, or, with the feature `paths`, a `PolicyMap`.
#[derive(Clone, Debug)]
pub struct Policies(Kind);

#[derive(Clone, Debug)]
enum Kind {
    One(Policy),
    #[cfg(feature = "paths")]
    ByPath(PolicyMap),
}

impl Policies {
    fn all(&self) -> &[Policy] {
        match &self.0 {
            Kind::One(policy) => std::slice::from_ref(policy),
            #[cfg(feature = "paths")]
            Kind::ByPath(map) => map.policies(),
        }
    }

    #[cfg(feature = "reload")]
    #[cfg_attr(
        not(feature = "paths"),
        expect(unused_variables, reason = "there is one policy for all paths")
    )]
    pub(crate) fn policy(&self, path: &str) -> Option<&Policy> {
        match &self.0 {
            Kind::One(policy) => Some(policy),
            #[cfg(feature = "paths")]
            Kind::ByPath(map) => map.policy(path),
        }
    }

    /// The number of a request's policy among all.
    #[cfg_attr(
        not(feature = "paths"),
        expect(unused_variables, reason = "there is one policy for all requests")
    )]
    fn number(&self, request: &dyn RequestHead) -> Option<usize> {
        match &self.0 {
            Kind::One(_) => Some(0),
            #[cfg(feature = "paths")]
            Kind::ByPath(map) => map.number(request.path()),
        }
    }
}

impl From<Policy> for Policies {
    fn from(policy: Policy) -> Self {
        Self(Kind::One(policy))
    }
}

#[cfg(feature = "paths")]
impl From<PolicyMap> for Policies {
    fn from(map: PolicyMap) -> Self {
        // One policy for all paths needs no look at any.
        Self(match map.only_policy() {
            Some(policy) => Kind::One(policy.clone()),
            None => Kind::ByPath(map),
        })
    }
}

/// What an adapter serves: a [`Policy`], or, with the feature of that name, a `PolicyMap` (`paths`)
/// or a `SharedPolicy` (`reload`).
#[derive(Clone, Debug)]
pub struct PolicySource(Source);

#[derive(Clone, Debug)]
enum Source {
    Fixed(Policies),
    #[cfg(feature = "reload")]
    Shared(SharedPolicy),
}

impl<P: Into<Policies>> From<P> for PolicySource {
    fn from(policies: P) -> Self {
        Self(Source::Fixed(policies.into()))
    }
}

#[cfg(feature = "reload")]
impl From<SharedPolicy> for PolicySource {
    fn from(shared: SharedPolicy) -> Self {
        Self(Source::Shared(shared))
    }
}

/// For adapters: what else is done with a decision than to go by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServeOptions {
    /// Whether the adapter is a route's own, inside of another one: its decision on an actual
    /// request is marked on the response, for the outer one to leave alone.
    pub for_route: bool,
    /// Whether the [`Decision`] is put where the app and its logs can read it.
    pub record_decisions: bool,
}

/// For adapters: what a framework needs of each policy, made once a policy and not once a request.
///
/// ```
/// use std::sync::Arc;
///
/// use cors_core::{Policy, PolicySource, RequestHead, Served, ValueTable};
///
/// type Snapshot = Arc<(Policy, ValueTable<String>)>;
///
/// fn serve(source: PolicySource) -> Served<Snapshot> {
///     Served::new(source, |policy| {
///         let table = ValueTable::render(policy, str::to_owned, str::to_owned);
///         Arc::new((policy.clone(), table))
///     })
/// }
///
/// fn decide(served: &Served<Snapshot>, request: &dyn RequestHead) {
///     // Nothing is to be done where there is no policy for the request's path.
///     if let Some(snapshot) = served.of(request) {
///         let decision = snapshot.0.decide(request);
///         # let _ = decision;
///     }
/// }
/// ```
pub struct Served<S>(Serving<S>);

enum Serving<S> {
    Fixed(Made<S>),
    #[cfg(feature = "reload")]
    Shared {
        shared: SharedPolicy,
        make: Box<dyn Fn(&Policy) -> S + Send + Sync>,
        made: ArcSwap<Version<S>>,
    },
}

/// What was made of some policies.
struct Made<S> {
    policies: Policies,
    /// One a policy, in their order.
    made: Vec<S>,
}

/// What was made of the policies that a [`SharedPolicy`] held at some time.
#[cfg(feature = "reload")]
struct Version<S> {
    of: Arc<Policies>,
    made: Made<S>,
}

impl<S: Clone> Served<S> {
    /// Makes something of every policy there is. A clone of it should cost little: it is cloned
    /// once a request.
    pub fn new(
        source: impl Into<PolicySource>,
        make: impl Fn(&Policy) -> S + Send + Sync + 'static,
    ) -> Self {
        Self(match source.into().0 {
            Source::Fixed(policies) => Serving::Fixed(Made::new(policies, &make)),
            #[cfg(feature = "reload")]
            Source::Shared(shared) => Serving::Shared {
                made: ArcSwap::from_pointee(Version::new(Arc::clone(&shared.load()), &make)),
                shared,
                make: Box::new(make),
            },
        })
    }

    /// What was made of the policy for this request; `None` where its path has none.
    #[inline]
    pub fn of(&self, request: &dyn RequestHead) -> Option<S> {
        match &self.0 {
            Serving::Fixed(made) => made.of(request),
            #[cfg(feature = "reload")]
            Serving::Shared { shared, make, made } => {
                let current = shared.load();
                let version = made.load();
                if Arc::ptr_eq(&version.of, &current) {
                    return version.made.of(request);
                }
                // Whoever comes first after a change makes it anew; if two do, both make the same.
                let version = Arc::new(Version::new(Arc::clone(&current), make));
                made.store(Arc::clone(&version));
                version.made.of(request)
            }
        }
    }
}

impl<S: Clone> Made<S> {
    fn new(policies: Policies, make: impl Fn(&Policy) -> S) -> Self {
        Self {
            made: policies.all().iter().map(make).collect(),
            policies,
        }
    }

    #[inline]
    fn of(&self, request: &dyn RequestHead) -> Option<S> {
        self.made.get(self.policies.number(request)?).cloned()
    }
}

#[cfg(feature = "reload")]
impl<S: Clone> Version<S> {
    fn new(of: Arc<Policies>, make: impl Fn(&Policy) -> S) -> Self {
        Self {
            made: Made::new(Policies::clone(&of), make),
            of,
        }
    }
}

impl<S> fmt::Debug for Served<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Serving::Fixed(made) => made.policies.fmt(f),
            #[cfg(feature = "reload")]
            Serving::Shared { shared, .. } => shared.fmt(f),
        }
    }
}
