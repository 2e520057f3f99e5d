//! [`Evaluation`] and [`PendingDecision`]: a decision that waits for an asynchronous predicate.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::policy::Compiled;
use crate::policy::async_predicate::{Asked, TimedOut};
use crate::policy::predicate::{OriginQuery, drop_foreign, unless_panicked};
use crate::protocol::decision::{Decision, OriginRule};
use crate::protocol::field::RequestField;
use crate::protocol::origin::Origin;
use crate::protocol::refusal::{Failure, Refusal};
use crate::protocol::request::{RequestHead, RequestKind};

/// A decision, or a future of it; [`Policy::evaluate`](crate::Policy::evaluate) returns it.
///
/// It is a future in either case, so a caller can await it without looking at the variant.
#[must_use = "an evaluation that nobody awaits may have no decision yet"]
#[expect(clippy::exhaustive_enums, reason = "decided or not")]
#[derive(Debug)]
pub enum Evaluation {
    /// The decision.
    Decided(Decision),
    /// The decision depends on the policy's asynchronous predicate.
    Pending(PendingDecision),
}

impl Future for Evaluation {
    type Output = Decision;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Decision> {
        match self.get_mut() {
            Self::Decided(decision) => Poll::Ready(*decision),
            Self::Pending(pending) => Pin::new(pending).poll(context),
        }
    }
}

/// A future of the decision on one request under one policy, which waits for the policy's
/// asynchronous predicate.
///
/// Everything else has been checked: the predicate's result settles the origin and nothing else. A
/// preflight whose method or header the policy does not list stays refused; its answer has the
/// policy's headers where the predicate allows the origin. An error, a panic and the predicate's
/// timeout all end the wait, and all refuse the origin. The result for one request can't be given to
/// another.
#[must_use = "a predicate that nobody awaits is not asked"]
pub struct PendingDecision(Box<Pending>);

/// Boxed, so that a decision that is made at once carries no room for it.
struct Pending {
    asked: Option<(Asked, TimedOut)>,
    if_allowed: Decision,
    if_refused: Decision,
    error: Option<String>,
}

impl PendingDecision {
    /// Asks the policy's asynchronous predicate, on which `refused` depends. `failure` is of the
    /// same evaluation.
    #[cold]
    pub(crate) fn ask(
        policy: &Compiled,
        refused: Decision,
        failure: Option<Failure<'_>>,
        request: &dyn RequestHead,
    ) -> Self {
        let allowed = Ok(OriginRule::AsyncPredicate);
        let if_allowed = match refused.kind {
            RequestKind::Preflight => {
                let verdict = failure.map_or(allowed, |failure| Err(failure.refusal));
                policy.preflight_of_allowed_origin(verdict, request)
            }
            RequestKind::NotCors | RequestKind::Actual => policy.actual(allowed, request),
        };
        let origin = request.field(RequestField::Origin).single();
        let origin = origin.and_then(|origin| Origin::parse(origin).ok());
        let asked = origin
            .zip(policy.origins.async_predicate.as_ref())
            .and_then(|(origin, predicate)| {
                let query = OriginQuery::owned(origin, request, predicate.declared());
                predicate.ask(query).ok()
            });
        Self(Box::new(Pending {
            asked,
            if_allowed,
            if_refused: refused,
            error: None,
        }))
    }

    pub(crate) fn if_allowed(&self) -> Decision {
        self.0.if_allowed
    }

    /// Returns the text of the error that the predicate has ended in.
    pub(crate) fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }
}

impl Pending {
    fn poll_result(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        // There is nothing to poll: the predicate panicked when it was called, or has had its
        // result.
        let Some((asked, timed_out)) = &mut self.asked else {
            return Poll::Ready(Err(Refusal::PredicatePanicked));
        };
        let error = &mut self.error;
        let result = unless_panicked(|| match asked.as_mut().poll(context) {
            Poll::Ready(Ok(true)) => Poll::Ready(Ok(())),
            Poll::Ready(Ok(false)) => Poll::Ready(Err(Refusal::OriginNotAllowed)),
            Poll::Ready(Err(text)) => {
                *error = Some(text);
                Poll::Ready(Err(Refusal::PredicateFailed))
            }
            Poll::Pending => timed_out
                .as_mut()
                .poll(context)
                .map(|()| Err(Refusal::PredicateTimedOut)),
        });
        let result = result.unwrap_or(Poll::Ready(Err(Refusal::PredicatePanicked)));
        if result.is_ready() {
            self.drop_asked();
        }
        result
    }

    /// Drops the futures of the user. What is left of one that panicked may panic again.
    fn drop_asked(&mut self) {
        if let Some((asked, timed_out)) = self.asked.take() {
            drop_foreign(asked);
            drop_foreign(timed_out);
        }
    }
}

impl Drop for Pending {
    /// Drops what is left where nobody waits any more: a client that goes away ends the request.
    fn drop(&mut self) {
        self.drop_asked();
    }
}

impl Future for PendingDecision {
    type Output = Decision;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Decision> {
        let pending = &mut *self.0;
        Poll::Ready(match ready!(pending.poll_result(context)) {
            Ok(()) => pending.if_allowed,
            Err(refusal) => pending.if_refused.refused_for(refusal),
        })
    }
}

impl fmt::Debug for PendingDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingDecision").finish_non_exhaustive()
    }
}
