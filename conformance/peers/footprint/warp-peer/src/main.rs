//! The smallest app of its framework with the CORS of a peer, for `peers footprint` to build.

use warp::Filter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cors = warp::cors()
        .allow_origin("https://app.example.com")
        .allow_methods(["PUT"])
        .allow_headers(["content-type"]);
    let app = warp::path::end().map(|| "hello").with(cors);
    warp::serve(app).run(([127, 0, 0, 1], 3000)).await;
    Ok(())
}
