//! [`Decision`]: the result of evaluating one request under a policy.

use std::fmt;
use std::num::NonZeroU16;

use super::field::{RequestField, ResponseField};
use super::refusal::Refusal;
use super::request::RequestKind;
use super::value::{PolicyText, StaticText, Value};

/// The result of evaluating one request under a policy: the kind of the request, the verdict with
/// its reason, and the values of the response fields.
///
/// It is a few bytes without a lifetime, so it can cross an await, be stored with the request,
/// logged and compared. It is a report and not a permission: no function takes one and acts on it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decision {
    pub(crate) kind: RequestKind,
    /// `None` for a request that is not a CORS request, unless its host is not allowed, and where
    /// there is no policy.
    pub(crate) verdict: Option<Result<OriginRule, Refusal>>,
    /// The status of the adapter's answer; `None` where the app is called.
    pub(crate) status: Option<NonZeroU16>,
    pub(crate) headers: AnswerHeaders,
    /// Whether a refused actual request came from the server's own pages.
    pub(crate) same_origin: bool,
}

impl Decision {
    /// Returns which kind of request this is.
    #[inline]
    #[must_use]
    pub const fn kind(self) -> RequestKind {
        self.kind
    }

    /// Returns whether this is a CORS request that the policy allows.
    #[must_use]
    pub const fn is_allowed(self) -> bool {
        matches!(self.verdict, Some(Ok(_)))
    }

    /// Returns why a request is refused; `None` for an allowed one, and for a request that is not a
    /// CORS request, unless it is rejected for its host.
    #[inline]
    #[must_use]
    pub const fn refusal(self) -> Option<Refusal> {
        match self.verdict {
            Some(Err(refusal)) => Some(refusal),
            Some(Ok(_)) | None => None,
        }
    }

    /// Returns the rule of the policy that matched the origin of an allowed CORS request.
    #[must_use]
    pub const fn origin_rule(self) -> Option<OriginRule> {
        match self.verdict {
            Some(Ok(rule)) => Some(rule),
            Some(Err(_)) | None => None,
        }
    }

    /// Returns whether the request may have credentials: the policy allows them to its origin, or it
    /// comes from a page of the server itself, or has no `Origin`.
    ///
    /// It is for handlers under a policy with `allow_credentials_from`: a browser sends forms and
    /// WebSocket handshakes with cookies whatever a policy says. Under another policy it does not
    /// know the server's own page where its origin is allowed by name.
    #[must_use]
    pub fn allows_credentials(self) -> bool {
        match self.kind {
            RequestKind::NotCors => !self.is_rejected(),
            RequestKind::Preflight | RequestKind::Actual => {
                let is_granted =
                    self.is_allowed() && self.headers.contains(AnswerHeader::AllowCredentials);
                is_granted || self.same_origin
            }
        }
    }

    /// Returns whether a refused actual request came from the server's own pages, which need no
    /// permission: it is no refusal to count or to log. Browsers send `Origin` with their POST
    /// requests, and a policy does not list its own server.
    ///
    /// It is also told of an allowed request to which `allow_credentials_from` gives none. It is
    /// `false` for every other request: nobody looks where nothing is refused, and a browser sends no
    /// preflight to the page's own server.
    ///
    /// Where there is one `Sec-Fetch-Site` line, it alone tells. Where there is none, the host and
    /// the port of `Origin` are compared with the request's authority.
    #[must_use]
    pub const fn is_same_origin(self) -> bool {
        self.same_origin
    }

    /// Returns the status with which the adapter answers, without a body and without calling the
    /// app; `None` where the app is called.
    #[inline]
    #[must_use]
    pub const fn status(self) -> Option<u16> {
        match self.status {
            Some(status) => Some(status.get()),
            None => None,
        }
    }

    /// Returns whether the request is rejected: the adapter answers with 403 in the app's stead,
    /// for the request's host, its origin, or a method in a form.
    #[must_use]
    pub fn is_rejected(self) -> bool {
        self.headers == AnswerHeaders::REJECTION
    }

    /// Makes the decision on a request of any kind for a host that is not allowed.
    #[cold]
    pub(crate) fn foreign_host(kind: RequestKind) -> Self {
        Self::without_policy(kind)
            .refused_for(Refusal::HostNotAllowed)
            .rejected()
    }

    /// Returns the same decision on a request that does not reach the app.
    pub(crate) fn rejected(self) -> Self {
        Self {
            status: NonZeroU16::new(403),
            headers: AnswerHeaders::REJECTION,
            ..self
        }
    }

    /// Returns the decision on a request whose path has no policy: nothing is done.
    pub(crate) fn without_policy(kind: RequestKind) -> Self {
        Self {
            kind,
            verdict: None,
            status: None,
            headers: AnswerHeaders::default(),
            same_origin: false,
        }
    }

    /// Returns the same decision with another refusal.
    pub(crate) fn refused_for(self, refusal: Refusal) -> Self {
        Self {
            verdict: Some(Err(refusal)),
            ..self
        }
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision")
            .field("kind", &self.kind)
            .field("verdict", &self.verdict)
            .field("status", &self.status())
            .field("headers", &self.headers)
            .field("same_origin", &self.same_origin)
            .finish()
    }
}

/// The rule of a policy that matched an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OriginRule {
    /// `*` among `allow_origins`.
    Any,
    /// `allow_null_origin`.
    Null,
    /// An exact origin.
    Exact,
    /// An origin with any port.
    AnyPort,
    /// An origin with a range of ports.
    PortRange,
    /// A pattern for a private network.
    PrivateNetwork,
    /// A subdomain pattern.
    Subdomain,
    /// A pattern for any host of a scheme other than http and https.
    AnyHost,
    /// The item of `allow_origin_regexes` with this index.
    Regex(u16),
    /// The predicate with this index, in the order in which they were added.
    Predicate(u16),
    /// The asynchronous predicate.
    AsyncPredicate,
}

/// The headers of one response: a set of the [`ANSWER_HEADERS`].
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct AnswerHeaders(u16);

/// One of the [`ANSWER_HEADERS`].
#[derive(Clone, Copy)]
pub(crate) enum AnswerHeader {
    AllowAnyOrigin,
    AllowOrigin,
    AllowCredentials,
    AllowAnyMethod,
    AllowMethods,
    AllowRequestedMethod,
    AllowHeaders,
    AllowRequestedHeaders,
    MaxAge,
    AllowPrivateNetwork,
    ExposeHeaders,
    AllowSafelistedMethods,
    NoStore,
    AllowAskedHeaders,
    ExposePresentHeaders,
}

/// Every response header with every value that it can have, in the order in which they are set.
const ANSWER_HEADERS: [(ResponseField, Value); 15] = [
    (
        ResponseField::AccessControlAllowOrigin,
        Value::Static(StaticText::Any),
    ),
    (
        ResponseField::AccessControlAllowOrigin,
        Value::Echo(RequestField::Origin),
    ),
    (
        ResponseField::AccessControlAllowCredentials,
        Value::Static(StaticText::True),
    ),
    (
        ResponseField::AccessControlAllowMethods,
        Value::Static(StaticText::Any),
    ),
    (
        ResponseField::AccessControlAllowMethods,
        Value::Policy(PolicyText::AllowMethods),
    ),
    (
        ResponseField::AccessControlAllowMethods,
        Value::Echo(RequestField::AccessControlRequestMethod),
    ),
    (
        ResponseField::AccessControlAllowHeaders,
        Value::Policy(PolicyText::AllowHeaders),
    ),
    (
        ResponseField::AccessControlAllowHeaders,
        Value::Echo(RequestField::AccessControlRequestHeaders),
    ),
    (
        ResponseField::AccessControlMaxAge,
        Value::Policy(PolicyText::MaxAge),
    ),
    (
        ResponseField::AccessControlAllowPrivateNetwork,
        Value::Static(StaticText::True),
    ),
    (
        ResponseField::AccessControlExposeHeaders,
        Value::Policy(PolicyText::ExposeHeaders),
    ),
    (
        ResponseField::AccessControlAllowMethods,
        Value::Static(StaticText::SafelistedMethods),
    ),
    (
        ResponseField::CacheControl,
        Value::Static(StaticText::NoStore),
    ),
    // After the listed names alone, in whose place it is set.
    (
        ResponseField::AccessControlAllowHeaders,
        Value::ListedAndAsked,
    ),
    (
        ResponseField::AccessControlExposeHeaders,
        Value::ListedAndPresent,
    ),
];

impl AnswerHeaders {
    /// The headers that echo the request, or that are set only where the request asks for them. All
    /// others can be prepared.
    pub(crate) const FROM_REQUEST: Self = Self(0)
        .with(AnswerHeader::AllowOrigin)
        .with(AnswerHeader::AllowRequestedMethod)
        .with(AnswerHeader::AllowRequestedHeaders)
        .with(AnswerHeader::AllowSafelistedMethods)
        .with(AnswerHeader::AllowAskedHeaders)
        .with(AnswerHeader::AllowPrivateNetwork);

    /// The headers that repeat lines of a preflight, its origin apart.
    pub(crate) const ECHO_PREFLIGHT: Self = Self(0)
        .with(AnswerHeader::AllowRequestedMethod)
        .with(AnswerHeader::AllowAskedHeaders)
        .with(AnswerHeader::AllowRequestedHeaders);

    /// The headers of the answer to an actual request that is rejected. Whether it is may depend on
    /// `Sec-Fetch-Site`, which no Vary names, so no cache may keep the answer.
    pub(crate) const REJECTION: Self = Self(0).with(AnswerHeader::NoStore);

    pub(crate) const fn with(self, header: AnswerHeader) -> Self {
        Self(self.0 | 1 << header as u16)
    }

    #[must_use]
    pub(crate) const fn with_if(self, condition: bool, header: AnswerHeader) -> Self {
        if condition { self.with(header) } else { self }
    }

    pub(crate) const fn without(self, header: AnswerHeader) -> Self {
        Self(self.0 & !(1 << header as u16))
    }

    pub(crate) const fn contains(self, header: AnswerHeader) -> bool {
        self.0 & (1 << header as u16) != 0
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = (ResponseField, Value)> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let header = ANSWER_HEADERS.get(rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(*header)
        })
    }
}

impl fmt::Debug for AnswerHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
