//! [`Exchange`]: the engine that every adapter with owned header values shares.

use std::fmt;
use std::future::Future;
use std::ops::{ControlFlow, Deref};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::header_types::{HeaderTypes, RequestParts, ResponseParts};
use super::options::AdapterOptions;
use super::prepared::PreparedPolicies;
use super::prepared_policy::Prepared;
use super::request_view::RequestView;
use super::stack::{AppliedPolicy, Watched};
use super::told::{Told, tell};
use super::writer::{KeptLines, Writer, keep_lines};
use crate::evaluate::apply::WriteHeaders;
use crate::evaluate::pending::{Evaluation, PendingDecision};
use crate::policy::Policy;
use crate::protocol::decision::{AnswerHeader, AnswerHeaders, Decision};

/// The options that an exchange takes along.
#[derive(Clone, Copy)]
struct KeptOptions {
    for_route: bool,
    record_decisions: bool,
}

/// A response extension: an inner adapter has already applied its policy, so outer ones leave the
/// headers alone.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct InnerPolicyApplied;

/// One request under a policy: the decision, and what is needed to write the response's headers.
///
/// It [begins](PreparedPolicies::begin) with a request. Then it either [answers](Self::answer), or
/// the app is called and the exchange [finishes](Self::finish) the app's response.
///
/// `P` points to the prepared policy: an `Arc`, or an `Rc` if each worker has its own.
#[must_use = "an exchange that is not finished leaves the response without its headers"]
pub struct Exchange<H: HeaderTypes, P> {
    prepared: P,
    options: KeptOptions,
    decision: Decision,
    /// The origin, if the response echoes it.
    origin: Option<H::Value>,
    /// What few exchanges need, out of the way of the others.
    rare: Option<Box<Rare<H>>>,
}

/// What few exchanges need.
struct Rare<H: HeaderTypes> {
    /// The lines of a preflight that the app's response echoes.
    lines: Option<KeptLines<H>>,
    /// Is there where somebody is told about mistakes in the stack.
    watched: Option<Watched>,
}

/// An exchange that has a decision, or that waits for one.
#[must_use = "an exchange that is not finished leaves the response without its headers"]
#[expect(clippy::exhaustive_enums, reason = "decided or not")]
pub enum Begun<H: HeaderTypes, P> {
    /// There is a decision.
    Ready(Exchange<H, P>),
    /// The decision depends on the policy's asynchronous predicate.
    Pending(PendingExchange<H, P>),
}

/// A future of an [`Exchange`], which waits for the asynchronous predicate.
#[must_use = "a predicate that nobody awaits is not asked"]
pub struct PendingExchange<H: HeaderTypes, P> {
    pending: PendingDecision,
    /// Taken when the predicate has its result; its decision does not count before.
    exchange: Option<Exchange<H, P>>,
    /// What the listeners will be told, where there are any.
    told: Option<Box<Told>>,
}

impl<P> PreparedPolicies<P> {
    /// Begins the exchange of a request under the policy of its path; `None` where the path has
    /// none, and nothing is to be done.
    #[inline]
    pub fn begin<H, R>(&self, options: &AdapterOptions, request: &R) -> Option<Begun<H, P>>
    where
        H: HeaderTypes,
        R: RequestParts<H>,
        P: Deref<Target = Prepared<H>> + Clone,
    {
        let view = RequestView::new(request);
        let Some(prepared) = self.get(&view) else {
            self.tell_of_shadow_alone(options, &view);
            return None;
        };
        Some(match prepared.policy().evaluate(&view) {
            Evaluation::Decided(decision) => {
                tell(options, decision, prepared.policy(), &view);
                Begun::Ready(Exchange::new(prepared, options, decision, &view))
            }
            Evaluation::Pending(pending) => Begun::Pending(PendingExchange {
                told: Told::of(options, prepared.policy(), &view),
                // The more permissive of the two decisions, so that all that it needs is kept.
                exchange: Some(Exchange::new(
                    prepared,
                    options,
                    pending.if_allowed(),
                    &view,
                )),
                pending,
            }),
        })
    }

    /// Begins as [`begin`](Self::begin) does, without waiting for an asynchronous predicate: where
    /// the decision depends on it, the origin is refused.
    #[inline]
    pub fn begin_without_waiting<H, R>(
        &self,
        options: &AdapterOptions,
        request: &R,
    ) -> Option<Exchange<H, P>>
    where
        H: HeaderTypes,
        R: RequestParts<H>,
        P: Deref<Target = Prepared<H>> + Clone,
    {
        let view = RequestView::new(request);
        let Some(prepared) = self.get(&view) else {
            self.tell_of_shadow_alone(options, &view);
            return None;
        };
        let decision = prepared.policy().decide(&view);
        tell(options, decision, prepared.policy(), &view);
        Some(Exchange::new(prepared, options, decision, &view))
    }
}

impl<H: HeaderTypes, P: Deref<Target = Prepared<H>>> Exchange<H, P> {
    #[inline]
    fn new<R: RequestParts<H>>(
        prepared: P,
        options: &AdapterOptions,
        decision: Decision,
        request: &RequestView<'_, H, R>,
    ) -> Self {
        let origin = if decision.headers.contains(AnswerHeader::AllowOrigin) {
            request.origin().cloned()
        } else {
            None
        };
        let echoed = decision.headers.and(AnswerHeaders::ECHO_PREFLIGHT);
        let rare = if echoed == AnswerHeaders::default() && options.mistakes.is_empty() {
            None
        } else {
            Rare::of(decision, options, prepared.policy(), request)
        };
        Self {
            rare,
            prepared,
            options: KeptOptions {
                for_route: options.for_route,
                record_decisions: options.record_decisions,
            },
            decision,
            origin,
        }
    }

    /// Returns the decision, if the options say to record it in the request's extensions.
    #[inline]
    #[must_use]
    pub const fn decision_to_record(&self) -> Option<Decision> {
        if self.options.record_decisions {
            Some(self.decision)
        } else {
            None
        }
    }

    /// Breaks with the answer, where the adapter answers in the app's stead. Otherwise continues
    /// with the exchange, and the app is to be called.
    ///
    /// `respond` makes an empty response with a status between 200 and 499. Headers that it has may
    /// be replaced.
    ///
    /// # Errors
    ///
    /// `Break` is not an error: it is the answer.
    #[inline]
    pub fn answer<R: ResponseParts<H>>(
        mut self,
        respond: impl FnOnce(u16) -> R,
    ) -> ControlFlow<R, Self> {
        if let Some(status) = self.decision.status() {
            let mut response = respond(status);
            self.write_answer(&mut response);
            return ControlFlow::Break(response);
        }
        ControlFlow::Continue(self)
    }

    #[inline(never)]
    fn write_answer(&mut self, response: &mut impl ResponseParts<H>) {
        let Decision { kind, headers, .. } = self.decision;
        let map = response.headers_mut();
        let answer = self.prepared.answer(self.decision);
        if let Some(answer) = answer {
            *map = answer.clone();
        }
        let mut writer = Writer::<H> {
            policy: self.prepared.policy().compiled(),
            values: self.prepared.values(),
            origin: &mut self.origin,
            kept: Rare::lines(&mut self.rare),
            headers: map,
        };
        if answer.is_some() {
            for (field, value) in headers.and(AnswerHeaders::FROM_REQUEST).iter() {
                writer.set(field, value);
            }
        } else {
            let policy = self.prepared.policy().compiled();
            policy.apply(kind, headers, &mut writer);
        }
        self.mark(response);
    }

    /// Brings the headers of the app's response in line with the decision, unless an inner adapter
    /// has already applied its own policy.
    #[inline]
    pub fn finish(&mut self, response: &mut impl ResponseParts<H>) {
        let inner: Option<InnerPolicyApplied> = response.extension();
        if let Some(watched) = self.watched() {
            let policy = self.prepared.policy();
            check(watched, policy, inner.is_some(), response);
        }
        if inner.is_some() {
            return;
        }
        let mut writer = Writer::<H> {
            policy: self.prepared.policy().compiled(),
            values: self.prepared.values(),
            origin: &mut self.origin,
            kept: Rare::lines(&mut self.rare),
            headers: response.headers_mut(),
        };
        let Decision { kind, headers, .. } = self.decision;
        let policy = self.prepared.policy().compiled();
        policy.apply(kind, headers, &mut writer);
        self.mark(response);
    }

    #[inline]
    fn watched(&self) -> Option<&Watched> {
        self.rare.as_ref()?.watched.as_ref()
    }

    #[inline]
    fn mark(&self, response: &mut impl ResponseParts<H>) {
        if self.options.for_route {
            response.insert_extension(InnerPolicyApplied);
        }
        if self.options.record_decisions {
            response.insert_extension(self.decision);
        }
        // Another adapter outside may be looking for mistakes, which this one does not know.
        if cfg!(debug_assertions) || self.watched().is_some() {
            response.insert_extension(AppliedPolicy {
                policy: self.prepared.policy().policy().clone(),
                for_route: self.options.for_route,
            });
        }
    }
}

impl<H: HeaderTypes> Rare<H> {
    #[inline(never)]
    fn of<R: RequestParts<H>>(
        decision: Decision,
        options: &AdapterOptions,
        policy: &Policy,
        request: &RequestView<'_, H, R>,
    ) -> Option<Box<Self>> {
        let rare = Self {
            lines: keep_lines(decision, policy.compiled(), request),
            watched: options
                .mistakes
                .watch(decision.kind, policy, request, options.for_route),
        };
        (rare.lines.is_some() || rare.watched.is_some()).then(|| Box::new(rare))
    }

    fn lines(rare: &mut Option<Box<Self>>) -> Option<&mut KeptLines<H>> {
        rare.as_mut()?.lines.as_mut()
    }
}

// Written by hand, since the derive would ask for a marker type that is `Clone`.
impl<H: HeaderTypes> Clone for Rare<H> {
    fn clone(&self) -> Self {
        Self {
            lines: self.lines.clone(),
            watched: self.watched.clone(),
        }
    }
}

/// Looks for mistakes in the stack, before a response gets its headers.
#[cold]
#[inline(never)]
fn check<H: HeaderTypes>(
    watched: &Watched,
    policy: &Policy,
    has_inner: bool,
    response: &mut impl ResponseParts<H>,
) {
    if let Some(inner) = response.extension::<AppliedPolicy>() {
        watched.check_inner(policy, &inner.policy, inner.for_route);
    } else if !has_inner {
        let headers = response.headers_mut();
        watched.check_response(policy, |field, visit| {
            H::response_lines(headers, field).for_each(|line| visit(H::as_bytes(line)));
        });
    }
}

// Written by hand, since the derive would ask for a marker type that is `Clone`.
impl<H: HeaderTypes, P: Clone> Clone for Exchange<H, P> {
    fn clone(&self) -> Self {
        Self {
            prepared: self.prepared.clone(),
            options: self.options,
            decision: self.decision,
            origin: self.origin.clone(),
            rare: self.rare.clone(),
        }
    }
}

impl<H: HeaderTypes, P> fmt::Debug for Exchange<H, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Exchange").field(&self.decision).finish()
    }
}

impl<H: HeaderTypes, P> fmt::Debug for PendingExchange<H, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingExchange").finish_non_exhaustive()
    }
}

impl<H: HeaderTypes, P> fmt::Debug for Begun<H, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(exchange) => exchange.fmt(f),
            Self::Pending(pending) => pending.fmt(f),
        }
    }
}

// Nothing in it is pinned in place.
impl<H: HeaderTypes, P> Unpin for PendingExchange<H, P> {}

impl<H: HeaderTypes, P: Deref<Target = Prepared<H>>> Future for PendingExchange<H, P> {
    type Output = Exchange<H, P>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Exchange<H, P>> {
        let decision = ready!(Pin::new(&mut self.pending).poll(context));
        let mut exchange = self.exchange.take().expect(POLLED_AGAIN);
        exchange.decision = decision;
        if let Some(told) = &self.told {
            let policy = exchange.prepared.policy();
            told.tell(decision, policy, self.pending.error());
        }
        Poll::Ready(exchange)
    }
}

const POLLED_AGAIN: &str = "a future is not polled after it has completed";

impl<H: HeaderTypes, P: Deref<Target = Prepared<H>>> Begun<H, P> {
    /// Waits for the exchange, where it is not ready.
    pub async fn wait(self) -> Exchange<H, P> {
        match self {
            Self::Ready(exchange) => exchange,
            Self::Pending(pending) => pending.await,
        }
    }
}
