use std::convert::Infallible;
use std::time::Duration;

use cors_warp::{Cors, Policy, PolicyErrors};
use warp::http::StatusCode;
use warp::{Filter, Rejection, Reply};

// A rejection gets its headers too, once the app has made a response of it.
async fn refuse(_: Rejection) -> Result<impl Reply, Infallible> {
    Ok(StatusCode::NOT_FOUND)
}

pub fn app()
-> Result<impl Filter<Extract = (impl Reply,), Error = Infallible> + Clone, PolicyErrors> {
    let policy = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["etag"])
        .allow_credentials(true)
        .max_age(Duration::from_secs(600))
        .build()?;
    let notes = warp::get().map(|| "notes");
    let keep = warp::put().map(|| "kept");
    let routes = warp::path::end().and(notes.or(keep)).recover(refuse);
    Ok(Cors::new(policy).wrap(routes))
}
