//! The types of the `http` crate, for an engine that writes each answer when it is needed.

use cors_core::adapter::{
    HeaderTypes, Http1, RequestField, RequestParts, ResponseField, ResponseParts,
};
use http::{HeaderMap, HeaderValue, Request, Response};

pub(crate) struct Unprepared;

impl HeaderTypes for Unprepared {
    type Map = HeaderMap;
    type Value = HeaderValue;

    const PREPARES_ANSWERS: bool = false;

    fn from_static(text: &'static str) -> HeaderValue {
        Http1::from_static(text)
    }

    fn from_ascii(text: &str) -> HeaderValue {
        Http1::from_ascii(text)
    }

    fn as_bytes(value: &HeaderValue) -> &[u8] {
        Http1::as_bytes(value)
    }

    fn names(map: &HeaderMap) -> impl Iterator<Item = &str> {
        Http1::names(map)
    }

    fn request_lines<'a>(
        map: &'a HeaderMap,
        field: RequestField<'_>,
    ) -> impl Iterator<Item = &'a HeaderValue> + use<'a> {
        Http1::request_lines(map, field)
    }

    fn response_lines(map: &HeaderMap, field: ResponseField) -> impl Iterator<Item = &HeaderValue> {
        Http1::response_lines(map, field)
    }

    fn insert(map: &mut HeaderMap, field: ResponseField, value: HeaderValue) {
        Http1::insert(map, field, value);
    }

    fn append(map: &mut HeaderMap, field: ResponseField, value: HeaderValue) {
        Http1::append(map, field, value);
    }

    fn remove(map: &mut HeaderMap, field: ResponseField) {
        Http1::remove(map, field);
    }
}

impl<B> RequestParts<Unprepared> for Request<B> {
    fn method(&self) -> &str {
        RequestParts::<Http1>::method(self)
    }

    fn path(&self) -> &str {
        RequestParts::<Http1>::path(self)
    }

    fn authority(&self) -> Option<&str> {
        RequestParts::<Http1>::authority(self)
    }

    fn headers(&self) -> &HeaderMap {
        self.headers()
    }
}

impl<B> ResponseParts<Unprepared> for Response<B> {
    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }

    fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        ResponseParts::<Http1>::extension(self)
    }

    fn insert_extension<T: Clone + Send + Sync + 'static>(&mut self, extension: T) {
        ResponseParts::<Http1>::insert_extension(self, extension);
    }
}
