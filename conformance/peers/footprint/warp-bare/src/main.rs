//! The smallest app of its framework without CORS, for `peers footprint` to build.

use warp::Filter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = warp::path::end().map(|| "hello");
    warp::serve(app).run(([127, 0, 0, 1], 3000)).await;
    Ok(())
}
