//! [`Access`]: how far a policy lets a page in; [`Ask`]: a request that shows it.

use std::ops::ControlFlow;

use cors_core::adapter::{RequestField, RequestHead};
use cors_core::{OriginRule, Policy, PolicyConfig, Refusal, probe};

/// How far a policy lets a page in. Each lets it do all that those before do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Access {
    /// Its requests are answered in the app's stead.
    Rejected,
    /// Its simple requests reach the app, and it reads none of the responses.
    Sends,
    Reads,
    ReadsWithCredentials,
}

/// A request of a page of another site, or of none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ask<'a> {
    pub(super) host: &'a str,
    pub(super) origin: Option<&'a str>,
    /// The method and the header that a preflight asks for.
    pub(super) preflight: Option<(&'a str, Option<&'a str>)>,
}

impl RequestHead for Ask<'_> {
    fn method(&self) -> &str {
        match self.preflight {
            Some(_) => "OPTIONS",
            None => "GET",
        }
    }

    fn path(&self) -> &'static str {
        "/"
    }

    fn authority(&self) -> Option<&str> {
        Some(self.host)
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        let value = match field {
            RequestField::Origin => self.origin,
            RequestField::AccessControlRequestMethod => self.preflight.map(|(method, _)| method),
            RequestField::AccessControlRequestHeaders => {
                self.preflight.and_then(|(_, header)| header)
            }
            // The origin may be one of the server's own all the same.
            RequestField::SecFetchSite => Some("cross-site"),
            _ => None,
        };
        if let Some(value) = value {
            let _ = visit(value.as_bytes());
        }
    }
}

/// The policy of a path in one of the files, if it has one.
#[derive(Debug)]
pub(super) struct Side<'m> {
    policy: Option<&'m Policy>,
    pub(super) config: Option<PolicyConfig>,
    /// A host that the policy lets in.
    host: String,
    /// Whether it counts as one that rejects nothing.
    is_lenient: bool,
}

impl<'m> Side<'m> {
    pub(super) fn of(policy: Option<&'m Policy>) -> Self {
        let hosts = policy.map(probe::sample_hosts);
        Self {
            policy,
            config: policy.map(Policy::config),
            host: hosts.into_iter().flatten().next().unwrap_or_default(),
            is_lenient: false,
        }
    }

    /// Makes the side of a policy that counts as one which rejects nothing.
    pub(super) fn lenient(policy: &'m Policy) -> Self {
        Self {
            is_lenient: true,
            ..Self::of(Some(policy))
        }
    }

    /// Returns how far a page gets, and whether a regular expression lets it in.
    pub(super) fn access(&self, origin: &str) -> (Access, bool) {
        let Some(policy) = self.policy else {
            return (Access::Sends, false);
        };
        let decision = policy.decide(&Ask {
            host: &self.host,
            origin: Some(origin),
            preflight: None,
        });
        let access = if decision.is_rejected() && !self.is_lenient {
            Access::Rejected
        } else if !decision.is_allowed() {
            Access::Sends
        } else if decision.allows_credentials() {
            Access::ReadsWithCredentials
        } else {
            Access::Reads
        };
        let by_regex = matches!(decision.origin_rule(), Some(OriginRule::Regex(_)));
        (access, by_regex)
    }

    /// Returns how far pages get of which no item and no regular expression is.
    pub(super) fn access_of_others(&self, origin: &str) -> Access {
        match self.access(origin) {
            (_, true) if self.rejects() => Access::Rejected,
            (_, true) => Access::Sends,
            (access, false) => access,
        }
    }

    fn rejects(&self) -> bool {
        let config = self.config.as_ref();
        !self.is_lenient && config.is_some_and(|config| config.reject_disallowed_origins)
    }

    /// Returns whether requests for a host reach the app.
    pub(super) fn lets_in(&self, host: &str) -> bool {
        let Some(policy) = self.policy else {
            return true;
        };
        let decision = policy.decide(&Ask {
            host,
            ..Ask::default()
        });
        decision.refusal() != Some(Refusal::HostNotAllowed)
    }

    /// Returns the items of a list of the policy.
    pub(super) fn list(&self, list: fn(&PolicyConfig) -> &Vec<String>) -> &[String] {
        self.config
            .as_ref()
            .map_or(&[], |config| list(config).as_slice())
    }

    /// Returns how many items the lists of the policy have.
    pub(super) fn items(&self) -> usize {
        let lists = self.config.as_ref().map(|config| {
            let lists = [
                &config.allow_origins,
                &config.allow_origin_regexes,
                &config.allow_methods,
                &config.allow_headers,
                &config.expose_headers,
                &config.allow_credentials_from,
                &config.allow_hosts,
            ];
            lists.map(Vec::len).iter().sum()
        });
        lists.unwrap_or(0) + 1
    }
}
