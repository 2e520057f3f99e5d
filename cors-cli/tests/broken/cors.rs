//! A right server, of which each broken one differs by one mistake.

use super::server::{Reply, Request};

pub(crate) const APP: &str = "https://app.example.com";
pub(crate) const ADMIN: &str = "https://admin.example.com";

pub(crate) const ORIGIN: &str = "Access-Control-Allow-Origin";
pub(crate) const CREDENTIALS: &str = "Access-Control-Allow-Credentials";
pub(crate) const METHODS: &str = "Access-Control-Allow-Methods";
pub(crate) const HEADERS: &str = "Access-Control-Allow-Headers";
pub(crate) const EXPOSE: &str = "Access-Control-Expose-Headers";
pub(crate) const MAX_AGE: &str = "Access-Control-Max-Age";
pub(crate) const PRIVATE_NETWORK: &str = "Access-Control-Allow-Private-Network";
pub(crate) const VARY: &str = "Vary";

/// The policy of the right server.
pub(crate) const POLICY: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT", "PATCH", "DELETE"]
allow_headers = ["content-type", "authorization"]
expose_headers = ["x-request-id"]
allow_credentials = true
max_age = 600
"#;

/// The app without CORS.
pub(crate) fn app(request: &Request) -> Reply {
    match (&*request.path, &*request.method) {
        ("/boom", _) => Reply::new(500),
        ("/limited", _) => Reply::new(429),
        ("/account", _) if request.header("authorization").is_none() => Reply::new(401),
        ("/orders" | "/account", "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE") => {
            match request.header("content-length").map(str::parse) {
                Some(Ok(0..=1_000_000)) | None => Reply::new(200),
                Some(_) => Reply::new(413),
            }
        }
        ("/orders" | "/account", _) => Reply::new(405),
        _ => Reply::new(404),
    }
}

/// The right server.
pub(crate) fn right(request: &Request) -> Reply {
    if_allowed(request, request.origin() == APP)
}

/// The right server, where something decides whether the origin is allowed.
pub(crate) fn if_allowed(request: &Request, is_allowed: bool) -> Reply {
    if request.is_preflight() {
        return preflight(request, is_allowed);
    }
    let reply = app(request).with(VARY, "Accept-Encoding, Origin");
    if is_allowed {
        allowing(reply, request.origin()).with(EXPOSE, "x-request-id")
    } else {
        reply
    }
}

/// The answer of the right server to a preflight.
pub(crate) fn preflight(request: &Request, is_allowed: bool) -> Reply {
    if !is_allowed || request.header("access-control-request-method") == Some("TRACE") {
        return Reply::new(403).with(VARY, VARIES);
    }
    allowing(Reply::new(204), request.origin())
        .with(METHODS, "PUT, PATCH, DELETE")
        .with(HEADERS, "content-type, authorization")
        .with(MAX_AGE, "600")
        .with(VARY, VARIES)
}

fn allowing(reply: Reply, origin: &str) -> Reply {
    reply.with(ORIGIN, origin).with(CREDENTIALS, "true")
}

/// A right server for everybody, without credentials.
pub(crate) fn public(request: &Request) -> Reply {
    if request.is_preflight() {
        Reply::new(204)
            .with(ORIGIN, "*")
            .with(METHODS, "*")
            .with(HEADERS, "*, authorization")
    } else {
        app(request).with(ORIGIN, "*")
    }
}

const VARIES: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
