//! The smallest app of its framework without CORS, for `peers footprint` to build.

#[rocket::get("/")]
fn hello() -> &'static str {
    "hello"
}

#[rocket::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = rocket::build().mount("/", rocket::routes![hello]);
    app.launch().await?;
    Ok(())
}
