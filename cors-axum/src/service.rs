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

    #[inline]
    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let Policies { prepared, options } = &self.policies;
        match prepared.begin_plain(options, &request, empty_response) {
            Some(ControlFlow::Continue(exchange)) => {
                ResponseFuture::call(self.inner.call(request), exchange)
            }
            Some(ControlFlow::Break(answer)) => ResponseFuture::answer(answer),
            None => self.call_otherwise(request),
        }
    }
}

impl<S> CorsService<S> {
    /// Serves a request by more than its headers.
    #[inline(never)]
    fn call_otherwise<A, B>(&mut self, request: Request<A>) -> ResponseFuture<S::Future, B>
    where
        S: Service<Request<A>, Response = Response<B>>,
        B: EmptyBody,
    {
        let Policies { prepared, options } = &self.policies;
        let begun = prepared.begin_without_waiting(options, &request, empty_response);
        proceed(&mut self.inner, request, begun)
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
        match prepared.begin(options, &request, empty_response) {
            Begun::Ready(begun) => {
                AsyncResponseFuture::decided(proceed(&mut self.inner, request, begun))
            }
            Begun::Pending(pending) => {
                // The service that was ready goes with the request.
                let next = self.inner.clone();
                let inner = std::mem::replace(&mut self.inner, next);
                AsyncResponseFuture::wait(pending, inner, request)
            }
        }
    }
}

/// Answers, or calls the app.
// Always inlined, and with one call of the app, so that the future is built where it is to stand.
#[inline(always)]
pub(crate) fn proceed<S, RequestBody, ResponseBody>(
    inner: &mut S,
    mut request: Request<RequestBody>,
    begun: ControlFlow<Response<ResponseBody>, Exchange>,
) -> ResponseFuture<S::Future, ResponseBody>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    ResponseBody: EmptyBody,
{
    let exchange = match begun {
        ControlFlow::Break(answer) => return ResponseFuture::answer(answer),
        ControlFlow::Continue(exchange) => exchange,
    };
    if let Some(decision) = exchange.decision_to_record() {
        request.extensions_mut().insert(decision);
    }
    ResponseFuture::call(inner.call(request), exchange)
}

fn empty_response<B: EmptyBody>(status: u16) -> Response<B> {
    let mut response = Response::new(B::empty());
    *response.status_mut() =
        StatusCode::from_u16(status).expect("a policy's statuses are between 200 and 499");
    response
}
