use std::convert::Infallible;

use cors_axum::{CorsLayer, Policy};
use http::{Request, Response};
use tower::{Service, ServiceBuilder, ServiceExt as _, service_fn};

fn serve(_: impl Service<Request<()>>) {}

fn main() {
    let Ok(policy) = Policy::builder().build() else { return };
    let inner = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(String::new())));
    let service = ServiceBuilder::new()
        .layer(CorsLayer::new(policy).await_predicates())
        .service(inner.boxed());
    serve(service);
}
