//! The smallest app of its framework with the CORS of a peer, for `peers footprint` to build.

use actix_cors::Cors;
use actix_web::{App, HttpServer, web};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = || {
        let cors = Cors::default()
            .allowed_origin("https://app.example.com")
            .allowed_methods(["PUT"])
            .allowed_headers(["content-type"]);
        App::new()
            .route("/", web::get().to(async || "hello"))
            .wrap(cors)
    };
    HttpServer::new(app).bind("127.0.0.1:3000")?.run().await?;
    Ok(())
}
