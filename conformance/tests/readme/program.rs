use std::error::Error;
use std::time::Duration;

use axum::{Router, routing::get};
use cors_axum::{CorsLayer, Policy, PolicyErrors};
use tokio::net::TcpListener;

fn policy() -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com", "https://*.preview.example.com"])
        .allow_origins(["http://localhost:*"]) // development
        .allow_methods(["PUT", "DELETE"]) // GET, HEAD and POST need no mention
        .allow_headers(["content-type"])
        .expose_headers(["x-total-count"])
        .allow_credentials(true)
        .max_age(Duration::from_secs(7200))
        .build()
}

fn app(policy: Policy) -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .layer(CorsLayer::new(policy)) // last, so that it is around all of the above
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = policy()?; // or a line for each problem
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app(policy)).await?;
    Ok(())
}
