use std::sync::Arc;
use std::task::{Context, Poll};

use cors_core::http::Echoes;
use http::{Request, Response, StatusCode};
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
        let echoes = Echoes::of(decision, request.headers());
        let shared = Arc::clone(&self.shared);
        match decision.status() {
            Some(status) => {
                let mut response = Response::new(ResponseBody::default());
                *response.status_mut() = StatusCode::from_u16(status)
                    .expect("a policy's statuses are between 200 and 499");
                CorsFuture::answer(shared, decision, echoes, response)
            }
            None => CorsFuture::call(shared, decision, echoes, self.inner.call(request)),
        }
    }
}
