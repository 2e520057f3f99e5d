//! [`Decision`]: what a policy says to one request.

use std::fmt;
use std::num::NonZeroU16;

use crate::evaluate::apply::ResponseField;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::{RequestField, RequestKind};
use crate::protocol::value::{Text, Value, Word};

/// What a policy says to one request: which kind it is, whether it is allowed and why, and which
/// response fields get which values.
///
/// A few bytes without a lifetime: it can cross an await, be stored with the request, logged and
/// compared. It means something only together with the policy that made it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decision {
    pub(crate) kind: RequestKind,
    pub(crate) verdict: Option<Result<OriginRule, Refusal>>,
    pub(crate) status: Option<NonZeroU16>,
    pub(crate) fields: FieldSet,
}

impl Decision {
    /// What the request is to the CORS protocol.
    #[inline]
    #[must_use]
    pub const fn kind(self) -> RequestKind {
        self.kind
    }

    /// Whether this is a CORS request that the policy allows.
    #[must_use]
    pub const fn is_allowed(self) -> bool {
        matches!(self.verdict, Some(Ok(_)))
    }

    /// Why a CORS request is not allowed; `None` for one that is, and for one that is no CORS
    /// request.
    #[inline]
    #[must_use]
    pub const fn refusal(self) -> Option<Refusal> {
        match self.verdict {
            Some(Err(refusal)) => Some(refusal),
            Some(Ok(_)) | None => None,
        }
    }

    /// What in the policy took the origin of an allowed CORS request.
    #[must_use]
    pub const fn origin_rule(self) -> Option<OriginRule> {
        match self.verdict {
            Some(Ok(rule)) => Some(rule),
            Some(Err(_)) | None => None,
        }
    }

    /// The status with which the adapter answers, without a body and without calling the app;
    /// `None` where the app is to be called.
    #[inline]
    #[must_use]
    pub const fn status(self) -> Option<u16> {
        match self.status {
            Some(status) => Some(status.get()),
            None => None,
        }
    }

    /// The fields to set, in a fixed order, each at most once. Vary is not among them: it is
    /// merged, see [`Policy::vary_names`](crate::Policy::vary_names).
    pub fn fields(self) -> impl Iterator<Item = (ResponseField, Value)> {
        self.fields.iter()
    }

    /// The fields that differ from one request to another that the policy answers alike.
    #[cfg(feature = "http")]
    pub(crate) fn fields_of_the_request(self) -> impl Iterator<Item = (ResponseField, Value)> {
        FieldSet(self.fields.0 & FieldSet::OF_THE_REQUEST.0).iter()
    }

    /// The request fields besides `Origin` whose lines the answer repeats: those of a preflight, of
    /// which a framework that gives the request away keeps the lines for the app's answer.
    pub fn echoed_preflight_fields(self) -> impl Iterator<Item = RequestField<'static>> {
        let echoed = self.fields().filter_map(|(_, value)| value.echoed());
        echoed.filter(|field| *field != RequestField::Origin)
    }

    /// Whether a response field repeats the lines of this request field. A framework that gives
    /// the request away keeps these lines before it does.
    #[inline]
    #[must_use]
    pub const fn echoes(self, field: RequestField<'_>) -> bool {
        self.fields.contains(match field {
            RequestField::Origin => Row::AllowOrigin,
            RequestField::AccessControlRequestMethod => Row::AllowRequestedMethod,
            RequestField::AccessControlRequestHeaders => Row::AllowRequestedHeaders,
            RequestField::AccessControlRequestPrivateNetwork
            | RequestField::Host
            | RequestField::SecFetchSite
            | RequestField::Declared(_) => return false,
        })
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision")
            .field("kind", &self.kind)
            .field("verdict", &self.verdict)
            .field("status", &self.status())
            .field("fields", &self.fields)
            .finish()
    }
}

/// What in a policy takes an origin.
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
    /// A subdomain pattern.
    Subdomain,
    /// The item of `allow_origin_regexes` with this index.
    Regex(u16),
    /// The predicate with this index, in the order in which they were added.
    Predicate(u16),
    /// The asynchronous predicate.
    AsyncPredicate,
}

/// A set of rows of [`ROWS`].
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct FieldSet(u16);

/// One row of an answer.
#[derive(Clone, Copy)]
pub(crate) enum Row {
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
}

/// Every field with every value that it can have, in the order in which fields are set.
const ROWS: [(ResponseField, Value); 11] = [
    (
        ResponseField::AccessControlAllowOrigin,
        Value::word(Word::Any),
    ),
    (
        ResponseField::AccessControlAllowOrigin,
        Value::echo(RequestField::Origin),
    ),
    (
        ResponseField::AccessControlAllowCredentials,
        Value::word(Word::True),
    ),
    (
        ResponseField::AccessControlAllowMethods,
        Value::word(Word::Any),
    ),
    (
        ResponseField::AccessControlAllowMethods,
        Value::text(Text::AllowMethods),
    ),
    (
        ResponseField::AccessControlAllowMethods,
        Value::echo(RequestField::AccessControlRequestMethod),
    ),
    (
        ResponseField::AccessControlAllowHeaders,
        Value::text(Text::AllowHeaders),
    ),
    (
        ResponseField::AccessControlAllowHeaders,
        Value::echo(RequestField::AccessControlRequestHeaders),
    ),
    (
        ResponseField::AccessControlMaxAge,
        Value::text(Text::MaxAge),
    ),
    (
        ResponseField::AccessControlAllowPrivateNetwork,
        Value::word(Word::True),
    ),
    (
        ResponseField::AccessControlExposeHeaders,
        Value::text(Text::ExposeHeaders),
    ),
];

impl FieldSet {
    /// What an answer repeats, and what it has only if the request asks for it.
    #[cfg(feature = "http")]
    const OF_THE_REQUEST: Self = Self(0)
        .with(Row::AllowOrigin)
        .with(Row::AllowRequestedMethod)
        .with(Row::AllowRequestedHeaders)
        .with(Row::AllowPrivateNetwork);

    pub(crate) const fn with(self, row: Row) -> Self {
        Self(self.0 | 1 << row as u16)
    }

    #[must_use]
    pub(crate) const fn with_if(self, condition: bool, row: Row) -> Self {
        if condition { self.with(row) } else { self }
    }

    const fn contains(self, row: Row) -> bool {
        self.0 & (1 << row as u16) != 0
    }

    fn iter(self) -> impl Iterator<Item = (ResponseField, Value)> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let row = ROWS.get(rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(*row)
        })
    }
}

impl fmt::Debug for FieldSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
