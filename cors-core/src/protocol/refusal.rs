//! [`Refusal`]: the reason why a request is refused.

use std::fmt;

use super::origin_error::OriginError;

/// The reason why a preflight is refused, why an actual request gets no CORS headers, or why any
/// request is rejected for its host.
///
/// It is the first check that failed, in the order host, path, origin, method, headers. (Where only
/// an asynchronous predicate can decide on the origin, what no browser sends is refused first,
/// since the predicate's result could not help.)
///
/// A refused preflight has no CORS header, but for one: where the origin is allowed, and only a list
/// of the policy lacks the method or a header, the answer has the headers of an allowed preflight.
/// The browser then finds what is missing, and its console names it.
///
/// It is a value and not an `Error`: a refused request is not a failure of the server.
///
/// [`Policy::explain`](crate::Policy::explain) has the value that failed, and what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The host that the request is for is not among the policy's `allow_hosts`, or there is not
    /// one: the request is rejected, whatever its kind, one without `Origin` too.
    HostNotAllowed,
    /// The path can be read in several ways, and the policies of these differ; see
    /// [`PolicyMap`](crate::PolicyMap#security).
    AmbiguousPath,
    /// More than one `Origin` line.
    SeveralOrigins,
    /// The value of `Origin` is not one serialized origin.
    MalformedOrigin(OriginError),
    /// The origin is `null`, and the policy's own switch for it is off.
    NullOrigin,
    /// No origin, pattern, regular expression or predicate of the policy matches the origin.
    OriginNotAllowed,
    /// The origin is plain http and the policy allows credentials, so that no regular expression
    /// and no predicate can allow it.
    InsecureOrigin,
    /// A predicate panicked, which counts as a no.
    PredicatePanicked,
    /// The asynchronous predicate gave an error, which counts as a no.
    PredicateFailed,
    /// The asynchronous predicate had no result when its time was up, which counts as a no.
    PredicateTimedOut,
    /// Only the asynchronous predicate can decide, and it was not asked:
    /// [`Policy::decide`](crate::Policy::decide) does not wait,
    /// [`Policy::evaluate`](crate::Policy::evaluate) does.
    PredicateNotAsked,
    /// `Access-Control-Request-Method` is not one token on one line.
    MalformedMethod,
    /// The method is one that no browser sends for a script.
    ForbiddenMethod,
    /// The method is neither CORS-safelisted nor listed; or it is `*` itself, where any method is
    /// allowed with credentials.
    MethodNotAllowed,
    /// An element of `Access-Control-Request-Headers` is not a token.
    MalformedHeaderName,
    /// A header is not listed; or it is one that `*` does not cover: `Authorization`, and `*` itself
    /// with credentials.
    HeaderNotAllowed,
    /// `Access-Control-Request-Headers` is longer than that of any honest browser; see
    /// [`MAX_REQUEST_HEADERS_BYTES`](crate::adapter::MAX_REQUEST_HEADERS_BYTES) and the three
    /// bounds beside it.
    HeaderListTooLong,
}

/// The part of a request that a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestPart {
    /// The host that the request is for, against the hosts that the policy allows.
    Host,
    /// The path, for which a policy is looked up.
    Path,
    /// The origin, against the origins that the policy allows.
    Origin,
    /// The method that a preflight asks for, or that the body of a form names in place of POST.
    Method,
    /// One of the request headers that a preflight asks for.
    Headers,
}

/// What a preflight asks for and a policy does not allow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure<'a> {
    /// The first check that failed.
    pub(crate) refusal: Refusal,
    /// The method or the header name that failed it; `None` where there is not one value.
    pub(crate) value: Option<&'a [u8]>,
    /// Whether nothing fails but look-ups in lists of the policy. Then the policy is the answer, in
    /// which the browser finds what is missing.
    pub(crate) only_lists: bool,
}

impl Refusal {
    /// Returns the part of the request that failed its check.
    #[must_use]
    pub const fn request_part(self) -> RequestPart {
        match self {
            Self::HostNotAllowed => RequestPart::Host,
            Self::AmbiguousPath => RequestPart::Path,
            Self::SeveralOrigins
            | Self::MalformedOrigin(_)
            | Self::NullOrigin
            | Self::OriginNotAllowed
            | Self::InsecureOrigin
            | Self::PredicatePanicked
            | Self::PredicateFailed
            | Self::PredicateTimedOut
            | Self::PredicateNotAsked => RequestPart::Origin,
            Self::MalformedMethod | Self::ForbiddenMethod | Self::MethodNotAllowed => {
                RequestPart::Method
            }
            Self::MalformedHeaderName | Self::HeaderNotAllowed | Self::HeaderListTooLong => {
                RequestPart::Headers
            }
        }
    }

    /// Returns a word for a counter's label or a field of a log: the name of the variant in snake
    /// case, with nothing from the request. It stays the same from one version to the next.
    ///
    /// ```
    /// use cors_core::Refusal;
    ///
    /// assert_eq!(Refusal::HeaderNotAllowed.code(), "header_not_allowed");
    /// ```
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::HostNotAllowed => "host_not_allowed",
            Self::AmbiguousPath => "ambiguous_path",
            Self::SeveralOrigins => "several_origins",
            Self::MalformedOrigin(_) => "malformed_origin",
            Self::NullOrigin => "null_origin",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::InsecureOrigin => "insecure_origin",
            Self::PredicatePanicked => "predicate_panicked",
            Self::PredicateFailed => "predicate_failed",
            Self::PredicateTimedOut => "predicate_timed_out",
            Self::PredicateNotAsked => "predicate_not_asked",
            Self::MalformedMethod => "malformed_method",
            Self::ForbiddenMethod => "forbidden_method",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::MalformedHeaderName => "malformed_header_name",
            Self::HeaderNotAllowed => "header_not_allowed",
            Self::HeaderListTooLong => "header_list_too_long",
        }
    }
}

impl fmt::Display for Refusal {
    /// Writes a few words for a log, without anything from the request.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HostNotAllowed => "the host is not allowed",
            Self::AmbiguousPath => "the path has several readings, with different policies",
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
