//! The smallest app of its framework with CORS, for `peers footprint` to build.

use std::convert::Infallible;

use cors_warp::{Cors, Policy};
use warp::Filter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type"])
        .build()?;
    let routes = warp::path::end()
        .map(|| "hello")
        .recover(async |_| Ok::<_, Infallible>(warp::http::StatusCode::NOT_FOUND));
    let app = Cors::new(policy).wrap(routes);
    warp::serve(app).run(([127, 0, 0, 1], 3000)).await;
    Ok(())
}
