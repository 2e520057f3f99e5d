//! [`Call`]: what the page is about to send, as a script would write it.

use cors_core::browser::{Credentials, Request, RequestError};
use serde::Deserialize;

/// What a script hands to `fetch()` or to an `XMLHttpRequest`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    /// Of the page, as the browser serializes it.
    pub(crate) origin: String,
    /// One server; all of them where it is left out.
    #[serde(default)]
    pub(crate) server: Option<String>,
    /// Without a query.
    pub(crate) path: String,
    method: String,
    headers: Vec<(String, String)>,
    credentials: Mode,
    pub(crate) body: Body,
    /// Sent by an `XMLHttpRequest` with a listener on its `upload`.
    upload_listener: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Mode {
    Omit,
    SameOrigin,
    Include,
}

/// What kind of body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Body {
    None,
    Text,
    Form,
    /// A text that the script labels as JSON.
    Json,
    Stream,
}

impl Call {
    /// Returns the request, with the content type that its body implies.
    pub(crate) fn request(&self) -> Result<Request, RequestError> {
        let mut request = Request::new(&self.method)?;
        for (name, value) in &self.headers {
            request = request.header(name, value)?;
        }
        let has_type = request
            .headers()
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let brought = match self.body {
            // An XMLHttpRequest drops the body of a GET, and its type with it; the header that
            // the script itself sets for JSON stays.
            Body::Text | Body::Form if is_bodiless(&request) => None,
            Body::Text => Some("text/plain;charset=UTF-8"),
            Body::Form => Some("application/x-www-form-urlencoded;charset=UTF-8"),
            Body::Json => Some("application/json"),
            Body::None | Body::Stream => None,
        };
        if let Some(media_type) = brought.filter(|_| !has_type) {
            request = request.header("content-type", media_type)?;
        }
        Ok(request
            .credentials(match self.credentials {
                Mode::Omit => Credentials::Omit,
                Mode::SameOrigin => Credentials::SameOrigin,
                Mode::Include => Credentials::Include,
            })
            .upload_listener(self.upload_listener)
            .stream_body(self.body == Body::Stream))
    }

    /// Returns why the script gets an exception although each part can be sent.
    pub(crate) fn throws(&self, request: &Request) -> Option<&'static str> {
        match (self.body, self.upload_listener) {
            (Body::Stream, true) => Some("an XMLHttpRequest can't send a stream; fetch() can"),
            (Body::None, _) | (_, true) => None,
            _ if is_bodiless(request) => {
                Some("fetch() gives a GET or HEAD no body; choose another method, or no body")
            }
            _ => None,
        }
    }

    /// Returns what Chromium is known to do against the standard, whatever the response.
    pub(crate) fn known_difference(&self, request: &Request) -> Option<&'static str> {
        let no_body = self.body == Body::None || is_bodiless(request);
        (self.upload_listener && no_body).then_some(
            "Chromium asks for an upload listener only where there is a body to upload; by the \
             standard the listener is enough.",
        )
    }
}

fn is_bodiless(request: &Request) -> bool {
    matches!(request.method(), "GET" | "HEAD")
}

/// Returns the request that follows a redirect, [as the standard has
/// it](https://fetch.spec.whatwg.org/#http-redirect-fetch): 302 turns a POST into a GET, without
/// the headers of a body.
pub(crate) fn redirected(request: &Request) -> Request {
    let becomes_get = request.method() == "POST";
    let method = if becomes_get { "GET" } else { request.method() };
    let of_body = |name: &str| {
        let name = name.to_ascii_lowercase();
        BODY_HEADERS.contains(&name.as_str())
    };
    let headers = request.headers().iter();
    let kept = headers.filter(|(name, _)| !(becomes_get && of_body(name)));
    let begun = Request::new(method).unwrap_or_else(|_| request.clone());
    kept.fold(begun, |request, (name, value)| {
        request.clone().header(name, value).unwrap_or(request)
    })
    .credentials(request.credentials_mode())
}

/// [Request-body-header names](https://fetch.spec.whatwg.org/#request-body-header-name)
const BODY_HEADERS: [&str; 4] = [
    "content-encoding",
    "content-language",
    "content-location",
    "content-type",
];
