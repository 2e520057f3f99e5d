use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use cors_core::Decision;
use cors_core::http::Echoes;
use http::Response;
use pin_project_lite::pin_project;

use crate::layer::{Place, Shared};

pin_project! {
    /// The answer of a [`Cors`](crate::Cors) service.
    pub struct CorsFuture<F, B> {
        shared: Arc<Shared>,
        decision: Decision,
        echoes: Echoes,
        #[pin]
        response: Pending<F, B>,
    }
}

pin_project! {
    #[project = PendingProjection]
    enum Pending<F, B> {
        /// The policy answers: there is a response, until it is taken.
        Answer { response: Option<Response<B>> },
        /// The app was called.
        Call { #[pin] future: F },
    }
}

/// In the extensions of a response: a route's own layer has decided, whoever stands around it.
#[derive(Clone, Copy)]
struct Decided;

impl<F, B> CorsFuture<F, B> {
    pub(crate) const fn answer(
        shared: Arc<Shared>,
        decision: Decision,
        echoes: Echoes,
        response: Response<B>,
    ) -> Self {
        let response = Pending::Answer {
            response: Some(response),
        };
        Self {
            shared,
            decision,
            echoes,
            response,
        }
    }

    pub(crate) const fn call(
        shared: Arc<Shared>,
        decision: Decision,
        echoes: Echoes,
        future: F,
    ) -> Self {
        Self {
            shared,
            decision,
            echoes,
            response: Pending::Call { future },
        }
    }
}

impl<F, B, E> Future for CorsFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = match this.response.project() {
            PendingProjection::Answer { response } => response
                .take()
                .expect("a future is not polled after it has completed"),
            PendingProjection::Call { future } => ready!(future.poll(context))?,
        };
        if response.extensions().get::<Decided>().is_none() {
            let echoes = std::mem::take(this.echoes);
            this.shared
                .snapshot
                .apply(*this.decision, echoes, response.headers_mut());
            if this.shared.place == Place::Route {
                response.extensions_mut().insert(Decided);
            }
        }
        Poll::Ready(Ok(response))
    }
}

impl<F, B> fmt::Debug for CorsFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsFuture")
            .field("decision", &self.decision)
            .finish_non_exhaustive()
    }
}
