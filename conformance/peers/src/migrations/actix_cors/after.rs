use std::time::Duration;

use actix_web::web::{ServiceConfig, get, put, resource};
use cors_actix::{Cors, Policy, PolicyErrors};

// Once, before `HttpServer::new`: each worker wraps its app with a clone.
pub fn cors() -> Result<Cors, PolicyErrors> {
    let policy = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["etag"])
        .allow_credentials(true)
        .max_age(Duration::from_secs(600))
        .build()?;
    Ok(Cors::new(policy))
}

// App::new().wrap(cors.clone()).configure(routes)
pub fn routes(app: &mut ServiceConfig) {
    let notes = resource("/")
        .route(get().to(async || "notes"))
        .route(put().to(async || "kept"));
    app.service(notes);
}
