//! The requests that most cases send.

use conformance_client::raw::Request;

use super::words::APP;

/// Returns a GET request.
pub(super) fn get(path: &str) -> Request {
    Request::new("GET", path)
}

/// Returns a preflight.
pub(super) fn preflight_request(
    path: &str,
    origin: impl AsRef<[u8]>,
    method: impl AsRef<[u8]>,
) -> Request {
    Request::new("OPTIONS", path)
        .line("Origin", origin)
        .line("Access-Control-Request-Method", method)
}

/// Returns a preflight for PUT from [`APP`], with these lines of Access-Control-Request-Headers.
pub(super) fn preflight_for_headers<L: AsRef<[u8]>>(lines: impl IntoIterator<Item = L>) -> Request {
    lines
        .into_iter()
        .fold(preflight_request("/echo", APP, "PUT"), |request, line| {
            request.line("Access-Control-Request-Headers", line)
        })
}
