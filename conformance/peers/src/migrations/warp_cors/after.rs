use std::convert::Infallible;
use std::time::Duration;

use cors_warp::{Cors, Policy, PolicyErrors};
use warp::filters::body::BodyDeserializeError;
use warp::http::StatusCode;
use warp::reject::{
    InvalidHeader, InvalidQuery, LengthRequired, MethodNotAllowed, MissingCookie, MissingHeader,
    PayloadTooLarge, UnsupportedMediaType,
};
use warp::{Filter, Rejection, Reply};

// A rejection gets its headers too, once the app has made a response of it. The status is the one
// that warp gives. An app looks for rejections of its own first: here they are 500, as without it.
pub async fn refuse(rejection: Rejection) -> Result<impl Reply, Infallible> {
    Ok(if rejection.find::<UnsupportedMediaType>().is_some() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    } else if rejection.find::<PayloadTooLarge>().is_some() {
        StatusCode::PAYLOAD_TOO_LARGE
    } else if rejection.find::<LengthRequired>().is_some() {
        StatusCode::LENGTH_REQUIRED
    } else if rejection.find::<BodyDeserializeError>().is_some()
        || rejection.find::<InvalidQuery>().is_some()
        || rejection.find::<InvalidHeader>().is_some()
        || rejection.find::<MissingHeader>().is_some()
        || rejection.find::<MissingCookie>().is_some()
    {
        StatusCode::BAD_REQUEST
    } else if rejection.find::<MethodNotAllowed>().is_some() {
        StatusCode::METHOD_NOT_ALLOWED
    } else if rejection.is_not_found() {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    })
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
        // 403 for other origins, as before: their forms do not reach the app.
        .reject_disallowed_origins(true)
        .build()?;
    let notes = warp::get().map(|| "notes");
    let keep = warp::put().map(|| "kept");
    let routes = warp::path::end().and(notes.or(keep)).recover(refuse);
    Ok(Cors::new(policy).wrap(routes))
}
