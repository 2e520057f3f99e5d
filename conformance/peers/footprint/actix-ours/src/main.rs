//! The smallest app of its framework with CORS, for `peers footprint` to build.

use actix_web::{App, HttpServer, web};
use cors_actix::{Cors, Policy};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type"])
        .build()?;
    let cors = Cors::new(policy);
    let app = move || {
        App::new()
            .route("/", web::get().to(async || "hello"))
            .wrap(cors.clone())
    };
    HttpServer::new(app).bind("127.0.0.1:3000")?.run().await?;
    Ok(())
}
