//! [`RequestView`]: the core's view of a request's parts.

use std::cell::Cell;
use std::fmt;
use std::ops::ControlFlow;

use super::header_types::{HeaderTypes, RequestParts};
use crate::protocol::field::RequestField;
use crate::protocol::request::{FieldValue, RequestHead};

/// A view of a framework's request, for every method of [`Policy`](crate::Policy) that takes one,
/// and for [`PreparedPolicies::begin`](super::PreparedPolicies::begin).
///
/// It borrows, and reads nothing before it is asked.
pub struct RequestView<'a, H: HeaderTypes, R> {
    request: &'a R,
    /// The last line of `Origin`, kept when its lines are read.
    origin: Cell<Option<&'a H::Value>>,
}

impl<'a, H: HeaderTypes, R: RequestParts<H>> RequestView<'a, H, R> {
    /// Makes a view of a request.
    #[inline]
    pub const fn new(request: &'a R) -> Self {
        Self {
            request,
            origin: Cell::new(None),
        }
    }

    pub(super) fn headers(&self) -> &'a H::Map {
        self.request.headers()
    }

    /// Returns the last line of `Origin`, once its lines have been read.
    pub(super) const fn origin(&self) -> Option<&'a H::Value> {
        self.origin.get()
    }
}

impl<H: HeaderTypes, R: RequestParts<H>> RequestHead for RequestView<'_, H, R> {
    fn method(&self) -> &str {
        self.request.method()
    }

    fn path(&self) -> &str {
        self.request.path()
    }

    fn authority(&self) -> Option<&str> {
        self.request.authority()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        for line in H::request_lines(self.request.headers(), field) {
            if visit(H::as_bytes(line)).is_break() {
                return;
            }
        }
    }

    #[inline]
    fn field(&self, field: RequestField<'_>) -> FieldValue<'_> {
        let headers = self.request.headers();
        if field != RequestField::Origin {
            return FieldValue::from_lines(H::request_lines(headers, field).map(H::as_bytes));
        }
        // Written out, so that the look-up is compiled for this name.
        let lines = H::request_lines(headers, RequestField::Origin);
        let lines = lines.inspect(|line| self.origin.set(Some(line)));
        FieldValue::from_lines(lines.map(H::as_bytes))
    }
}

impl<H: HeaderTypes, R> fmt::Debug for RequestView<'_, H, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestView").finish_non_exhaustive()
    }
}
