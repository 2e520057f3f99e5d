//! [`PreflightCache`]: what a browser remembers of passed preflights.

use std::time::Duration;

use super::{Credentials, PreflightPass, Request};
use crate::protocol::token::{is_non_wildcard_request_header_name, is_safelisted_method};

/// What a browser remembers of passed preflights, so as not to ask again.
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
/// let answer = HeaderList::from_iter([
///     ("Access-Control-Allow-Origin", "*"),
///     ("Access-Control-Allow-Methods", "PUT"),
///     ("Access-Control-Max-Age", "600"),
/// ]);
/// let mut cache = PreflightCache::new();
/// assert!(!cache.covers(Duration::ZERO, origin, url, &request));
/// cache.store(Duration::ZERO, url, preflight_check(origin, &request, 204, &answer)?);
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
    /// An empty cache that keeps an answer for as long as the server says.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
            max_age_cap: None,
        }
    }

    /// Keeps no answer longer than this many seconds: 7,200 is Chromium's limit, 86,400
    /// Firefox's, 600 Safari's.
    #[must_use]
    pub const fn with_max_age_cap(mut self, seconds: u64) -> Self {
        self.max_age_cap = Some(seconds);
        self
    }

    /// Whether the request may be sent without a preflight: it is simple, or its method and each
    /// of its unsafe headers is remembered.
    ///
    /// [HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch), the step about
    /// *makeCORSPreflight*
    #[must_use]
    pub fn covers(&mut self, now: Duration, origin: &str, url: &str, request: &Request) -> bool {
        self.drop_expired(now);
        let entries: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|entry| entry.serves(origin, url, request.credentials_mode()))
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
    pub fn store(&mut self, now: Duration, url: &str, pass: PreflightPass) {
        self.drop_expired(now);
        let seconds = pass.max_age().min(self.max_age_cap.unwrap_or(u64::MAX));
        let expires = now.saturating_add(Duration::from_secs(seconds));
        let methods = pass.methods.into_iter().map(Grant::Method);
        let header_names = pass.header_names.into_iter().map(Grant::Header);
        for grant in methods.chain(header_names) {
            self.remember(Entry {
                origin: pass.origin.clone(),
                url: url.to_owned(),
                credentials: pass.credentials,
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

    /// Gives the new age to the entries that already match, or adds one.
    ///
    /// The standard counts an entry's age from when it was first stored, even after the age was
    /// set anew; engines count from the newer answer, and so does this.
    fn remember(&mut self, new: Entry) {
        let mut known = false;
        for entry in &mut self.entries {
            if entry.serves(&new.origin, &new.url, new.credentials) && entry.grant.has(&new.grant) {
                entry.expires = new.expires;
                known = true;
            }
        }
        if !known {
            self.entries.push(new);
        }
    }
}

/// [Cache entry](https://fetch.spec.whatwg.org/#cache-entry)
#[derive(Clone, Debug)]
struct Entry {
    origin: String,
    url: String,
    credentials: Credentials,
    grant: Grant,
    expires: Duration,
}

impl Entry {
    /// [Cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match): an answer to a
    /// request with credentials also serves one without, never the reverse.
    fn serves(&self, origin: &str, url: &str, credentials: Credentials) -> bool {
        self.origin == origin
            && self.url == url
            && (self.credentials == Credentials::Include || credentials != Credentials::Include)
    }
}

/// What an entry allows. A `*` covers everything even in an entry with credentials: the standard
/// has only the check of the preflight tell the wildcard from the name.
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

    /// [Method cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-method)
    fn has_method(&self, method: &str) -> bool {
        matches!(self, Self::Method(known) if known == method || known == "*")
    }

    /// [Header-name cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-header)
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
    fn the_same_answer_is_remembered_once() -> Result<(), Box<dyn std::error::Error>> {
        let request = Request::new("PUT")?;
        let answer = HeaderList::from_iter([
            ("Access-Control-Allow-Origin", "null"),
            ("Access-Control-Allow-Methods", "PUT, PUT"),
            ("Access-Control-Allow-Headers", "x-a, X-A"),
        ]);
        let pass = preflight_check("null", &request, 200, &answer)?;
        let mut cache = PreflightCache::new();
        for second in 0..3 {
            cache.store(
                Duration::from_secs(second),
                "https://a.example/",
                pass.clone(),
            );
            assert_eq!(cache.entries.len(), 2);
        }
        assert!(!cache.covers(Duration::from_secs(60), "", "", &request));
        assert_eq!(cache.entries.len(), 0);
        Ok(())
    }
}
