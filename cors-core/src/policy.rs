//! [`Policy`]: a policy that can be served, and [`PolicyBuilder`], the way to one.

pub(crate) mod allowed_headers;
pub(crate) mod async_predicate;
mod compile;
pub(crate) mod config;
#[cfg(feature = "paths")]
pub(crate) mod map;
pub(crate) mod origins;
pub(crate) mod predicate;
pub(crate) mod problem;
#[cfg(feature = "reload")]
pub(crate) mod reload;

use std::sync::Arc;
use std::time::Duration;

use crate::evaluate::apply::Vary;
use crate::policy::allowed_headers::AllowedHeaders;
use crate::policy::async_predicate::{AsyncPredicate, OwnedOriginQuery};
use crate::policy::config::PolicyConfig;
use crate::policy::origins::set::OriginSet;
use crate::policy::predicate::{OriginQuery, Predicate};
use crate::policy::problem::PolicyErrors;
use crate::protocol::decision::{Decision, FieldSet};
use crate::protocol::request::RequestKind;
use crate::protocol::value::Texts;

/// A CORS policy, checked and compiled. It can only be valid; nothing changes it.
///
/// A clone is one reference count, so one policy can serve any number of services.
///
/// ```
/// use std::time::Duration;
///
/// use cors_core::Policy;
///
/// # fn main() -> Result<(), cors_core::PolicyErrors> {
/// let policy = Policy::builder()
///     .allow_origins(["https://app.example.com", "https://*.example.com", "http://localhost:*"])
///     .allow_methods(["GET", "PUT", "DELETE"])
///     .allow_headers(["content-type", "authorization"])
///     .expose_headers(["x-request-id"])
///     .allow_credentials(true)
///     .max_age(Duration::from_secs(600))
///     .build()?;
/// assert!(policy.allows_origin("https://pr-7.example.com"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Policy(Arc<Compiled>);

/// Everything that a decision needs, made once.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) origins: AllowedOrigins,
    pub(crate) methods: AllowedMethods,
    pub(crate) headers: AllowedHeaders,
    pub(crate) credentials: bool,
    pub(crate) private_network: bool,
    pub(crate) preflight_status: u16,
    pub(crate) preflight_refusal_status: u16,
    pub(crate) preflight_passthrough: bool,
    pub(crate) keep_app_headers: bool,
    pub(crate) reject_disallowed_origins: bool,
    pub(crate) texts: Texts,
    /// The answers, but for what depends on the request.
    pub(crate) actual_fields: FieldSet,
    pub(crate) preflight_fields: FieldSet,
    pub(crate) actual_vary: Vary,
    pub(crate) preflight_vary: Vary,
}

/// Which origins a policy allows.
#[derive(Debug)]
pub(crate) struct AllowedOrigins {
    pub(crate) any: bool,
    pub(crate) null: bool,
    pub(crate) listed: OriginSet,
    #[cfg(feature = "regex")]
    pub(crate) regexes: Vec<origins::regex::OriginRegex>,
    pub(crate) predicates: Vec<Predicate>,
    pub(crate) async_predicate: Option<AsyncPredicate>,
    /// Whether a regular expression or a predicate may take a plain-http origin.
    pub(crate) insecure: bool,
}

/// Which methods a policy allows besides the safelisted ones.
#[derive(Debug)]
pub(crate) enum AllowedMethods {
    Any,
    Listed(Vec<String>),
}

impl Policy {
    /// Begins a policy that allows nobody.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder::default()
    }

    /// The names that the answer's Vary must have: the request headers on which it depends.
    pub fn vary_names(&self, decision: Decision) -> impl Iterator<Item = &str> {
        self.vary(decision)
            .tokens()
            .iter()
            .filter_map(|token| token.as_str(self))
    }

    pub(crate) fn compile(
        config: &PolicyConfig,
        predicates: Predicates,
    ) -> Result<Self, PolicyErrors> {
        compile::compile(config, predicates).map(|compiled| Self(Arc::new(compiled)))
    }

    pub(crate) fn vary(&self, decision: Decision) -> &Vary {
        match decision.kind {
            RequestKind::Preflight => &self.0.preflight_vary,
            RequestKind::NotCors | RequestKind::Actual => &self.0.actual_vary,
        }
    }

    pub(crate) fn compiled(&self) -> &Compiled {
        &self.0
    }

    pub(crate) fn texts(&self) -> &Texts {
        &self.0.texts
    }

    pub(crate) fn keeps_app_headers(&self) -> bool {
        self.0.keep_app_headers
    }
}

/// Collects the settings of a policy; [`build`](Self::build) checks them all.
///
/// The methods have the names of [`PolicyConfig`]'s fields, where each setting is described.
/// Those that take a list add to it.
#[derive(Debug, Default)]
#[must_use]
pub struct PolicyBuilder {
    config: PolicyConfig,
    predicates: Predicates,
}

/// Origins that only code can tell.
#[derive(Debug, Default)]
pub(crate) struct Predicates {
    immediate: Vec<Predicate>,
    /// One at most makes a policy.
    awaited: Vec<AsyncPredicate>,
}

impl PolicyBuilder {
    /// Adds to [`PolicyConfig::allow_origins`].
    pub fn allow_origins(mut self, origins: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        extend(&mut self.config.allow_origins, origins);
        self
    }

    /// Adds to [`PolicyConfig::allow_origin_regexes`].
    #[cfg(feature = "regex")]
    pub fn allow_origin_regexes(
        mut self,
        regexes: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        extend(&mut self.config.allow_origin_regexes, regexes);
        self
    }

    /// Adds a predicate: code that says whether an origin is allowed.
    ///
    /// It is asked once a request at most, and only for a well-formed origin that nothing else in
    /// the policy takes: it can allow more, not less. It is never asked for `null` or `file://`.
    /// With [`allow_credentials`](Self::allow_credentials), plain-http origins beyond loopback are
    /// refused whatever it says, unless the policy's dangerous switch tolerates them.
    ///
    /// `reads` names the request headers that it looks at besides `Origin` and the host: it can see
    /// no others, and these join Vary. They should be ones that the browser or a proxy adds: a
    /// preflight has none of the script's own, so a predicate that asks for one of these allows no
    /// request that needs a preflight.
    ///
    /// It runs on the request's path, so it must not block. If it panics, the origin is refused.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cors_core::Policy;
    /// use cors_core::browser::{Browser, Request, Response};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// // Each tenant has an API of its own, which its own pages may call.
    /// let policy = Policy::builder()
    ///     .allow_origin_if(&[], |query| {
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
    ///         policy.serve(sent, |_| Response::new(200))
    ///     });
    ///     outcome.is_ok()
    /// };
    /// assert!(may_call("https://blue.example", "https://blue.api.example.net/notes"));
    /// assert!(!may_call("https://blue.example", "https://red.api.example.net/notes"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_origin_if(
        mut self,
        reads: &[&str],
        predicate: impl Fn(&OriginQuery<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        let mut names = Vec::new();
        extend(&mut names, reads);
        self.predicates
            .immediate
            .push(Predicate::new(names, Box::new(predicate)));
        self
    }

    /// Sets a predicate that has to wait for its answer: for a database, another service.
    ///
    /// As [`allow_origin_if`](Self::allow_origin_if) it is asked once a request at most, only for a
    /// well-formed origin that nothing else in the policy takes, those predicates included, and
    /// the headers that it `reads` join Vary. A policy has one such predicate.
    ///
    /// It means yes by `Ok(true)`, and no by everything else: `Ok(false)`, an error, a panic, or
    /// no answer when the future that `timeout` makes completes. Errors go no further, so report
    /// them in the predicate.
    ///
    /// With [`allow_credentials`](Self::allow_credentials) it is not asked about plain-http origins
    /// beyond loopback, unless the policy's dangerous switch tolerates them.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cors_core::{OwnedOriginQuery, Policy};
    ///
    /// # async fn is_known(_: OwnedOriginQuery) -> std::io::Result<bool> { Ok(true) }
    /// # fn main() -> Result<(), cors_core::PolicyErrors> {
    /// let policy = Policy::builder()
    ///     .allow_origin_if_async(
    ///         &[],
    ///         || tokio::time::sleep(Duration::from_millis(250)),
    ///         async |query: OwnedOriginQuery| is_known(query).await,
    ///     )
    ///     .build()?;
    /// # let _ = policy;
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_origin_if_async<T, F, E>(
        mut self,
        reads: &[&str],
        timeout: impl Fn() -> T + Send + Sync + 'static,
        predicate: impl Fn(OwnedOriginQuery) -> F + Send + Sync + 'static,
    ) -> Self
    where
        T: Future<Output = ()> + Send + 'static,
        F: Future<Output = Result<bool, E>> + Send + 'static,
    {
        let mut names = Vec::new();
        extend(&mut names, reads);
        self.predicates
            .awaited
            .push(AsyncPredicate::new(names, timeout, predicate));
        self
    }

    /// Sets [`PolicyConfig::allow_null_origin`].
    pub fn allow_null_origin(mut self, allow: bool) -> Self {
        self.config.allow_null_origin = allow;
        self
    }

    /// Adds to [`PolicyConfig::allow_methods`].
    pub fn allow_methods(mut self, methods: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        extend(&mut self.config.allow_methods, methods);
        self
    }

    /// Adds to [`PolicyConfig::allow_headers`].
    pub fn allow_headers(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        extend(&mut self.config.allow_headers, names);
        self
    }

    /// Adds to [`PolicyConfig::expose_headers`].
    pub fn expose_headers(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        extend(&mut self.config.expose_headers, names);
        self
    }

    /// Sets [`PolicyConfig::allow_credentials`].
    pub fn allow_credentials(mut self, allow: bool) -> Self {
        self.config.allow_credentials = allow;
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

    /// Sets [`PolicyConfig::check_public_suffixes`].
    #[cfg(feature = "public-suffix")]
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

    /// Checks every setting and compiles the policy.
    ///
    /// # Errors
    ///
    /// All problems at once.
    pub fn build(self) -> Result<Policy, PolicyErrors> {
        Policy::compile(&self.config, self.predicates)
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

fn extend(list: &mut Vec<String>, items: impl IntoIterator<Item = impl AsRef<str>>) {
    list.extend(items.into_iter().map(|item| item.as_ref().to_owned()));
}
