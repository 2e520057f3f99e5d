//! The headers of a response that a script may read.

use std::collections::BTreeSet;

use super::{Credentials, HeaderList};
use crate::protocol::token::{
    is_forbidden_response_header_name, is_safelisted_response_header_name,
};

/// Returns the names of the response's headers that a script may read: lower-case, sorted, each
/// once.
///
/// Seven names are always readable; `Set-Cookie` and `Set-Cookie2` never are. An
/// `Access-Control-Expose-Headers` that is not a list of tokens adds nothing.
///
/// ```
/// use cors_core::browser::{Credentials, HeaderList, exposed_header_names};
///
/// let response = HeaderList::from_iter([
///     ("Content-Type", "text/plain"),
///     ("ETag", "\"1\""),
///     ("Set-Cookie", "a=b"),
///     ("Access-Control-Expose-Headers", "etag, x-absent"),
/// ]);
/// assert_eq!(
///     exposed_header_names(Credentials::Omit, &response),
///     ["content-type", "etag"],
/// );
/// ```
///
/// [CORS-safelisted response-header name](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name),
/// [CORS filtered response](https://fetch.spec.whatwg.org/#concept-filtered-response-cors)
#[must_use]
pub fn exposed_header_names(credentials: Credentials, response: &HeaderList) -> Vec<String> {
    let listed: BTreeSet<String> = response
        .tokens("access-control-expose-headers")
        .ok()
        .flatten()
        .unwrap_or_default()
        .into_iter()
        .map(|element| element.to_ascii_lowercase())
        .collect();
    let everything = credentials != Credentials::Include && listed.contains("*");
    let is_exposed = |name: &str| {
        everything || is_safelisted_response_header_name(name.as_bytes()) || listed.contains(name)
    };
    response
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .filter(|name| !is_forbidden_response_header_name(name.as_bytes()) && is_exposed(name))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}
