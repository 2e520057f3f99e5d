//! [`BoundDecision`]: the low level, for frameworks whose header values borrow.

mod resolving;

use std::future::Future;
use std::ops::ControlFlow;

use self::resolving::Resolving;
use super::event::{DecisionEvent, Listeners};
use super::shadow::{Shadow, ShadowOutcome, Shadowed};
use super::stack::Watched;
use crate::evaluate::pending::Evaluation;
use crate::policy::allowed_headers::without_empty_elements;
use crate::policy::installed::InstalledPolicy;
use crate::policy::{Compiled, Policy};
use crate::protocol::decision::{AnswerHeader, AnswerHeaders, Decision};
use crate::protocol::field::RequestField;
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
    /// What few decisions need, out of the way of the others.
    rare: Option<Box<Rare>>,
    shadow: Option<ShadowOutcome>,
}

/// What few decisions need.
#[derive(Clone, Debug, Default)]
struct Rare {
    /// The lines of a preflight that the response echoes. They were checked, as the origin was.
    of_preflight: KeptLines,
    /// The text of the error in which an asynchronous predicate has ended.
    error: Option<Box<str>>,
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
        let of_preflight = echoed_lines(permissive, policy.compiled(), request);
        let mut bound = Self {
            origin: echoed_origin(permissive, request),
            rare: of_preflight.map(|of_preflight| {
                Box::new(Rare {
                    of_preflight,
                    ..Rare::default()
                })
            }),
            decision: permissive,
            policy,
            shadow: None,
        };
        async move {
            if let Evaluation::Pending(mut pending) = evaluation {
                bound.decision = (&mut pending).await;
                if let Some(error) = pending.error() {
                    bound.rare.get_or_insert_default().error = Some(error.into());
                }
            }
            bound
        }
    }

    /// Makes the decision on a request without `Origin`, which is the same for all of them, whatever
    /// else they have; `None` where their [hosts](crate::PolicyConfig::allow_hosts) count.
    ///
    /// It allows nothing that depends on a request, so it does for a request that an adapter kept
    /// nothing of, since it came without `Origin`.
    pub fn without_origin(policy: impl Into<InstalledPolicy>) -> Option<Self> {
        let policy = policy.into();
        Some(Self {
            decision: policy.compiled().without_origin()?,
            origin: None,
            rare: None,
            policy,
            shadow: None,
        })
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
        let error = self.rare.as_deref().and_then(|rare| rare.error.as_deref());
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
            policy,
            origin: self.origin.as_deref(),
            of_preflight: self.rare.as_ref().map_or(&[], |rare| &rare.of_preflight),
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
) -> Option<KeptLines> {
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
    Some(kept)
}
