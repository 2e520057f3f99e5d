//! The test app on a small framework of our own, with the adapter of the guide `writing_an_adapter`
//! around it.

#[path = "../../../cors-core/src/guide/writing_an_adapter/adapter.rs"]
mod adapter;
pub mod router;

use std::future::ready;
use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;

use cors_core::adapter::PolicySource;
use futures_util::{FutureExt as _, stream};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Bytes, Frame};
use hyper::header::{self, HeaderName, HeaderValue};

pub use self::adapter::Cors;
use self::router::{Middleware, Next, Request, Response, Route, Router, StatusCode, text};
use crate::serve::{self, Lifetime};
use crate::test_app::{CHUNKS, COOKIES, CUSTOM, Echo, HITS, Hits};

/// The small framework.
pub(crate) const APP: serve::App = serve::App::new("hyper", start);

/// The same, with a listener.
pub(crate) const LISTENING_APP: serve::App = serve::App::new("hyper, listening", start_listening);

fn start(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    app(Cors::new(policy)).run(address, lifetime)
}

fn start_listening(
    policy: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
) -> io::Result<()> {
    let cors = Cors::new(policy).on_decision(lifetime.listener("app"));
    app(cors).run(address, lifetime)
}

/// Returns the test app. The first middleware is the outermost one.
fn app(cors: Cors) -> Router {
    let routes = [
        ("/echo", Route::any(echo)),
        ("/only-get", Route::get(async |_| text("got"))),
        ("/boom", Route::any(boom)),
        ("/panic", Route::any(panics)),
        ("/guarded", Route::any(echo).middleware(TurnAway)),
        ("/redirect", Route::any(redirect)),
        ("/login", with_lines(&header::SET_COOKIE, &COOKIES)),
        ("/vary", with_lines(&header::VARY, &["Accept-Encoding"])),
        (
            "/vary-two",
            with_lines(&header::VARY, &["Cookie", "Accept-Encoding"]),
        ),
        ("/vary-origin", with_lines(&header::VARY, &["origin"])),
        ("/vary-star", with_lines(&header::VARY, &["*"])),
        ("/own-cors", Route::any(own_cors)),
        ("/stream", Route::get(streamed)),
    ];
    let router = Router::new().middleware(cors).middleware(CatchPanics);
    let hits = CountHits(Hits::default());
    routes.into_iter().fold(router, |router, (path, route)| {
        router.route(path, route.handler_middleware(hits.clone()))
    })
}

/// Counts the calls of handlers, and tells the count in their responses.
#[derive(Clone)]
struct CountHits(Hits);

impl Middleware for CountHits {
    async fn handle(&self, request: Request, next: Next<'_>) -> Response {
        let hits = self.0.count();
        let mut response = next.run(request).await;
        let headers = response.headers_mut();
        headers.insert(HITS, hits.into());
        for (name, value) in CUSTOM {
            headers.append(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// Turns panics into responses.
struct CatchPanics;

impl Middleware for CatchPanics {
    async fn handle(&self, request: Request, next: Next<'_>) -> Response {
        let caught = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        caught
            .unwrap_or_else(|_| with_status(StatusCode::INTERNAL_SERVER_ERROR, Response::default()))
    }
}

/// Lets nobody in.
struct TurnAway;

impl Middleware for TurnAway {
    async fn handle(&self, _: Request, _: Next<'_>) -> Response {
        with_status(StatusCode::UNAUTHORIZED, Response::default())
    }
}

fn with_status(status: StatusCode, mut response: Response) -> Response {
    *response.status_mut() = status;
    response
}

async fn echo(request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return with_status(StatusCode::BAD_REQUEST, Response::default());
    };
    let value = |name| {
        let value = head.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let echo = Echo {
        method: head.method.to_string(),
        body_length: body.to_bytes().len(),
        x_echo: value("x-echo"),
        cookie: value("cookie"),
    };
    let json = serde_json::to_vec(&echo).expect("it is plain data");
    let mut response = text(json);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

async fn boom(_: Request) -> Response {
    with_status(StatusCode::INTERNAL_SERVER_ERROR, text("boom"))
}

#[expect(clippy::panic, reason = "it is there to be caught")]
async fn panics(_: Request) -> Response {
    panic!("as it should")
}

async fn redirect(_: Request) -> Response {
    let mut response = with_status(StatusCode::FOUND, Response::default());
    let location = HeaderValue::from_static("/echo");
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// Returns a route whose responses have these lines of a field.
fn with_lines(name: &HeaderName, values: &'static [&'static str]) -> Route {
    let name = name.clone();
    Route::any(move |_| {
        let mut response = text("here they are");
        for value in values {
            let value = HeaderValue::from_static(value);
            response.headers_mut().append(&name, value);
        }
        ready(response)
    })
}

async fn own_cors(_: Request) -> Response {
    let mut response = text("as I please");
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
    ] {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

async fn streamed(_: Request) -> Response {
    let chunks = CHUNKS.map(|chunk| Ok(Frame::data(Bytes::from_static(chunk.as_bytes()))));
    Response::new(StreamBody::new(stream::iter(chunks)).boxed_unsync())
}

#[cfg(test)]
mod tests {
    const ADAPTER: &str =
        include_str!("../../../cors-core/src/guide/writing_an_adapter/adapter.rs");

    #[test]
    fn the_adapter_is_short_and_names_nothing_of_the_protocol() {
        assert!(ADAPTER.lines().count() < 100);
        let words = [
            "access-control",
            "access_control",
            "vary",
            "method",
            "header::",
        ];
        let adapter = ADAPTER.to_lowercase();
        let found = words.iter().find(|word| adapter.contains(**word));
        assert_eq!(found, None);
    }
}
