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

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let Policies { prepared, options } = &self.policies;
        let exchange = prepared.begin_without_waiting(options, &request);
        proceed(&mut self.inner, request, exchange)
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

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let Policies { prepared, options } = &self.policies;
        let exchange = match prepared.begin(options, &request) {
            None => None,
            Some(Begun::Ready(exchange)) => Some(exchange),
            Some(Begun::Pending(pending)) => {
                // The service that was ready goes with the request.
                let next = self.inner.clone();
                let inner = std::mem::replace(&mut self.inner, next);
                return AsyncResponseFuture::wait(pending, inner, request);
            }
        };
        AsyncResponseFuture::decided(proceed(&mut self.inner, request, exchange))
    }
}

/// Answers, or calls the app: under the policy of an exchange, or under none.
// Always inlined, and with one call of the app, so that the future is built where it is to stand.
#[inline(always)]
pub(crate) fn proceed<S, RequestBody, ResponseBody>(
    inner: &mut S,
    mut request: Request<RequestBody>,
    exchange: Option<Exchange>,
) -> ResponseFuture<S::Future, ResponseBody>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    ResponseBody: EmptyBody,
{
    let exchange = match exchange {
        None => None,
        Some(exchange) => {
            if let Some(decision) = exchange.decision_to_record() {
                request.extensions_mut().insert(decision);
            }
            match exchange.answer(empty_response) {
                ControlFlow::Break(response) => return ResponseFuture::answer(response),
                ControlFlow::Continue(exchange) => Some(exchange),
            }
        }
    };
    ResponseFuture::call(inner.call(request), exchange)
}

fn empty_response<B: EmptyBody>(status: u16) -> Response<B> {
    let mut response = Response::new(B::empty());
    *response.status_mut() =
        StatusCode::from_u16(status).expect("a policy's statuses are between 200 and 499");
    response
}
