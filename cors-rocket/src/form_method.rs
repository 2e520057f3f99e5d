//! `_method` in a form, which Rocket takes for the method of a POST request.

use std::sync::OnceLock;

use rocket::form::Form;
use rocket::http::Method;
use rocket::{Data, Request};

/// Is set in the request's cache where the body has named the method.
#[derive(Default)]
struct NamedByForm(OnceLock<()>);

/// Notes whether Rocket took the method of the request from its body. Rocket has peeked as many
/// bytes itself, so this waits for nothing, and the app reads the whole body all the same.
///
/// Call it before other fairings can change the method.
pub(crate) async fn note(request: &Request<'_>, data: &mut Data<'_>) {
    if may_be_named(request) && names_method(data.peek(MAX_BYTES).await) {
        request
            .local_cache(NamedByForm::default)
            .0
            .get_or_init(|| ());
    }
}

/// Returns whether the method was noted as one that Rocket took from the body.
pub(crate) fn is_noted(request: &Request<'_>) -> bool {
    may_be_named(request)
        && (request.local_cache(NamedByForm::default).0)
            .get()
            .is_some()
}

/// Returns whether a form may have named the method of the request: a few comparisons, which leave
/// out nearly all requests.
pub(crate) fn may_be_named(request: &Request<'_>) -> bool {
    request.method() != Method::Post && request.content_type().is_some_and(|value| value.is_form())
}

/// Returns whether a body that begins like this names a method, as `Rocket::preprocess_request`
/// judges it: by the first field, not decoded, in any case.
///
/// A browser that has asked a preflight may have sent the method and such a body. Then the method
/// is allowed, and nothing changes.
fn names_method(beginning: &[u8]) -> bool {
    std::str::from_utf8(beginning)
        .ok()
        .and_then(|form| Form::values(form).next())
        .filter(|field| field.name == "_method")
        .is_some_and(|field| field.value.parse::<Method>().is_ok())
}

/// How much Rocket reads of a form before it looks for the method.
const MAX_BYTES: usize = "_method=delete".len();
