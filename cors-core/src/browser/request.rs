//! [`Request`]: a request as a script hands it to `fetch()`.

use std::error::Error;
use std::fmt;

use super::blank::{is_whitespace, trim};
use super::forbidden::is_forbidden_request_header;
use super::safelist::unsafe_headers;
use super::{HeaderList, Preflight, PreflightReason};
use crate::protocol::escape::Quoted;
use crate::protocol::token::{
    is_forbidden_method, is_safelisted_method, is_token, normalize_method,
};

/// A credentials mode: whether a script wants cookies and other credentials to be sent, and to read
/// the response all the same.
///
/// All requests here are cross-origin, so the first two are alike.
///
/// [Credentials mode](https://fetch.spec.whatwg.org/#concept-request-credentials-mode)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the three credentials modes of the standard"
)]
pub enum Credentials {
    /// `credentials: "omit"`.
    Omit,
    /// `credentials: "same-origin"`, the default of `fetch()`.
    #[default]
    SameOrigin,
    /// `credentials: "include"`, or `withCredentials` of an `XMLHttpRequest`.
    Include,
}

/// A request as a script hands it to `fetch()` or to an `XMLHttpRequest`.
///
/// The headers are the whole list: none is added for a body. The model does not check whether the
/// method can have a body.
///
/// ```
/// use cors_core::browser::{Credentials, Request};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let request = Request::new("delete")?
///     .header("X-Why", "spam")?
///     .header("Cookie", "dropped by every browser")?
///     .credentials(Credentials::Include);
/// assert_eq!(request.method(), "DELETE");
/// assert_eq!(request.headers().iter().count(), 1);
/// let reasons: Vec<_> = request.needs_preflight().iter().map(ToString::to_string).collect();
/// assert_eq!(reasons, ["method DELETE", "header x-why"]);
/// # Ok(())
/// # }
/// ```
///
/// [The `Request` class](https://fetch.spec.whatwg.org/#request-class)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    method: String,
    headers: HeaderList,
    credentials: Credentials,
    upload_listener: bool,
    stream_body: bool,
}

impl Request {
    /// Makes a request with this method: DELETE, GET, HEAD, OPTIONS, POST and PUT in any case,
    /// every other one as it is spelled.
    ///
    /// # Errors
    ///
    /// Returns [`RequestError::Method`] or [`RequestError::ForbiddenMethod`], where the `Request`
    /// constructor throws.
    pub fn new(method: &str) -> Result<Self, RequestError> {
        if !is_token(method.as_bytes()) {
            return Err(RequestError::Method {
                method: method.to_owned(),
            });
        }
        if is_forbidden_method(method.as_bytes()) {
            return Err(RequestError::ForbiddenMethod {
                method: method.to_owned(),
            });
        }
        Ok(Self {
            method: normalize_method(method).to_owned(),
            headers: HeaderList::new(),
            credentials: Credentials::default(),
            upload_listener: false,
            stream_body: false,
        })
    }

    /// Adds a header line, as `Headers.append()` does: whitespace around the value is removed,
    /// and a [forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header)
    /// is silently left out.
    ///
    /// An `XMLHttpRequest` joins repeated names into one line; here they stay apart.
    ///
    /// # Errors
    ///
    /// Returns [`RequestError::HeaderName`] or [`RequestError::HeaderValue`], where `append()`
    /// throws.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Result<Self, RequestError> {
        if !is_token(name.as_bytes()) {
            return Err(RequestError::HeaderName {
                name: name.to_owned(),
            });
        }
        let value = trim(value.as_ref(), is_whitespace);
        if let Some(&byte) = value.iter().find(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
            return Err(RequestError::HeaderValue {
                name: name.to_owned(),
                byte,
            });
        }
        if !is_forbidden_request_header(name, value) {
            self.headers.append(name, value);
        }
        Ok(self)
    }

    /// Sets the credentials mode.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Sets whether a listener is registered on `XMLHttpRequest.upload`.
    #[must_use]
    pub fn upload_listener(mut self, registered: bool) -> Self {
        self.upload_listener = registered;
        self
    }

    /// Sets whether the body is a `ReadableStream`.
    #[must_use]
    pub fn stream_body(mut self, streamed: bool) -> Self {
        self.stream_body = streamed;
        self
    }

    /// Returns the method, as it is sent.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the script's headers, without the forbidden ones.
    #[must_use]
    pub const fn headers(&self) -> &HeaderList {
        &self.headers
    }

    /// Returns the credentials mode.
    #[must_use]
    pub const fn credentials_mode(&self) -> Credentials {
        self.credentials
    }

    /// Returns the reasons why the browser asks the server first; empty for a simple request.
    ///
    /// The method comes first, then the headers sorted by name, each name once, then the upload
    /// listener and the stream.
    #[must_use]
    pub fn needs_preflight(&self) -> Vec<PreflightReason> {
        let mut reasons = Vec::new();
        if !is_safelisted_method(self.method.as_bytes()) {
            reasons.push(PreflightReason::Method {
                method: self.method.clone(),
            });
        }
        reasons.extend(unsafe_headers(&self.headers));
        if self.upload_listener {
            reasons.push(PreflightReason::UploadListener);
        }
        if self.stream_body {
            reasons.push(PreflightReason::StreamBody);
        }
        reasons
    }

    /// Returns the preflight that the browser sends first; `None` for a simple request.
    #[must_use]
    pub fn preflight(&self) -> Option<Preflight> {
        Preflight::of(self)
    }

    /// Returns the
    /// [use-CORS-preflight flag](https://fetch.spec.whatwg.org/#use-cors-preflight-flag).
    pub(super) const fn uses_preflight_flag(&self) -> bool {
        self.upload_listener || self.stream_body
    }

    /// Returns the CORS-unsafe request-header names: lower-cased, sorted, without repeats.
    pub(super) fn unsafe_header_names(&self) -> Vec<String> {
        unsafe_headers(&self.headers)
            .iter()
            .filter_map(PreflightReason::header)
            .map(str::to_owned)
            .collect()
    }
}

/// The reason why `fetch()` throws a `TypeError`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// The method is not a token.
    Method {
        /// The method.
        method: String,
    },
    /// The method is CONNECT, TRACE or TRACK.
    ForbiddenMethod {
        /// The method.
        method: String,
    },
    /// A header's name is not a token.
    HeaderName {
        /// The name.
        name: String,
    },
    /// A header's value has a byte that no header can have.
    HeaderValue {
        /// The header's name.
        name: String,
        /// The byte: NUL, CR or LF.
        byte: u8,
    },
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method { method } => write!(
                f,
                "{} is not a method; write a token such as GET",
                Quoted(method.as_bytes())
            ),
            Self::ForbiddenMethod { method } => write!(
                f,
                "{} is a method that no script can use; write any but CONNECT, TRACE and TRACK",
                Quoted(method.as_bytes())
            ),
            Self::HeaderName { name } => write!(
                f,
                "{} is not a header name; write a token such as X-Request-Id",
                Quoted(name.as_bytes())
            ),
            Self::HeaderValue { name, byte } => write!(
                f,
                "the value of the header {} has the byte 0x{byte:02X}; write it without NUL, CR \
                 and LF",
                Quoted(name.as_bytes())
            ),
        }
    }
}

impl Error for RequestError {}
