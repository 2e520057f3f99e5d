//! [`Parts`]: a policy that has been checked, and the [`Compiled`] form of it.

use std::sync::Arc;

use super::allowed_headers::AllowedHeaders;
use super::config::PolicyConfig;
use super::header_names::HeaderNames;
use super::hosts::set::HostSet;
use super::list::List;
use super::origins::regexes::OriginRegexes;
use super::origins::set::OriginSet;
use super::predicates::Predicates;
use super::render::{render_actual, render_preflight, render_vary};
use super::texts::RenderedTexts;
use super::{AllowedOrigins, Compiled, Judging, Methods};

/// The settings of one policy, each checked. Its lists are shared with the policies that inherit
/// them.
pub(super) struct Parts {
    /// The settings that are not lists; its lists are empty.
    pub(super) switches: PolicyConfig,
    pub(super) origins: Arc<List<OriginSet>>,
    pub(super) regexes: Arc<List<OriginRegexes>>,
    pub(super) predicates: Predicates,
    /// The headers that the predicates read, in lower case and without repeats.
    pub(super) declared: Vec<String>,
    pub(super) methods: Arc<List<Methods>>,
    pub(super) headers: Arc<List<HeaderNames>>,
    pub(super) exposed: Arc<List<HeaderNames>>,
    pub(super) credentials_from: Arc<List<OriginSet>>,
    pub(super) hosts: Arc<List<HostSet>>,
}

impl Parts {
    /// Makes everything that decisions need.
    pub(super) fn assemble(self) -> Compiled {
        let judging = if !self.credentials_from.written.is_empty() {
            Judging::Apart(Box::new(self.with_credentials().judging(Judging::Each)))
        } else if self.origins.any && !self.switches.allow_credentials {
            Judging::Any
        } else {
            Judging::Each
        };
        self.judging(judging)
    }

    fn judging(mut self, judging: Judging) -> Compiled {
        let credentials = self.switches.allow_credentials;
        let any_origin = self.origins.any;
        let depends_on_origin = !matches!(judging, Judging::Any);
        let switches = self.switches;
        let mut texts = RenderedTexts::default();
        let actual_headers = render_actual(any_origin, &switches, &self.exposed, &mut texts);
        let (methods, headers) = (self.methods, self.headers);
        let preflight_headers =
            render_preflight(any_origin, &switches, &methods, &headers, &mut texts);
        let (actual_vary, preflight_vary) =
            render_vary(&switches, depends_on_origin, &self.declared, &mut texts);
        Compiled {
            judging,
            checks_hosts: !self.hosts.written.is_empty() && !self.hosts.any,
            hosts: self.hosts,
            origins: AllowedOrigins {
                any: any_origin,
                only_listed: !any_origin
                    && !switches.allow_null_origin
                    && self.regexes.written.is_empty()
                    && self.predicates.sync.is_empty()
                    && self.predicates.asynchronous.is_empty(),
                any_covers_null: any_origin && !credentials,
                null: switches.allow_null_origin,
                listed: self.origins,
                regexes: self.regexes,
                predicates: self.predicates.sync,
                async_predicate: self.predicates.asynchronous.pop(),
                insecure: !credentials
                    || switches.dangerously_allow_insecure_origins_with_credentials,
                private: switches.dangerously_allow_private_networks_with_credentials,
            },
            headers: AllowedHeaders::new(headers, credentials),
            methods,
            exposed: self.exposed,
            credentials_from: self.credentials_from,
            texts,
            actual_headers,
            preflight_headers,
            actual_vary,
            preflight_vary,
            switches,
        }
    }

    /// Returns the policy of the origins in `allow_credentials_from`: these in place of
    /// `allow_origins`, with credentials, and all else the same. They are looked up, and nothing else
    /// that allows origins is asked there, so all lists are shared.
    fn with_credentials(&self) -> Self {
        Self {
            switches: PolicyConfig {
                allow_credentials: true,
                allow_null_origin: false,
                ..self.switches.clone()
            },
            origins: Arc::clone(&self.credentials_from),
            regexes: Arc::clone(&self.regexes),
            predicates: Predicates::default(),
            declared: Vec::new(),
            methods: Arc::clone(&self.methods),
            headers: Arc::clone(&self.headers),
            exposed: Arc::clone(&self.exposed),
            credentials_from: Arc::clone(&self.credentials_from),
            hosts: Arc::clone(&self.hosts),
        }
    }
}
