//! [`BoundDecision`]: the low level, for frameworks whose header values borrow.

use std::future::Future;

use crate::evaluate::apply::WriteHeaders;
use crate::policy::{Compiled, Policy};
use crate::protocol::decision::Decision;
use crate::protocol::field::ResponseField;
use crate::protocol::request::RequestHead;
use crate::protocol::response::{ResponseHead, ResponseValue};
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
}

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
        async move {
            Self {
                decision: evaluation.await,
                policy,
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
        policy.apply(kind, headers, &mut Resolving { policy, response });
    }
}

/// A writer that turns symbols into the texts of their policy.
struct Resolving<'a, 'p, R> {
    policy: &'p Compiled,
    response: &'a mut R,
}

impl<'p, R> Resolving<'_, 'p, R> {
    fn resolve(&self, value: Value) -> ResponseValue<'p> {
        match value {
            Value::Echo(field) => ResponseValue::Echo(field),
            Value::Static(_) | Value::Policy(_) => {
                ResponseValue::Text(self.policy.text(value).unwrap_or_default())
            }
        }
    }
}

impl<'p, R: ResponseHead<'p>> WriteHeaders for Resolving<'_, 'p, R> {
    fn each_name(&self, visit: &mut dyn FnMut(&str)) {
        self.response.each_name(visit);
    }

    fn each_line(&self, field: ResponseField, visit: &mut dyn FnMut(&[u8])) {
        self.response.each_line(field, visit);
    }

    fn set(&mut self, field: ResponseField, value: Value) {
        self.response.set(field, self.resolve(value));
    }

    fn append(&mut self, field: ResponseField, value: Value) {
        self.response.append(field, self.resolve(value));
    }

    fn remove(&mut self, field: ResponseField) {
        self.response.remove(field);
    }
}
