//! The least that a correct answer takes: only what the scenario needs, with everything known
//! beforehand.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use foldhash::fast::FixedState;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::scenario::{HEADERS, METHODS, Scenario};

#[derive(Clone)]
pub(crate) struct FloorLayer(Arc<Allowed>);

struct Allowed {
    one: Option<HeaderValue>,
    many: HashSet<Vec<u8>, FixedState>,
    pattern: bool,
}

impl FloorLayer {
    pub(crate) fn new(scenario: Scenario) -> Self {
        let origins = scenario.origins();
        let one = match &origins[..] {
            [one] => HeaderValue::from_str(one).ok(),
            _ => None,
        };
        Self(Arc::new(Allowed {
            one,
            many: origins.into_iter().map(String::into_bytes).collect(),
            pattern: scenario.has_pattern(),
        }))
    }
}

impl<S> Layer<S> for FloorLayer {
    type Service = Floor<S>;

    fn layer(&self, inner: S) -> Floor<S> {
        Floor {
            inner,
            allowed: Arc::clone(&self.0),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Floor<S> {
    inner: S,
    allowed: Arc<Allowed>,
}

impl Allowed {
    fn takes(&self, origin: &HeaderValue) -> bool {
        if self.pattern {
            let origin = origin.as_bytes();
            origin.starts_with(b"https://") && origin.ends_with(b".sub.example.com")
        } else if let Some(one) = &self.one {
            one == origin
        } else {
            self.many.contains(origin.as_bytes())
        }
    }
}

impl<S, A, B> Service<Request<A>> for Floor<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Default,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = FloorFuture<S::Future, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let origin = request.headers().get(header::ORIGIN);
        let allowed = origin.filter(|origin| self.allowed.takes(origin)).cloned();
        if *request.method() == Method::OPTIONS && origin.is_some() {
            return FloorFuture::Answer {
                response: Some(answer(allowed, request.headers())),
            };
        }
        FloorFuture::Call {
            future: self.inner.call(request),
            allowed,
        }
    }
}

/// To a preflight: 16 KiB of names are refused by their length.
fn answer<B: Default>(allowed: Option<HeaderValue>, request: &HeaderMap) -> Response<B> {
    let mut response = Response::new(B::default());
    let method = request.get(header::ACCESS_CONTROL_REQUEST_METHOD);
    let names = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
    let asks_for_allowed = method.is_some_and(|method| METHODS.iter().any(|one| one == method))
        && names.is_none_or(|names| {
            names.len() < 8 * 1024
                && names
                    .as_bytes()
                    .split(|byte| *byte == b',')
                    .all(|name| HEADERS.iter().any(|one| one.as_bytes() == name))
        });
    let headers = response.headers_mut();
    let status = match allowed.filter(|_| asks_for_allowed) {
        None => {
            headers.reserve(1);
            StatusCode::FORBIDDEN
        }
        Some(origin) => {
            headers.reserve(5);
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOW_METHODS);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOW_HEADERS);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, AGE);
            StatusCode::NO_CONTENT
        }
    };
    headers.insert(header::VARY, PREFLIGHT_VARY);
    *response.status_mut() = status;
    response
}

const ALLOW_METHODS: HeaderValue = HeaderValue::from_static("PUT, DELETE");
const ALLOW_HEADERS: HeaderValue =
    HeaderValue::from_static("content-type, x-custom-one, authorization");
const AGE: HeaderValue = HeaderValue::from_static("600");
const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
const PREFLIGHT_VARY: HeaderValue = HeaderValue::from_static(
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
);

pin_project! {
    #[project = Projection]
    pub(crate) enum FloorFuture<F, B> {
        Answer { response: Option<Response<B>> },
        Call { #[pin] future: F, allowed: Option<HeaderValue> },
    }
}

impl<F, B, E> Future for FloorFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projection::Answer { response } => {
                Poll::Ready(Ok(response.take().expect("it is polled once")))
            }
            Projection::Call { future, allowed } => {
                let mut response = ready!(future.poll(context))?;
                let headers = response.headers_mut();
                headers.append(header::VARY, ORIGIN);
                if let Some(origin) = allowed.take() {
                    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                }
                Poll::Ready(Ok(response))
            }
        }
    }
}
