//! [`RequestHead`]: the core's view of a request; [`RequestKind`]: the kinds of request.

use std::ops::ControlFlow;

use super::field::RequestField;

/// A view of a request's head. The core reads nothing else of a request.
///
/// An implementation copies nothing: it lends the lines that its framework holds. More methods may
/// be added in a minor version; they will have defaults.
///
/// ```
/// use std::ops::ControlFlow;
///
/// use cors_core::adapter::{RequestField, RequestHead};
///
/// struct Head {
///     method: String,
///     path: String,
///     lines: Vec<(String, String)>,
/// }
///
/// impl RequestHead for Head {
///     fn method(&self) -> &str {
///         &self.method
///     }
///
///     fn path(&self) -> &str {
///         &self.path
///     }
///
///     fn authority(&self) -> Option<&str> {
///         None // as in most requests over HTTP/1.1, which have a Host line instead
///     }
///
///     fn each_line<'a>(
///         &'a self,
///         field: RequestField<'_>,
///         visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
///     ) {
///         for (name, value) in &self.lines {
///             if name.eq_ignore_ascii_case(field.name()) && visit(value.as_bytes()).is_break() {
///                 return;
///             }
///         }
///     }
/// }
/// ```
pub trait RequestHead {
    /// Returns the method, in the case in which it was sent.
    fn method(&self) -> &str;

    /// Returns whether the method is not the one that was sent, but one that the framework took
    /// from the body, as Rocket takes `_method` of a form.
    ///
    /// A browser asks no preflight for a form, whatever its body. So an actual request from
    /// another origin is then refused, and rejected with 403, where a preflight for the method
    /// would be refused. The default is `false`.
    #[inline]
    fn is_method_overridden(&self) -> bool {
        false
    }

    /// Returns the path of the request's target as it was sent, without the query: nothing in it
    /// is decoded, tidied or folded. Returns `*` where the target is `*`.
    fn path(&self) -> &str;

    /// Returns the authority of the request's target, where the target has one: over HTTP/2
    /// (`:authority`), and in the absolute form of HTTP/1.1.
    fn authority(&self) -> Option<&str>;

    /// Calls `visit` with the value of each line of `field`, in order, until `visit` breaks.
    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    );

    /// Returns the value of a field that may have one line at most.
    ///
    /// The default asks [`each_line`](Self::each_line). Override it only where the framework knows
    /// the value faster.
    fn field(&self, field: RequestField<'_>) -> FieldValue<'_> {
        let mut found = FieldValue::Missing;
        self.each_line(field, &mut |line| match found {
            FieldValue::Missing => {
                found = FieldValue::Single(line);
                ControlFlow::Continue(())
            }
            FieldValue::Single(_) | FieldValue::Multiple => {
                found = FieldValue::Multiple;
                ControlFlow::Break(())
            }
        });
        found
    }
}

/// Returns the host that a request is for: the authority of its target, or else its `Host`
/// ([RFC 9112, 3.2.2](https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2)).
pub(crate) fn host(request: &dyn RequestHead) -> FieldValue<'_> {
    match request.authority() {
        Some(authority) => FieldValue::Single(authority.as_bytes()),
        None => request.field(RequestField::Host),
    }
}

/// The value of a field that may have one line at most; see [`RequestHead::field`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "none, one, more: there is no fourth"
)]
pub enum FieldValue<'a> {
    /// The field is not there.
    Missing,
    /// The field has one line, with this value.
    Single(&'a [u8]),
    /// The field has more than one line.
    Multiple,
}

impl<'a> FieldValue<'a> {
    /// Makes the value of a field from its lines, of which it reads two at most.
    #[inline]
    pub fn from_lines(mut lines: impl Iterator<Item = &'a [u8]>) -> Self {
        match (lines.next(), lines.next()) {
            (None, _) => Self::Missing,
            (Some(line), None) => Self::Single(line),
            (Some(_), Some(_)) => Self::Multiple,
        }
    }

    /// Returns the value, if it is the only one.
    #[must_use]
    pub const fn single(self) -> Option<&'a [u8]> {
        match self {
            Self::Single(value) => Some(value),
            Self::Missing | Self::Multiple => None,
        }
    }
}

/// The kind of a request in the CORS protocol, from the server's side.
///
/// Standard: [CORS request](https://fetch.spec.whatwg.org/#cors-request),
/// [CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestKind {
    /// A request without `Origin`.
    NotCors,
    /// `OPTIONS` with `Origin` and `Access-Control-Request-Method`, whatever its value.
    Preflight,
    /// Any other request with `Origin`. `OPTIONS` without `Access-Control-Request-Method` is one of
    /// them.
    Actual,
}
