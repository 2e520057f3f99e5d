//! The app on axum.

use std::io;
use std::net::TcpListener;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{AppendHeaders, IntoResponse, Json};
use axum::routing::{any, get};
use axum::{Router, serve as serve_app};
use cors_axum::{CorsLayer, SharedPolicy};

use crate::app::{ANSWERS, Answer, CUSTOM, GOT};
use crate::host::Until;

pub(super) async fn serve(
    policy: SharedPolicy,
    listener: TcpListener,
    until: Until,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let app = routes().layer(CorsLayer::new(policy));
    serve_app(listener, app).with_graceful_shutdown(until).await
}

fn routes() -> Router {
    let app = Router::new()
        .route("/echo", any(echo))
        .route("/only-get", get(async || respond(&GOT)))
        .route("/guarded", any(echo).layer(from_fn(turn_away)));
    ANSWERS.iter().fold(app, |app, answer| {
        app.route(answer.path, any(async || respond(answer)))
    })
}

fn respond(answer: &'static Answer) -> impl IntoResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or_default();
    let lines = answer.lines.iter().copied();
    (status, CUSTOM, AppendHeaders(lines), answer.body)
}

async fn echo(method: Method, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let header = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    (CUSTOM, Json(super::echo(method.as_str(), header, &body)))
}

async fn turn_away(_: Request, _: Next) -> StatusCode {
    StatusCode::UNAUTHORIZED
}
