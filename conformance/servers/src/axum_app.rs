//! The test app on axum, with the policy attached as a user would.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{AppendHeaders, IntoResponse, IntoResponseParts, Response, ResponseParts};
use axum::routing::{any, get};
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use cors_axum::CorsLayer;
use cors_core::adapter::PolicySource;
use futures_util::stream;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;

use crate::serve::{self, Lifetime};
use crate::test_app::{CHUNKS, COOKIES, CUSTOM, Echo, HITS, Hits};

/// axum.
pub(crate) const APP: serve::App = serve::App::new("axum", start);

/// axum, with a layer that waits for asynchronous predicates.
pub(crate) const AWAITING_APP: serve::App = serve::App::new("axum, awaiting", start_awaiting);

/// The same, with a listener.
pub(crate) const LISTENING_APP: serve::App = serve::App::new("axum, listening", start_listening);

/// Returns the test app, without a policy.
pub fn app() -> Router<Hits> {
    Router::new()
        .route("/echo", any(echo))
        .route("/only-get", get(only_get))
        .route("/boom", any(boom))
        .route("/panic", any(panics))
        .route("/redirect", any(redirect))
        .route("/login", any(login))
        .route("/vary", any(async |hit| vary(hit, ["Accept-Encoding"])))
        .route(
            "/vary-two",
            any(async |hit| vary(hit, ["Cookie", "Accept-Encoding"])),
        )
        .route("/vary-origin", any(async |hit| vary(hit, ["origin"])))
        .route("/vary-star", any(async |hit| vary(hit, ["*"])))
        .route("/own-cors", any(own_cors))
        .route("/stream", get(streamed))
        .merge(guarded())
        .layer(CatchPanicLayer::new())
}

fn start(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let app = app().layer(CorsLayer::new(policy));
    run(app.with_state(Hits::default()), address, lifetime)
}

fn start_awaiting(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let app = app().layer(CorsLayer::new(policy).await_predicates());
    run(app.with_state(Hits::default()), address, lifetime)
}

fn start_listening(
    policy: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
) -> io::Result<()> {
    let cors = CorsLayer::new(policy).on_decision(lifetime.listener("app"));
    let app = app().layer(cors.await_predicates());
    run(app.with_state(Hits::default()), address, lifetime)
}

/// Serves any app; see [`serve::App`].
///
/// # Errors
///
/// Fails if the address is not free, if there is no runtime, or the listener fails.
pub fn run(app: Router, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    let (listener, shutdown) = lifetime.listen(address)?;
    serve::runtime()?.block_on(async {
        let listener = TcpListener::from_std(listener)?.tap_io(|stream| {
            // A connection without it is only slower.
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, app)
            .with_graceful_shutdown(shutdown)
            .await
    })
}

/// One call of a handler. It counts when the handler's arguments are made, and the response tells
/// the count.
struct Hit(u64);

impl FromRequestParts<Hits> for Hit {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, hits: &Hits) -> Result<Self, Infallible> {
        Ok(Self(hits.count()))
    }
}

impl IntoResponseParts for Hit {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.headers_mut().insert(HITS, self.0.into());
        let Ok(parts) = AppendHeaders(CUSTOM).into_response_parts(parts) else {
            unreachable!("names and values are fixed")
        };
        Ok(parts)
    }
}

async fn echo(hit: Hit, method: Method, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let text = |name| {
        let value = headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let echo = Echo {
        method: method.to_string(),
        body_length: body.len(),
        x_echo: text("x-echo"),
        cookie: text("cookie"),
    };
    (hit, Json(echo))
}

async fn only_get(hit: Hit) -> impl IntoResponse {
    (hit, "got")
}

async fn boom(hit: Hit) -> impl IntoResponse {
    (StatusCode::INTERNAL_SERVER_ERROR, hit, "boom")
}

#[expect(clippy::panic, reason = "it is there to be caught")]
async fn panics(_: Hit) -> StatusCode {
    panic!("as it should")
}

async fn redirect(hit: Hit) -> impl IntoResponse {
    (StatusCode::FOUND, hit, [(header::LOCATION, "/echo")])
}

async fn login(hit: Hit) -> impl IntoResponse {
    let cookies = COOKIES.map(|cookie| (header::SET_COOKIE, cookie));
    (hit, AppendHeaders(cookies), "welcome")
}

fn vary<const LINES: usize>(hit: Hit, names: [&'static str; LINES]) -> impl IntoResponse {
    let lines = names.map(|name| (header::VARY, name));
    (hit, AppendHeaders(lines), "it varies")
}

async fn own_cors(hit: Hit) -> impl IntoResponse {
    let cors = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
    ];
    (hit, cors, "as I please")
}

async fn streamed(hit: Hit) -> impl IntoResponse {
    let chunks = CHUNKS.map(Ok::<_, Infallible>);
    (hit, Body::from_stream(stream::iter(chunks)))
}

/// Returns a route whose middleware lets nobody in.
fn guarded() -> Router<Hits> {
    Router::new()
        .route("/guarded", any(echo))
        .route_layer(middleware::from_fn(turn_away))
}

async fn turn_away(_: axum::extract::Request, _: Next) -> Response {
    StatusCode::UNAUTHORIZED.into_response()
}
