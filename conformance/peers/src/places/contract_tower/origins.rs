//! The origins of each scenario as a type.

use std::collections::HashSet;

use foldhash::fast::RandomState;
use http::header::HeaderValue;

use crate::contract;
use crate::scenario::APP;

/// Which origins are allowed.
pub trait Origins: Send + Sync + 'static {
    /// Whether the response depends on `Origin`.
    const VARIES: bool = true;
    const CREDENTIALS: bool = false;
    /// What every origin gets, whatever it is.
    const ANYBODY: Option<&'static str> = None;

    /// Judges the only line of `Origin`, and returns what the response says.
    fn allow(&self, origin: &HeaderValue) -> Option<HeaderValue>;
}

/// [`APP`], which the response names by a static text.
pub(super) struct One;

/// The same, by the request's own text, as a policy does that was built at run time.
pub(super) struct OneRepeated;

pub(super) struct Listed(pub(super) HashSet<Box<[u8]>, RandomState>);

/// `*`
pub(super) struct Any;

/// Every origin, by name and with credentials.
pub(super) struct AnyWithCredentials;

/// Every host below a domain.
pub(super) struct Subdomains;

impl Origins for One {
    #[inline]
    fn allow(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        (origin.as_bytes() == APP.as_bytes()).then(|| HeaderValue::from_static(APP))
    }
}

impl Origins for OneRepeated {
    #[inline]
    fn allow(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        (origin.as_bytes() == APP.as_bytes()).then(|| origin.clone())
    }
}

impl Origins for Listed {
    #[inline]
    fn allow(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        let is_listed =
            origin.len() <= cors_core::Origin::MAX_BYTES && self.0.contains(origin.as_bytes());
        is_listed.then(|| origin.clone())
    }
}

impl Origins for Any {
    const VARIES: bool = false;
    const ANYBODY: Option<&'static str> = Some("*");

    #[inline]
    fn allow(&self, _: &HeaderValue) -> Option<HeaderValue> {
        Some(HeaderValue::from_static("*"))
    }
}

impl Origins for AnyWithCredentials {
    const CREDENTIALS: bool = true;

    #[inline]
    fn allow(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        contract::is_origin(origin.as_bytes()).then(|| origin.clone())
    }
}

impl Origins for Subdomains {
    #[inline]
    fn allow(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        contract::is_subdomain(origin.as_bytes()).then(|| origin.clone())
    }
}
