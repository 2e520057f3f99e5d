use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::body::EmptyBody;
use crate::service::proceed;
use crate::{Exchange, PendingExchange};

pin_project! {
    /// A future of the response of a [`CorsService`](crate::CorsService).
    pub struct ResponseFuture<F, B> {
        #[pin]
        state: State<F, B>,
        exchange: Exchange,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, B> {
        /// The adapter has answered: the response is here until it is taken.
        Answer { response: Option<Response<B>> },
        /// The app was called, under a policy or under none.
        Call {
            #[pin]
            future: F,
        },
    }
}

impl<F, B> ResponseFuture<F, B> {
    /// Waits for the app. Its response gets the headers, unless no policy covers the path.
    #[inline]
    pub(crate) const fn call(future: F, exchange: Exchange) -> Self {
        Self {
            state: State::Call { future },
            exchange,
        }
    }

    /// Holds the adapter's own answer.
    #[inline]
    pub(crate) const fn answer(response: Response<B>) -> Self {
        Self {
            state: State::Answer {
                response: Some(response),
            },
            exchange: Exchange::uncovered(),
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<B>, E>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.state.project() {
            StateProjection::Call { future } => {
                let mut polled = future.poll(context);
                if let Poll::Ready(Ok(response)) = &mut polled {
                    this.exchange.finish(response);
                }
                polled
            }
            StateProjection::Answer { response } => {
                Poll::Ready(Ok(response.take().expect(POLLED_AGAIN)))
            }
        }
    }
}

pin_project! {
    /// A future of the response of an [`AsyncCorsService`](crate::AsyncCorsService).
    pub struct AsyncResponseFuture<S, A, B>
    where
        S: Service<Request<A>>,
    {
        // Boxed, since few requests wait for a predicate.
        waiting: Option<Box<Waiting<S, A, B>>>,
        #[pin]
        decided: Option<ResponseFuture<S::Future, B>>,
    }
}

/// A request that waits for an asynchronous predicate, with all that it needs afterwards.
struct Waiting<S, A, B> {
    pending: PendingExchange<B>,
    inner: S,
    request: Request<A>,
}

impl<S, A, B> AsyncResponseFuture<S, A, B>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    #[inline]
    pub(crate) const fn decided(future: ResponseFuture<S::Future, B>) -> Self {
        Self {
            waiting: None,
            decided: Some(future),
        }
    }

    #[cold]
    pub(crate) fn wait(pending: PendingExchange<B>, inner: S, request: Request<A>) -> Self {
        Self {
            waiting: Some(Box::new(Waiting {
                pending,
                inner,
                request,
            })),
            decided: None,
        }
    }
}

impl<S, A, B> Future for AsyncResponseFuture<S, A, B>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: EmptyBody,
{
    type Output = Result<Response<B>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(waiting) = this.waiting {
            let begun = ready!(Pin::new(&mut waiting.pending).poll(context));
            let waiting = this.waiting.take().expect(POLLED_AGAIN);
            let Waiting {
                mut inner, request, ..
            } = *waiting;
            let future = proceed(&mut inner, request, begun);
            this.decided.set(Some(future));
        }
        this.decided.as_pin_mut().expect(POLLED_AGAIN).poll(context)
    }
}

const POLLED_AGAIN: &str = "a future is not polled after it has completed";

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<S, A, B> fmt::Debug for AsyncResponseFuture<S, A, B>
where
    S: Service<Request<A>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncResponseFuture")
            .finish_non_exhaustive()
    }
}
