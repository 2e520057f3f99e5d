use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use cors_core::http::Snapshot;
use cors_core::{Decision, Echoes};
use http::{HeaderValue, Response};
use pin_project_lite::pin_project;

pin_project! {
    /// The answer of a [`Cors`](crate::Cors) service.
    pub struct CorsFuture<F, B> {
        #[pin]
        state: State<F, B>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, B> {
        /// The policy has answered: there is a response, until it is taken.
        Answer { response: Option<Response<B>> },
        /// The app was called.
        Call {
            #[pin]
            future: F,
            snapshot: Arc<Snapshot>,
            decision: Decision,
            echoes: Echoes<HeaderValue>,
        },
    }
}

impl<F, B> CorsFuture<F, B> {
    pub(crate) const fn answer(response: Response<B>) -> Self {
        Self {
            state: State::Answer {
                response: Some(response),
            },
        }
    }

    pub(crate) const fn call(
        future: F,
        snapshot: Arc<Snapshot>,
        decision: Decision,
        echoes: Echoes<HeaderValue>,
    ) -> Self {
        Self {
            state: State::Call {
                future,
                snapshot,
                decision,
                echoes,
            },
        }
    }
}

impl<F, B, E> Future for CorsFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Answer { response } => {
                let response = response
                    .take()
                    .expect("a future is not polled after it has completed");
                Poll::Ready(Ok(response))
            }
            StateProjection::Call {
                future,
                snapshot,
                decision,
                echoes,
            } => {
                let mut response = ready!(future.poll(context))?;
                snapshot.apply(*decision, std::mem::take(echoes), &mut response);
                Poll::Ready(Ok(response))
            }
        }
    }
}

impl<F, B> fmt::Debug for CorsFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsFuture").finish_non_exhaustive()
    }
}
