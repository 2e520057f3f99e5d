//! Servers whose preflights meet something else than CORS.

use super::corpus::{Broken, handler};
use super::cors::{CREDENTIALS, HEADERS, METHODS, ORIGIN, right};
use super::server::Reply;

/// The handler of a server that responds otherwise to preflights.
macro_rules! otherwise {
    ($reply:expr) => {
        || {
            handler(|request| {
                if request.is_preflight() {
                    let reply: fn(Reply) -> Reply = $reply;
                    reply(right(request))
                } else {
                    right(request)
                }
            })
        }
    };
}

/// The same, for preflights that ask for one method.
macro_rules! otherwise_for {
    ($method:expr, $reply:expr) => {
        || {
            handler(|request| {
                let asked = request.header("access-control-request-method");
                if request.is_preflight() && asked == Some($method) {
                    let reply: fn(Reply) -> Reply = $reply;
                    reply(right(request))
                } else {
                    right(request)
                }
            })
        }
    };
}

pub(crate) fn all() -> Vec<Broken> {
    vec![
        Broken::new(
            "Spring Security: the filter for forgery stands before CORS",
            &["PreflightRefused"],
            otherwise!(|_| Reply::new(403)),
        ),
        Broken::new(
            "Starlette: allow_methods=['PUT'], so that a preflight for GET is refused",
            &["PreflightRefused"],
            otherwise_for!("GET", |mut reply| {
                reply.status = 400;
                reply
            }),
        ),
        Broken::new(
            "nginx: the block of OPTIONS lacks Access-Control-Allow-Credentials",
            &["CredentialsMissing"],
            otherwise!(|reply| reply.without(CREDENTIALS)),
        ),
        Broken::new(
            "rs/cors: the same, where it says nothing",
            &["PreflightRefused"],
            otherwise_for!("GET", |_| Reply::new(204)),
        )
        .but_under_policy(&["PreflightReachedTheApp"]),
        Broken::new(
            "nginx: auth_basic around the location",
            &["PreflightNeedsLogin"],
            otherwise!(|_| Reply::new(401).with("WWW-Authenticate", "Basic")),
        ),
        Broken::new(
            "an API gateway that wants a token of every request, and says 400",
            &["PreflightNeedsLogin"],
            || {
                handler(|request| {
                    if request.is_preflight() && request.header("authorization").is_none() {
                        Reply::new(400)
                    } else {
                        right(request)
                    }
                })
            },
        )
        .with(&["--header", "Authorization: Bearer 0123456789"])
        .but_under_policy(&["PreflightReachedTheApp"]),
        Broken::new(
            "oauth2-proxy: OPTIONS goes to the login page",
            &["PreflightRedirected"],
            otherwise!(|_| Reply::new(302).with("Location", "https://login.example/")),
        ),
        Broken::new(
            "FastAPI: CORS on the routes, and none for OPTIONS",
            &["PreflightReachedTheApp"],
            otherwise!(|_| Reply::new(405).with("Allow", "GET")),
        ),
        Broken::new(
            "Gin: the CORS handler is used after the routes",
            &["PreflightReachedTheApp"],
            otherwise!(|_| Reply::new(404)),
        ),
        Broken::new(
            "Flask: automatic OPTIONS, without CORS headers",
            &["PreflightReachedTheApp"],
            otherwise!(|_| Reply::new(200).with("Allow", "GET, HEAD, OPTIONS")),
        ),
        Broken::new(
            "flask-cors: the headers of CORS on the 404 to a preflight",
            &["PreflightReachedTheApp"],
            otherwise!(|mut reply| {
                if reply.status == 204 {
                    reply.status = 404;
                }
                reply
            }),
        ),
        Broken::new(
            "a Lambda behind API Gateway that fails for OPTIONS",
            &["PreflightReachedTheApp"],
            otherwise!(|_| Reply::new(502)),
        ),
        Broken::new(
            "Kong: the requested method is echoed",
            &["ForbiddenMethodAllowed"],
            || {
                handler(
                    |request| match request.header("access-control-request-method") {
                        Some(asked) if request.is_preflight() && request.origin() != "null" => {
                            let asked = asked.to_owned();
                            let is_app = request.origin() == super::cors::APP;
                            let reply = super::cors::if_allowed(request, is_app);
                            if is_app && asked == "TRACE" {
                                Reply::new(200)
                                    .with(ORIGIN, super::cors::APP)
                                    .with(METHODS, asked)
                            } else {
                                reply
                            }
                        }
                        _ => right(request),
                    },
                )
            },
        ),
        Broken::new(
            "FastAPI: allow_headers=['content-type'], and the app's pages send tokens",
            &["HeaderNotAllowed"],
            || handler(|request| right(request).replacing(HEADERS, "content-type")),
        )
        .with(&["--header", "Authorization: Bearer 0123456789"])
        .but_under_policy(&["OtherPermissions"]),
        Broken::new(
            "Starlette: the same, where the status says so",
            &["HeaderNotAllowed"],
            || {
                handler(|request| {
                    let names = request.header("access-control-request-headers");
                    let mut reply = right(request);
                    if request.is_preflight() && names.is_some_and(|names| names.contains("x-key"))
                    {
                        reply.status = 400;
                    }
                    reply
                })
            },
        )
        .with(&["--header", "X-Key: 0123456789"])
        .but_under_policy(&[]),
    ]
}
