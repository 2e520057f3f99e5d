//! Blank pages on many origins, and a few responses that belong to no policy.

use std::io;
use std::net::SocketAddr;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Query;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, HeaderValue,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Html;
use axum::routing::{any, get};
use conformance_servers::axum_app;
use conformance_servers::serve::{App, Lifetime, Server};
use cors_core::Policy;
use cors_core::adapter::PolicySource;

use crate::tls::Tls;

/// A server with a page at `/` and one with an opaque origin at `/opaque`. `/response` has the
/// headers that the query asks for, and `/mirror` allows the method that a preflight asks for.
pub(crate) struct Pages {
    server: Server,
    tls: Tls,
}

/// A page: its URL and its origin.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) url: String,
    pub(crate) origin: String,
}

/// The pages as an app on axum. It ignores the policy.
const PAGES: App = App::new("pages", start);

fn start(_: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let page = || Html("<!doctype html><title>A page</title>");
    let sandbox = [("content-security-policy", "sandbox allow-scripts")];
    let app = Router::new()
        .route("/", get(async move || page()))
        .route("/opaque", get(async move || (sandbox, page())))
        .route("/response", any(respond))
        .route("/mirror", any(mirror));
    axum_app::run(app, address, lifetime)
}

/// Responds with the header lines that the query asks for. `status` is the status of a preflight's
/// response.
async fn respond(
    method: Method,
    Query(fields): Query<Vec<(String, String)>>,
) -> (StatusCode, HeaderMap) {
    let mut status = StatusCode::OK;
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        if name == "status" && method == Method::OPTIONS {
            status = value.parse().unwrap_or(StatusCode::BAD_REQUEST);
        }
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    (status, headers)
}

async fn mirror(asked: HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    if let Some(method) = asked.get(ACCESS_CONTROL_REQUEST_METHOD) {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, method.clone());
    }
    headers
}

static NOBODY: LazyLock<Policy> = LazyLock::new(|| {
    let policy = Policy::builder().build();
    policy.expect("a policy that allows nobody is one")
});

impl Pages {
    pub(crate) fn start() -> Self {
        let server = Server::start(PAGES, NOBODY.clone()).expect("there is a port");
        let tls = Tls::start(server.address());
        Self { server, tls }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.server.address().port()
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Returns the page of a host.
    pub(crate) fn of(&self, host: &str) -> Page {
        Self::at(format!("http://{host}:{}", self.port()))
    }

    /// Returns the page of a host over https.
    pub(crate) fn secure(&self, host: &str) -> Page {
        Self::at(format!("https://{host}:{}", self.tls.port()))
    }

    fn at(origin: String) -> Page {
        let url = format!("{origin}/");
        Page { url, origin }
    }

    pub(crate) fn opaque(&self) -> Page {
        Page {
            url: format!("http://app.localhost:{}/opaque", self.port()),
            origin: "null".to_owned(),
        }
    }
}
