//! [`Question`]: an origin that only an asynchronous predicate can tell.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::policy::Policy;
use crate::protocol::decision::{Decision, OriginRule};
use crate::protocol::refusal::Refusal;
use crate::protocol::request::{RequestField, RequestHead};

impl Policy {
    /// What is left to ask after a decision: the policy's asynchronous predicate, where the
    /// origin of this request hangs on it. `None` where the decision stands as it is.
    ///
    /// The core has no runtime, so whoever has one awaits the question, and hands the answer to
    /// [`decide_with`](Self::decide_with):
    ///
    /// ```
    /// use cors_core::{Decision, Policy, RequestHead};
    ///
    /// async fn decide(policy: &Policy, request: &dyn RequestHead) -> Decision {
    ///     let decision = policy.decide(request);
    ///     match policy.question(decision, request) {
    ///         None => decision,
    ///         Some(question) => {
    ///             let answer = question.await;
    ///             policy.decide_with(request, answer)
    ///         }
    ///     }
    /// }
    /// ```
    #[inline]
    #[must_use]
    pub fn question(&self, decision: Decision, request: &dyn RequestHead) -> Option<Question> {
        if decision.refusal() != Some(Refusal::PredicateNotAsked) {
            return None;
        }
        let predicate = self.compiled().origins.async_predicate.as_ref()?;
        Some(predicate.question(request))
    }
}

/// What an asynchronous predicate is asked: may this origin, in this request, read the answer?
///
/// The origin is well-formed, and nothing else in the policy takes it. The headers are those that
/// the predicate declared.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedOriginQuery {
    origin: String,
    method: String,
    host: Option<String>,
    path: String,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

impl OwnedOriginQuery {
    /// The request's origin, as the browser serialized it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The request's method: `OPTIONS` in a preflight.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// See [`OriginQuery::host`](crate::OriginQuery::host).
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// See [`OriginQuery::path`](crate::OriginQuery::path).
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// See [`OriginQuery::header`](crate::OriginQuery::header).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(declared, _)| declared.eq_ignore_ascii_case(name))?;
        value.as_deref()
    }
}

impl fmt::Debug for OwnedOriginQuery {
    /// Without the headers' values, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reads = self.headers.iter().map(|(name, _)| name);
        f.debug_struct("OwnedOriginQuery")
            .field("origin", &self.origin)
            .field("method", &self.method)
            .field("host", &self.host)
            .field("path", &self.path)
            .field("reads", &reads.collect::<Vec<_>>())
            .finish()
    }
}

/// A predicate that is awaited, and the headers that it reads besides `Origin`.
pub(crate) struct AsyncPredicate {
    pub(crate) reads: Vec<String>,
    ask: Box<Ask>,
    timeout: Box<Timeout>,
}

/// An error says no more than a panic or a timeout would.
type Asked = Pin<Box<dyn Future<Output = Result<bool, ()>> + Send>>;
type TimedOut = Pin<Box<dyn Future<Output = ()> + Send>>;
type Ask = dyn Fn(OwnedOriginQuery) -> Asked + Send + Sync;
type Timeout = dyn Fn() -> TimedOut + Send + Sync;

impl AsyncPredicate {
    pub(crate) fn new<T, F, E>(
        reads: Vec<String>,
        timeout: impl Fn() -> T + Send + Sync + 'static,
        ask: impl Fn(OwnedOriginQuery) -> F + Send + Sync + 'static,
    ) -> Self
    where
        T: Future<Output = ()> + Send + 'static,
        F: Future<Output = Result<bool, E>> + Send + 'static,
    {
        Self {
            reads,
            ask: Box::new(move |query| {
                let answer = ask(query);
                Box::pin(async move { answer.await.map_err(drop) })
            }),
            timeout: Box::new(move || Box::pin(timeout())),
        }
    }

    fn question(&self, request: &dyn RequestHead) -> Question {
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned).ok();
        let one = |field| request.lines(field).one();
        let query = OwnedOriginQuery {
            origin: one(RequestField::Origin).and_then(text).unwrap_or_default(),
            method: request.method().to_owned(),
            host: one(RequestField::Host).and_then(text),
            path: request.path().to_owned(),
            headers: self
                .reads
                .iter()
                .map(|name| {
                    let value = one(RequestField::Declared(name));
                    (name.clone(), value.map(<[u8]>::to_vec))
                })
                .collect(),
        };
        let state = unless_panicked(|| ((self.ask)(query), (self.timeout)()));
        Question(state.ok())
    }
}

impl fmt::Debug for AsyncPredicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncPredicate")
            .field("reads", &self.reads)
            .finish_non_exhaustive()
    }
}

/// A question to an asynchronous predicate; [`Policy::question`] makes it. A future of the answer.
///
/// An error, a panic and the predicate's timeout all end it, and all mean no.
#[must_use = "a question that nobody awaits is not asked"]
pub struct Question(Option<(Asked, TimedOut)>);

impl Future for Question {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        // Nothing to poll: the predicate panicked when it was called, or has answered before.
        let Some((asked, timed_out)) = &mut self.0 else {
            return Poll::Ready(Answer(Err(Refusal::PredicatePanicked)));
        };
        let answer = unless_panicked(|| match asked.as_mut().poll(context) {
            Poll::Ready(Ok(true)) => Poll::Ready(Ok(OriginRule::AsyncPredicate)),
            Poll::Ready(Ok(false)) => Poll::Ready(Err(Refusal::OriginNotAllowed)),
            Poll::Ready(Err(())) => Poll::Ready(Err(Refusal::PredicateFailed)),
            Poll::Pending => timed_out
                .as_mut()
                .poll(context)
                .map(|()| Err(Refusal::PredicateTimedOut)),
        });
        let answer = answer.unwrap_or(Poll::Ready(Err(Refusal::PredicatePanicked)));
        if answer.is_ready() {
            // What is left of a panicked future may panic again when it is dropped.
            let rest = self.0.take();
            let _ = unless_panicked(|| drop(rest));
        }
        answer.map(Answer)
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question").finish_non_exhaustive()
    }
}

/// What an asynchronous predicate has said about the origin of one request, for
/// [`Policy::decide_with`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Answer(pub(crate) Result<OriginRule, Refusal>);

struct Panicked;

/// A panic of the user's code ends here: it says nothing about the origin, and the request goes on.
fn unless_panicked<T>(code: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|_| Panicked)
}
