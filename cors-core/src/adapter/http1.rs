//! How a decision reaches a response.

use ::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::request_view::lines;
use crate::evaluate::apply::{ResponseField, ResponseHead};
use crate::protocol::value::{Value, ValueTable};

static PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-allow-private-network");

/// A response's headers, with what their values are made of.
pub(super) struct Reply<'a> {
    pub(super) values: &'a ValueTable<HeaderValue>,
    pub(super) origin: &'a mut Option<HeaderValue>,
    /// The preflight's lines.
    pub(super) preflight: Option<&'a HeaderMap>,
    pub(super) headers: &'a mut HeaderMap,
}

impl ResponseHead for Reply<'_> {
    #[inline]
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        for name in self.headers.keys() {
            visit(name.as_str());
        }
    }

    #[inline]
    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        for line in self.headers.get_all(name(field)) {
            visit(line.as_bytes());
        }
    }

    #[inline]
    fn set(&mut self, field: ResponseField, value: Value) {
        if let Some(value) = self.values.get(value) {
            self.headers.insert(name(field), value.clone());
        } else if field == ResponseField::AccessControlAllowOrigin {
            if let Some(origin) = self.origin.take() {
                self.headers.insert(name(field), origin);
            }
        } else if let Some((preflight, echoed)) = self.preflight.zip(value.echoed()) {
            self.headers.remove(name(field));
            for line in lines(preflight, echoed) {
                self.headers.append(name(field), line.clone());
            }
        }
    }

    #[inline]
    fn append(&mut self, field: ResponseField, value: Value) {
        if let Some(value) = self.values.get(value) {
            self.headers.append(name(field), value.clone());
        }
    }

    #[inline]
    fn remove(&mut self, field: ResponseField) {
        self.headers.remove(name(field));
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
        ResponseField::AccessControlAllowPrivateNetwork => PRIVATE_NETWORK.clone(),
        ResponseField::AccessControlExposeHeaders => header::ACCESS_CONTROL_EXPOSE_HEADERS,
        ResponseField::Vary => header::VARY,
    }
}
