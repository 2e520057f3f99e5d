//! An MCP server on axum, for the programs and the pages of one machine. README.md has how to run
//! it, and what guards it.
#![deny(missing_docs)]

mod notes;

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use cors_axum::{CorsLayer, Policy, PolicyErrors};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

pub use crate::notes::Notes;

/// Returns the policy: the server is reached under the names of this machine, and pages of this
/// machine are MCP clients.
///
/// # Errors
///
/// None, unless it is changed to what can't be right.
pub fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .only_pages_of_this_machine()
        .allow_methods(["GET", "POST", "DELETE"])
        .allow_headers(["authorization", "content-type"])
        // Since 2026-07-28. A tool with an `x-mcp-header` needs its `mcp-param-..` as well.
        .allow_headers(["mcp-method", "mcp-name", "mcp-protocol-version"])
        // Until 2025-11-25.
        .allow_headers(["last-event-id", "mcp-session-id"])
        .expose_headers(["mcp-session-id"])
        // Without it a browser asks before nearly every message.
        .max_age(Duration::from_secs(7200))
        .build()
}

/// Returns the app, under its policy.
pub fn app(notes: &Notes, policy: Policy) -> Router {
    // The layer comes last, so that it is around everything: rmcp's own checks are about `/mcp`.
    routes(notes, StreamableHttpServerConfig::default()).layer(CorsLayer::new(policy))
}

/// Returns the app without a policy: MCP at `/mcp`, and at `/` the notes as text. Tests attack it.
pub fn routes(notes: &Notes, config: StreamableHttpServerConfig) -> Router {
    let text = {
        let notes = notes.clone();
        async move || notes.text()
    };
    let notes = notes.clone();
    let service = move || Ok(notes.clone());
    let sessions = LocalSessionManager::default();
    let mcp = StreamableHttpService::new(service, sessions.into(), config);
    Router::new()
        .route("/", get(text))
        .nest_service("/mcp", mcp)
}
