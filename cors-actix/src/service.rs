use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};

use crate::future::CorsFuture;
use crate::snapshot::Snapshot;

/// A service under a policy; [`Cors`](crate::Cors) makes it.
#[derive(Debug)]
pub struct CorsService<S> {
    inner: S,
    snapshot: Arc<Snapshot>,
}

impl<S> CorsService<S> {
    pub(crate) const fn new(inner: S, snapshot: Arc<Snapshot>) -> Self {
        Self { inner, snapshot }
    }
}

impl<S, B> Service<ServiceRequest> for CorsService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = CorsFuture<S::Future, B>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let decision = self.snapshot.decide(&request);
        if let Some(response) = self.snapshot.answer(decision, request.headers()) {
            return CorsFuture::answer(request.into_response(response).map_into_right_body());
        }
        let echoes = self.snapshot.echoes(decision, request.headers());
        CorsFuture::call(
            self.inner.call(request),
            Arc::clone(&self.snapshot),
            decision,
            echoes,
        )
    }
}
