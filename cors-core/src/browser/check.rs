//! The CORS check of a response: whether a page may read it.

use std::error::Error;
use std::fmt;

use super::{Credentials, HeaderList};
use crate::protocol::escape::Quoted;

/// Checks whether a page of `origin` (as the browser serializes it, or `null`) may read a response
/// with these headers.
///
/// ```
/// use cors_core::browser::{CorsCheckError, Credentials, HeaderList, cors_check};
///
/// let origin = "https://app.example.com";
/// let response = HeaderList::from_iter([("Access-Control-Allow-Origin", "*")]);
/// assert_eq!(cors_check(origin, Credentials::Omit, &response), Ok(()));
/// assert_eq!(
///     cors_check(origin, Credentials::Include, &response),
///     Err(CorsCheckError::WildcardWithCredentials),
/// );
/// ```
///
/// # Errors
///
/// Returns the first step that fails.
///
/// [CORS check](https://fetch.spec.whatwg.org/#concept-cors-check)
pub fn cors_check(
    origin: &str,
    credentials: Credentials,
    response: &HeaderList,
) -> Result<(), CorsCheckError> {
    let credentialed = credentials == Credentials::Include;
    let allowed = response
        .get("access-control-allow-origin")
        .ok_or(CorsCheckError::MissingAllowOrigin)?;
    if !credentialed && allowed == b"*" {
        return Ok(());
    }
    if allowed != origin.as_bytes() {
        return Err(if allowed == b"*" {
            CorsCheckError::WildcardWithCredentials
        } else {
            CorsCheckError::OtherAllowOrigin {
                got: allowed,
                expected: origin.to_owned(),
            }
        });
    }
    if !credentialed {
        return Ok(());
    }
    match response.get("access-control-allow-credentials") {
        Some(value) if value == b"true" => Ok(()),
        Some(got) => Err(CorsCheckError::AllowCredentialsNotTrue { got }),
        None => Err(CorsCheckError::MissingAllowCredentials),
    }
}

/// The reason why a page may not read a response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CorsCheckError {
    /// There is no `Access-Control-Allow-Origin`.
    MissingAllowOrigin,
    /// `Access-Control-Allow-Origin` is `*`, which allows no request with credentials.
    WildcardWithCredentials,
    /// `Access-Control-Allow-Origin` is not byte for byte the page's origin.
    OtherAllowOrigin {
        /// The value; several lines are joined by a comma and a space.
        got: Vec<u8>,
        /// The page's origin.
        expected: String,
    },
    /// There is no `Access-Control-Allow-Credentials`, and the request has credentials.
    MissingAllowCredentials,
    /// `Access-Control-Allow-Credentials` is not exactly `true`, and the request has credentials.
    AllowCredentialsNotTrue {
        /// The value; several lines are joined by a comma and a space.
        got: Vec<u8>,
    },
}

impl fmt::Display for CorsCheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingAllowOrigin => {
                f.write_str("the response has no Access-Control-Allow-Origin")
            }
            Self::WildcardWithCredentials => f.write_str(
                "Access-Control-Allow-Origin is *, which allows no request with credentials",
            ),
            Self::OtherAllowOrigin { got, expected } => write!(
                f,
                "Access-Control-Allow-Origin is {}, not the page's origin {}",
                Quoted(got),
                Quoted(expected.as_bytes())
            ),
            Self::MissingAllowCredentials => f.write_str(
                "the request has credentials, the response no Access-Control-Allow-Credentials",
            ),
            Self::AllowCredentialsNotTrue { got } => write!(
                f,
                "the request has credentials, but Access-Control-Allow-Credentials is {}, not \
                 exactly true",
                Quoted(got)
            ),
        }
    }
}

impl Error for CorsCheckError {}
