//! Around the service and around a filter: replies, and rejections of every kind, leave with
//! headers.

use std::convert::Infallible;

use cors_warp::{Cors, CorsLayer, Policy, PolicyErrors};
use http_body_util::BodyExt as _;
use tower::{Service, ServiceExt as _};
use tower_layer::Layer as _;
use warp::filters::BoxedFilter;
use warp::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use warp::http::{HeaderMap, Method, Request, StatusCode};
use warp::reject::{MethodNotAllowed, Reject};
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

const APP: &str = "https://app.example.com";
const PARTNER: &str = "https://partner.example.com";

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn policy(origin: &str) -> std::result::Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins([origin])
        .allow_methods(["PUT"])
        .build()
}

fn request(method: Method, path: &str, origin: &str) -> Result<Request<String>> {
    Ok(Request::builder()
        .method(method)
        .uri(path)
        .header(ORIGIN, origin)
        .header("content-length", "4")
        .body("none".to_owned())?)
}

fn preflight(path: &str, origin: &str) -> Result<Request<String>> {
    let mut request = request(Method::OPTIONS, path, origin)?;
    request
        .headers_mut()
        .insert(ACCESS_CONTROL_REQUEST_METHOD, "PUT".parse()?);
    Ok(request)
}

fn allowed(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(ACCESS_CONTROL_ALLOW_ORIGIN).iter();
    let line = lines.next()?;
    assert_eq!(lines.next(), None, "one line at most");
    line.to_str().ok()
}

/// What an app rejects with.
#[derive(Debug)]
struct Teapot;

impl Reject for Teapot {}

/// Two routes joined by `or`, with every kind of rejection.
fn routes() -> BoxedFilter<(Response,)> {
    let number = warp::path("number")
        .and(warp::post())
        .and(warp::body::json())
        .map(|number: u8| number.to_string().into_response());
    let teapot =
        warp::path("teapot").and_then(async || Err::<Response, _>(warp::reject::custom(Teapot)));
    number.or(teapot).unify().boxed()
}

/// Recovers from some rejections, and leaves the others as they are.
async fn recover_teapot(rejection: Rejection) -> std::result::Result<Response, Rejection> {
    match rejection.find() {
        Some(Teapot) => Ok(StatusCode::IM_A_TEAPOT.into_response()),
        None => Err(rejection),
    }
}

/// Recovers from every rejection.
async fn recover(rejection: Rejection) -> std::result::Result<Response, Infallible> {
    let status = if rejection.find::<Teapot>().is_some() {
        StatusCode::IM_A_TEAPOT
    } else if rejection.find::<MethodNotAllowed>().is_some() {
        StatusCode::METHOD_NOT_ALLOWED
    } else if rejection.is_not_found() {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::BAD_REQUEST
    };
    Ok(status.into_response())
}

/// Every answer of [`routes`] under the policy of [`APP`].
async fn assert_covers_every_answer<S>(app: S, teapot: StatusCode) -> Result
where
    S: Service<Request<String>, Response = Response, Error = Infallible> + Clone,
{
    for (method, path, status) in [
        (Method::POST, "/number", StatusCode::BAD_REQUEST),
        (Method::GET, "/number", StatusCode::METHOD_NOT_ALLOWED),
        (Method::GET, "/teapot", teapot),
        (Method::GET, "/nowhere", StatusCode::NOT_FOUND),
    ] {
        for (origin, expected) in [(APP, Some(APP)), (PARTNER, None)] {
            let request = request(method.clone(), path, origin)?;
            let response = app.clone().oneshot(request).await?;
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(
                allowed(response.headers()),
                expected,
                "{path} from {origin}"
            );
            assert_eq!(
                response.headers().get(VARY),
                Some(&"Origin".parse()?),
                "{path}"
            );
        }
    }
    for (origin, status) in [
        (APP, StatusCode::NO_CONTENT),
        (PARTNER, StatusCode::FORBIDDEN),
    ] {
        let response = app.clone().oneshot(preflight("/number", origin)?).await?;
        assert_eq!(response.status(), status, "{origin}");
    }
    Ok(())
}

#[tokio::test]
async fn the_service_covers_rejections_that_nobody_recovers_from() -> Result {
    let app = CorsLayer::new(policy(APP)?).layer(warp::service(routes()));
    assert_covers_every_answer(app, StatusCode::INTERNAL_SERVER_ERROR).await
}

#[tokio::test]
async fn the_service_covers_rejections_that_somebody_recovers_from() -> Result {
    let cors = CorsLayer::new(policy(APP)?);
    let some = cors.layer(warp::service(routes().recover(recover_teapot)));
    assert_covers_every_answer(some, StatusCode::IM_A_TEAPOT).await?;
    let all = cors.layer(warp::service(routes().recover(recover)));
    assert_covers_every_answer(all, StatusCode::IM_A_TEAPOT).await
}

#[tokio::test]
async fn the_filter_covers_rejections() -> Result {
    let app = Cors::new(policy(APP)?).wrap(routes().recover(recover));
    assert_covers_every_answer(warp::service(app), StatusCode::IM_A_TEAPOT).await
}

#[tokio::test]
async fn the_filter_answers_a_preflight_without_running_the_app() -> Result {
    let never = warp::any().map(|| -> Response { unreachable!("it is not called") });
    let app = warp::service(Cors::new(policy(APP)?).wrap(never));
    for (origin, status) in [
        (APP, StatusCode::NO_CONTENT),
        (PARTNER, StatusCode::FORBIDDEN),
    ] {
        let response = app.clone().oneshot(preflight("/", origin)?).await?;
        assert_eq!(response.status(), status, "{origin}");
        let body = response.into_body().collect().await?.to_bytes();
        assert!(body.is_empty(), "{origin}");
    }
    Ok(())
}

#[tokio::test]
async fn no_branch_answers_for_another() -> Result {
    let orders = Cors::new(policy(PARTNER)?).wrap(routes().recover(recover));
    let tasks = Cors::new(policy(APP)?).wrap(routes().recover(recover));
    let branches = warp::path("orders")
        .and(orders)
        .or(warp::path("tasks").and(tasks));
    let app = warp::service(branches);
    for (path, origin, expected) in [
        ("/orders/teapot", PARTNER, Some(PARTNER)),
        ("/orders/nowhere", PARTNER, Some(PARTNER)),
        ("/orders/teapot", APP, None),
        ("/tasks/teapot", APP, Some(APP)),
        ("/tasks/nowhere", APP, Some(APP)),
        ("/tasks/teapot", PARTNER, None),
        // No branch, no policy.
        ("/elsewhere", APP, None),
    ] {
        for request in [
            request(Method::GET, path, origin)?,
            preflight(path, origin)?,
        ] {
            let response = app.clone().oneshot(request).await?;
            assert_eq!(
                allowed(response.headers()),
                expected,
                "{path} from {origin}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_branch_s_own_policy_wins_over_the_app_s() -> Result {
    let orders = Cors::for_route(policy(PARTNER)?).wrap(routes().recover(recover));
    let branches = warp::path("orders")
        .and(orders)
        .or(routes())
        .unify()
        .recover(recover)
        .unify();
    let around_service = CorsLayer::new(policy(APP)?).layer(warp::service(branches.clone()));
    let around_filter = warp::service(Cors::new(policy(APP)?).wrap(branches));
    for (path, origin, expected) in [
        ("/orders/teapot", PARTNER, Some(PARTNER)),
        ("/orders/teapot", APP, None),
        ("/teapot", APP, Some(APP)),
        ("/teapot", PARTNER, None),
    ] {
        for response in [
            around_service
                .clone()
                .oneshot(request(Method::GET, path, origin)?)
                .await?,
            around_filter
                .clone()
                .oneshot(request(Method::GET, path, origin)?)
                .await?,
        ] {
            assert_eq!(
                allowed(response.headers()),
                expected,
                "{path} from {origin}"
            );
            let vary: Vec<_> = response.headers().get_all(VARY).iter().collect();
            assert_eq!(vary, ["Origin"], "{path} from {origin}");
        }
    }
    Ok(())
}
