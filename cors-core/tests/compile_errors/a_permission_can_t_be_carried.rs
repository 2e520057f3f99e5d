use cors_core::adapter::{BoundDecision, PendingDecision, ResponseHead};
use cors_core::{Decision, Policy};

fn apply<'p>(policy: &'p Policy, decision: Decision, response: &mut impl ResponseHead<'p>) {
    policy.apply(decision, response);
}

fn bind(policy: Policy, decision: Decision) -> BoundDecision {
    BoundDecision { policy, decision }
}

fn resume(policy: &Policy, pending: PendingDecision) {
    policy.decide_with(pending);
}

fn main() {}
