//! [`BoundDecision`]: the low level, for frameworks whose header values borrow.

use std::future::Future;
use std::ops::ControlFlow;

use super::event::{DecisionEvent, Listeners};
use super::shadow::{Shadow, ShadowOutcome, Shadowed};
use super::stack::Watched;
use crate::evaluate::apply::WriteHeaders;
use crate::evaluate::pending::Evaluation;
use crate::policy::allowed_headers::without_empty_elements;
use crate::policy::installed::InstalledPolicy;
use crate::policy::{Compiled, Policy};
use crate::protocol::decision::{AnswerHeader, AnswerHeaders, Decision};
use crate::protocol::field::{RequestField, ResponseField};
use crate::protocol::request::RequestHead;
use crate::protocol::response::ResponseHead;
use crate::protocol::value::Value;

/// A decision together with the policy that made it. Only the two together can be applied to a
/// response.
///
/// ```
/// use cors_core::Policy;
/// use cors_core::adapter::{BoundDecision, RequestHead, ResponseHead};
///
/// async fn exchange<'p>(
///     policy: Policy,
///     request: &dyn RequestHead,
///     kept: &'p mut Option<BoundDecision>,
///     response: &mut impl ResponseHead<'p>,
/// ) {
///     let bound: &BoundDecision = kept.insert(BoundDecision::evaluate(policy, request).await);
///     if let Some(status) = bound.decision().status() {
///         // Answer with this status; otherwise call the app.
///         # let _ = status;
///     }
///     bound.apply(response);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct BoundDecision {
    policy: InstalledPolicy,
    decision: Decision,
    /// The origin, if the response echoes it. It was checked, so this one and no other is sent.
    origin: Option<Box<str>>,
    /// The lines of a preflight, likewise.
    of_preflight: Option<Box<KeptLines>>,
    /// The text of the error in which an asynchronous predicate has ended.
    error: Option<Box<str>>,
    shadow: Option<ShadowOutcome>,
}

/// Request fields and their lines.
type KeptLines = Vec<(RequestField<'static>, Box<str>)>;

impl BoundDecision {
    /// Evaluates a request, and waits for the policy's asynchronous predicate where the decision
    /// depends on it.
    ///
    /// The future does not borrow the request.
    pub fn evaluate<P: Into<InstalledPolicy>>(
        policy: P,
        request: &dyn RequestHead,
    ) -> impl Future<Output = Self> + Send + use<P> {
        let policy = policy.into();
        let evaluation = policy.evaluate(request);
        let permissive = match &evaluation {
            Evaluation::Decided(decision) => *decision,
            Evaluation::Pending(pending) => pending.if_allowed(),
        };
        let bound = Self {
            origin: echoed_origin(permissive, request),
            of_preflight: echoed_lines(permissive, policy.compiled(), request),
            decision: permissive,
            policy,
            error: None,
            shadow: None,
        };
        async move {
            match evaluation {
                Evaluation::Decided(_) => bound,
                Evaluation::Pending(mut pending) => Self {
                    decision: (&mut pending).await,
                    error: pending.error().map(Box::from),
                    ..bound
                },
            }
        }
    }

    /// Returns the decision.
    #[must_use]
    pub const fn decision(&self) -> Decision {
        self.decision
    }

    /// Returns the policy that has decided.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        self.policy.policy()
    }

    /// Compares with what the policies in the shadow decide, those of `shadow` or else those of the
    /// policy's own map, for [listeners](Self::tell). The request is the one that was evaluated.
    #[must_use]
    pub fn beside_shadow(self, shadow: Option<&Shadow>, request: &dyn RequestHead) -> Self {
        let policy = Some(self.policy.policy());
        let shadow = Shadowed::of(shadow, self.policy.policies(), policy, request);
        Self {
            shadow: shadow.map(|shadow| shadow.against(policy, self.decision, request)),
            ..self
        }
    }

    /// Tells listeners about the decision. The request is the one that was evaluated, or, where that
    /// may have been changed since, a [`KeptHead`](super::KeptHead) of it.
    pub fn tell(&self, listeners: &Listeners, request: &dyn RequestHead) {
        let error = self.error.as_deref();
        let event = DecisionEvent::new(self.decision, &self.policy, request, error, self.shadow);
        listeners.tell(&event);
    }

    /// Looks for mistakes in the stack, before the decision is applied to a response of the app.
    pub fn check_response<'p>(&self, watched: &Watched, response: &impl ResponseHead<'p>) {
        watched.check_response(&self.policy, |field, visit| {
            response.each_line(field, visit);
        });
    }

    /// Brings a response in line with the decision: sets its headers, replaces or removes those
    /// that the app set (unless the policy keeps them), and merges Vary.
    ///
    /// Where the decision has a [status](Decision::status), `response` is the adapter's own empty
    /// one; otherwise it is the app's.
    pub fn apply<'p>(&'p self, response: &mut impl ResponseHead<'p>) {
        let policy = self.policy.compiled();
        let Decision { kind, headers, .. } = self.decision;
        let mut resolving = Resolving {
            bound: self,
            response,
        };
        policy.apply(kind, headers, &mut resolving);
    }
}

/// Returns the origin, if the response echoes it. All that passes a check is ASCII.
fn echoed_origin(decision: Decision, request: &dyn RequestHead) -> Option<Box<str>> {
    if !decision.headers.contains(AnswerHeader::AllowOrigin) {
        return None;
    }
    let origin = request.field(RequestField::Origin).single()?;
    std::str::from_utf8(origin).ok().map(Box::from)
}

/// Returns the other lines that the response echoes.
fn echoed_lines(
    decision: Decision,
    policy: &Compiled,
    request: &dyn RequestHead,
) -> Option<Box<KeptLines>> {
    let echoed = decision.headers.and(AnswerHeaders::ECHO_PREFLIGHT);
    if echoed == AnswerHeaders::default() {
        return None;
    }
    let mut kept = KeptLines::new();
    for (_, value) in echoed.iter() {
        if value == Value::ListedAndAsked {
            let names = policy.headers.listed_and_asked(request);
            kept.push((RequestField::AccessControlRequestHeaders, names.into()));
        } else if let Value::Echo(field) = value {
            request.each_line(field, &mut |line| {
                let names = without_empty_elements(line);
                let line = names.as_deref().or_else(|| std::str::from_utf8(line).ok());
                let line = line.filter(|line| !line.is_empty());
                kept.extend(line.map(|line| (field, line.into())));
                ControlFlow::Continue(())
            });
        }
    }
    Some(Box::new(kept))
}

/// Turns symbols into the texts of their decision.
struct Resolving<'a, 'p, R> {
    bound: &'p BoundDecision,
    response: &'a mut R,
}

impl<'p, R: ResponseHead<'p>> Resolving<'_, 'p, R> {
    #[cold]
    fn echo(&mut self, field: ResponseField, echoed: RequestField<'static>) {
        self.response.remove(field);
        let kept = self.bound.of_preflight.iter().flat_map(|kept| kept.iter());
        for (_, line) in kept.filter(|(kept, _)| *kept == echoed) {
            self.response.append(field, line);
        }
    }
}

impl<'p, R: ResponseHead<'p>> Resolving<'_, 'p, R> {
    #[cold]
    fn expose(&mut self, field: ResponseField) {
        let exposed = &self.bound.policy.compiled().exposed;
        let names = exposed.listed_and_present(|visit| self.response.each_name(visit));
        if names.is_empty() {
            self.response.remove(field);
        } else {
            self.response.set_owned(field, names);
        }
    }
}

impl<'p, R: ResponseHead<'p>> WriteHeaders for Resolving<'_, 'p, R> {
    fn text(&self, value: Value) -> Option<&str> {
        self.bound.policy.compiled().text(value)
    }

    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        self.response.each_name(visit);
    }

    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        self.response.each_line(field, visit);
    }

    fn set(&mut self, field: ResponseField, value: Value) {
        let text = match value {
            Value::Echo(RequestField::Origin) => self.bound.origin.as_deref(),
            Value::Echo(echoed) => return self.echo(field, echoed),
            Value::ListedAndAsked => {
                return self.echo(field, RequestField::AccessControlRequestHeaders);
            }
            Value::ListedAndPresent => return self.expose(field),
            Value::Static(_) | Value::Policy(_) => self.bound.policy.compiled().text(value),
        };
        match text {
            Some(text) => self.response.set(field, text),
            None => self.response.remove(field),
        }
    }

    fn append(&mut self, field: ResponseField, value: Value) {
        if let Some(text) = self.bound.policy.compiled().text(value) {
            self.response.append(field, text);
        }
    }

    fn remove(&mut self, field: ResponseField) {
        self.response.remove(field);
    }
}
