use actix_cors::Cors;
use actix_web::web::{ServiceConfig, get, put, resource};

pub fn cors() -> Cors {
    Cors::default()
        .allowed_origin("https://app.example.com")
        .allowed_methods(["GET", "PUT"])
        .allowed_headers(["content-type", "authorization"])
        .expose_headers(["etag"])
        .supports_credentials()
        .max_age(600)
}

// App::new().wrap(cors()).configure(routes)
pub fn routes(app: &mut ServiceConfig) {
    let notes = resource("/")
        .route(get().to(async || "notes"))
        .route(put().to(async || "kept"));
    app.service(notes);
}
