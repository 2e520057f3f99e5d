//! The floor as a tower service over `http` 1.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::floor::{self, Allowed, Verdict};
use crate::scenario::{APP, Rules};

#[derive(Clone)]
pub struct Floor(Arc<Finished>);

struct Finished {
    allowed: Allowed,
    /// The headers of a preflight that is allowed, and of one that is not.
    preflight: HeaderMap,
    refused_preflight: HeaderMap,
}

impl Floor {
    pub fn new(rules: &Rules) -> Self {
        let mut refused_preflight = HeaderMap::with_capacity(1);
        let vary = HeaderValue::from_static(floor::PREFLIGHT_VARY);
        refused_preflight.insert(header::VARY, vary.clone());
        let mut preflight = HeaderMap::with_capacity(5);
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, APP),
            (header::ACCESS_CONTROL_ALLOW_METHODS, floor::ALLOW_METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, floor::ALLOW_HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, floor::MAX_AGE),
        ] {
            preflight.insert(name, HeaderValue::from_static(value));
        }
        preflight.insert(header::VARY, vary);
        Self(Arc::new(Finished {
            allowed: Allowed::new(rules),
            preflight,
            refused_preflight,
        }))
    }
}

impl<S> Layer<S> for Floor {
    type Service = FloorService<S>;

    fn layer(&self, inner: S) -> FloorService<S> {
        FloorService {
            inner,
            floor: self.clone(),
        }
    }
}

#[derive(Clone)]
pub struct FloorService<S> {
    inner: S,
    floor: Floor,
}

impl<S, A, B> Service<Request<A>> for FloorService<S>
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
        let floor = &*self.floor.0;
        let headers = request.headers();
        let origin = headers.get(header::ORIGIN);
        if request.method() == Method::OPTIONS
            && let Some(method) = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)
        {
            let asked = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
            let allowed = floor::allows(
                origin.map(HeaderValue::as_bytes),
                method.as_bytes(),
                asked.map(HeaderValue::as_bytes),
            );
            let mut response = Response::new(B::default());
            *response.status_mut() = StatusCode::NO_CONTENT;
            *response.headers_mut() = if allowed {
                floor.preflight.clone()
            } else {
                floor.refused_preflight.clone()
            };
            let response = Some(response);
            return FloorFuture::Answer { response };
        }
        let allow_origin = match floor.allowed.judge(origin.map(HeaderValue::as_bytes)) {
            Verdict::Refused => None,
            Verdict::App => Some(HeaderValue::from_static(APP)),
            Verdict::Any => Some(HeaderValue::from_static("*")),
            Verdict::Echo => origin.cloned(),
        };
        FloorFuture::Call {
            varies: floor.allowed.varies(),
            with_credentials: floor.allowed.with_credentials() && allow_origin.is_some(),
            allow_origin,
            future: self.inner.call(request),
        }
    }
}

pin_project! {
    #[project = FloorProjection]
    pub enum FloorFuture<F, B> {
        Answer { response: Option<Response<B>> },
        Call {
            #[pin]
            future: F,
            allow_origin: Option<HeaderValue>,
            varies: bool,
            with_credentials: bool,
        },
    }
}

impl<F, B, E> Future for FloorFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            FloorProjection::Answer { response } => {
                Poll::Ready(Ok(response.take().expect("polled once")))
            }
            FloorProjection::Call {
                future,
                allow_origin,
                varies,
                with_credentials,
            } => {
                let mut response = ready!(future.poll(context))?;
                let headers = response.headers_mut();
                if *varies {
                    headers.append(header::VARY, HeaderValue::from_static(floor::VARY));
                }
                if let Some(origin) = allow_origin.take() {
                    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                }
                if *with_credentials {
                    let name = header::ACCESS_CONTROL_ALLOW_CREDENTIALS;
                    headers.insert(name, HeaderValue::from_static("true"));
                }
                Poll::Ready(Ok(response))
            }
        }
    }
}
