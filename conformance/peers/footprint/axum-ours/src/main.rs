//! The smallest app of its framework with CORS, for `peers footprint` to build.

use axum::Router;
use axum::routing::get;
use cors_axum::{CorsLayer, Policy};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type"])
        .build()?;
    let app = Router::new()
        .route("/", get(async || "hello"))
        .layer(CorsLayer::new(policy));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}
