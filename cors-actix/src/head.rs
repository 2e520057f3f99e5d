//! What the core sees of a request.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::slice;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use cors_core::{Lines, RequestField, RequestHead};

static PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A request's head, which keeps the origin at hand once it was looked up.
pub(crate) struct Head<'r> {
    request: &'r ServiceRequest,
    origin: Cell<Option<&'r HeaderValue>>,
}

impl<'r> Head<'r> {
    pub(crate) const fn of(request: &'r ServiceRequest) -> Self {
        Self {
            request,
            origin: Cell::new(None),
        }
    }

    /// The last line of `Origin`, once the lines were asked for.
    pub(crate) const fn origin(&self) -> Option<&'r HeaderValue> {
        self.origin.get()
    }
}

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.request.method().as_str()
    }

    fn path(&self) -> &str {
        self.request.uri().path()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        if field == RequestField::Host
            && let Some(authority) = self.request.uri().authority()
        {
            // One value: there is nothing to break off.
            let _ = visit(authority.as_str().as_bytes());
            return;
        }
        for line in lines(self.request.headers(), field) {
            if visit(line.as_bytes()).is_break() {
                return;
            }
        }
    }

    #[inline]
    fn lines(&self, field: RequestField<'_>) -> Lines<'_> {
        if field == RequestField::Host
            && let Some(authority) = self.request.uri().authority()
        {
            return Lines::One(authority.as_str().as_bytes());
        }
        let values = lines(self.request.headers(), field).inspect(|value| {
            if field == RequestField::Origin {
                self.origin.set(Some(value));
            }
        });
        Lines::count(values.map(HeaderValue::as_bytes))
    }
}

#[inline]
pub(crate) fn lines<'a>(
    headers: &'a HeaderMap,
    field: RequestField<'_>,
) -> slice::Iter<'a, HeaderValue> {
    match field {
        RequestField::Origin => headers.get_all(header::ORIGIN),
        RequestField::AccessControlRequestMethod => {
            headers.get_all(header::ACCESS_CONTROL_REQUEST_METHOD)
        }
        RequestField::AccessControlRequestHeaders => {
            headers.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS)
        }
        RequestField::AccessControlRequestPrivateNetwork => headers.get_all(&PRIVATE_NETWORK),
        RequestField::Host => headers.get_all(header::HOST),
        RequestField::SecFetchSite => headers.get_all(&SEC_FETCH_SITE),
        _ => headers.get_all(field.name()),
    }
}
