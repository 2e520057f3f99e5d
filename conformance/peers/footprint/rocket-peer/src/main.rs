//! The smallest app of its framework with the CORS of a peer, for `peers footprint` to build.

use rocket_cors::{AllowedHeaders, AllowedOrigins, CorsOptions};

#[rocket::get("/")]
fn hello() -> &'static str {
    "hello"
}

#[rocket::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let methods = [rocket::http::Method::Put.into()];
    let cors = CorsOptions::default()
        .allowed_origins(AllowedOrigins::some_exact(&["https://app.example.com"]))
        .allowed_methods(methods.into_iter().collect())
        .allowed_headers(AllowedHeaders::some(&["content-type"]))
        .to_cors()?;
    let app = rocket::build()
        .mount("/", rocket::routes![hello])
        .attach(cors);
    app.launch().await?;
    Ok(())
}
