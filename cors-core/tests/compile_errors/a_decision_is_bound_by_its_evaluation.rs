use cors_core::adapter::BoundDecision;
use cors_core::{Decision, Policy};

fn bind(policy: Policy, decision: Decision) -> BoundDecision {
    BoundDecision { policy, decision }
}

fn main() {}
