//! [`PreflightCache`]: a browser's memory of passed preflights.

use std::time::Duration;

use super::{Credentials, PreflightGrant, Request};
use crate::protocol::token::{is_non_wildcard_request_header_name, is_safelisted_method};

/// A browser's memory of passed preflights, so that it need not ask again.
///
/// It has no clock: `now` is the time since any fixed start, the same for all calls. URLs are
/// compared as they are written.
///
/// ```
/// use cors_core::browser::{HeaderList, PreflightCache, Request, preflight_check};
/// use std::time::Duration;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (origin, url) = ("https://app.example.com", "https://api.example.net/");
/// let request = Request::new("PUT")?;
/// let response = HeaderList::from_iter([
///     ("Access-Control-Allow-Origin", "*"),
///     ("Access-Control-Allow-Methods", "PUT"),
///     ("Access-Control-Max-Age", "600"),
/// ]);
/// let mut cache = PreflightCache::new();
/// assert!(!cache.covers(Duration::ZERO, origin, url, &request));
/// cache.store(Duration::ZERO, url, preflight_check(origin, &request, 204, &response)?);
/// assert!(cache.covers(Duration::from_secs(599), origin, url, &request));
/// assert!(!cache.covers(Duration::from_secs(600), origin, url, &request));
/// # Ok(())
/// # }
/// ```
///
/// [CORS-preflight cache](https://fetch.spec.whatwg.org/#concept-cache)
#[derive(Clone, Debug, Default)]
pub struct PreflightCache {
    entries: Vec<Entry>,
    max_age_cap: Option<u64>,
}

impl PreflightCache {
    /// Makes an empty cache that keeps what a preflight granted for as long as the server says.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
            max_age_cap: None,
        }
    }

    /// Limits the time for which a grant is kept to this many seconds: 7,200 is Chromium's limit,
    /// 86,400 Firefox's, 600 Safari's.
    #[must_use]
    pub const fn with_max_age_cap(mut self, seconds: u64) -> Self {
        self.max_age_cap = Some(seconds);
        self
    }

    /// Returns whether the request may be sent without a preflight: it is simple, or its method and
    /// each of its unsafe headers is remembered.
    ///
    /// [HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch), the step about
    /// *makeCORSPreflight*
    #[must_use]
    pub fn covers(&mut self, now: Duration, origin: &str, url: &str, request: &Request) -> bool {
        self.drop_expired(now);
        let entries: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|entry| entry.covers(origin, url, request.credentials_mode()))
            .collect();
        let method = request.method();
        let method_may_go = (is_safelisted_method(method.as_bytes())
            && !request.uses_preflight_flag())
            || entries.iter().any(|entry| entry.grant.has_method(method));
        method_may_go
            && request
                .unsafe_header_names()
                .iter()
                .all(|name| entries.iter().any(|entry| entry.grant.has_header(name)))
    }

    /// Remembers what a preflight of this URL granted.
    ///
    /// [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch-0), the steps
    /// after *max-age*
    pub fn store(&mut self, now: Duration, url: &str, granted: PreflightGrant) {
        self.drop_expired(now);
        let seconds = granted.max_age().min(self.max_age_cap.unwrap_or(u64::MAX));
        let expires = now.saturating_add(Duration::from_secs(seconds));
        let methods = granted.methods.into_iter().map(Grant::Method);
        let header_names = granted.header_names.into_iter().map(Grant::Header);
        for grant in methods.chain(header_names) {
            self.remember(Entry {
                origin: granted.origin.clone(),
                url: url.to_owned(),
                credentials: granted.credentials,
                grant,
                expires,
            });
        }
    }

    /// Forgets everything about this origin and URL, as a browser does when a request that
    /// needed a preflight fails.
    ///
    /// [Clear cache entries](https://fetch.spec.whatwg.org/#concept-cache-clear)
    pub fn clear(&mut self, origin: &str, url: &str) {
        self.entries
            .retain(|entry| entry.origin != origin || entry.url != url);
    }

    fn drop_expired(&mut self, now: Duration) {
        self.entries.retain(|entry| now < entry.expires);
    }

    /// Sets the age of the entries that already match, or adds an entry.
    ///
    /// The standard counts an entry's age from when it was first stored, even after the age was set
    /// anew. Engines count from the newer response, and so does this model.
    fn remember(&mut self, new: Entry) {
        let mut known = false;
        for entry in &mut self.entries {
            if entry.covers(&new.origin, &new.url, new.credentials) && entry.grant.has(&new.grant) {
                entry.expires = new.expires;
                known = true;
            }
        }
        if !known {
            self.entries.push(new);
        }
    }
}

/// An entry of the cache, for one method or one header
/// ([cache entry](https://fetch.spec.whatwg.org/#cache-entry)).
#[derive(Clone, Debug)]
struct Entry {
    origin: String,
    url: String,
    credentials: Credentials,
    grant: Grant,
    expires: Duration,
}

impl Entry {
    /// Returns whether the entry matches
    /// ([cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match)). An entry of a
    /// request with credentials matches one without too, never the reverse.
    fn covers(&self, origin: &str, url: &str, credentials: Credentials) -> bool {
        self.origin == origin
            && self.url == url
            && (self.credentials == Credentials::Include || credentials != Credentials::Include)
    }
}

/// The method or the header that an entry allows. A `*` covers everything even in an entry with
/// credentials: in the standard, only the check of the preflight tells the wildcard from the name.
#[derive(Clone, Debug)]
enum Grant {
    Method(String),
    Header(String),
}

impl Grant {
    fn has(&self, other: &Self) -> bool {
        match other {
            Self::Method(method) => self.has_method(method),
            Self::Header(name) => self.has_header(name),
        }
    }

    /// Returns whether the entry covers the method
    /// ([method cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-method)).
    fn has_method(&self, method: &str) -> bool {
        matches!(self, Self::Method(known) if known == method || known == "*")
    }

    /// Returns whether the entry covers the header
    /// ([header-name cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-header)).
    fn has_header(&self, name: &str) -> bool {
        matches!(self, Self::Header(known) if known.eq_ignore_ascii_case(name)
            || (known == "*" && !is_non_wildcard_request_header_name(name.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{HeaderList, preflight_check};
    use super::*;

    #[test]
    fn the_same_response_is_remembered_once() -> Result<(), Box<dyn std::error::Error>> {
        let request = Request::new("PUT")?;
        let response = HeaderList::from_iter([
            ("Access-Control-Allow-Origin", "null"),
            ("Access-Control-Allow-Methods", "PUT, PUT"),
            ("Access-Control-Allow-Headers", "x-a, X-A"),
        ]);
        let granted = preflight_check("null", &request, 200, &response)?;
        let mut cache = PreflightCache::new();
        for second in 0..3 {
            cache.store(
                Duration::from_secs(second),
                "https://a.example/",
                granted.clone(),
            );
            assert_eq!(cache.entries.len(), 2);
        }
        assert!(!cache.covers(Duration::from_secs(60), "", "", &request));
        assert_eq!(cache.entries.len(), 0);
        Ok(())
    }
}
