use std::ops::ControlFlow;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::{Error, HttpMessage as _, HttpResponse};
use cors_core::Decision;
use cors_core::adapter::{AdapterOptions, Begun, PolicySource, PreparedPolicies};

use crate::future::ResponseFuture;
use crate::{Exchange, Prepared};

/// A service under a policy; [`Cors`](crate::Cors) makes it.
#[derive(Debug)]
pub struct CorsService<S> {
    inner: Rc<S>,
    // One per worker: a reference count shared between threads is contended.
    policies: PreparedPolicies<Rc<Prepared>>,
    options: AdapterOptions,
}

impl<S> CorsService<S> {
    pub(crate) fn new(inner: S, source: PolicySource, options: AdapterOptions) -> Self {
        Self {
            inner: Rc::new(inner),
            policies: PreparedPolicies::prepare(source, Rc::new),
            options,
        }
    }
}

impl<S, B> Service<ServiceRequest> for CorsService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let Self {
            inner,
            policies,
            options,
        } = self;
        match policies.begin_plain(options, &request, empty_response) {
            Some(ControlFlow::Continue(exchange)) => {
                ResponseFuture::call(inner.call(request), exchange)
            }
            Some(ControlFlow::Break(answer)) => {
                ResponseFuture::answer(request.into_response(answer))
            }
            None => self.call_otherwise(request),
        }
    }
}

impl<S> CorsService<S> {
    /// Serves a request by more than its headers.
    #[inline(never)]
    fn call_otherwise<B>(&self, request: ServiceRequest) -> ResponseFuture<S, B>
    where
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
        B: MessageBody + 'static,
    {
        match self.policies.begin(&self.options, &request, empty_response) {
            Begun::Ready(begun) => proceed(&*self.inner, request, begun),
            Begun::Pending(pending) => {
                let inner = Rc::clone(&self.inner);
                ResponseFuture::wait(async move { proceed(&*inner, request, pending.await).await })
            }
        }
    }
}

/// Answers, or calls the app.
#[inline]
fn proceed<S, B>(
    inner: &S,
    request: ServiceRequest,
    begun: ControlFlow<HttpResponse, Exchange>,
) -> ResponseFuture<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    let exchange = match begun {
        ControlFlow::Break(answer) => {
            if let Some(decision) = answer.extensions().get::<Decision>() {
                request.extensions_mut().insert(*decision);
            }
            return ResponseFuture::answer(request.into_response(answer));
        }
        ControlFlow::Continue(exchange) => exchange,
    };
    if let Some(decision) = exchange.decision_to_record() {
        request.extensions_mut().insert(decision);
    }
    ResponseFuture::call(inner.call(request), exchange)
}

fn empty_response(status: u16) -> HttpResponse {
    HttpResponse::new(
        StatusCode::from_u16(status).expect("a policy's statuses are between 200 and 499"),
    )
}
