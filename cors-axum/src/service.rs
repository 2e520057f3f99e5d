use std::sync::Arc;
use std::task::{Context, Poll};

use cors_core::http::Snapshot;
use http::{Request, Response};
use tower_service::Service;

use crate::future::CorsFuture;

/// A service under a policy; [`CorsLayer`](crate::CorsLayer) makes it.
#[derive(Clone, Debug)]
pub struct Cors<S> {
    inner: S,
    snapshot: Arc<Snapshot>,
}

impl<S> Cors<S> {
    pub(crate) const fn new(inner: S, snapshot: Arc<Snapshot>) -> Self {
        Self { inner, snapshot }
    }
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for Cors<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>>,
    ResponseBody: Default,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = CorsFuture<S::Future, ResponseBody>;

    /// Ready when the inner service is: nobody knows yet whether the request is a preflight.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let decision = self.snapshot.decide(&request);
        if let Some(response) = self.snapshot.answer(decision, request.headers()) {
            return CorsFuture::answer(response);
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
