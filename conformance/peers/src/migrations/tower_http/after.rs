use std::time::Duration;

use axum::Router;
use axum::routing::get;
use cors_axum::{CorsLayer, Policy, PolicyErrors};

pub fn app() -> Result<Router, PolicyErrors> {
    let policy = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["etag"])
        .allow_credentials(true)
        .max_age(Duration::from_secs(600))
        .build()?;
    Ok(Router::new()
        .route("/", get(async || "notes").put(async || "kept"))
        .layer(CorsLayer::new(policy)))
}
