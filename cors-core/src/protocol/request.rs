//! [`RequestHead`]: what the core needs to see of a request, and which kind of request it is.

use std::ops::ControlFlow;

/// A view of a request's method and header fields, implemented once for each framework.
///
/// An adapter copies nothing: it lends the lines that its framework holds.
///
/// ```
/// use std::ops::ControlFlow;
///
/// use cors_core::{RequestField, RequestHead};
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
    /// The method, in the case in which it was sent.
    fn method(&self) -> &str;

    /// The path of the request's target as it was sent, without the query: nothing in it is
    /// decoded, tidied or folded. `*` where the target is that.
    fn path(&self) -> &str;

    /// Calls `visit` with the value of each line of `field`, in order, until it breaks.
    ///
    /// For [`RequestField::Host`] that is the authority of the request's target where the
    /// protocol gives one (HTTP/2, an absolute-form target), and the `Host` lines otherwise.
    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    );

    /// How many lines `field` has, and the value if there is one. What
    /// [`each_line`](Self::each_line) tells; to be written anew only where a framework knows it
    /// faster.
    fn lines(&self, field: RequestField<'_>) -> Lines<'_> {
        let mut lines = Lines::Absent;
        self.each_line(field, &mut |value| match lines {
            Lines::Absent => {
                lines = Lines::One(value);
                ControlFlow::Continue(())
            }
            Lines::One(_) | Lines::Several => {
                lines = Lines::Several;
                ControlFlow::Break(())
            }
        });
        lines
    }
}

/// A request header that a decision may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestField<'a> {
    /// `Origin`
    Origin,
    /// `Access-Control-Request-Method`
    AccessControlRequestMethod,
    /// `Access-Control-Request-Headers`
    AccessControlRequestHeaders,
    /// `Access-Control-Request-Private-Network`
    AccessControlRequestPrivateNetwork,
    /// `Host`, or what stands for it
    Host,
    /// `Sec-Fetch-Site`
    SecFetchSite,
    /// A header that a predicate declared; the name is lower-case.
    Declared(&'a str),
}

impl<'a> RequestField<'a> {
    /// The field's name in lower case.
    #[must_use]
    pub const fn name(self) -> &'a str {
        match self {
            Self::Origin => "origin",
            Self::AccessControlRequestMethod => "access-control-request-method",
            Self::AccessControlRequestHeaders => "access-control-request-headers",
            Self::AccessControlRequestPrivateNetwork => "access-control-request-private-network",
            Self::Host => "host",
            Self::SecFetchSite => "sec-fetch-site",
            Self::Declared(name) => name,
        }
    }
}

/// What a request is to the CORS protocol, from the server's side.
///
/// Standard: [CORS request](https://fetch.spec.whatwg.org/#cors-request),
/// [CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestKind {
    /// No `Origin`.
    NotCors,
    /// `OPTIONS` with `Origin` and `Access-Control-Request-Method`, whatever its value.
    Preflight,
    /// Any other request with `Origin`, an `OPTIONS` without `Access-Control-Request-Method`
    /// among them.
    Actual,
}

/// The lines of a field that may have one at most; see [`RequestHead::lines`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines<'a> {
    /// The field is not there.
    Absent,
    /// There is one line, with this value.
    One(&'a [u8]),
    /// There is more than one.
    Several,
}

impl<'a> Lines<'a> {
    /// Counts the lines of a field up to the second.
    #[inline]
    pub fn count(mut values: impl Iterator<Item = &'a [u8]>) -> Self {
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => Self::One(value),
            (Some(_), Some(_)) => Self::Several,
        }
    }

    /// The value, if it is the only one.
    #[must_use]
    pub const fn one(self) -> Option<&'a [u8]> {
        match self {
            Self::One(value) => Some(value),
            Self::Absent | Self::Several => None,
        }
    }
}
