//! A listener adds no allocation of its own to a request.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use cors_axum::{CorsLayer, CorsService, DecisionEvent, Policy, PolicyMap};
use http::{Request, Response};
use tower_layer::Layer as _;
use tower_service::Service;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const APP: &str = "https://app.example.com";

#[derive(Clone)]
struct App;

impl Service<Request<()>> for App {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<std::result::Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(String::new())))
    }
}

/// Counts the allocations of the second of two equal requests.
fn allocations(service: &mut CorsService<App>, request: &Request<()>) -> u64 {
    let mut count = 0;
    for _ in 0..2 {
        let request = request.clone();
        let allocations = allocation_counter::measure(|| {
            let mut response = Box::pin(service.call(request));
            let polled = response
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            assert!(polled.is_ready(), "nothing waits");
        });
        count = allocations.count_total;
    }
    count
}

fn request(method: &str, lines: &[(&str, &str)]) -> Result<Request<()>> {
    let request = Request::builder().method(method).uri("/api/7?query");
    let request = lines
        .iter()
        .fold(request, |request, line| request.header(line.0, line.1));
    Ok(request.header("host", "server.example").body(())?)
}

#[test]
fn a_listener_that_allocates_nothing_adds_no_allocation() -> Result {
    let policy = Policy::builder().allow_origins([APP]).build()?;
    let policies = PolicyMap::builder().path("/api/{id}", policy).build()?;
    let heard = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&heard);
    let reads = move |event: &DecisionEvent<'_>| {
        assert_eq!(event.pattern(), Some("/api/{id}"));
        assert_eq!(event.version(), 1);
        let read = [event.method(), event.path()];
        let _ = (read, event.host(), event.origin(), event.is_same_origin());
        count.fetch_add(1, Ordering::Relaxed);
    };
    let mut silent = CorsLayer::new(policies.clone()).layer(App);
    let mut listening = CorsLayer::new(policies).on_decision(reads).layer(App);
    for request in [
        request("GET", &[])?,
        request("GET", &[("origin", APP)])?,
        request("POST", &[("origin", "https://evil.example")])?,
        request(
            "OPTIONS",
            &[("origin", APP), ("access-control-request-method", "PUT")],
        )?,
        request(
            "OPTIONS",
            &[("origin", APP), ("access-control-request-method", "GET")],
        )?,
    ] {
        let without = allocations(&mut silent, &request);
        let with = allocations(&mut listening, &request);
        assert_eq!(with, without, "{request:?}");
    }
    assert_eq!(heard.load(Ordering::Relaxed), 10);
    Ok(())
}
