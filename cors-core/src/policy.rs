//! [`Policy`]: its settings, their checks, and its compiled form.
//!
//! The public methods of a policy are in [`evaluate`](crate::evaluate).

pub(crate) mod allowed_headers;
pub(crate) mod async_predicate;
pub(crate) mod builder;
mod byte_set;
pub(crate) mod compile;
pub(crate) mod config;
mod correction;
mod environment;
mod exposed_headers;
mod foreign_keys;
mod hazard;
pub(crate) mod header_names;
mod header_prefixes;
pub(crate) mod hosts;
pub(crate) mod installed;
mod keys;
mod list;
mod lists;
pub(crate) mod map;
mod names;
pub(crate) mod origins;
mod parts;
mod plain_values;
pub(crate) mod predicate;
mod predicates;
pub(crate) mod problem;
#[cfg(feature = "reload")]
pub(crate) mod reload;
mod render;
pub(crate) mod setting;
pub(crate) mod setting_text;
mod summary;
pub(crate) mod texts;
pub(crate) mod vary;

use std::sync::Arc;

use self::allowed_headers::AllowedHeaders;
use self::async_predicate::AsyncPredicate;
use self::byte_set::ByteSet;
use self::config::PolicyConfig;
use self::header_names::HeaderNames;
use self::hosts::set::HostSet;
use self::list::List;
use self::origins::regexes::OriginRegexes;
use self::origins::set::OriginSet;
use self::predicate::Predicate;
use self::texts::RenderedTexts;
use self::vary::Vary;
use crate::protocol::decision::AnswerHeaders;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::RequestKind;
use crate::protocol::value::Value;

/// A CORS policy, checked and compiled. Only a valid policy exists, and nothing changes it.
///
/// A clone is one reference count, so any number of services can share one policy. `Debug` is a
/// summary in words; [`config`](Self::config) has every setting.
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
#[derive(Clone)]
pub struct Policy(Arc<Compiled>);

/// A policy in the form that decisions need, made once.
pub(crate) struct Compiled {
    pub(crate) judging: Judging,
    /// The settings that are not lists; its lists are empty.
    pub(crate) switches: PolicyConfig,
    /// Whether a request is looked at for its host.
    pub(crate) checks_hosts: bool,
    pub(crate) hosts: Arc<List<HostSet>>,
    pub(crate) origins: AllowedOrigins,
    /// The methods that are allowed besides the safelisted ones.
    pub(crate) methods: Arc<List<Methods>>,
    pub(crate) exposed: Arc<List<HeaderNames>>,
    pub(crate) credentials_from: Arc<List<OriginSet>>,
    pub(crate) headers: AllowedHeaders,
    pub(crate) texts: RenderedTexts,
    /// The headers of an allowed actual response, except for those that depend on the request.
    pub(crate) actual_headers: AnswerHeaders,
    /// The headers of an allowed preflight, except for those that depend on the request.
    pub(crate) preflight_headers: AnswerHeaders,
    pub(crate) actual_vary: Vary,
    pub(crate) preflight_vary: Vary,
}

/// How a policy judges an origin.
pub(crate) enum Judging {
    /// Everybody gets `*`, so that nothing in `Origin` matters.
    Any,
    /// Every request is refused for this reason, whatever the settings say.
    None(Refusal),
    /// By [`AllowedOrigins`].
    Each,
    /// By the listed origins of this policy first, which allows credentials. What it decides is about
    /// the texts and the Vary of the other one, which has each text that it has.
    Apart(Box<Compiled>),
}

/// The origins that a policy allows.
pub(crate) struct AllowedOrigins {
    pub(crate) any: bool,
    /// Nothing but the listed origins and patterns allows one.
    pub(crate) only_listed: bool,
    /// `*` is answered with `*`, so that it covers `null` and `file://`.
    pub(crate) any_covers_null: bool,
    pub(crate) null: bool,
    pub(crate) listed: Arc<List<OriginSet>>,
    pub(crate) regexes: Arc<List<OriginRegexes>>,
    pub(crate) predicates: Vec<Predicate>,
    pub(crate) async_predicate: Option<AsyncPredicate>,
    /// A regular expression or a predicate may allow a plain-http origin.
    pub(crate) insecure: bool,
    /// The same for one with an address of a private network.
    pub(crate) private: bool,
}

/// Listed methods. They are short, so that comparing with eight takes less time than one hash.
pub(crate) type Methods = ByteSet<8>;

impl From<Compiled> for Policy {
    fn from(compiled: Compiled) -> Self {
        Self(Arc::new(compiled))
    }
}

impl Policy {
    pub(crate) fn compiled(&self) -> &Compiled {
        &self.0
    }

    /// Returns whether this is a clone of the other policy.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Returns where it is in memory: the same for clones, and for nothing else.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

impl Compiled {
    /// Returns the settings as they were written.
    pub(crate) fn config(&self) -> PolicyConfig {
        PolicyConfig {
            allow_origins: self.origins.listed.written.clone(),
            allow_origin_regexes: self.origins.regexes.written.clone(),
            allow_methods: self.methods.written.clone(),
            allow_headers: self.headers.names.written.clone(),
            expose_headers: self.exposed.written.clone(),
            allow_credentials_from: self.credentials_from.written.clone(),
            allow_hosts: self.hosts.written.clone(),
            ..self.switches.clone()
        }
    }

    pub(crate) const fn vary(&self, kind: RequestKind) -> &Vary {
        match kind {
            RequestKind::Preflight => &self.preflight_vary,
            RequestKind::NotCors | RequestKind::Actual => &self.actual_vary,
        }
    }

    /// Returns the text that a value stands for; `None` where that depends on the request or on
    /// the response.
    pub(crate) fn text(&self, value: Value) -> Option<&str> {
        match value {
            Value::Static(text) => Some(text.as_str()),
            Value::Policy(text) => Some(self.texts.get(text)),
            Value::Echo(_) | Value::ListedAndAsked | Value::ListedAndPresent => None,
        }
    }
}
