//! Holds what several modules share: header names, requests and answers.

use std::time::Duration;

use cors_core::browser::{HeaderList, Request};

/// The origin of the page that runs the script.
pub(crate) const ORIGIN: &str = "https://app.example.com";

/// The URL that the script fetches.
pub(crate) const URL: &str = "https://api.example.net/notes";

pub(crate) const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
pub(crate) const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";
pub(crate) const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
pub(crate) const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers";
pub(crate) const EXPOSE_HEADERS: &str = "Access-Control-Expose-Headers";
pub(crate) const MAX_AGE: &str = "Access-Control-Max-Age";

/// Makes a request with these header lines. Panics if a script cannot make it.
pub(crate) fn request(method: &str, headers: &[(&str, &[u8])]) -> Request {
    let request = Request::new(method).expect("scripts can use the method");
    headers.iter().fold(request, |request, (name, value)| {
        request
            .header(name, value)
            .expect("scripts can write the header")
    })
}

/// Returns why the request needs a preflight, as text.
///
/// Asserts that [`Request::preflight`] gives the same reasons.
pub(crate) fn reasons(request: &Request) -> Vec<String> {
    let reasons = request.needs_preflight();
    assert_eq!(
        request.preflight().map(|it| it.reasons().to_vec()),
        (!reasons.is_empty()).then(|| reasons.clone()),
    );
    reasons.iter().map(ToString::to_string).collect()
}

/// Returns whether one header line makes a POST need a preflight.
pub(crate) fn is_unsafe(name: &str, value: &[u8]) -> bool {
    let reasons = reasons(&request("POST", &[(name, value)]));
    let expected = [format!("header {}", name.to_ascii_lowercase())];
    assert!(reasons.is_empty() || reasons == expected, "{reasons:?}");
    !reasons.is_empty()
}

/// Returns the headers of an answer that passes the CORS check in every credentials mode, followed
/// by `lines`.
pub(crate) fn answer(lines: &[(&str, &str)]) -> HeaderList {
    let mut answer = HeaderList::from_iter([(ALLOW_ORIGIN, ORIGIN), (ALLOW_CREDENTIALS, "true")]);
    answer.extend(lines.iter().copied());
    answer
}

/// Returns a time in seconds, since the start that all times of a test share.
pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
