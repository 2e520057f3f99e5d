//! [`PolicyBuilder`]: a policy written in code.

use std::time::Duration;

use super::Policy;
use super::async_predicate::AsyncPredicate;
use super::compile::Compiler;
use super::config::PolicyConfig;
use super::predicate::{OriginQuery, Predicate};
use super::predicates::Predicates;
use super::problem::PolicyErrors;
use super::setting_text::SettingTexts;

/// A builder of a policy; [`build`](Self::build) checks all settings.
///
/// The methods have the names of [`PolicyConfig`]'s fields, where each setting is described. A
/// method that takes a list adds to the setting.
#[derive(Debug, Default)]
#[must_use]
pub struct PolicyBuilder {
    config: PolicyConfig,
    predicates: Predicates,
}

impl PolicyBuilder {
    /// Adds to [`PolicyConfig::allow_origins`].
    pub fn allow_origins<M>(mut self, origins: impl SettingTexts<M>) -> Self {
        origins.push_to(&mut self.config.allow_origins);
        self
    }

    /// Adds to [`PolicyConfig::allow_origin_regexes`]; without the feature `regex`,
    /// [`build`](Self::build) says which feature is missing.
    pub fn allow_origin_regexes<M>(mut self, regexes: impl SettingTexts<M>) -> Self {
        regexes.push_to(&mut self.config.allow_origin_regexes);
        self
    }

    /// Adds a predicate: code that decides whether an origin is allowed.
    ///
    /// It is asked at most once per request, and only for a well-formed origin that nothing else in
    /// the policy matches: it can allow more, not less. It is never asked for `null` or `file://`.
    /// With [`allow_credentials`](Self::allow_credentials), plain-http origins beyond loopback are
    /// refused whatever it returns, unless
    /// [`dangerously_allow_insecure_origins_with_credentials`](Self::dangerously_allow_insecure_origins_with_credentials)
    /// is on, or, for private addresses,
    /// [`dangerously_allow_private_networks_with_credentials`](Self::dangerously_allow_private_networks_with_credentials).
    ///
    /// It sees the origin, the method, the host and the path. For one that also reads request
    /// headers, see [`allow_origin_predicate`](Self::allow_origin_predicate).
    ///
    /// It runs on the request's path, so it must not block. If it panics, the origin is refused.
    ///
    /// ```
    /// # #[cfg(feature = "browser")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// use cors_core::Policy;
    /// use cors_core::browser::{Browser, Request, Response};
    ///
    /// // Each tenant has an API of its own, which its own pages may call.
    /// let policy = Policy::builder()
    ///     .allow_origin_if(|query| {
    ///         let page = query.origin();
    ///         let tenant = page.host().strip_suffix(".example");
    ///         let api = query.host().and_then(|host| host.strip_suffix(".api.example.net"));
    ///         page.scheme() == "https" && tenant.is_some() && tenant == api
    ///     })
    ///     .allow_methods(["PUT"])
    ///     .build()?;
    ///
    /// let put = Request::new("PUT")?;
    /// let may_call = |page, api| {
    ///     let outcome = Browser::new().fetch(Duration::ZERO, page, api, &put, |sent| {
    ///         sent.respond(&policy, |_| Response::new(200))
    ///     });
    ///     outcome.is_ok()
    /// };
    /// assert!(may_call("https://blue.example", "https://blue.api.example.net/notes"));
    /// assert!(!may_call("https://blue.example", "https://red.api.example.net/notes"));
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "browser"))]
    /// # fn main() {}
    /// ```
    pub fn allow_origin_if(
        self,
        predicate: impl Fn(&OriginQuery<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.allow_origin_predicate(Predicate::new(predicate))
    }

    /// Adds a predicate that declares the request headers that it reads.
    pub fn allow_origin_predicate(mut self, predicate: Predicate) -> Self {
        self.predicates.sync.push(predicate);
        self
    }

    /// Sets a predicate that waits for its result: for a database, for another service.
    ///
    /// Like [`allow_origin_if`](Self::allow_origin_if), it is asked at most once per request, and
    /// only for a well-formed origin that nothing else in the policy matches, other predicates
    /// included. It is not asked about a preflight that no browser sends, nor about a method or a
    /// header that `*` does not cover. A policy has one such predicate at most.
    ///
    /// With [`allow_credentials`](Self::allow_credentials) it is not asked about plain-http origins
    /// beyond loopback, unless
    /// [`dangerously_allow_insecure_origins_with_credentials`](Self::dangerously_allow_insecure_origins_with_credentials)
    /// is on, or, for private addresses,
    /// [`dangerously_allow_private_networks_with_credentials`](Self::dangerously_allow_private_networks_with_credentials).
    pub fn allow_origin_if_async(mut self, predicate: AsyncPredicate) -> Self {
        self.predicates.asynchronous.push(predicate);
        self
    }

    /// Sets [`PolicyConfig::allow_null_origin`].
    pub fn allow_null_origin(mut self, allow: bool) -> Self {
        self.config.allow_null_origin = allow;
        self
    }

    /// Adds to [`PolicyConfig::allow_methods`].
    pub fn allow_methods<M>(mut self, methods: impl SettingTexts<M>) -> Self {
        methods.push_to(&mut self.config.allow_methods);
        self
    }

    /// Adds to [`PolicyConfig::allow_headers`].
    pub fn allow_headers<M>(mut self, names: impl SettingTexts<M>) -> Self {
        names.push_to(&mut self.config.allow_headers);
        self
    }

    /// Adds to [`PolicyConfig::expose_headers`].
    pub fn expose_headers<M>(mut self, names: impl SettingTexts<M>) -> Self {
        names.push_to(&mut self.config.expose_headers);
        self
    }

    /// Sets [`PolicyConfig::allow_credentials`].
    pub fn allow_credentials(mut self, allow: bool) -> Self {
        self.config.allow_credentials = allow;
        self
    }

    /// Adds to [`PolicyConfig::allow_credentials_from`].
    ///
    /// ```
    /// # #[cfg(feature = "browser")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    ///
    /// use cors_core::Policy;
    /// use cors_core::browser::{Browser, Credentials, Request, Response};
    ///
    /// let policy = Policy::builder()
    ///     .allow_origins(["*"])
    ///     .allow_credentials_from(["https://app.example.com"])
    ///     .build()?;
    /// let reads = |page, credentials| {
    ///     let get = Request::new("GET")?.credentials(credentials);
    ///     let url = "https://api.example.net/notes";
    ///     let outcome = Browser::new().fetch(Duration::ZERO, page, url, &get, |sent| {
    ///         sent.respond(&policy, |_| Response::new(200))
    ///     });
    ///     Ok::<bool, Box<dyn std::error::Error>>(outcome.is_ok())
    /// };
    /// assert!(reads("https://app.example.com", Credentials::Include)?);
    /// assert!(reads("https://anyone.example", Credentials::Omit)?);
    /// assert!(!reads("https://anyone.example", Credentials::Include)?);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "browser"))]
    /// # fn main() {}
    /// ```
    pub fn allow_credentials_from<M>(mut self, origins: impl SettingTexts<M>) -> Self {
        origins.push_to(&mut self.config.allow_credentials_from);
        self
    }

    /// Sets [`PolicyConfig::max_age`], in whole seconds.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.config.max_age = Some(age);
        self
    }

    /// Sets [`PolicyConfig::allow_private_network`].
    pub fn allow_private_network(mut self, allow: bool) -> Self {
        self.config.allow_private_network = allow;
        self
    }

    /// Sets [`PolicyConfig::preflight_status`].
    pub fn preflight_status(mut self, status: u16) -> Self {
        self.config.preflight_status = status;
        self
    }

    /// Sets [`PolicyConfig::preflight_refusal_status`].
    pub fn preflight_refusal_status(mut self, status: u16) -> Self {
        self.config.preflight_refusal_status = status;
        self
    }

    /// Sets [`PolicyConfig::preflight_passthrough`].
    pub fn preflight_passthrough(mut self, pass: bool) -> Self {
        self.config.preflight_passthrough = pass;
        self
    }

    /// Sets [`PolicyConfig::keep_app_headers`].
    pub fn keep_app_headers(mut self, keep: bool) -> Self {
        self.config.keep_app_headers = keep;
        self
    }

    /// Sets [`PolicyConfig::reject_disallowed_origins`].
    pub fn reject_disallowed_origins(mut self, reject: bool) -> Self {
        self.config.reject_disallowed_origins = reject;
        self
    }

    /// Sets what a server needs that only pages on the own machine are to use: development tools,
    /// local APIs, MCP servers. It adds the hosts `localhost`, `127.0.0.1` and `[::1]`, adds every
    /// port of theirs over http to the origins, and rejects other origins.
    ///
    /// It is no more than that: other programs on the machine can send what they like, and so can
    /// other users of it. Bind the server to loopback, and ask for a token. Add the origins of
    /// desktop apps and extensions with [`allow_origins`](Self::allow_origins).
    ///
    /// ```
    /// use cors_core::Policy;
    ///
    /// # fn main() -> Result<(), cors_core::PolicyErrors> {
    /// let policy = Policy::builder()
    ///     .only_pages_of_this_machine()
    ///     .allow_origins(["tauri://localhost"])
    ///     .build()?;
    /// assert!(policy.allows_origin("http://localhost:5173"));
    /// assert!(!policy.allows_origin("https://evil.example"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// In a file it is
    ///
    /// ```toml
    /// allow_hosts = ["localhost", "127.0.0.1", "[::1]"]
    /// allow_origins = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"]
    /// reject_disallowed_origins = true
    /// ```
    pub fn only_pages_of_this_machine(self) -> Self {
        self.allow_hosts(["localhost", "127.0.0.1", "[::1]"])
            .allow_origins(["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"])
            .reject_disallowed_origins(true)
    }

    /// Adds to [`PolicyConfig::allow_hosts`].
    pub fn allow_hosts<M>(mut self, hosts: impl SettingTexts<M>) -> Self {
        hosts.push_to(&mut self.config.allow_hosts);
        self
    }

    /// Sets [`PolicyConfig::check_public_suffixes`]; without the feature `public-suffix`,
    /// [`build`](Self::build) says which feature is missing.
    pub fn check_public_suffixes(mut self, check: bool) -> Self {
        self.config.check_public_suffixes = check;
        self
    }

    /// Sets [`PolicyConfig::dangerously_allow_any_origin_with_credentials`].
    pub fn dangerously_allow_any_origin_with_credentials(mut self, allow: bool) -> Self {
        self.config.dangerously_allow_any_origin_with_credentials = allow;
        self
    }

    /// Sets [`PolicyConfig::dangerously_allow_null_origin_with_credentials`].
    pub fn dangerously_allow_null_origin_with_credentials(mut self, allow: bool) -> Self {
        self.config.dangerously_allow_null_origin_with_credentials = allow;
        self
    }

    /// Sets [`PolicyConfig::dangerously_allow_insecure_origins_with_credentials`].
    pub fn dangerously_allow_insecure_origins_with_credentials(mut self, allow: bool) -> Self {
        self.config
            .dangerously_allow_insecure_origins_with_credentials = allow;
        self
    }

    /// Sets [`PolicyConfig::dangerously_allow_private_networks_with_credentials`].
    pub fn dangerously_allow_private_networks_with_credentials(mut self, allow: bool) -> Self {
        self.config
            .dangerously_allow_private_networks_with_credentials = allow;
        self
    }

    /// Checks every setting and compiles the policy.
    ///
    /// # Errors
    ///
    /// Returns all problems at once; the first hundred and their number, if there are more.
    pub fn build(self) -> Result<Policy, PolicyErrors> {
        let mut compiler = Compiler::default();
        let compiled = compiler.compile(self.config, self.predicates, None);
        compiler.problems.into_result(compiled.into())
    }
}

impl From<PolicyConfig> for PolicyBuilder {
    fn from(config: PolicyConfig) -> Self {
        Self {
            config,
            predicates: Predicates::default(),
        }
    }
}

impl PolicyConfig {
    /// Checks and compiles the policy.
    ///
    /// # Errors
    ///
    /// Returns all problems at once; the first hundred and their number, if there are more.
    pub fn build(&self) -> Result<Policy, PolicyErrors> {
        PolicyBuilder::from(self.clone()).build()
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Policy {
    /// Reads a [`PolicyConfig`] and builds it; the error has every problem, one per line.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PolicyConfig::deserialize(deserializer)?
            .build()
            .map_err(serde::de::Error::custom)
    }
}
