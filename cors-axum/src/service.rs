use std::sync::Arc;
use std::task::{Context, Poll};

use cors_core::http::Echoes;
use http::{Request, Response};
use tower_service::Service;

use crate::future::CorsFuture;
use crate::layer::Shared;

/// A service under a policy; [`CorsLayer`](crate::CorsLayer) makes it.
#[derive(Clone, Debug)]
pub struct Cors<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> Cors<S> {
    pub(crate) const fn new(inner: S, shared: Arc<Shared>) -> Self {
        Self { inner, shared }
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
        let decision = self.shared.snapshot.decide(&request);
        if let Some(mut response) = self.shared.snapshot.answer(decision, request.headers()) {
            self.shared.mark(&mut response);
            return CorsFuture::answer(response);
        }
        let echoes = Echoes::of(decision, request.headers());
        CorsFuture::call(
            self.inner.call(request),
            Arc::clone(&self.shared),
            decision,
            echoes,
        )
    }
}
