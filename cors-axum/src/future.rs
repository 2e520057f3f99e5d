use std::fmt;
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use cors_core::Question;
use cors_core::http::Judged;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

pin_project! {
    /// The answer of a [`CorsService`](crate::CorsService).
    pub struct CorsFuture<S, A, B>
    where
        S: Service<Request<A>>,
    {
        #[pin]
        state: State<S, A, B>,
        // Nothing where the response is as it is to be.
        judged: Option<Judged>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, A, B>
    where
        S: Service<Request<A>>,
    {
        /// An asynchronous predicate was asked; boxed, since few policies have one.
        Ask { asking: Option<Box<Asking<S, A>>> },
        /// The policy has answered: there is a response, until it is taken.
        Answer { response: Option<Response<B>> },
        /// The app was called, under a policy or under none.
        Call {
            #[pin]
            future: S::Future,
        },
    }
}

/// All that waits for the answer to a question.
struct Asking<S, A> {
    question: Question,
    judged: Judged,
    inner: S,
    request: Request<A>,
}

impl<S, A, B> CorsFuture<S, A, B>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    /// The app was called, and its response is to be as was judged, if anything was.
    pub(crate) const fn call(future: S::Future, judged: Option<Judged>) -> Self {
        Self {
            state: State::Call { future },
            judged,
        }
    }

    /// The policy has answered.
    pub(crate) const fn answer(response: Response<B>) -> Self {
        Self {
            state: State::Answer {
                response: Some(response),
            },
            judged: None,
        }
    }

    #[cold]
    pub(crate) fn ask(question: Question, judged: Judged, inner: S, request: Request<A>) -> Self {
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
    fn poll_question(
        asking: &mut Option<Box<Asking<S, A>>>,
        context: &mut Context<'_>,
    ) -> Poll<Self>
    where
        B: Default,
    {
        let waiting = asking.as_mut().expect(POLLED_AGAIN);
        let answer = ready!(Pin::new(&mut waiting.question).poll(context));
        let Asking {
            judged,
            mut inner,
            mut request,
            ..
        } = *asking.take().expect(POLLED_AGAIN);
        let judged = judged.answered(&request, answer);
        Poll::Ready(match judged.answer(&mut request) {
            ControlFlow::Break(response) => Self::answer(response),
            ControlFlow::Continue(judged) => Self::call(inner.call(request), Some(judged)),
        })
    }
}

impl<S, A, B> Future for CorsFuture<S, A, B>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Default,
{
    type Output = Result<Response<B>, S::Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let this = self.as_mut().project();
            let next = match this.state.project() {
                StateProjection::Call { future } => {
                    let mut polled = future.poll(context);
                    if let Poll::Ready(Ok(response)) = &mut polled
                        && let Some(judged) = this.judged
                    {
                        judged.apply(response);
                    }
                    return polled;
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

impl<S, A, B> fmt::Debug for CorsFuture<S, A, B>
where
    S: Service<Request<A>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsFuture").finish_non_exhaustive()
    }
}
