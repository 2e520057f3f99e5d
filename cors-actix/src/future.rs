use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::EitherBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::HeaderValue;
use cors_core::{Decision, Echoes};
use pin_project_lite::pin_project;

use crate::snapshot::Snapshot;

pin_project! {
    /// The answer of a [`CorsService`](crate::CorsService).
    pub struct CorsFuture<F, B> {
        #[pin]
        state: State<F, B>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, B> {
        /// The policy has answered: there is a response, until it is taken.
        Answer { response: Option<ServiceResponse<EitherBody<B>>> },
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
    pub(crate) const fn answer(response: ServiceResponse<EitherBody<B>>) -> Self {
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

impl<F, B> Future for CorsFuture<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

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
                let outcome = ready!(future.poll(context));
                let (decision, echoes) = (*decision, std::mem::take(echoes));
                Poll::Ready(match outcome {
                    Ok(mut response) => {
                        snapshot.apply(decision, echoes, response.response_mut());
                        Ok(response.map_into_left_body())
                    }
                    // Whoever makes a response of the error, the headers are on it, and the error
                    // stays the one that the app gave.
                    Err(mut error) => {
                        let snapshot = Arc::clone(snapshot);
                        error.add_response_mapper(move |mut response| {
                            snapshot.apply(decision, echoes.clone(), &mut response);
                            response
                        });
                        Err(error)
                    }
                })
            }
        }
    }
}

impl<F, B> fmt::Debug for CorsFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsFuture").finish_non_exhaustive()
    }
}
