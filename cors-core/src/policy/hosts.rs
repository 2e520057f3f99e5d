//! The hosts of a policy: the names under which a server is reached.

pub(crate) mod pattern;
pub(super) mod remedy;
pub(super) mod set;

use super::Compiled;
use crate::protocol::request::{RequestHead, host};

impl Compiled {
    /// Returns whether the request is for one of the policy's hosts, if it has any. It depends on
    /// nothing else.
    #[inline]
    pub(crate) fn allows_host(&self, request: &dyn RequestHead) -> bool {
        !self.checks_hosts || self.lists_host_of(request)
    }

    #[inline(never)]
    fn lists_host_of(&self, request: &dyn RequestHead) -> bool {
        let host = host(request).single();
        host.is_some_and(|host| self.hosts.compiled.contains(host))
    }
}
