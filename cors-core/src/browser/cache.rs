//! [`PreflightCache`]: a browser's memory of passed preflights.

use std::collections::BTreeMap;
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
    /// By origin and URL.
    entries: BTreeMap<(String, String), Entries>,
    max_age_cap: Option<u64>,
}

impl PreflightCache {
    /// Makes an empty cache that keeps what a preflight granted for as long as the server says.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: BTreeMap::new(),
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
        let key = (origin.to_owned(), url.to_owned());
        let entries = self.entries.get(&key);
        let is_remembered = |grant| {
            entries.is_some_and(|entries| entries.cover(request.credentials_mode(), &grant))
        };
        let method = request.method();
        let method_may_go = (is_safelisted_method(method.as_bytes())
            && !request.uses_preflight_flag())
            || is_remembered(Grant::Method(method.to_owned()));
        method_may_go
            && request
                .unsafe_header_names()
                .into_iter()
                .all(|name| is_remembered(Grant::Header(name)))
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
        let header_names = granted
            .header_names
            .into_iter()
            .map(|name| Grant::Header(name.to_ascii_lowercase()));
        let key = (granted.origin, url.to_owned());
        let entries = self.entries.entry(key).or_default();
        for grant in methods.chain(header_names) {
            entries.remember(granted.credentials, grant, expires);
        }
    }

    /// Forgets everything about this origin and URL, as a browser does when a request that
    /// needed a preflight fails.
    ///
    /// [Clear cache entries](https://fetch.spec.whatwg.org/#concept-cache-clear)
    pub fn clear(&mut self, origin: &str, url: &str) {
        self.entries.remove(&(origin.to_owned(), url.to_owned()));
    }

    fn drop_expired(&mut self, now: Duration) {
        self.entries.retain(|_, entries| {
            entries.drop_expired(now);
            !entries.is_empty()
        });
    }
}

/// The entries of one origin and URL
/// ([cache entry](https://fetch.spec.whatwg.org/#cache-entry)): each is for one method or one
/// header, and has the time at which it expires.
#[derive(Clone, Debug, Default)]
struct Entries {
    with_credentials: BTreeMap<Grant, Duration>,
    without_credentials: BTreeMap<Grant, Duration>,
}

impl Entries {
    /// Returns whether an entry matches
    /// ([cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match)). An entry of a
    /// request with credentials matches one without too, never the reverse.
    fn cover(&self, credentials: Credentials, grant: &Grant) -> bool {
        let covered = |entries: &BTreeMap<_, _>| {
            entries.contains_key(grant)
                || grant
                    .wildcard()
                    .is_some_and(|wildcard| entries.contains_key(&wildcard))
        };
        covered(&self.with_credentials)
            || (credentials != Credentials::Include && covered(&self.without_credentials))
    }

    /// Sets the age of the entries that already match, or adds an entry.
    ///
    /// The standard counts an entry's age from when it was first stored, even after the age was set
    /// anew. Engines count from the newer response, and so does this model.
    fn remember(&mut self, credentials: Credentials, grant: Grant, expires: Duration) {
        let wildcard = grant.wildcard();
        let mut known = false;
        let mut renew = |entries: &mut BTreeMap<Grant, Duration>| {
            for grant in [Some(&grant), wildcard.as_ref()].into_iter().flatten() {
                if let Some(expiry) = entries.get_mut(grant) {
                    *expiry = expires;
                    known = true;
                }
            }
        };
        renew(&mut self.with_credentials);
        if credentials != Credentials::Include {
            renew(&mut self.without_credentials);
        }
        if known {
            return;
        }
        let entries = match credentials {
            Credentials::Include => &mut self.with_credentials,
            Credentials::Omit | Credentials::SameOrigin => &mut self.without_credentials,
        };
        entries.insert(grant, expires);
    }

    fn drop_expired(&mut self, now: Duration) {
        self.with_credentials.retain(|_, expires| now < *expires);
        self.without_credentials.retain(|_, expires| now < *expires);
    }

    fn is_empty(&self) -> bool {
        self.with_credentials.is_empty() && self.without_credentials.is_empty()
    }
}

/// The method or the header that an entry allows. A `*` covers everything even in an entry with
/// credentials: in the standard, only the check of the preflight tells the wildcard from the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grant {
    Method(String),
    /// The name is in lower case.
    Header(String),
}

impl Grant {
    /// Returns the wildcard that covers this one too, if any does.
    ///
    /// [Method cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-method),
    /// [header-name cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match-header)
    fn wildcard(&self) -> Option<Self> {
        match self {
            Self::Method(_) => Some(Self::Method("*".to_owned())),
            Self::Header(name) if is_non_wildcard_request_header_name(name.as_bytes()) => None,
            Self::Header(_) => Some(Self::Header("*".to_owned())),
        }
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
            let [entries] = Vec::from_iter(cache.entries.values())[..] else {
                return Err("one origin and URL".into());
            };
            assert_eq!(entries.without_credentials.len(), 2);
            assert_eq!(entries.with_credentials.len(), 0);
        }
        assert!(!cache.covers(Duration::from_secs(60), "", "", &request));
        assert_eq!(cache.entries.len(), 0);
        Ok(())
    }
}
