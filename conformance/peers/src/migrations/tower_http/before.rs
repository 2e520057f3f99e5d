use std::time::Duration;

use axum::Router;
use axum::http::{HeaderValue, Method, header};
use axum::routing::get;
use tower_http::cors::CorsLayer;

pub fn app() -> Router {
    let cors = CorsLayer::new()
        .allow_origin([HeaderValue::from_static("https://app.example.com")])
        .allow_methods([Method::GET, Method::PUT])
        .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION])
        .expose_headers([header::ETAG])
        .allow_credentials(true)
        .max_age(Duration::from_secs(600));
    Router::new()
        .route("/", get(async || "notes").put(async || "kept"))
        .layer(cors)
}
