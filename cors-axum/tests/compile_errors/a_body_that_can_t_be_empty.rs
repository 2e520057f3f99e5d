use axum::Router;
use cors_axum::{CorsLayer, Policy};
use tower::ServiceBuilder;
use tower_http::trace::TraceLayer;

fn main() {
    let Ok(policy) = Policy::builder().build() else { return };
    let layers = ServiceBuilder::new()
        .layer(CorsLayer::new(policy))
        .layer(TraceLayer::new_for_http());
    let _: Router = Router::new().layer(layers);
}
