use std::ops::ControlFlow;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use cors_core::{PolicySource, ServeOptions, Served};

use crate::future::CorsFuture;
use crate::head::Head;
use crate::snapshot::Snapshot;

/// A service under a policy; [`Cors`](crate::Cors) makes it.
#[derive(Debug)]
pub struct CorsService<S> {
    inner: Rc<S>,
    // Of each worker its own, since a count that all of them share is one that they wait for.
    served: Served<Rc<Snapshot>>,
    options: ServeOptions,
}

impl<S> CorsService<S> {
    pub(crate) fn new(inner: S, source: PolicySource, options: ServeOptions) -> Self {
        Self {
            inner: Rc::new(inner),
            served: Served::new(source, |policy| Rc::new(Snapshot::new(policy))),
            options,
        }
    }
}

impl<S, B> Service<ServiceRequest> for CorsService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = CorsFuture<S, B>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let Some(snapshot) = self.served.of(&Head::of(&request)) else {
            return CorsFuture::call(self.inner.call(request), None);
        };
        let judged = snapshot.judge(self.options, &request);
        if let Some(question) = judged.question(&request) {
            let inner = Rc::clone(&self.inner);
            return CorsFuture::ask(question, judged, inner, request);
        }
        let judged = match judged.answer(&request) {
            ControlFlow::Continue(judged) => Some(judged),
            ControlFlow::Break(response) => {
                return CorsFuture::answer(request.into_response(response));
            }
        };
        CorsFuture::call(self.inner.call(request), judged)
    }
}
