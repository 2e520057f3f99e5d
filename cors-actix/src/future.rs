use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::Error;
use actix_web::body::EitherBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use pin_project_lite::pin_project;

use crate::Exchange;

pin_project! {
    /// A future of the response of a [`CorsService`](crate::CorsService).
    pub struct ResponseFuture<S, B>
    where
        S: Service<ServiceRequest>,
    {
        #[pin]
        state: State<S, B>,
        // In which nothing is to be done, unless the app was called.
        exchange: Exchange,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B>
    where
        S: Service<ServiceRequest>,
    {
        /// The adapter has answered: the response is here until it is taken.
        Answer { response: Option<ServiceResponse<EitherBody<B>>> },
        /// The app was called, under a policy or under none.
        Call {
            #[pin]
            future: S::Future,
        },
        /// The request waits for an asynchronous predicate; boxed, since few do.
        Wait { future: Pin<Box<dyn Future<Output = Outcome<B>>>> },
    }
}

type Outcome<B> = Result<ServiceResponse<EitherBody<B>>, Error>;

impl<S, B> ResponseFuture<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>>,
{
    /// Waits for the app. Its response gets the headers, unless no policy covers the path.
    #[inline]
    pub(crate) const fn call(future: S::Future, exchange: Exchange) -> Self {
        Self {
            state: State::Call { future },
            exchange,
        }
    }

    /// Holds the adapter's own answer.
    #[inline]
    pub(crate) fn answer(response: ServiceResponse) -> Self {
        Self {
            state: State::Answer {
                response: Some(response.map_into_right_body()),
            },
            exchange: Exchange::uncovered(),
        }
    }

    /// Waits for an asynchronous predicate, and for what comes after it.
    #[cold]
    pub(crate) fn wait(future: impl Future<Output = Outcome<B>> + 'static) -> Self {
        Self {
            state: State::Wait {
                future: Box::pin(future),
            },
            exchange: Exchange::uncovered(),
        }
    }
}

impl<S, B> Future for ResponseFuture<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    type Output = Outcome<B>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Outcome<B>> {
        let this = self.project();
        match this.state.project() {
            StateProjection::Call { future } => Poll::Ready(match ready!(future.poll(context)) {
                Ok(mut response) => {
                    this.exchange.finish(response.response_mut());
                    Ok(response.map_into_left_body())
                }
                Err(error) => Err(with_headers(this.exchange, error)),
            }),
            StateProjection::Answer { response } => {
                Poll::Ready(Ok(response.take().expect(POLLED_AGAIN)))
            }
            StateProjection::Wait { future } => future.as_mut().poll(context),
        }
    }
}

const POLLED_AGAIN: &str = "a future is not polled after it has completed";

/// Lets the response made from an error get the headers, wherever it is made. The error stays the
/// one that the app gave.
#[cold]
fn with_headers(exchange: &mut Exchange, mut error: Error) -> Error {
    let exchange = mem::replace(exchange, Exchange::uncovered());
    if !exchange.is_uncovered() {
        error.add_response_mapper(move |mut response| {
            exchange.clone().finish(&mut response);
            response
        });
    }
    error
}

impl<S, B> fmt::Debug for ResponseFuture<S, B>
where
    S: Service<ServiceRequest>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
