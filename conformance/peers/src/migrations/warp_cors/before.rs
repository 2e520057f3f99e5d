use warp::{Filter, Rejection, Reply};

pub fn app() -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    let cors = warp::cors()
        .allow_origin("https://app.example.com")
        .allow_methods(["GET", "PUT"])
        .allow_headers(["content-type", "authorization"])
        .expose_headers(["etag"])
        .allow_credentials(true)
        .max_age(600);
    let notes = warp::get().map(|| "notes");
    let keep = warp::put().map(|| "kept");
    warp::path::end().and(notes.or(keep)).with(cors)
}
