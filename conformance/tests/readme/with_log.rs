use axum::Router;
use cors_axum::{CorsLayer, Log, Policy};

fn with_log(app: Router, policy: Policy) -> Router {
    app.layer(CorsLayer::new(policy).log(Log::new()))
}
