//! What the core sees of a request.

use std::cell::Cell;
use std::ops::ControlFlow;

use ::http::Request;
use ::http::header::{self, GetAll, HeaderMap, HeaderName, HeaderValue};

use crate::protocol::request::{Lines, RequestField, RequestHead};

static PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl<B> RequestHead for Request<B> {
    fn method(&self) -> &str {
        self.method().as_str()
    }

    fn path(&self) -> &str {
        self.uri().path()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        if field == RequestField::Host
            && let Some(authority) = self.uri().authority()
        {
            // One value: there is nothing to break off.
            let _ = visit(authority.as_str().as_bytes());
            return;
        }
        for line in lines(self.headers(), field) {
            if visit(line.as_bytes()).is_break() {
                return;
            }
        }
    }

    #[inline]
    fn lines(&self, field: RequestField<'_>) -> Lines<'_> {
        match self.uri().authority() {
            Some(authority) if field == RequestField::Host => {
                Lines::One(authority.as_str().as_bytes())
            }
            _ => Lines::count(
                lines(self.headers(), field)
                    .iter()
                    .map(HeaderValue::as_bytes),
            ),
        }
    }
}

#[inline]
pub(super) fn lines<'a>(
    headers: &'a HeaderMap,
    field: RequestField<'_>,
) -> GetAll<'a, HeaderValue> {
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
        RequestField::Declared(name) => headers.get_all(name),
    }
}

/// A request's head, which keeps the origin at hand once it was looked up.
pub(super) struct Head<'a, A> {
    request: &'a Request<A>,
    origin: Cell<Option<&'a HeaderValue>>,
}

impl<'a, A> Head<'a, A> {
    #[inline]
    pub(super) const fn of(request: &'a Request<A>) -> Self {
        Self {
            request,
            origin: Cell::new(None),
        }
    }

    /// The last line of `Origin`, once the lines were asked for.
    pub(super) const fn origin(&self) -> Option<&'a HeaderValue> {
        self.origin.get()
    }
}

impl<A> RequestHead for Head<'_, A> {
    fn method(&self) -> &str {
        RequestHead::method(self.request)
    }

    fn path(&self) -> &str {
        self.request.path()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        self.request.each_line(field, visit);
    }

    #[inline]
    fn lines(&self, field: RequestField<'_>) -> Lines<'_> {
        if field != RequestField::Origin {
            return self.request.lines(field);
        }
        let values = self.request.headers().get_all(header::ORIGIN).iter();
        let values = values.inspect(|value| self.origin.set(Some(value)));
        Lines::count(values.map(HeaderValue::as_bytes))
    }
}
