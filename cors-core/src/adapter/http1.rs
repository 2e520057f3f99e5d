//! [`Http1`]: version 1 of the `http` crate, which axum, warp, hyper, tonic and every tower stack
//! use.

use std::ops::ControlFlow;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::Authority;
use http::{Request, Response, request};

use super::header_types::{HeaderTypes, RequestParts, ResponseParts};
use crate::policy::setting_text::SettingText;
use crate::protocol::field::{RequestField, ResponseField};
use crate::protocol::request::RequestHead;

/// A marker for the header types of the `http` crate, version 1.
#[derive(Debug)]
#[non_exhaustive]
pub struct Http1;

static REQUEST_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
static ALLOW_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-allow-private-network");

impl HeaderTypes for Http1 {
    type Map = HeaderMap;
    type Value = HeaderValue;

    fn with_capacity(lines: usize) -> HeaderMap {
        HeaderMap::with_capacity(lines)
    }

    #[inline(always)]
    fn from_static(text: &'static str) -> HeaderValue {
        // The others are looked through at run time, unless the compiler sees a constant there.
        match text {
            "Origin" => const { HeaderValue::from_static("Origin") },
            "true" => const { HeaderValue::from_static("true") },
            "*" => const { HeaderValue::from_static("*") },
            _ => HeaderValue::from_static(text),
        }
    }

    fn from_ascii(text: &str) -> HeaderValue {
        let value = HeaderValue::from_str(text)
            .expect("a policy's texts are tokens, digits, commas and spaces");
        // The first clone of a parsed value allocates; every later one only counts.
        value.clone()
    }

    fn from_string(text: String) -> HeaderValue {
        HeaderValue::try_from(text).expect("the names of headers are tokens")
    }

    #[inline]
    fn as_bytes(value: &HeaderValue) -> &[u8] {
        value.as_bytes()
    }

    #[inline]
    fn names(map: &HeaderMap) -> impl Iterator<Item = &str> {
        map.keys().map(HeaderName::as_str)
    }

    // Always, so that a constant field leaves one look-up of the match.
    #[inline(always)]
    fn request_lines<'a>(
        map: &'a HeaderMap,
        field: RequestField<'_>,
    ) -> impl Iterator<Item = &'a HeaderValue> + use<'a> {
        let lines = match field {
            RequestField::Origin => map.get_all(header::ORIGIN),
            RequestField::AccessControlRequestMethod => {
                map.get_all(header::ACCESS_CONTROL_REQUEST_METHOD)
            }
            RequestField::AccessControlRequestHeaders => {
                map.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS)
            }
            RequestField::AccessControlRequestPrivateNetwork => {
                map.get_all(&REQUEST_PRIVATE_NETWORK)
            }
            RequestField::Host => map.get_all(header::HOST),
            RequestField::SecFetchSite => map.get_all(&SEC_FETCH_SITE),
            RequestField::Declared(name) => map.get_all(name),
        };
        lines.into_iter()
    }

    #[inline]
    fn response_lines(map: &HeaderMap, field: ResponseField) -> impl Iterator<Item = &HeaderValue> {
        map.get_all(name(field)).into_iter()
    }

    #[inline]
    fn insert(map: &mut HeaderMap, field: ResponseField, value: HeaderValue) {
        map.insert(name(field), value);
    }

    #[inline]
    fn replace_first(map: &mut HeaderMap, field: ResponseField, value: HeaderValue) {
        debug_assert_eq!(map.keys().next(), Some(&name(field)), "it is the first");
        if let Some(first) = map.values_mut().next() {
            *first = value;
        }
    }

    #[inline]
    fn append(map: &mut HeaderMap, field: ResponseField, value: HeaderValue) {
        map.append(name(field), value);
    }

    #[inline]
    fn remove(map: &mut HeaderMap, field: ResponseField) {
        map.remove(name(field));
    }
}

#[inline]
fn name(field: ResponseField) -> HeaderName {
    match field {
        ResponseField::AccessControlAllowOrigin => header::ACCESS_CONTROL_ALLOW_ORIGIN,
        ResponseField::AccessControlAllowCredentials => header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        ResponseField::AccessControlAllowMethods => header::ACCESS_CONTROL_ALLOW_METHODS,
        ResponseField::AccessControlAllowHeaders => header::ACCESS_CONTROL_ALLOW_HEADERS,
        ResponseField::AccessControlMaxAge => header::ACCESS_CONTROL_MAX_AGE,
        ResponseField::AccessControlAllowPrivateNetwork => ALLOW_PRIVATE_NETWORK.clone(),
        ResponseField::AccessControlExposeHeaders => header::ACCESS_CONTROL_EXPOSE_HEADERS,
        ResponseField::Vary => header::VARY,
        ResponseField::CacheControl => header::CACHE_CONTROL,
    }
}

impl<B> RequestParts<Http1> for Request<B> {
    #[inline]
    fn method(&self) -> &str {
        self.method().as_str()
    }

    #[inline]
    fn path(&self) -> &str {
        self.uri().path()
    }

    #[inline]
    fn authority(&self) -> Option<&str> {
        self.uri().authority().map(Authority::as_str)
    }

    #[inline]
    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}

impl RequestParts<Http1> for request::Parts {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn path(&self) -> &str {
        self.uri.path()
    }

    fn authority(&self) -> Option<&str> {
        self.uri.authority().map(Authority::as_str)
    }

    fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

impl<B> ResponseParts<Http1> for Response<B> {
    #[inline]
    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }

    #[inline]
    fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.extensions().get().cloned()
    }

    #[inline]
    fn insert_extension<T: Clone + Send + Sync + 'static>(&mut self, extension: T) {
        self.extensions_mut().insert(extension);
    }
}

/// Implements `RequestHead` for a request itself, so that `policy.explain(&request)` works.
macro_rules! request_head {
    ($request:ty $(, $body:ident)?) => {
        impl$(<$body>)? RequestHead for $request {
            fn method(&self) -> &str {
                RequestParts::method(self)
            }

            fn path(&self) -> &str {
                RequestParts::path(self)
            }

            fn authority(&self) -> Option<&str> {
                RequestParts::authority(self)
            }

            fn each_line<'a>(
                &'a self,
                field: RequestField<'_>,
                visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
            ) {
                for line in Http1::request_lines(RequestParts::headers(self), field) {
                    if visit(line.as_bytes()).is_break() {
                        return;
                    }
                }
            }
        }
    };
}

request_head!(Request<B>, B);
request_head!(request::Parts);

/// A value that is not UTF-8 becomes a text that no setting accepts.
impl SettingText<Http1> for HeaderValue {
    fn to_setting(&self) -> String {
        String::from_utf8_lossy(self.as_bytes()).into_owned()
    }
}

impl SettingText<Http1> for &HeaderValue {
    fn to_setting(&self) -> String {
        HeaderValue::to_setting(self)
    }
}
