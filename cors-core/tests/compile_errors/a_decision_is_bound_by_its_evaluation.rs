use cors_core::Decision;
use cors_core::adapter::{BoundDecision, InstalledPolicy};

fn bind(policy: InstalledPolicy, decision: Decision) -> BoundDecision {
    BoundDecision { policy, decision }
}

fn main() {}
