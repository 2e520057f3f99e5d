//! [`Refusal`]: why a request gets no permission.

use std::fmt;

use crate::protocol::observer::Check;
use crate::protocol::origin::OriginError;

/// Why a preflight is refused, or why an actual request gets no CORS headers: the first check
/// that failed, in the order origin, method, headers.
///
/// The value that failed, and what to change, are in [`Policy::explain`](crate::Policy::explain).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// More than one `Origin` line.
    SeveralOrigins,
    /// The value of `Origin` is not one serialized origin.
    MalformedOrigin(OriginError),
    /// The origin is `null`, which the policy's own switch does not allow.
    NullOrigin,
    /// No origin, pattern, regular expression or predicate of the policy takes the origin.
    OriginNotAllowed,
    /// A regular expression or a predicate takes the origin, or would have to, but it is plain
    /// http, and the policy allows credentials.
    InsecureOrigin,
    /// A predicate panicked, which counts as a no.
    PredicatePanicked,
    /// The asynchronous predicate gave an error, which counts as a no.
    PredicateFailed,
    /// The asynchronous predicate had not answered when its time was up, which counts as a no.
    PredicateTimedOut,
    /// Only the asynchronous predicate can tell, and whoever called
    /// [`Policy::decide`](crate::Policy::decide) did not [ask](crate::Policy::question) it.
    PredicateNotAsked,
    /// `Access-Control-Request-Method` is not one token on one line.
    MalformedMethod,
    /// The method is one that no browser sends for a script.
    ForbiddenMethod,
    /// The method is neither CORS-safelisted nor listed.
    MethodNotAllowed,
    /// An element of `Access-Control-Request-Headers` is not a token.
    MalformedHeaderName,
    /// A header is not listed.
    HeaderNotAllowed,
    /// `Access-Control-Request-Headers` is longer than any honest browser's, see
    /// [`MAX_REQUEST_HEADERS_BYTES`](crate::MAX_REQUEST_HEADERS_BYTES) and its neighbours.
    HeaderListTooLong,
}

impl Refusal {
    /// Which part of the request failed.
    #[must_use]
    pub const fn check(self) -> Check {
        match self {
            Self::SeveralOrigins
            | Self::MalformedOrigin(_)
            | Self::NullOrigin
            | Self::OriginNotAllowed
            | Self::InsecureOrigin
            | Self::PredicatePanicked
            | Self::PredicateFailed
            | Self::PredicateTimedOut
            | Self::PredicateNotAsked => Check::Origin,
            Self::MalformedMethod | Self::ForbiddenMethod | Self::MethodNotAllowed => Check::Method,
            Self::MalformedHeaderName | Self::HeaderNotAllowed | Self::HeaderListTooLong => {
                Check::Headers
            }
        }
    }
}

impl fmt::Display for Refusal {
    /// A few words for a log, without anything from the request.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SeveralOrigins => "more than one Origin line",
            Self::MalformedOrigin(error) => return write!(f, "no serialized origin: {error}"),
            Self::NullOrigin => "the null origin is not allowed",
            Self::OriginNotAllowed => "the origin is not allowed",
            Self::InsecureOrigin => "a plain-http origin, with credentials",
            Self::PredicatePanicked => "the predicate panicked",
            Self::PredicateFailed => "the predicate failed",
            Self::PredicateTimedOut => "the predicate gave no answer in time",
            Self::PredicateNotAsked => "the asynchronous predicate was not asked",
            Self::MalformedMethod => "not one method",
            Self::ForbiddenMethod => "a forbidden method",
            Self::MethodNotAllowed => "the method is not allowed",
            Self::MalformedHeaderName => "not a header name",
            Self::HeaderNotAllowed => "a header is not allowed",
            Self::HeaderListTooLong => "too many headers",
        })
    }
}
