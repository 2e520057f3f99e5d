//! The layer in axum and in bare tower stacks: what answers inside of it leaves with headers,
//! and it keeps to tower's contracts.

use std::convert::Infallible;
use std::future::{Ready, pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, HeaderValue, ORIGIN, VARY};
use axum::http::{Method, Response, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::{get, post};
use cors_axum::{AsyncPredicate, CorsLayer, CorsService, Policy, PolicyErrors};
use tower::{Service, ServiceBuilder, ServiceExt as _};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use tower_layer::Layer as _;

const APP: &str = "https://app.example.com";

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn policy() -> std::result::Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins([APP])
        .allow_methods(["PUT"])
        .build()
}

fn request(method: Method, path: &str) -> Result<Request> {
    Ok(Request::builder()
        .method(method)
        .uri(path)
        .header(ORIGIN, APP)
        .body(Body::empty())?)
}

fn preflight(path: &str) -> Result<Request> {
    let mut request = request(Method::OPTIONS, path)?;
    request
        .headers_mut()
        .insert("access-control-request-method", "PUT".parse()?);
    Ok(request)
}

fn app() -> Router {
    let guarded = get(|| async { "secret" }).layer(middleware::from_fn(refuse));
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/post", post(|| async { "posted" }))
        .route("/moved", get(|| async { Redirect::to("/") }))
        .route(
            "/broken",
            get(|| async { StatusCode::INTERNAL_SERVER_ERROR }),
        )
        .route("/panic", get(panics))
        .route("/hangs", get(pending::<()>))
        .route("/guarded", guarded)
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            Duration::ZERO,
        ))
}

#[expect(clippy::panic, reason = "what a layer inside of CORS turns into a 500")]
async fn panics() {
    panic!("a handler's bug");
}

async fn refuse(_: Request, _: Next) -> axum::response::Response {
    StatusCode::UNAUTHORIZED.into_response()
}

/// Every response of an app under the layer, wherever it comes from.
const ANSWERS: [(Method, &str, StatusCode); 8] = [
    (Method::GET, "/", StatusCode::OK),
    (Method::GET, "/post", StatusCode::METHOD_NOT_ALLOWED),
    (Method::GET, "/nowhere", StatusCode::NOT_FOUND),
    (Method::GET, "/moved", StatusCode::SEE_OTHER),
    (Method::GET, "/broken", StatusCode::INTERNAL_SERVER_ERROR),
    (Method::GET, "/panic", StatusCode::INTERNAL_SERVER_ERROR),
    (Method::GET, "/hangs", StatusCode::REQUEST_TIMEOUT),
    (Method::GET, "/guarded", StatusCode::UNAUTHORIZED),
];

async fn assert_covers_every_answer<S, B>(app: S) -> Result
where
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone,
{
    for (method, path, status) in ANSWERS {
        let response = app.clone().oneshot(request(method, path)?).await?;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(
            response.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN),
            Some(&APP.parse()?)
        );
        assert_eq!(
            response.headers().get(VARY),
            Some(&"Origin".parse()?),
            "{path}"
        );
    }
    let response = app.oneshot(preflight("/nowhere")?).await?;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    Ok(())
}

#[tokio::test]
async fn router_layer_covers_every_answer() -> Result {
    assert_covers_every_answer(app().layer(CorsLayer::new(policy()?))).await
}

#[tokio::test]
async fn around_the_whole_router_covers_every_answer() -> Result {
    assert_covers_every_answer(CorsLayer::new(policy()?).layer(app())).await
}

#[tokio::test]
async fn around_the_whole_router_is_a_service_that_axum_serves() -> Result {
    let app = CorsLayer::new(policy()?).layer(app());
    let mut make = axum::ServiceExt::<Request>::into_make_service(app);
    let app = make.call(()).await?;
    let response = app.oneshot(request(Method::GET, "/")?).await?;
    assert_eq!(
        response.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN),
        Some(&APP.parse()?)
    );
    Ok(())
}

#[tokio::test]
async fn a_route_s_own_layer_wins_over_the_app_s() -> Result {
    let other = "https://other.example";
    let narrow = Policy::builder()
        .allow_origins([other])
        .expose_headers(["x-a"])
        .build()?;
    let app = Router::new()
        .route("/", get(|| async { "outer" }))
        .route(
            "/inner",
            get(|| async { "inner" }).layer(CorsLayer::for_route(narrow)),
        )
        .layer(CorsLayer::new(policy()?));
    for (path, origin, allowed) in [
        ("/", APP, true),
        ("/", other, false),
        ("/inner", APP, false),
        ("/inner", other, true),
    ] {
        let mut request = request(Method::GET, path)?;
        request.headers_mut().insert(ORIGIN, origin.parse()?);
        let response = app.clone().oneshot(request).await?;
        let lines: Vec<_> = response
            .headers()
            .get_all(ACCESS_CONTROL_ALLOW_ORIGIN)
            .iter()
            .collect();
        assert_eq!(
            lines,
            if allowed { vec![origin] } else { vec![] },
            "{path} {origin}"
        );
        assert_eq!(
            response.headers().get_all(VARY).iter().count(),
            1,
            "{path} {origin}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_preflight_that_is_passed_through_reaches_the_route_s_own_layer() -> Result {
    let outer = Policy::builder().preflight_passthrough(true).build()?;
    let app = Router::new()
        .route(
            "/inner",
            get(|| async { "inner" }).layer(CorsLayer::for_route(policy()?)),
        )
        .layer(CorsLayer::new(outer));
    let response = app.oneshot(preflight("/inner")?).await?;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        response.headers().get(ACCESS_CONTROL_ALLOW_ORIGIN),
        Some(&APP.parse()?)
    );
    Ok(())
}

/// An inner service that is ready once it was polled, and insists on being polled.
#[derive(Clone, Default)]
struct Picky {
    ready: bool,
    polls: Arc<AtomicUsize>,
    calls: Arc<AtomicUsize>,
}

impl<B> Service<http::Request<B>> for Picky {
    type Response = Response<String>;
    type Error = &'static str;
    type Future = Ready<std::result::Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Self::Error>> {
        self.ready = true;
        self.polls.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Request<B>) -> Self::Future {
        assert!(
            std::mem::take(&mut self.ready),
            "called without being polled ready"
        );
        self.calls.fetch_add(1, Ordering::Relaxed);
        ready(Ok(Response::new("inner".to_owned())))
    }
}

#[tokio::test]
async fn the_very_service_that_was_ready_is_called_and_preflights_do_not_call_it() -> Result {
    let inner = Picky::default();
    let mut cors = CorsLayer::new(policy()?).layer(inner.clone());
    for (request, calls) in [
        (request(Method::GET, "/")?, 1),
        (preflight("/")?, 1),
        (request(Method::GET, "/")?, 2),
    ] {
        let response = tower::ServiceExt::<Request>::ready(&mut cors)
            .await?
            .call(request)
            .await?;
        assert!(response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
        assert_eq!(inner.calls.load(Ordering::Relaxed), calls);
    }
    assert_eq!(inner.polls.load(Ordering::Relaxed), 3);
    Ok(())
}

/// The same while an asynchronous predicate is asked, which keeps the service waiting.
#[tokio::test]
async fn the_very_service_that_was_ready_waits_for_the_predicate() -> Result {
    let awaited = Policy::builder()
        .allow_methods(["PUT"])
        .allow_origin_if_async(
            AsyncPredicate::new(async |_| {
                tokio::task::yield_now().await;
                Ok::<_, Infallible>(true)
            })
            .timeout_with(pending),
        )
        .build()?;
    let inner = Picky::default();
    let mut cors = CorsLayer::new(awaited.clone())
        .await_predicates()
        .layer(inner.clone());
    for (request, calls) in [
        (request(Method::GET, "/")?, 1),
        (preflight("/")?, 1),
        (request(Method::GET, "/")?, 2),
    ] {
        let ready = tower::ServiceExt::<Request>::ready(&mut cors).await?;
        let response = ready.call(request).await?;
        assert!(response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
        assert_eq!(inner.calls.load(Ordering::Relaxed), calls);
    }

    // A layer that does not wait refuses.
    let cors = CorsLayer::new(awaited).layer(inner.clone());
    let response = cors.oneshot(request(Method::GET, "/")?).await?;
    assert!(!response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    assert_eq!(response.headers()[VARY], "Origin");
    Ok(())
}

/// Most stacks have a service somewhere that can't be cloned, and no asynchronous predicate.
#[tokio::test]
async fn the_inner_service_need_not_be_clone() -> Result {
    let limited = ServiceBuilder::new()
        .layer(CorsLayer::new(policy()?))
        .rate_limit(1, Duration::from_secs(1))
        .service(Picky::default());
    let boxed = ServiceBuilder::new()
        .layer(CorsLayer::new(policy()?))
        .service(Picky::default().boxed());
    let responses = [
        limited.oneshot(request(Method::GET, "/")?).await?,
        boxed.oneshot(request(Method::GET, "/")?).await?,
    ];
    for response in responses {
        assert!(response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    }
    Ok(())
}

#[tokio::test]
async fn http_s_types_are_texts_of_a_policy() -> Result {
    let policy = Policy::builder()
        .allow_origins([HeaderValue::from_static(APP)])
        .allow_methods([Method::PUT])
        .allow_headers([CONTENT_TYPE])
        .expose_headers(&[HeaderValue::from_static("etag")])
        .build()?;
    assert_eq!(policy.config().allow_origins, [APP]);
    assert_eq!(policy.config().allow_methods, ["PUT"]);
    assert_eq!(policy.config().allow_headers, ["content-type"]);
    assert_eq!(policy.config().expose_headers, ["etag"]);
    let unreadable = HeaderValue::from_bytes(b"https://\xff.example")?;
    assert!(
        Policy::builder()
            .allow_origins([unreadable])
            .build()
            .is_err()
    );
    Ok(())
}

#[tokio::test]
async fn readiness_and_errors_of_the_inner_service_pass_through() -> Result {
    /// Never ready, and says so.
    #[derive(Clone)]
    struct Broken;

    impl Service<Request> for Broken {
        type Response = Response<String>;
        type Error = &'static str;
        type Future = Ready<std::result::Result<Self::Response, Self::Error>>;

        fn poll_ready(
            &mut self,
            _: &mut Context<'_>,
        ) -> Poll<std::result::Result<(), Self::Error>> {
            Poll::Ready(Err("no more"))
        }

        fn call(&mut self, _: Request) -> Self::Future {
            ready(Err("not ready"))
        }
    }

    let mut cors = CorsLayer::new(policy()?).layer(Broken);
    let readiness = std::future::poll_fn(|context| cors.poll_ready(context)).await;
    assert_eq!(readiness, Err("no more"));
    assert_eq!(
        cors.call(request(Method::GET, "/")?).await.err(),
        Some("not ready")
    );
    Ok(())
}

#[tokio::test]
async fn composes_in_a_tower_stack_with_any_body() -> Result {
    let stack = ServiceBuilder::new()
        .layer(CorsLayer::new(policy()?))
        .concurrency_limit(1)
        .service(Picky::default());
    let response = stack.oneshot(http::Request::builder().header(ORIGIN, APP).body(7u8)?);
    let response = response.await?;
    assert_eq!(response.body(), "inner");
    assert!(response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    Ok(())
}

#[test]
fn a_clone_of_the_layer_is_one_reference_count() -> Result {
    let origins = (0..10_000).map(|index| format!("https://a{index}.example"));
    let layer = CorsLayer::new(Policy::builder().allow_origins(origins).build()?);
    let service = layer.layer(Picky::default());
    let allocations = allocation_counter::measure(|| drop((layer.clone(), service.clone())));
    assert_eq!(allocations.count_total, 0);
    // The count, the places of listeners, of a shadow and of mistakes, and two switches.
    assert!(size_of::<CorsLayer>() <= 5 * size_of::<usize>());
    assert!(size_of::<CorsService<()>>() <= 5 * size_of::<usize>());
    Ok(())
}
