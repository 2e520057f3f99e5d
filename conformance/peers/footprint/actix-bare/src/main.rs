//! The smallest app of its framework without CORS, for `peers footprint` to build.

use actix_web::{App, HttpServer, web};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = move || App::new().route("/", web::get().to(async || "hello"));
    HttpServer::new(app).bind("127.0.0.1:3000")?.run().await?;
    Ok(())
}
