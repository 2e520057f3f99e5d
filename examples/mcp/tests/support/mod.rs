//! Servers to attack.

#![allow(
    dead_code,
    reason = "each test is a crate of its own, and uses a part of it"
)]

use std::net::SocketAddr;

use axum::Router;
use axum::extract::Request;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::map_request;
use axum::response::{Html, Response};
use axum::routing::{any, get};
use cors_axum::CorsLayer;
use example_mcp::Notes;
use rmcp::transport::StreamableHttpServerConfig;
use tokio::net::TcpListener;

/// A server with the notes that it keeps: an attack has succeeded if it wrote or read one.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) notes: Notes,
}

pub(crate) const SECRET: &str = "a secret";

impl Server {
    /// Starts the example as it is.
    pub(crate) async fn example() -> Self {
        let policy = example_mcp::policy().expect("it can be built");
        Self::start(|notes| example_mcp::app(notes, policy)).await
    }

    /// Starts the same tools on a naive server: it goes by no host, keeps no sessions, takes every
    /// body for JSON, and has a WebSocket whose messages are notes.
    pub(crate) async fn naive() -> Self {
        Self::start(naive).await
    }

    /// Starts the naive server under the example's policy.
    pub(crate) async fn guarded() -> Self {
        let policy = example_mcp::policy().expect("it can be built");
        Self::start(|notes| naive(notes).layer(CorsLayer::new(policy))).await
    }

    /// Starts the example without its policy: with what rmcp checks by itself.
    pub(crate) async fn rmcp_alone() -> Self {
        let config = StreamableHttpServerConfig::default();
        Self::start(|notes| example_mcp::routes(notes, config)).await
    }

    async fn start(app: impl FnOnce(&Notes) -> Router) -> Self {
        let notes = Notes::default();
        notes.add(SECRET.to_owned());
        let app = app(&notes).merge(attacker());
        let address = serve(app).await;
        Self { address, notes }
    }
}

/// The attacker's own page. Under a name that is bound to another server later, it stays in the
/// browser: so it is a route beside the attacked app, and no policy is about it.
fn attacker() -> Router {
    let page = Html("<!doctype html><title>A page of the attacker</title>");
    Router::new().route("/attacker", get(async move || page))
}

fn naive(notes: &Notes) -> Router {
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let socket = {
        let notes = notes.clone();
        async move |upgrade: WebSocketUpgrade| -> Response {
            upgrade.on_upgrade(move |socket| note_messages(socket, notes))
        }
    };
    example_mcp::routes(notes, config)
        .route("/socket", any(socket))
        .layer(map_request(async |mut request: Request| {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
            request
        }))
}

/// Notes each message, and sends it back.
async fn note_messages(mut socket: WebSocket, notes: Notes) {
    while let Some(Ok(Message::Text(text))) = socket.recv().await {
        notes.add(text.as_str().to_owned());
        if socket.send(Message::Text(text)).await.is_err() {
            return;
        }
    }
}

/// Serves an app on a port of its own, until the test ends.
pub(crate) async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("there is a port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Returns the message that adds a note, as a client of the revisions until 2025-11-25 sends it.
pub(crate) fn add_note(text: &str) -> String {
    let params = serde_json::json!({ "name": "add_note", "arguments": { "text": text } });
    let message = serde_json::json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params,
    });
    message.to_string()
}
