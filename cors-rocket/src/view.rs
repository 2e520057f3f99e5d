//! The core's view of Rocket's requests and responses.

use std::cell::OnceCell;
use std::fmt;
use std::ops::ControlFlow;

use cors_core::adapter::{
    FieldValue, RequestField, RequestHead, ResponseField, ResponseHead, SettingText,
};
use rocket::http::Method;
use rocket::http::uri::Host;
use rocket::{Request, Response};

use crate::form_method;

/// A view of a request, for every method of [`Policy`](crate::Policy) that takes one.
///
/// It knows that the [method is that of a form](crate#security) once the adapter has seen the
/// request: in fairings that follow [`Cors`](crate::Cors), and in handlers.
///
/// ```
/// use cors_rocket::{Policy, RequestView};
/// use rocket::Request;
///
/// /// Tells whether a page of another origin that the policy does not allow opens a WebSocket.
/// async fn is_foreign(policy: &Policy, handshake: &Request<'_>) -> bool {
///     let evaluation = policy.evaluate(&RequestView::new(handshake));
///     let decision = evaluation.await;
///     decision.refusal().is_some() && !decision.is_same_origin()
/// }
/// ```
pub struct RequestView<'r> {
    request: &'r Request<'r>,
    came_as_head: bool,
    /// The target's authority, which Rocket has in parts; it is put together when it is asked for.
    authority: OnceCell<Option<String>>,
    /// `Origin`, which is asked for several times, and stands in a hash table.
    origin: OnceCell<FieldValue<'r>>,
}

impl<'r> RequestView<'r> {
    /// Makes a view of a request.
    #[must_use]
    pub const fn new(request: &'r Request<'r>) -> Self {
        Self {
            request,
            came_as_head: false,
            authority: OnceCell::new(),
            origin: OnceCell::new(),
        }
    }

    /// Makes a view of a request that came with the method HEAD, of which Rocket may have made a
    /// GET.
    pub(crate) fn of_head(request: &'r Request<'r>) -> Self {
        Self {
            came_as_head: true,
            ..Self::new(request)
        }
    }
}

impl RequestHead for RequestView<'_> {
    fn method(&self) -> &str {
        match self.request.method() {
            Method::Get if self.came_as_head => Method::Head.as_str(),
            method => method.as_str(),
        }
    }

    fn is_method_overridden(&self) -> bool {
        form_method::is_noted(self.request)
    }

    fn path(&self) -> &str {
        self.request.uri().path().as_str()
    }

    fn authority(&self) -> Option<&str> {
        let authority = self.authority.get_or_init(|| {
            let host = self.request.host()?;
            // Over HTTP/1.1 Rocket's host is the first Host line: it drops that of an absolute target.
            // Over HTTP/2 it is `:authority`, whatever Host says. Rocket does not tell which of the
            // two it was.
            let line = self.request.headers().get_one("host");
            let is_of_line = line.is_some_and(|line| {
                is_text_of(line, host) || Host::parse(line).is_ok_and(|of_line| of_line == *host)
            });
            (!is_of_line).then(|| host.to_string())
        });
        authority.as_deref()
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        for line in self.request.headers().get(field.name()) {
            if visit(line.as_bytes()).is_break() {
                return;
            }
        }
    }

    fn field(&self, field: RequestField<'_>) -> FieldValue<'_> {
        let find = || {
            let lines = self.request.headers().get(field.name());
            FieldValue::from_lines(lines.map(str::as_bytes))
        };
        match field {
            RequestField::Origin => *self.origin.get_or_init(find),
            _ => find(),
        }
    }
}

/// Returns whether a line is the very text of a host, as it nearly always is: to parse it takes far
/// longer than to compare.
fn is_text_of(line: &str, host: &Host<'_>) -> bool {
    match (line.strip_prefix(host.domain().as_str()), host.port()) {
        (Some(rest), None) => rest.is_empty(),
        (Some(rest), Some(port)) => rest
            .strip_prefix(':')
            .is_some_and(|digits| !digits.starts_with(['0', '+']) && digits.parse() == Ok(port)),
        (None, _) => false,
    }
}

impl fmt::Debug for RequestView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestView").finish_non_exhaustive()
    }
}

/// A response, whose header values are borrowed from what was kept with the request.
pub(crate) struct ResponseWriter<'a, 'r>(pub(crate) &'a mut Response<'r>);

impl<'r> ResponseHead<'r> for ResponseWriter<'_, 'r> {
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        for header in self.0.headers().iter() {
            visit(header.name().as_str());
        }
    }

    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        for line in self.0.headers().get(field.name()) {
            visit(line.as_bytes());
        }
    }

    fn set(&mut self, field: ResponseField, value: &'r str) {
        self.0.set_raw_header(field.name(), value);
    }

    fn set_owned(&mut self, field: ResponseField, value: String) {
        self.0.set_raw_header(field.name(), value);
    }

    fn append(&mut self, field: ResponseField, value: &'r str) {
        self.0.adjoin_raw_header(field.name(), value);
    }

    fn remove(&mut self, field: ResponseField) {
        self.0.remove_header(field.name());
    }
}

/// A marker for the text types of Rocket.
#[derive(Debug)]
#[non_exhaustive]
pub struct RocketText;

impl SettingText<RocketText> for Method {
    fn to_setting(&self) -> String {
        self.as_str().to_owned()
    }
}

impl SettingText<RocketText> for &Method {
    fn to_setting(&self) -> String {
        self.as_str().to_owned()
    }
}
