//! [`InstalledPolicy`]: a policy as a part of the policies that an adapter has.

use std::ops::Deref;
use std::sync::Arc;

use super::Policy;
use super::map::PolicyMap;

/// A policy, and the policies that it was installed with: from a `SharedPolicy` those of one
/// version.
///
/// It is a [`Policy`] wherever one is read. A clone is two reference counts.
#[derive(Clone, Debug)]
pub struct InstalledPolicy {
    policy: Policy,
    installation: Arc<Installation>,
}

/// The policies that an adapter has until they are replaced.
#[derive(Debug)]
pub(crate) struct Installation {
    pub(crate) policies: PolicyMap,
    /// 1 for the first policies, one more for each replacement.
    pub(crate) version: u64,
}

impl InstalledPolicy {
    pub(crate) fn new(policy: &Policy, installation: &Arc<Installation>) -> Self {
        Self {
            policy: policy.clone(),
            installation: Arc::clone(installation),
        }
    }

    /// Returns the policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Returns the number of the installation: 1 for the first policies of an adapter or of a
    /// `SharedPolicy`, one more for each replacement.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.installation.version
    }

    pub(crate) fn installation(&self) -> &Installation {
        &self.installation
    }

    pub(crate) fn policies(&self) -> &PolicyMap {
        &self.installation.policies
    }
}

impl Deref for InstalledPolicy {
    type Target = Policy;

    fn deref(&self) -> &Policy {
        &self.policy
    }
}

impl From<Policy> for InstalledPolicy {
    /// Installs a policy by itself, as version 1.
    fn from(policy: Policy) -> Self {
        let installation = Installation::first(policy.clone().into());
        Self {
            policy,
            installation: Arc::new(installation),
        }
    }
}

impl Installation {
    /// Installs the first policies.
    pub(crate) const fn first(policies: PolicyMap) -> Self {
        Self {
            policies,
            version: 1,
        }
    }
}
