//! Servers that lose the headers on some statuses.

use super::corpus::{Broken, handler};
use super::cors::right;
use super::server::Reply;

/// The handler of a server that loses the headers on the responses that a function names.
macro_rules! bare_where {
    ($is_bare:expr) => {
        || {
            handler(|request| {
                let reply = right(request);
                let is_bare: fn(&Reply) -> bool = $is_bare;
                if !request.is_preflight() && is_bare(&reply) {
                    reply.bare()
                } else {
                    reply
                }
            })
        }
    };
}

pub(crate) fn all() -> Vec<Broken> {
    vec![
        Broken::new(
            "nginx: add_header without always",
            &["NoHeadersOnMissingRoute"],
            bare_where!(|reply| reply.status >= 400),
        ),
        Broken::new(
            "axum: the layer on the routes, which a 405 does not pass",
            &["NoHeadersOnMissingRoute"],
            bare_where!(|reply| reply.status == 405),
        ),
        Broken::new(
            "nginx: the headers only in if ($request_method = OPTIONS)",
            &["NoHeaders"],
            bare_where!(|_| true),
        )
        // A policy's probe judges each response by itself.
        .but_under_policy(&["NoHeaders", "NoHeadersOnMissingRoute"]),
        Broken::new(
            "Starlette: ServerErrorMiddleware stands around CORSMiddleware",
            &["NoHeadersOnServerError"],
            bare_where!(|reply| reply.status == 500),
        )
        .with(&["--path", "/boom"]),
        Broken::new(
            "express: the check of the token is used before cors()",
            &["NoHeadersWithoutLogin"],
            bare_where!(|reply| reply.status == 401),
        )
        .with(&["--path", "/account"]),
        Broken::new(
            "the same, where the probe has a login",
            &["NoHeadersWithoutLogin"],
            bare_where!(|reply| reply.status == 401),
        )
        .with(&[
            "--path",
            "/account",
            "--header",
            "Authorization: Bearer 0123456789",
        ]),
        Broken::new(
            "a rate limit before CORS",
            &["NoHeadersOnRejection"],
            bare_where!(|reply| reply.status == 429),
        )
        .with(&["--path", "/limited"]),
        Broken::new(
            "nginx: client_max_body_size, and CORS in the app",
            &["NoHeadersOnRejection"],
            bare_where!(|reply| reply.status == 413),
        )
        .with(&["--unsafe-methods"]),
        Broken::new(
            "Django: APPEND_SLASH redirects before CorsMiddleware",
            &["NoHeadersOnRedirect"],
            || {
                handler(|request| match &*request.path {
                    "/slash" if !request.is_preflight() => {
                        Reply::new(301).with("Location", "/slash/")
                    }
                    _ => right(request),
                })
            },
        )
        .with(&["--path", "/slash"]),
    ]
}
