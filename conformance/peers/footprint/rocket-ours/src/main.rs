//! The smallest app of its framework with CORS, for `peers footprint` to build.

use cors_rocket::{Cors, Policy};

#[rocket::get("/")]
fn hello() -> &'static str {
    "hello"
}

#[rocket::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type"])
        .build()?;
    let app = rocket::build()
        .mount("/", rocket::routes![hello])
        .attach(Cors::new(policy));
    app.launch().await?;
    Ok(())
}
