//! The verdict by the origin alone, for most requests under most policies: a few look-ups, and no
//! reason.
//!
//! It is the verdict of [`decide`](super::decide), which a test compares it with.

use crate::policy::{AllowedOrigins, Compiled, Judging};
use crate::protocol::decision::Decision;
use crate::protocol::origin::Origin;

impl Compiled {
    /// Returns whether an actual request gets its headers by its `Origin` alone, and the app is
    /// called whatever that is.
    pub(crate) fn decides_by_origin(&self) -> bool {
        let is_code = !self.origins.predicates.is_empty() || self.origins.async_predicate.is_some();
        let is_by_origin = match self.judging {
            Judging::Any | Judging::Each => true,
            Judging::None(_) | Judging::Apart(_) => false,
        };
        is_by_origin && !is_code && !self.checks_hosts && !self.switches.reject_disallowed_origins
    }

    /// Returns the decision on every request without `Origin`; `None` where the host counts too.
    pub(crate) fn without_origin(&self) -> Option<Decision> {
        (!self.checks_hosts).then(|| self.not_cors())
    }
}

impl AllowedOrigins {
    /// Returns whether an origin is allowed, where no predicate is to be asked.
    #[inline]
    pub(crate) fn allows(&self, value: &[u8]) -> bool {
        if value.len() > Origin::MAX_BYTES {
            return false;
        }
        let listed = &self.listed.compiled;
        if listed.contains_exact(value) {
            return true;
        }
        match listed.few_subdomains() {
            Some(subdomains) if self.only_listed => subdomains.matches(value),
            _ => self.allows_unlisted(value),
        }
    }

    #[inline(never)]
    fn allows_unlisted(&self, value: &[u8]) -> bool {
        let Ok(origin) = Origin::parse(value) else {
            return false;
        };
        if origin.is_null_or_file() {
            return self.any_covers_null || (self.null && value == b"null");
        }
        self.any
            || self.listed.compiled.matching(origin).is_some()
            || (self.regexes.compiled.matching(origin).is_some() && !self.refuses_insecure(origin))
    }
}
