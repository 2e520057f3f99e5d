//! The page and its files, all of them compiled in.

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;

use crate::state::State;

/// A file that the page loads: its path, its media type, its text.
type File = (&'static str, &'static str, &'static str);

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

const FILES: [File; 10] = [
    ("/style.css", CSS, include_str!("../page/style.css")),
    ("/results.css", CSS, include_str!("../page/results.css")),
    ("/main.js", JS, include_str!("../page/main.js")),
    ("/dom.js", JS, include_str!("../page/dom.js")),
    ("/editor.js", JS, include_str!("../page/editor.js")),
    ("/frames.js", JS, include_str!("../page/frames.js")),
    ("/request.js", JS, include_str!("../page/request.js")),
    ("/results.js", JS, include_str!("../page/results.js")),
    ("/share.js", JS, include_str!("../page/share.js")),
    (
        "/icon.svg",
        "image/svg+xml",
        include_str!("../page/icon.svg"),
    ),
];

pub(crate) fn router() -> Router<Arc<State>> {
    let files = FILES.iter().fold(Router::new(), |router, file| {
        router.route(file.0, get(async || served(file)))
    });
    files
        .route("/", get(page))
        .route("/frame.html", get(frame))
        .route("/frame.js", get(frame_script))
}

fn served(&(_, media_type, text): &File) -> Response {
    let mut response = ([(header::CONTENT_TYPE, media_type)], text).into_response();
    harden(response.headers_mut());
    response
}

/// Serves the page under its own name. Other names redirect there.
async fn page(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Response {
    let own = state.page();
    let host = headers.get(header::HOST);
    if host.map(HeaderValue::as_bytes) != own.strip_prefix("http://").map(str::as_bytes) {
        return Redirect::temporary(&format!("{own}/")).into_response();
    }
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; frame-src {}; frame-ancestors 'none'; base-uri 'none'; \
         form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        state.frames().collect::<Vec<_>>().join(" ")
    );
    let mut response = served(&("/", HTML, include_str!("../page/index.html")));
    let headers = response.headers_mut();
    insert(headers, header::CONTENT_SECURITY_POLICY, &policy);
    insert(headers, header::X_FRAME_OPTIONS, "DENY");
    insert(
        headers,
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    response
}

/// Serves the frame that calls the servers from its own origin. Only the page may embed it.
async fn frame(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = state.page();
    let servers: Vec<String> = state.targets().urls().map(|(_, url)| url).collect();
    // In a sandboxed frame `'self'` is nobody, so the script is named in full.
    let policy = format!(
        "default-src 'none'; script-src http://{host}/frame.js; connect-src {}; \
         frame-ancestors {own}; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        servers.join(" ")
    );
    let text = include_str!("../page/frame.html").replace("{page}", own);
    let mut response = ([(header::CONTENT_TYPE, HTML)], text).into_response();
    let headers = response.headers_mut();
    plain(headers);
    insert(headers, header::CONTENT_SECURITY_POLICY, &policy);
    response
}

/// Serves the frame's script. It has no Cross-Origin-Resource-Policy: to a sandboxed frame its own
/// server is another origin.
async fn frame_script() -> Response {
    let text = include_str!("../page/frame.js");
    let mut response = ([(header::CONTENT_TYPE, JS)], text).into_response();
    plain(response.headers_mut());
    response
}

/// Adds the headers of what is for the page's own origin alone.
pub(crate) fn harden(headers: &mut HeaderMap) {
    plain(headers);
    let name = HeaderName::from_static("cross-origin-resource-policy");
    insert(headers, name, "same-origin");
}

fn plain(headers: &mut HeaderMap) {
    insert(headers, header::CACHE_CONTROL, "no-store");
    insert(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    insert(headers, header::REFERRER_POLICY, "no-referrer");
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

const HTML: &str = "text/html; charset=utf-8";
