//! actix-web's header types, requests and responses, for the engine of the core.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::uri::Authority;
use actix_web::{HttpRequest, HttpResponse};
use cors_core::adapter::{
    self, HeaderTypes, RequestField, RequestParts, ResponseField, ResponseParts, SettingText,
};

/// A marker for the header types of actix-web.
#[derive(Debug)]
#[non_exhaustive]
pub struct Actix;

/// A view of a request, for every method of [`Policy`](crate::Policy) that takes one.
///
/// ```
/// use actix_web::HttpRequest;
/// use cors_actix::{Policy, RequestView};
///
/// /// Tells whether a page of another origin that the policy does not allow opens a WebSocket.
/// async fn is_foreign(policy: &Policy, handshake: &HttpRequest) -> bool {
///     let decision = policy.evaluate(&RequestView::new(handshake)).await;
///     decision.refusal().is_some() && !decision.is_same_origin()
/// }
/// ```
pub type RequestView<'a, R = ServiceRequest> = adapter::RequestView<'a, Actix, R>;

static REQUEST_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
static ALLOW_PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-allow-private-network");

impl HeaderTypes for Actix {
    type Map = HeaderMap;
    type Value = HeaderValue;

    // A response comes with a map that has room, which a clone would give up.
    const PREPARES_ANSWERS: bool = false;

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
        match field {
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
            _ => map.get_all(field.name()),
        }
    }

    #[inline]
    fn response_lines(map: &HeaderMap, field: ResponseField) -> impl Iterator<Item = &HeaderValue> {
        map.get_all(name(field))
    }

    #[inline]
    fn insert(map: &mut HeaderMap, field: ResponseField, value: HeaderValue) {
        map.insert(name(field), value);
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
        _ => HeaderName::from_static(field.name()),
    }
}

/// Lends the parts of a request that middleware or a handler has.
macro_rules! request_parts {
    ($request:ty) => {
        impl RequestParts<Actix> for $request {
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
    };
}

request_parts!(ServiceRequest);
request_parts!(HttpRequest);

impl<B> ResponseParts<Actix> for HttpResponse<B> {
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

/// A value that is not UTF-8 becomes a text that no setting accepts.
impl SettingText<Actix> for HeaderValue {
    fn to_setting(&self) -> String {
        String::from_utf8_lossy(self.as_bytes()).into_owned()
    }
}

impl SettingText<Actix> for &HeaderValue {
    fn to_setting(&self) -> String {
        HeaderValue::to_setting(self)
    }
}
