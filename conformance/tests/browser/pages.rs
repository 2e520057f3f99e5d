//! Blank pages on many origins, and a few answers that are no policy's.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::Query;
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, HeaderValue};
use axum::response::Html;
use axum::routing::{any, get};
use conformance::axum_app;
use conformance::serve::{Framework, Lifetime, Server};
use cors_core::{Policy, PolicySource};

/// A server that has a page at `/`, one without an origin of its own at `/opaque`, and at
/// `/answer` the headers that the query asks for.
pub(crate) struct Pages(Server);

/// Where a page may come from: its URL, and the origin that it has.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) url: String,
    pub(crate) origin: String,
}

/// As `axum` has it: the policy is not served.
const FRAMEWORK: Framework = Framework {
    name: "pages",
    start,
};

fn start(_: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let page = || Html("<!doctype html><title>A page</title>");
    let sandbox = [("content-security-policy", "sandbox allow-scripts")];
    let app = Router::new()
        .route("/", get(async move || page()))
        .route("/opaque", get(async move || (sandbox, page())))
        .route("/answer", any(answer));
    axum_app::run(app, address, lifetime)
}

async fn answer(Query(fields): Query<HashMap<String, String>>) -> HeaderMap {
    let field = |(name, value): (&String, &String)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value).ok()?))
    };
    fields.iter().filter_map(field).collect()
}

static NOBODY: LazyLock<Policy> = LazyLock::new(|| {
    let policy = Policy::builder().build();
    policy.expect("a policy that allows nobody is one")
});

impl Pages {
    pub(crate) fn start() -> Self {
        Self(Server::start(FRAMEWORK, NOBODY.clone()).expect("there is a port"))
    }

    pub(crate) const fn port(&self) -> u16 {
        self.0.address().port()
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// The page of a host.
    pub(crate) fn of(&self, host: &str) -> Page {
        let origin = format!("http://{host}:{}", self.port());
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
