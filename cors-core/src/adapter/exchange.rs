//! [`Exchange`]: the engine that every adapter with owned header values shares.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::ops::{ControlFlow, Deref};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::header_types::{HeaderTypes, RequestParts, ResponseParts};
use super::prepared::PreparedPolicies;
use super::request_view::RequestView;
use super::value_table::ValueTable;
use crate::evaluate::apply::WriteHeaders;
use crate::evaluate::pending::{Evaluation, PendingDecision};
use crate::policy::Policy;
use crate::protocol::decision::{AnswerHeader, AnswerHeaders, Decision};
use crate::protocol::field::{RequestField, ResponseField};
use crate::protocol::request::RequestKind;
use crate::protocol::value::Value;

/// Options that an adapter sets when it applies decisions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdapterOptions {
    /// Marks the responses, so that outer adapters leave their headers alone: for the adapter of a
    /// route inside of another adapter.
    pub for_route: bool,
    /// Puts each [`Decision`] into the extensions, for handlers and logs.
    pub record_decisions: bool,
}

/// A response extension: an inner adapter has already applied its policy, so outer ones leave the
/// headers alone.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct InnerPolicyApplied;

/// A policy with its header values and the headers of its answers, in the types of one header
/// library. An adapter makes it ahead of requests.
pub struct Prepared<H: HeaderTypes> {
    policy: Policy,
    values: ValueTable<H::Value>,
    answers: Option<PreparedAnswers<H::Map>>,
}

/// The headers of a policy's answers, except for those that depend on the request.
struct PreparedAnswers<M> {
    allowed_preflight: M,
    refused_preflight: M,
    rejected: M,
}

impl<H: HeaderTypes> Prepared<H> {
    /// Renders the policy's texts, and the headers of its answers except for those that depend on
    /// the request.
    #[must_use]
    pub fn new(policy: &Policy) -> Self {
        let compiled = policy.compiled();
        let values = ValueTable::render(&compiled.texts, H::from_static, H::from_ascii);
        let answer = |kind, headers: AnswerHeaders| {
            let mut map = H::with_capacity(headers.iter().count() + VARY_LINES);
            let mut writer = Writer::<H> {
                values: &values,
                // Keeps the place that each request's origin takes.
                origin: &mut Some(H::from_static("")),
                kept: &None,
                headers: &mut map,
            };
            compiled.apply(kind, headers, &mut writer);
            map
        };
        let none = AnswerHeaders::default();
        Self {
            answers: H::PREPARES_ANSWERS.then(|| PreparedAnswers {
                allowed_preflight: answer(RequestKind::Preflight, compiled.preflight_headers),
                refused_preflight: answer(RequestKind::Preflight, none),
                rejected: answer(RequestKind::Actual, none),
            }),
            policy: policy.clone(),
            values,
        }
    }
}

impl<M> PreparedAnswers<M> {
    fn of(&self, decision: Decision) -> &M {
        if decision.kind != RequestKind::Preflight {
            &self.rejected
        } else if decision.is_allowed() {
            &self.allowed_preflight
        } else {
            &self.refused_preflight
        }
    }
}

impl<H: HeaderTypes> fmt::Debug for Prepared<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Prepared").field(&self.policy).finish()
    }
}

/// One request under a policy: the decision, and what is needed to write the response's headers.
///
/// It [begins](PreparedPolicies::begin) with a request. Then it either [answers](Self::answer), or
/// the app is called and the exchange [finishes](Self::finish) the app's response.
///
/// `P` points to the prepared policy: an `Arc`, or an `Rc` if each worker has its own.
#[must_use = "an exchange that is not finished leaves the response without its headers"]
pub struct Exchange<H: HeaderTypes, P> {
    prepared: P,
    options: AdapterOptions,
    decision: Decision,
    /// The origin, if the response echoes it.
    origin: Option<H::Value>,
    /// The lines of a preflight that the app's response echoes.
    kept: Option<Box<KeptLines<H>>>,
}

/// Request fields and their lines.
type KeptLines<H> = Vec<(RequestField<'static>, <H as HeaderTypes>::Value)>;

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
}

impl<P> PreparedPolicies<P> {
    /// Begins the exchange of a request under the policy of its path; `None` where the path has
    /// none, and nothing is to be done.
    #[inline]
    pub fn begin<H, R>(&self, options: AdapterOptions, request: &R) -> Option<Begun<H, P>>
    where
        H: HeaderTypes,
        R: RequestParts<H>,
        P: Deref<Target = Prepared<H>> + Clone,
    {
        let view = RequestView::new(request);
        let prepared = self.get(&view)?;
        Some(Exchange::begin(prepared, options, &view))
    }

    /// Begins as [`begin`](Self::begin) does, without waiting for an asynchronous predicate: where
    /// the decision depends on it, the origin is refused.
    #[inline]
    pub fn begin_without_waiting<H, R>(
        &self,
        options: AdapterOptions,
        request: &R,
    ) -> Option<Exchange<H, P>>
    where
        H: HeaderTypes,
        R: RequestParts<H>,
        P: Deref<Target = Prepared<H>> + Clone,
    {
        let view = RequestView::new(request);
        let prepared = self.get(&view)?;
        Some(Exchange::begin_without_waiting(prepared, options, &view))
    }
}

impl<H: HeaderTypes, P: Deref<Target = Prepared<H>>> Exchange<H, P> {
    /// Begins an exchange: evaluates the request.
    #[inline]
    pub(super) fn begin<R: RequestParts<H>>(
        prepared: P,
        options: AdapterOptions,
        request: &RequestView<'_, H, R>,
    ) -> Begun<H, P> {
        match prepared.policy.evaluate(request) {
            Evaluation::Decided(decision) => {
                Begun::Ready(Self::new(prepared, options, decision, request))
            }
            Evaluation::Pending(pending) => Begun::Pending(PendingExchange {
                // The more permissive of the two decisions, so that the origin is kept for it.
                exchange: Some(Self::new(prepared, options, pending.if_allowed(), request)),
                pending,
            }),
        }
    }

    /// Begins an exchange without waiting for an asynchronous predicate: where the decision depends
    /// on it, the origin is refused.
    #[inline]
    pub(super) fn begin_without_waiting<R: RequestParts<H>>(
        prepared: P,
        options: AdapterOptions,
        request: &RequestView<'_, H, R>,
    ) -> Self {
        let decision = prepared.policy.decide(request);
        Self::new(prepared, options, decision, request)
    }

    #[inline]
    fn new<R: RequestParts<H>>(
        prepared: P,
        options: AdapterOptions,
        decision: Decision,
        request: &RequestView<'_, H, R>,
    ) -> Self {
        let origin = if decision.headers.contains(AnswerHeader::AllowOrigin) {
            request.origin().cloned()
        } else {
            None
        };
        let kept = if decision.kind == RequestKind::Preflight {
            keep_lines(decision, request)
        } else {
            None
        };
        Self {
            prepared,
            options,
            decision,
            origin,
            kept,
        }
    }

    /// Returns the decision.
    #[must_use]
    pub const fn decision(&self) -> Decision {
        self.decision
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
        let answers = self.prepared.answers.as_ref();
        if let Some(answers) = answers {
            *map = answers.of(self.decision).clone();
        }
        let mut writer = Writer::<H> {
            values: &self.prepared.values,
            origin: &mut self.origin,
            kept: &self.kept,
            headers: map,
        };
        if answers.is_some() {
            for (field, value) in headers.and(AnswerHeaders::FROM_REQUEST).iter() {
                writer.set(field, value);
            }
        } else {
            let policy = self.prepared.policy.compiled();
            policy.apply(kind, headers, &mut writer);
        }
        self.mark(response);
    }

    /// Brings the headers of the app's response in line with the decision, unless an inner adapter
    /// has already applied its own policy.
    #[inline]
    pub fn finish(&mut self, response: &mut impl ResponseParts<H>) {
        if response.has_extension::<InnerPolicyApplied>() {
            return;
        }
        let mut writer = Writer::<H> {
            values: &self.prepared.values,
            origin: &mut self.origin,
            kept: &self.kept,
            headers: response.headers_mut(),
        };
        let Decision { kind, headers, .. } = self.decision;
        let policy = self.prepared.policy.compiled();
        policy.apply(kind, headers, &mut writer);
        self.mark(response);
    }

    #[inline]
    fn mark(&self, response: &mut impl ResponseParts<H>) {
        if self.options.for_route {
            response.insert_extension(InnerPolicyApplied);
        }
        if self.options.record_decisions {
            response.insert_extension(self.decision);
        }
    }
}

/// Keeps the lines of a preflight that its response echoes. They were checked, so these and no others
/// are sent.
#[inline]
fn keep_lines<H: HeaderTypes, R: RequestParts<H>>(
    decision: Decision,
    request: &RequestView<'_, H, R>,
) -> Option<Box<KeptLines<H>>> {
    let echoed = decision.headers.and(AnswerHeaders::ECHO_PREFLIGHT);
    if echoed == AnswerHeaders::default() {
        return None;
    }
    let fields = echoed.iter().filter_map(|(_, value)| match value {
        Value::Echo(field) => Some(field),
        Value::Static(_) | Value::Policy(_) => None,
    });
    let lines = fields.flat_map(|field| {
        let lines = H::request_lines(request.headers(), field);
        lines.map(move |line| (field, line.clone()))
    });
    Some(Box::new(lines.collect()))
}

// Written by hand, since the derive would ask for a marker type that is `Clone`.
impl<H: HeaderTypes, P: Clone> Clone for Exchange<H, P> {
    fn clone(&self) -> Self {
        Self {
            prepared: self.prepared.clone(),
            options: self.options,
            decision: self.decision,
            origin: self.origin.clone(),
            kept: self.kept.clone(),
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

impl<H: HeaderTypes, P> Future for PendingExchange<H, P> {
    type Output = Exchange<H, P>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Exchange<H, P>> {
        let decision = ready!(Pin::new(&mut self.pending).poll(context));
        let mut exchange = self.exchange.take().expect(POLLED_AGAIN);
        exchange.decision = decision;
        Poll::Ready(exchange)
    }
}

const POLLED_AGAIN: &str = "a future is not polled after it has completed";

/// A future of the [`Exchange`], made from a [`Begun`].
#[derive(Debug)]
#[must_use = "an exchange that is not finished leaves the response without its headers"]
pub struct BegunFuture<H: HeaderTypes, P>(Option<Begun<H, P>>);

// Nothing in it is pinned in place.
impl<H: HeaderTypes, P> Unpin for BegunFuture<H, P> {}

impl<H: HeaderTypes, P> Future for BegunFuture<H, P> {
    type Output = Exchange<H, P>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Exchange<H, P>> {
        match self.0.take().expect(POLLED_AGAIN) {
            Begun::Ready(exchange) => Poll::Ready(exchange),
            Begun::Pending(mut pending) => match Pin::new(&mut pending).poll(context) {
                Poll::Ready(exchange) => Poll::Ready(exchange),
                Poll::Pending => {
                    self.0 = Some(Begun::Pending(pending));
                    Poll::Pending
                }
            },
        }
    }
}

impl<H: HeaderTypes, P> IntoFuture for Begun<H, P> {
    type Output = Exchange<H, P>;
    type IntoFuture = BegunFuture<H, P>;

    fn into_future(self) -> BegunFuture<H, P> {
        BegunFuture(Some(self))
    }
}

/// An answer has its Vary in one line.
const VARY_LINES: usize = 1;

/// The headers of a response, with what their values are made from.
struct Writer<'a, H: HeaderTypes> {
    values: &'a ValueTable<H::Value>,
    origin: &'a mut Option<H::Value>,
    kept: &'a Option<Box<KeptLines<H>>>,
    headers: &'a mut H::Map,
}

impl<H: HeaderTypes> Writer<'_, H> {
    #[cold]
    fn echo(&mut self, field: ResponseField, echoed: RequestField<'static>) {
        H::remove(self.headers, field);
        let kept = self.kept.iter().flat_map(|kept| kept.iter());
        for (_, line) in kept.filter(|(kept, _)| *kept == echoed) {
            H::append(self.headers, field, line.clone());
        }
    }
}

impl<H: HeaderTypes> WriteHeaders for Writer<'_, H> {
    #[inline]
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        H::names(self.headers).for_each(visit);
    }

    #[inline]
    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        for line in H::response_lines(self.headers, field) {
            visit(H::as_bytes(line));
        }
    }

    #[inline]
    fn set(&mut self, field: ResponseField, value: Value) {
        if let Some(value) = self.values.get(value) {
            H::insert(self.headers, field, value.clone());
        } else if field == ResponseField::AccessControlAllowOrigin {
            if let Some(origin) = self.origin.take() {
                H::insert(self.headers, field, origin);
            }
        } else if let Value::Echo(echoed) = value {
            self.echo(field, echoed);
        }
    }

    #[inline]
    fn append(&mut self, field: ResponseField, value: Value) {
        if let Some(value) = self.values.get(value) {
            H::append(self.headers, field, value.clone());
        }
    }

    #[inline]
    fn remove(&mut self, field: ResponseField) {
        H::remove(self.headers, field);
    }
}
