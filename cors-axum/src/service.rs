use std::ops::ControlFlow;
use std::task::{Context, Poll};

use cors_core::adapter::Begun;
use http::{Request, Response, StatusCode};
use tower_service::Service;

use crate::Exchange;
use crate::body::EmptyBody;
use crate::future::{AsyncResponseFuture, ResponseFuture};
use crate::layer::Policies;

/// A service under a policy; [`CorsLayer`](crate::CorsLayer) makes it.
#[derive(Clone, Debug)]
pub struct CorsService<S> {
    inner: S,
    policies: Policies,
}

impl<S> CorsService<S> {
    pub(crate) const fn new(inner: S, policies: Policies) -> Self {
        Self { inner, policies }
    }

    /// Returns the inner service.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns the inner service, to be changed.
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Returns the inner service, and drops the rest.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for CorsService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    ResponseBody: EmptyBody,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResponseBody>;

    /// Polls the inner service: it is not known yet whether the request is a preflight.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let Policies { prepared, options } = &self.policies;
        let exchange = prepared.begin_without_waiting(*options, &request);
        match answer(exchange, &mut request) {
            ControlFlow::Break(answer) => ResponseFuture::answer(answer),
            ControlFlow::Continue(exchange) => {
                ResponseFuture::call(self.inner.call(request), exchange)
            }
        }
    }
}

/// A service under a policy, which waits for asynchronous predicates;
/// [`AsyncCorsLayer`](crate::AsyncCorsLayer) makes it.
///
/// The inner service is cloned for a request that waits, so it must be `Clone`.
#[derive(Clone, Debug)]
pub struct AsyncCorsService<S> {
    inner: S,
    policies: Policies,
}

impl<S> AsyncCorsService<S> {
    pub(crate) const fn new(inner: S, policies: Policies) -> Self {
        Self { inner, policies }
    }

    /// Returns the inner service.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns the inner service, to be changed.
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Returns the inner service, and drops the rest.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for AsyncCorsService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone,
    ResponseBody: EmptyBody,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = AsyncResponseFuture<S, RequestBody, ResponseBody>;

    /// Polls the inner service: it is not known yet whether the request is a preflight.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let Policies { prepared, options } = &self.policies;
        let exchange = match prepared.begin(*options, &request) {
            None => None,
            Some(Begun::Ready(exchange)) => Some(exchange),
            Some(Begun::Pending(pending)) => {
                // The service that was ready goes with the request.
                let next = self.inner.clone();
                let inner = std::mem::replace(&mut self.inner, next);
                return AsyncResponseFuture::wait(pending, inner, request);
            }
        };
        AsyncResponseFuture::decided(match answer(exchange, &mut request) {
            ControlFlow::Break(answer) => ResponseFuture::answer(answer),
            ControlFlow::Continue(exchange) => {
                ResponseFuture::call(self.inner.call(request), exchange)
            }
        })
    }
}

/// Breaks with the answer, where the app is not to be called; `None` where no policy covers the path.
// Always inlined, and the request stays where it is, so that nothing large is moved.
#[inline(always)]
pub(crate) fn answer<RequestBody, ResponseBody: EmptyBody>(
    exchange: Option<Exchange>,
    request: &mut Request<RequestBody>,
) -> ControlFlow<Response<ResponseBody>, Option<Exchange>> {
    let Some(exchange) = exchange else {
        return ControlFlow::Continue(None);
    };
    if let Some(decision) = exchange.decision_to_record() {
        request.extensions_mut().insert(decision);
    }
    exchange.answer(empty_response).map_continue(Some)
}

fn empty_response<B: EmptyBody>(status: u16) -> Response<B> {
    let mut response = Response::new(B::empty());
    *response.status_mut() =
        StatusCode::from_u16(status).expect("a policy's statuses are between 200 and 499");
    response
}
