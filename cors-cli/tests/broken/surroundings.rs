//! Servers that differ from one request to the next, or fail.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::corpus::{Broken, handler};
use super::cors::{APP, CREDENTIALS, ORIGIN, VARY, app, right};
use super::server::{Handler, Reply, Request};

/// Keeps the response to a GET by its URL, whatever it varies by.
fn behind_cache(server: fn(&Request) -> Reply) -> Handler {
    let kept: Mutex<HashMap<String, Reply>> = Mutex::default();
    Box::new(move |request| {
        if request.method != "GET" || request.origin().len() > 100 {
            return server(request);
        }
        let mut kept = kept.lock().expect("no handler panics");
        let reply = kept.entry(request.url.clone());
        reply.or_insert_with(|| server(request)).clone()
    })
}

fn without_vary(request: &Request) -> Reply {
    right(request).without(VARY)
}

pub(crate) fn all() -> Vec<Broken> {
    vec![
        Broken::new(
            "a hand-written filter with a list, and without Vary",
            &["VaryLacking"],
            || handler(without_vary),
        ),
        Broken::new(
            "flask-cors: Vary only where the origin is allowed",
            &["VaryLacking"],
            || {
                handler(|request| match request.origin() {
                    APP => right(request),
                    _ => without_vary(request),
                })
            },
        ),
        Broken::new(
            "S3: nothing in Vary without Origin",
            &["VaryLacking"],
            || {
                handler(|request| match request.origin() {
                    "" => without_vary(request),
                    _ => right(request),
                })
            },
        ),
        Broken::new("the same behind a right cache", &["VaryLacking"], || {
            behind_cache(|request| match request.origin() {
                "" => without_vary(request),
                _ => right(request).without(VARY),
            })
        }),
        Broken::new(
            "CloudFront: a cache that does not keep responses apart by Origin",
            &["Cached"],
            || behind_cache(right),
        ),
        Broken::new(
            "two replicas, one of which has the old settings",
            &["AnswersDiffer"],
            || {
                let count = AtomicUsize::new(0);
                Box::new(move |request: &Request| {
                    let reply = right(request);
                    match count.fetch_add(1, Ordering::Relaxed) % 3 {
                        2 => reply.without(ORIGIN),
                        _ => reply,
                    }
                })
            },
        ),
        Broken::new(
            "Node: new URL(origin) throws, and nobody catches it",
            &["ServerErrorOnOrigin"],
            || {
                handler(|request| {
                    if request.origin().contains(['%', '[', ' ']) {
                        return Reply::new(500).with(VARY, "Origin");
                    }
                    match request.path.as_str() {
                        "/orders" => right(request),
                        _ if request.is_preflight() => right(request),
                        _ => right(request),
                    }
                })
            },
        ),
        Broken::new(
            "Apache: CORS for one directory, and a path beside it",
            &["NoHeaders"],
            || {
                handler(|request| match &*request.path {
                    "/beside" if !request.is_preflight() => Reply::new(200),
                    _ => right(request),
                })
            },
        )
        .with(&["--path", "/beside"]),
        Broken::new("a server without CORS", &["OriginNotAllowed"], || {
            handler(app)
        }),
        Broken::new(
            "a replica that is down, behind a proxy that says 502",
            &["AnswersDiffer"],
            || {
                let count = AtomicUsize::new(0);
                Box::new(
                    move |request: &Request| match count.fetch_add(1, Ordering::Relaxed) % 3 {
                        2 => Reply::new(502),
                        _ => right(request),
                    },
                )
            },
        ),
        Broken::new(
            "express cors: callback(new Error('Not allowed by CORS'))",
            &["ServerErrorOnForeignOrigin"],
            || {
                handler(|request| match request.origin() {
                    "" | APP => right(request),
                    _ => Reply::new(500).with(VARY, "Origin"),
                })
            },
        )
        .but_under_policy(&["ServerErrorOnForeignOrigin"]),
        Broken::new(
            "a filter that throws for preflights of origins that it does not list",
            &["ServerErrorOnForeignOrigin"],
            || {
                handler(|request| match request.origin() {
                    "" | APP => right(request),
                    _ if request.is_preflight() => Reply::new(500).with(VARY, "Origin"),
                    _ => right(request),
                })
            },
        )
        .but_under_policy(&["ServerError"]),
        Broken::new(
            "the same, where something outside adds a line",
            &["ServerErrorOnForeignOrigin", "StrayHeaders"],
            || {
                handler(|request| match request.origin() {
                    "" | APP => right(request),
                    _ if request.is_preflight() => {
                        let failed = Reply::new(500).with(VARY, "Origin");
                        failed.with(CREDENTIALS, "true")
                    }
                    _ => right(request),
                })
            },
        )
        .but_under_policy(&["ServerError", "StrayHeaders"]),
        Broken::new(
            "a hand-written filter that takes it for given that there is an Origin",
            &["ServerErrorWithoutOrigin"],
            || {
                handler(|request| match request.origin() {
                    "" if request.path == "/orders" => Reply::new(500).with(VARY, "Origin"),
                    _ => right(request),
                })
            },
        )
        .but_under_policy(&["ServerError"]),
    ]
}
