use std::fmt;
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use cors_core::Question;
use pin_project_lite::pin_project;

use crate::snapshot::Judged;

pin_project! {
    /// The answer of a [`CorsService`](crate::CorsService).
    pub struct CorsFuture<S, B>
    where
        S: Service<ServiceRequest>,
    {
        #[pin]
        state: State<S, B>,
        // Nothing where the response is as it is to be.
        judged: Option<Judged>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B>
    where
        S: Service<ServiceRequest>,
    {
        /// An asynchronous predicate was asked; boxed, since few policies have one.
        Ask { asking: Option<Box<Asking<S>>> },
        /// The policy has answered: there is a response, until it is taken.
        Answer { response: Option<ServiceResponse<EitherBody<B>>> },
        /// The app was called, under a policy or under none.
        Call {
            #[pin]
            future: S::Future,
        },
    }
}

/// All that waits for the answer to a question.
struct Asking<S> {
    question: Question,
    judged: Judged,
    inner: Rc<S>,
    request: ServiceRequest,
}

impl<S, B> CorsFuture<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>>,
{
    /// The app was called, and its response is to be as was judged, if anything was.
    pub(crate) const fn call(future: S::Future, judged: Option<Judged>) -> Self {
        Self {
            state: State::Call { future },
            judged,
        }
    }

    /// The policy has answered.
    pub(crate) fn answer(response: ServiceResponse) -> Self {
        Self {
            state: State::Answer {
                response: Some(response.map_into_right_body()),
            },
            judged: None,
        }
    }

    #[cold]
    pub(crate) fn ask(
        question: Question,
        judged: Judged,
        inner: Rc<S>,
        request: ServiceRequest,
    ) -> Self {
        let asking = Asking {
            question,
            judged,
            inner,
            request,
        };
        Self {
            state: State::Ask {
                asking: Some(Box::new(asking)),
            },
            judged: None,
        }
    }

    /// Waits for the answer to the question; then answers or calls the app.
    #[cold]
    fn poll_question(asking: &mut Option<Box<Asking<S>>>, context: &mut Context<'_>) -> Poll<Self> {
        let waiting = asking.as_mut().expect(POLLED_AGAIN);
        let answer = ready!(Pin::new(&mut waiting.question).poll(context));
        let Asking {
            judged,
            inner,
            request,
            ..
        } = *asking.take().expect(POLLED_AGAIN);
        let judged = judged.answered(&request, answer);
        Poll::Ready(match judged.answer(&request) {
            ControlFlow::Break(response) => Self::answer(request.into_response(response)),
            ControlFlow::Continue(judged) => Self::call(inner.call(request), Some(judged)),
        })
    }
}

impl<S, B> Future for CorsFuture<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let this = self.as_mut().project();
            let next = match this.state.project() {
                StateProjection::Call { future } => {
                    let outcome = ready!(future.poll(context));
                    return Poll::Ready(with_headers(this.judged.take(), outcome));
                }
                StateProjection::Answer { response } => {
                    return Poll::Ready(Ok(response.take().expect(POLLED_AGAIN)));
                }
                StateProjection::Ask { asking } => Self::poll_question(asking, context),
            };
            self.set(ready!(next));
        }
    }
}

const POLLED_AGAIN: &str = "a future is not polled after it has completed";

fn with_headers<B>(
    judged: Option<Judged>,
    outcome: Result<ServiceResponse<B>, Error>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match (outcome, judged) {
        (Ok(mut response), judged) => {
            if let Some(mut judged) = judged {
                judged.apply(response.response_mut());
            }
            Ok(response.map_into_left_body())
        }
        // Whoever makes a response of the error, the headers are on it, and the error stays the
        // one that the app gave.
        (Err(mut error), Some(judged)) => {
            error.add_response_mapper(move |mut response| {
                judged.clone().apply(&mut response);
                response
            });
            Err(error)
        }
        (Err(error), None) => Err(error),
    }
}

impl<S, B> fmt::Debug for CorsFuture<S, B>
where
    S: Service<ServiceRequest>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsFuture").finish_non_exhaustive()
    }
}
