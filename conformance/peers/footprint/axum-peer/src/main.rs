//! The smallest app of its framework with the CORS of a peer, for `peers footprint` to build.

use axum::Router;
use axum::routing::get;
use tower_http::cors::CorsLayer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cors = CorsLayer::new()
        .allow_origin(["https://app.example.com".parse()?])
        .allow_methods(["PUT".parse()?])
        .allow_headers(["content-type".parse()?]);
    let app = Router::new().route("/", get(async || "hello")).layer(cors);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}
