use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::{Context, Poll};

use cors_core::http::Snapshot;
use cors_core::{ServeOptions, Served};
use http::{Request, Response};
use tower_service::Service;

use crate::future::CorsFuture;

/// A service under a policy; [`CorsLayer`](crate::CorsLayer) makes it.
#[derive(Clone, Debug)]
pub struct CorsService<S> {
    inner: S,
    served: Arc<Served<Arc<Snapshot>>>,
    options: ServeOptions,
}

impl<S> CorsService<S> {
    pub(crate) const fn new(
        inner: S,
        served: Arc<Served<Arc<Snapshot>>>,
        options: ServeOptions,
    ) -> Self {
        Self {
            inner,
            served,
            options,
        }
    }
}

impl<S, RequestBody, ResponseBody> Service<Request<RequestBody>> for CorsService<S>
where
    S: Service<Request<RequestBody>, Response = Response<ResponseBody>> + Clone,
    ResponseBody: Default,
{
    type Response = Response<ResponseBody>;
    type Error = S::Error;
    type Future = CorsFuture<S, RequestBody, ResponseBody>;

    /// Ready when the inner service is: nobody knows yet whether the request is a preflight.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        let Some(snapshot) = self.served.of(&request) else {
            return CorsFuture::call(self.inner.call(request), None);
        };
        let judged = snapshot.judge(self.options, &request);
        if let Some(question) = judged.question(&request) {
            // The one that is ready goes with the request.
            let next = self.inner.clone();
            let inner = std::mem::replace(&mut self.inner, next);
            return CorsFuture::ask(question, judged, inner, request);
        }
        let judged = match judged.answer(&mut request) {
            ControlFlow::Continue(judged) => Some(judged),
            ControlFlow::Break(response) => return CorsFuture::answer(response),
        };
        CorsFuture::call(self.inner.call(request), judged)
    }
}
