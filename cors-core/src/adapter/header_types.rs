//! The interface of the engine to a framework: [`HeaderTypes`], [`RequestParts`],
//! [`ResponseParts`].

use crate::protocol::field::{RequestField, ResponseField};

/// The header types of an HTTP library: what it calls its map and its values, and how they are
/// read and written.
///
/// An adapter implements it for a marker type of its own, since both this trait and the header map
/// are foreign to it. For version 1 of the `http` crate there is
/// [`Http1`](crate::adapter::Http1), with the feature `http`.
///
/// More functions may be added in a minor version; they will have defaults.
pub trait HeaderTypes: Sized + 'static {
    /// The header map of requests and responses.
    type Map: Clone + Default + 'static;
    /// A header value, cheap to clone.
    type Value: Clone + 'static;

    /// Whether the headers of answers are prepared ahead of requests, and cloned for each. Set it to
    /// `false` where a clone of a map costs more than the inserts of a few headers.
    const PREPARES_ANSWERS: bool = true;

    /// Makes an empty map with room for so many lines.
    #[must_use]
    fn with_capacity(lines: usize) -> Self::Map {
        let _ = lines;
        Self::Map::default()
    }

    /// Makes a value of a text of visible ASCII that lives as long as the program.
    fn from_static(text: &'static str) -> Self::Value;

    /// Makes a value of a text of visible ASCII. It is called when a policy is installed, and for a
    /// request only where the response can't repeat a line as it was sent.
    fn from_ascii(text: &str) -> Self::Value;

    /// Makes a value of a text of visible ASCII that was made for one response.
    #[must_use]
    fn from_string(text: String) -> Self::Value {
        Self::from_ascii(&text)
    }

    /// Returns the bytes of a value.
    fn as_bytes(value: &Self::Value) -> &[u8];

    /// Returns the names of all fields, repeated or not.
    fn names(map: &Self::Map) -> impl Iterator<Item = &str>;

    /// Returns the lines of a request field, in order.
    fn request_lines<'a>(
        map: &'a Self::Map,
        field: RequestField<'_>,
    ) -> impl Iterator<Item = &'a Self::Value> + use<'a, Self>;

    /// Returns the lines of a response field, in order.
    fn response_lines(map: &Self::Map, field: ResponseField) -> impl Iterator<Item = &Self::Value>;

    /// Replaces every line of a response field.
    fn insert(map: &mut Self::Map, field: ResponseField, value: Self::Value);

    /// Replaces the value of a response field that has one line, the first of the map.
    fn replace_first(map: &mut Self::Map, field: ResponseField, value: Self::Value) {
        Self::insert(map, field, value);
    }

    /// Adds a line of a response field.
    fn append(map: &mut Self::Map, field: ResponseField, value: Self::Value);

    /// Removes every line of a response field.
    fn remove(map: &mut Self::Map, field: ResponseField);
}

/// The parts of a request that an adapter lends. [`RequestHead`](crate::adapter::RequestHead) says
/// what each must be.
pub trait RequestParts<H: HeaderTypes> {
    /// Returns the method.
    fn method(&self) -> &str;

    /// Returns the path as it was sent.
    fn path(&self) -> &str;

    /// Returns the authority of the request's target, where it has one.
    fn authority(&self) -> Option<&str>;

    /// Returns the headers.
    fn headers(&self) -> &H::Map;
}

/// The parts of a response that an adapter lends.
pub trait ResponseParts<H: HeaderTypes> {
    /// Returns the headers.
    fn headers_mut(&mut self) -> &mut H::Map;

    /// Returns the extension of this type that was put into the response.
    fn extension<T: Clone + Send + Sync + 'static>(&self) -> Option<T>;

    /// Puts an extension into the response, for outer adapters and for logs.
    fn insert_extension<T: Clone + Send + Sync + 'static>(&mut self, extension: T);
}
