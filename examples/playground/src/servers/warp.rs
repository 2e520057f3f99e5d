//! The app on warp.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;

use cors_warp::{Cors, SharedPolicy};
use warp::http::header::{HeaderMap, HeaderValue};
use warp::http::{Method, StatusCode};
use warp::hyper::body::Bytes;
use warp::path::FullPath;
use warp::reject::{self, MethodNotAllowed, Reject};
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

use crate::app::{ANSWERS, Answer, CUSTOM, GOT};
use crate::host::Until;

pub(super) async fn serve(
    policy: SharedPolicy,
    listener: TcpListener,
    until: Until,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    // The rejections become responses inside of the policy.
    let app = Cors::new(policy).wrap(routes().recover(refuse).unify());
    warp::serve(app)
        .incoming(listener)
        .graceful(until)
        .run()
        .await;
    Ok(())
}

fn routes() -> impl Filter<Extract = (Response,), Error = Rejection> + Clone + Send + Sync {
    let echo = warp::method()
        .and(warp::header::headers_cloned())
        .and(warp::body::bytes())
        .then(echo);
    let answers = warp::path::full().and_then(async |path: FullPath| {
        let answer = ANSWERS.iter().find(|answer| answer.path == path.as_str());
        answer.map(respond).ok_or_else(reject::not_found)
    });
    let only_get = warp::path!("only-get")
        .and(warp::get())
        .map(|| respond(&GOT));
    let guarded = warp::path!("guarded").and(nobody()).and(echo);
    let echo = warp::path!("echo").and(echo);
    echo.or(only_get)
        .unify()
        .or(guarded)
        .unify()
        .or(answers)
        .unify()
}

fn respond(answer: &Answer) -> Response {
    let mut response = with_custom(answer.body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or_default();
    for (name, value) in answer.lines {
        response
            .headers_mut()
            .append(*name, HeaderValue::from_static(value));
    }
    response
}

async fn echo(method: Method, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    let seen = super::echo(method.as_str(), header, &body);
    with_custom(warp::reply::json(&seen))
}

fn with_custom(reply: impl Reply) -> Response {
    let mut response = reply.into_response();
    for (name, value) in CUSTOM {
        response
            .headers_mut()
            .append(name, HeaderValue::from_static(value));
    }
    response
}

#[derive(Debug)]
struct Unauthorized;

impl Reject for Unauthorized {}

/// Returns a filter that lets nobody in.
fn nobody() -> impl Filter<Extract = (), Error = Rejection> + Copy {
    let reject = async || Err::<Infallible, _>(reject::custom(Unauthorized));
    warp::any().and_then(reject).map(drop).untuple_one()
}

async fn refuse(rejection: Rejection) -> Result<Response, Infallible> {
    let status = if rejection.find::<Unauthorized>().is_some() {
        StatusCode::UNAUTHORIZED
    } else if rejection.find::<MethodNotAllowed>().is_some() {
        StatusCode::METHOD_NOT_ALLOWED
    } else {
        StatusCode::NOT_FOUND
    };
    Ok(status.into_response())
}
