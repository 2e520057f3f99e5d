//! A browser's check of the response to a preflight.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;

use super::headers::NotAToken;
use super::{CorsCheckError, Credentials, HeaderList, Request, cors_check};
use crate::protocol::escape::Quoted;
use crate::protocol::token::{is_non_wildcard_request_header_name, is_safelisted_method};

/// Checks whether the response to the request's preflight lets a page of `origin` send the request.
///
/// ```
/// use cors_core::browser::{HeaderList, PreflightCheckError, Request, preflight_check};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let origin = "https://app.example.com";
/// let response = HeaderList::from_iter([
///     ("Access-Control-Allow-Origin", "https://app.example.com"),
///     ("Access-Control-Allow-Methods", "PUT"),
///     ("Access-Control-Max-Age", "600"),
/// ]);
/// let grant = preflight_check(origin, &Request::new("PUT")?, 204, &response)?;
/// assert_eq!(grant.max_age(), 600);
/// assert_eq!(
///     preflight_check(origin, &Request::new("patch")?, 204, &response),
///     Err(PreflightCheckError::Method { method: "patch".to_owned() }),
/// );
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Returns the first step that fails.
///
/// [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch-0), from step 7 on
pub fn preflight_check(
    origin: &str,
    request: &Request,
    status: u16,
    response: &HeaderList,
) -> Result<PreflightGrant, PreflightCheckError> {
    let credentials = request.credentials_mode();
    let method = request.method();

    cors_check(origin, credentials, response).map_err(PreflightCheckError::Cors)?;
    if !(200..=299).contains(&status) {
        return Err(PreflightCheckError::Status { status });
    }

    let methods = listed(response, ALLOW_METHODS)?;
    let header_names = listed(response, ALLOW_HEADERS)?.unwrap_or_default();
    let methods = match methods {
        Some(methods) => methods,
        None if request.uses_preflight_flag() => vec![method.to_owned()],
        None => Vec::new(),
    };

    let has_wildcard = |list: &[String]| {
        credentials != Credentials::Include && list.iter().any(|element| element == "*")
    };
    let listed_names: BTreeSet<String> = header_names
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect();

    if !methods.iter().any(|listed| listed == method)
        && !is_safelisted_method(method.as_bytes())
        && !has_wildcard(&methods)
    {
        return Err(PreflightCheckError::Method {
            method: method.to_owned(),
        });
    }
    let non_wildcard = request
        .headers()
        .iter()
        .map(|(name, _)| name)
        .find(|name| is_non_wildcard_request_header_name(name.as_bytes()));
    if let Some(name) = non_wildcard.map(str::to_ascii_lowercase)
        && !listed_names.contains(&name)
    {
        return Err(PreflightCheckError::NonWildcardHeader { name });
    }
    if !has_wildcard(&header_names)
        && let Some(name) = request
            .unsafe_header_names()
            .into_iter()
            .find(|name| !listed_names.contains(name))
    {
        return Err(PreflightCheckError::Header { name });
    }

    Ok(PreflightGrant {
        origin: origin.to_owned(),
        credentials,
        methods,
        header_names,
        max_age: preflight_max_age(response),
    })
}

/// Returns for how many seconds the response to a preflight may be kept, before any browser's own
/// limit.
///
/// It is 5 where `Access-Control-Max-Age` is absent, on several lines, or anything but digits; a
/// number too large for `u64` counts as the largest.
///
/// ```
/// use cors_core::browser::{HeaderList, preflight_max_age};
///
/// let seconds = |value| {
///     preflight_max_age(&HeaderList::from_iter([("Access-Control-Max-Age", value)]))
/// };
/// assert_eq!(seconds("600"), 600);
/// assert_eq!(seconds("-1"), 5);
/// ```
///
/// [`Access-Control-Max-Age`](https://fetch.spec.whatwg.org/#http-access-control-max-age)
#[must_use]
pub fn preflight_max_age(response: &HeaderList) -> u64 {
    let mut values = response.values("access-control-max-age");
    match (values.next(), values.next()) {
        (Some(value), None) => delta_seconds(value).unwrap_or(DEFAULT_MAX_AGE),
        _ => DEFAULT_MAX_AGE,
    }
}

/// The permission that a passed preflight grants, for a [`PreflightCache`](super::PreflightCache).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreflightGrant {
    pub(super) origin: String,
    pub(super) credentials: Credentials,
    pub(super) methods: Vec<String>,
    pub(super) header_names: Vec<String>,
    max_age: u64,
}

impl PreflightGrant {
    /// Returns for how many seconds it holds, before any browser's own limit: see
    /// [`preflight_max_age`].
    #[must_use]
    pub const fn max_age(&self) -> u64 {
        self.max_age
    }
}

/// The reason why the response to a preflight does not let the request be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PreflightCheckError {
    /// The response fails the CORS check, in the request's own credentials mode.
    Cors(CorsCheckError),
    /// The status is not in 200 to 299.
    Status {
        /// The status.
        status: u16,
    },
    /// `Access-Control-Allow-Methods` or `-Headers` is not a list of tokens.
    MalformedList {
        /// The name of the header.
        header: &'static str,
        /// The first element that is not a token.
        element: Vec<u8>,
    },
    /// The method is neither CORS-safelisted nor listed, nor covered by `*`.
    Method {
        /// The method.
        method: String,
    },
    /// The header needs an entry of its own, since `*` never covers it: `Authorization`.
    NonWildcardHeader {
        /// Its name in lower case.
        name: String,
    },
    /// The header is neither listed nor covered by `*`.
    Header {
        /// Its name in lower case.
        name: String,
    },
}

impl fmt::Display for PreflightCheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cors(error) => error.fmt(f),
            Self::Status { status } => {
                write!(f, "the status of the preflight is {status}, not 200 to 299")
            }
            Self::MalformedList { header, element } => write!(
                f,
                "{header} is not a list of tokens: it has the element {}",
                Quoted(element)
            ),
            Self::Method { method } => write!(
                f,
                "{ALLOW_METHODS} does not allow the method {}",
                Quoted(method.as_bytes())
            ),
            Self::NonWildcardHeader { name } => write!(
                f,
                "{ALLOW_HEADERS} does not name {name}, which * never covers"
            ),
            Self::Header { name } => write!(
                f,
                "{ALLOW_HEADERS} does not allow the header {}",
                Quoted(name.as_bytes())
            ),
        }
    }
}

impl Error for PreflightCheckError {}

fn listed(
    response: &HeaderList,
    header: &'static str,
) -> Result<Option<Vec<String>>, PreflightCheckError> {
    response
        .tokens(header)
        .map_err(|NotAToken(element)| PreflightCheckError::MalformedList { header, element })
}

/// Reads a number of seconds
/// ([RFC 9111, 1.2.2](https://www.rfc-editor.org/rfc/rfc9111#section-1.2.2)).
fn delta_seconds(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let seconds = value.iter().fold(0u64, |seconds, digit| {
        seconds
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    });
    Some(seconds)
}

const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers";

/// The standard's own number, in seconds.
const DEFAULT_MAX_AGE: u64 = 5;
