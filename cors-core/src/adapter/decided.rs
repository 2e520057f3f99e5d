//! [`Decided`]: an exchange whose decision is made in full.

use std::ops::{ControlFlow, Deref};

use super::header_types::{HeaderTypes, RequestParts, ResponseParts};
use super::marks::{AppliedPolicy, InnerPolicyApplied, name_policy};
use super::options::AdapterOptions;
use super::prepared_policy::Prepared;
use super::request_view::RequestView;
use super::stack::Watched;
use super::writer::{KeptLines, Writer, keep_lines};
use crate::evaluate::apply::WriteHeaders;
use crate::policy::Policy;
use crate::policy::installed::InstalledPolicy;
use crate::protocol::decision::{AnswerHeader, AnswerHeaders, Decision};
use crate::protocol::field::ResponseField;

/// The options that an exchange takes along.
#[derive(Clone, Copy)]
struct KeptOptions {
    for_route: bool,
    record_decisions: bool,
}

/// An exchange with its decision, and what is needed to write the response's headers.
pub(super) struct Decided<H: HeaderTypes, P> {
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

impl<H: HeaderTypes, P: Deref<Target = Prepared<H>>> Decided<H, P> {
    #[inline]
    pub(super) fn new<R: RequestParts<H>>(
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

    pub(super) fn policy(&self) -> &InstalledPolicy {
        self.prepared.policy()
    }

    /// Puts the decision for which it has waited in the place of the one before.
    pub(super) fn decided(mut self, decision: Decision) -> Self {
        self.decision = decision;
        self
    }

    /// Returns the decision, if the options say to record it in the request's extensions.
    #[inline]
    #[must_use]
    pub(super) const fn decision_to_record(&self) -> Option<Decision> {
        if self.options.record_decisions {
            Some(self.decision)
        } else {
            None
        }
    }

    /// Breaks with the answer, where the adapter answers in the app's stead. Otherwise continues
    /// with the exchange, and the app is to be called.
    #[inline]
    pub(super) fn answer<R: ResponseParts<H>>(
        mut self,
        respond: fn(u16) -> R,
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
        let mut to_set = headers.and(AnswerHeaders::FROM_REQUEST);
        if let Some(answer) = answer {
            *map = answer.clone();
            if to_set.contains(AnswerHeader::AllowOrigin)
                && let Some(origin) = self.origin.take()
            {
                to_set = to_set.without(AnswerHeader::AllowOrigin);
                H::replace_first(map, ResponseField::AccessControlAllowOrigin, origin);
            }
        }
        let mut writer = Writer::<H> {
            policy: self.prepared.policy().compiled(),
            values: self.prepared.values(),
            origin: &mut self.origin,
            kept: Rare::lines(&mut self.rare),
            headers: map,
        };
        if answer.is_some() {
            for (field, value) in to_set.iter() {
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
    #[inline(never)]
    pub(super) fn finish(&mut self, response: &mut impl ResponseParts<H>) {
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
            let policy = self.prepared.policy().policy();
            name_policy(response, policy, self.options.for_route);
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
impl<H: HeaderTypes, P: Clone> Clone for Decided<H, P> {
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

impl<H: HeaderTypes, P> Decided<H, P> {
    pub(super) const fn decision(&self) -> Decision {
        self.decision
    }
}
