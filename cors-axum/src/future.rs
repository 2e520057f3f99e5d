use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use cors_core::Question;
use cors_core::http::Judged;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

pin_project! {
    /// The answer of a [`Cors`](crate::Cors) service.
    pub struct CorsFuture<S, A, B>
    where
        S: Service<Request<A>>,
    {
        #[pin]
        state: State<S, A, B>,
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
            judged: Option<Judged>,
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
    #[inline]
    pub(crate) const fn call(future: S::Future, judged: Option<Judged>) -> Self {
        Self {
            state: State::Call { future, judged },
        }
    }

    /// Answers or calls the app, as was decided.
    #[inline]
    pub(crate) fn judged(mut judged: Judged, inner: &mut S, mut request: Request<A>) -> Self
    where
        B: Default,
    {
        match judged.answer(&mut request) {
            None => Self::call(inner.call(request), Some(judged)),
            response @ Some(_) => Self {
                state: State::Answer { response },
            },
        }
    }

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
        }
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
            let next = match self.as_mut().project().state.project() {
                StateProjection::Ask { asking } => {
                    let waiting = asking.as_mut().expect(POLLED_AGAIN);
                    let answer = ready!(Pin::new(&mut waiting.question).poll(context));
                    let mut asked = *asking.take().expect(POLLED_AGAIN);
                    let judged = asked.judged.answered(&asked.request, answer);
                    Self::judged(judged, &mut asked.inner, asked.request)
                }
                StateProjection::Answer { response } => {
                    return Poll::Ready(Ok(response.take().expect(POLLED_AGAIN)));
                }
                StateProjection::Call { future, judged } => {
                    let mut response = ready!(future.poll(context))?;
                    if let Some(judged) = judged {
                        judged.apply(&mut response);
                    }
                    return Poll::Ready(Ok(response));
                }
            };
            self.set(next);
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
