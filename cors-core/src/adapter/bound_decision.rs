//! [`BoundDecision`]: the low level, for frameworks whose header values borrow.

use std::future::Future;
use std::ops::ControlFlow;

use crate::evaluate::apply::WriteHeaders;
use crate::evaluate::pending::Evaluation;
use crate::policy::Policy;
use crate::protocol::decision::Decision;
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
    policy: Policy,
    decision: Decision,
    /// The origin, if the response echoes it.
    origin: Option<Box<str>>,
    /// The lines of a preflight that its response echoes.
    kept: KeptLines,
}

/// Request fields and their lines.
type KeptLines = Vec<(RequestField<'static>, Box<str>)>;

impl BoundDecision {
    /// Evaluates a request, and waits for the policy's asynchronous predicate where the decision
    /// depends on it.
    ///
    /// The future does not borrow the request.
    pub fn evaluate(
        policy: Policy,
        request: &dyn RequestHead,
    ) -> impl Future<Output = Self> + Send + use<> {
        let evaluation = policy.evaluate(request);
        let permissive = match &evaluation {
            Evaluation::Decided(decision) => *decision,
            Evaluation::Pending(pending) => pending.if_allowed(),
        };
        let (origin, kept) = echoed_lines(permissive, request);
        async move {
            Self {
                decision: evaluation.await,
                policy,
                origin,
                kept,
            }
        }
    }

    /// Returns the decision.
    #[must_use]
    pub const fn decision(&self) -> Decision {
        self.decision
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

    /// Returns the lines that a value stands for: one, but for what a preflight sent in several.
    fn lines(&self, value: Value) -> impl Iterator<Item = &str> {
        let (text, echoed) = match value {
            Value::Echo(RequestField::Origin) => (self.origin.as_deref(), None),
            Value::Echo(field) => (None, Some(field)),
            Value::Static(_) | Value::Policy(_) => (self.policy.compiled().text(value), None),
        };
        let kept = self.kept.iter();
        let kept = kept.filter(move |(field, _)| Some(*field) == echoed);
        text.into_iter().chain(kept.map(|(_, line)| &**line))
    }
}

/// Returns the request's lines that the response echoes. They were checked, so these and no others
/// are sent, and all of them are ASCII.
fn echoed_lines(decision: Decision, request: &dyn RequestHead) -> (Option<Box<str>>, KeptLines) {
    let text = |line: &[u8]| std::str::from_utf8(line).ok().map(Box::from);
    let mut origin = None;
    let mut kept = Vec::new();
    for (_, value) in decision.headers.iter() {
        match value {
            Value::Echo(RequestField::Origin) => {
                origin = request.field(RequestField::Origin).single().and_then(text);
            }
            Value::Echo(field) => request.each_line(field, &mut |line| {
                kept.extend(text(line).map(|line| (field, line)));
                ControlFlow::Continue(())
            }),
            Value::Static(_) | Value::Policy(_) => {}
        }
    }
    (origin, kept)
}

/// Turns symbols into the texts of their decision.
struct Resolving<'a, 'p, R> {
    bound: &'p BoundDecision,
    response: &'a mut R,
}

impl<'p, R: ResponseHead<'p>> WriteHeaders for Resolving<'_, 'p, R> {
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        self.response.each_name(visit);
    }

    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        self.response.each_line(field, visit);
    }

    fn set(&mut self, field: ResponseField, value: Value) {
        let mut lines = self.bound.lines(value);
        match lines.next() {
            Some(first) => self.response.set(field, first),
            None => self.response.remove(field),
        }
        for line in lines {
            self.response.append(field, line);
        }
    }

    fn append(&mut self, field: ResponseField, value: Value) {
        for line in self.bound.lines(value) {
            self.response.append(field, line);
        }
    }

    fn remove(&mut self, field: ResponseField) {
        self.response.remove(field);
    }
}
