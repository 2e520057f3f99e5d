//! [`Browser`]: one cross-origin `fetch()` from end to end.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use super::{
    CorsCheckError, Credentials, HeaderList, Preflight, PreflightCache, PreflightCheckError,
    Request, cors_check, exposed_header_names, preflight_check,
};

/// A browser that asks where it must, sends, and gives the script what it may read.
///
/// [HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch). The
/// [module](crate::browser) has an example.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    cache: PreflightCache,
}

impl Browser {
    /// Makes a browser that remembers nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self::with_cache(PreflightCache::new())
    }

    /// Makes a browser with this cache, such as one that limits the age of its entries.
    #[must_use]
    pub const fn with_cache(cache: PreflightCache) -> Self {
        Self { cache }
    }

    /// Fetches `url` from a page of `page_origin` (as the browser serializes it, or `null`). The
    /// URL is of another origin; `now` is the time since any fixed start.
    ///
    /// `send` is the network and the server. It is called for the preflight, if one is needed,
    /// and then for the request itself, if that may be sent.
    ///
    /// # Errors
    ///
    /// Returns the reason why the script gets a network error instead of a response.
    pub fn fetch(
        &mut self,
        now: Duration,
        page_origin: &str,
        url: &str,
        request: &Request,
        mut send: impl FnMut(&SentRequest) -> Response,
    ) -> Result<FilteredResponse, NetworkError> {
        let outcome = self
            .ask(now, page_origin, url, request, &mut send)
            .map_err(NetworkError::Preflight)
            .and_then(|()| {
                let response = send(&SentRequest::actual(page_origin, url, request));
                read(page_origin, request, response)
            });
        // Main fetch: where a preflight is needed, a failure also clears the cache.
        if matches!(
            outcome,
            Err(NetworkError::Preflight(_) | NetworkError::Response(_))
        ) && request.preflight().is_some()
        {
            self.cache.clear(page_origin, url);
        }
        outcome
    }

    /// Sends the preflight, unless none is needed or what it grants is remembered.
    fn ask(
        &mut self,
        now: Duration,
        page_origin: &str,
        url: &str,
        request: &Request,
        send: &mut impl FnMut(&SentRequest) -> Response,
    ) -> Result<(), PreflightCheckError> {
        let Some(preflight) = request.preflight() else {
            return Ok(());
        };
        if self.cache.covers(now, page_origin, url, request) {
            return Ok(());
        }
        let response = send(&SentRequest::preflight(page_origin, url, &preflight));
        let granted = preflight_check(page_origin, request, response.status, &response.headers)?;
        self.cache.store(now, url, granted);
        Ok(())
    }
}

/// A request that a [`Browser`] sends, as far as CORS goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRequest {
    method: String,
    url: String,
    headers: HeaderList,
    is_preflight: bool,
    has_credentials: bool,
}

impl SentRequest {
    pub(crate) fn preflight(origin: &str, url: &str, preflight: &Preflight) -> Self {
        let mut headers = HeaderList::from_iter([
            ("Accept", "*/*"),
            ("Access-Control-Request-Method", preflight.request_method()),
        ]);
        if let Some(names) = preflight.request_headers() {
            headers.append("Access-Control-Request-Headers", names);
        }
        headers.append("Origin", origin);
        Self {
            method: "OPTIONS".to_owned(),
            url: url.to_owned(),
            headers,
            is_preflight: true,
            has_credentials: false,
        }
    }

    pub(crate) fn actual(origin: &str, url: &str, request: &Request) -> Self {
        let mut sent = Self::without_origin(url, request);
        sent.headers.append("Origin", origin);
        sent
    }

    /// Makes the request as a browser sends it where it is no CORS request.
    pub(crate) fn without_origin(url: &str, request: &Request) -> Self {
        Self {
            method: request.method().to_owned(),
            url: url.to_owned(),
            headers: request.headers().clone(),
            is_preflight: false,
            has_credentials: request.credentials_mode() == Credentials::Include,
        }
    }

    /// Returns the method, which is `OPTIONS` for a preflight.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the URL, as it was given to [`Browser::fetch`].
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the script's own headers and `Origin`, or the headers of a preflight.
    #[must_use]
    pub const fn headers(&self) -> &HeaderList {
        &self.headers
    }

    /// Returns whether this is a preflight, which the browser sends on its own ahead of the
    /// script's request.
    #[must_use]
    pub const fn is_preflight(&self) -> bool {
        self.is_preflight
    }

    /// Returns whether a browser would add its cookies for the URL, which it never does to a
    /// preflight.
    #[must_use]
    pub const fn has_credentials(&self) -> bool {
        self.has_credentials
    }
}

/// A server's response, without the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    status: u16,
    headers: HeaderList,
}

impl Response {
    /// Makes a response without headers.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self {
            status,
            headers: HeaderList::new(),
        }
    }

    /// Returns the status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderList {
        &self.headers
    }

    /// Returns the headers, to be changed.
    #[must_use]
    pub const fn headers_mut(&mut self) -> &mut HeaderList {
        &mut self.headers
    }
}

/// The part of a response that a script may read.
///
/// [CORS filtered response](https://fetch.spec.whatwg.org/#concept-filtered-response-cors)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilteredResponse {
    status: u16,
    headers: HeaderList,
}

impl FilteredResponse {
    /// Returns the status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns the headers that are exposed.
    #[must_use]
    pub const fn headers(&self) -> &HeaderList {
        &self.headers
    }
}

/// A network error: the reason why a script gets no response.
///
/// [Network error](https://fetch.spec.whatwg.org/#concept-network-error)
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkError {
    /// The response to the preflight does not let the request be sent, so it was not.
    Preflight(PreflightCheckError),
    /// The page may not read the response to the request, which the server has handled by now.
    Response(CorsCheckError),
    /// A redirect, which this model does not follow.
    Redirect {
        /// The status.
        status: u16,
    },
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Preflight(error) => write!(f, "the preflight failed: {error}"),
            Self::Response(error) => write!(f, "the response can't be read: {error}"),
            Self::Redirect { status } => write!(
                f,
                "the response is a redirect ({status}), which this model does not follow; fetch \
                 the final URL"
            ),
        }
    }
}

impl Error for NetworkError {}

fn read(
    origin: &str,
    request: &Request,
    response: Response,
) -> Result<FilteredResponse, NetworkError> {
    let credentials = request.credentials_mode();
    let Response { status, headers } = response;
    cors_check(origin, credentials, &headers).map_err(NetworkError::Response)?;
    // HTTP-redirect fetch: without a location it is a response like any other.
    if matches!(status, 301 | 302 | 303 | 307 | 308) && headers.get("location").is_some() {
        return Err(NetworkError::Redirect { status });
    }
    let exposed = exposed_header_names(credentials, &headers);
    let is_exposed = |name: &str| exposed.binary_search(&name.to_ascii_lowercase()).is_ok();
    Ok(FilteredResponse {
        status,
        headers: headers
            .iter()
            .filter(|(name, _)| is_exposed(name))
            .collect(),
    })
}
