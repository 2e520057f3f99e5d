//! [`PolicySource`]: the policies that an adapter is given.

use crate::policy::Policy;
use crate::policy::map::PolicyMap;
#[cfg(feature = "reload")]
use crate::policy::reload::SharedPolicy;

/// The policies that an adapter is given: a [`Policy`], a [`PolicyMap`], or, with the feature
/// `reload`, a `SharedPolicy`.
///
/// Adapters take `impl Into<PolicySource>`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PolicySource {
    /// Policies that do not change.
    Fixed(PolicyMap),
    /// Policies that are replaced while requests come in.
    #[cfg(feature = "reload")]
    Reloadable(SharedPolicy),
}

impl From<Policy> for PolicySource {
    fn from(policy: Policy) -> Self {
        Self::Fixed(policy.into())
    }
}

impl From<PolicyMap> for PolicySource {
    fn from(map: PolicyMap) -> Self {
        Self::Fixed(map)
    }
}

#[cfg(feature = "reload")]
impl From<SharedPolicy> for PolicySource {
    fn from(shared: SharedPolicy) -> Self {
        Self::Reloadable(shared)
    }
}
