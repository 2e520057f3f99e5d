//! A bare tower service, and axum's `Router::layer`.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use cors_axum::{CorsLayer, Policy};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response};
use tower_http::cors::{AllowOrigin, CorsLayer as Peer};
use tower_layer::Layer as _;
use tower_service::Service;

use crate::floor::FloorLayer;
use crate::measure::Contender;
use crate::scenario::{HEADERS, MAX_AGE, METHODS, Scenario};

/// Answers at once.
#[derive(Clone)]
struct App;

impl Service<Request<()>> for App {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        black_box(&request);
        let mut response = Response::new(());
        let text = HeaderValue::from_static("text/plain");
        response.headers_mut().insert(header::CONTENT_TYPE, text);
        ready(Ok(response))
    }
}

pub(crate) fn run(contender: Contender, scenario: Scenario, requests: usize) -> Vec<String> {
    match contender {
        Contender::Bare => send(App, scenario, requests),
        Contender::Floor => send(FloorLayer::new(scenario).layer(App), scenario, requests),
        Contender::Ours => send(ours(scenario).layer(App), scenario, requests),
        Contender::Peer => send(peer(scenario).layer(App), scenario, requests),
    }
}

pub(crate) fn run_router(contender: Contender, scenario: Scenario, requests: usize) -> Vec<String> {
    let router = Router::new().route("/", any(async || "hello"));
    let router = match contender {
        Contender::Bare => router,
        Contender::Floor => router.layer(FloorLayer::new(scenario)),
        Contender::Ours => router.layer(ours(scenario)),
        Contender::Peer => router.layer(peer(scenario)),
    };
    send::<_, Body, _>(router, scenario, requests)
}

fn ours(scenario: Scenario) -> CorsLayer {
    let policy = Policy::builder()
        .allow_origins(scenario.origins())
        .allow_methods(METHODS)
        .allow_headers(HEADERS)
        .max_age(Duration::from_secs(MAX_AGE))
        .build();
    CorsLayer::new(policy.expect("the policy is valid"))
}

fn peer(scenario: Scenario) -> Peer {
    let origins = if scenario.has_pattern() {
        AllowOrigin::predicate(|origin, _| {
            let origin = origin.as_bytes();
            origin.starts_with(b"https://") && origin.ends_with(b".sub.example.com")
        })
    } else {
        let origins = scenario.origins().into_iter();
        AllowOrigin::list(origins.filter_map(|origin| HeaderValue::try_from(origin).ok()))
    };
    Peer::new()
        .allow_origin(origins)
        .allow_methods([Method::PUT, Method::DELETE])
        .allow_headers(HEADERS.map(header::HeaderName::from_static))
        .max_age(Duration::from_secs(MAX_AGE))
}

/// Sends the request so many times; gives the header lines of the last response.
fn send<S, A, B>(mut service: S, scenario: Scenario, requests: usize) -> Vec<String>
where
    S: Service<Request<A>, Response = Response<B>, Error = Infallible>,
    A: Default,
{
    let lines = scenario.lines();
    let mut context = Context::from_waker(Waker::noop());
    let mut last = HeaderMap::new();
    for _ in 0..requests {
        let request = black_box(scenario.request(&lines));
        let future = pin!(service.call(request));
        let Poll::Ready(Ok(mut response)) = future.poll(&mut context) else {
            unreachable!("nothing here waits")
        };
        last = std::mem::take(black_box(&mut response).headers_mut());
    }
    last.iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default()))
        .collect()
}
