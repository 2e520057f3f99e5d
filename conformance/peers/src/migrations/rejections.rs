//! A rejection has the status that warp gives it, in the service after as before.

use std::convert::Infallible;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tower_service::Service;
use warp::reply::Response;
use warp::{Filter, Rejection, Reply};

use super::warp_cors::after::refuse;
use crate::case::now;

#[derive(Debug)]
struct OfTheApp;

impl warp::reject::Reject for OfTheApp {}

/// Rejects in every way that a caller of warp can tell.
fn routes() -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    let body = warp::path("body")
        .and(warp::post())
        .and(warp::body::content_length_limit(4))
        .and(warp::body::json())
        .map(|_: u8| "");
    let query = warp::path("query")
        .and(warp::query())
        .map(|_: Vec<(u8, u8)>| "");
    let header = warp::path("header")
        .and(warp::header("x-number"))
        .map(|_: u8| "");
    let cookie = warp::path("cookie")
        .and(warp::cookie("session"))
        .map(|_: String| "");
    let own = warp::path("own").and_then(async || Err::<&str, _>(warp::reject::custom(OfTheApp)));
    body.or(query).or(header).or(cookie).or(own)
}

fn status(
    mut service: impl Service<Request<Full<Bytes>>, Response = Response, Error = Infallible>,
    request: Request<Full<Bytes>>,
) -> u16 {
    let Ok(response) = now(service.call(request));
    response.status().as_u16()
}

#[test]
fn a_rejection_has_the_status_that_warp_gives_it() {
    let json = ("content-type", "application/json");
    let text = ("content-type", "text/plain");
    let requests: [(_, &[(&str, &str)], _); 11] = [
        ("POST /body", &[json], 411),
        ("POST /body", &[json, ("content-length", "9")], 413),
        ("POST /body", &[text, ("content-length", "1")], 415),
        ("POST /body", &[json, ("content-length", "1")], 400),
        ("GET /body", &[], 405),
        ("GET /query?a=b", &[], 400),
        ("GET /header", &[], 400),
        ("GET /header", &[("x-number", "many")], 400),
        ("GET /cookie", &[], 400),
        ("GET /own", &[], 500),
        ("GET /missing", &[], 404),
    ];
    for (line, headers, expected) in requests {
        let (method, uri) = line.split_once(' ').expect("there are two words");
        let request = headers
            .iter()
            .fold(Request::builder(), |request, (name, value)| {
                request.header(*name, *value)
            });
        let request = request.method(method).uri(uri).body(Full::from("x"));
        let request = request.expect("it is well-formed");
        let before = status(warp::service(routes()), request.clone());
        let after = status(warp::service(routes().recover(refuse)), request);
        assert_eq!((before, after), (expected, expected), "{line} {headers:?}");
    }
}
