//! Every case of the contract, through a proxy that asks `examples/edge`, with an app that knows
//! nothing of CORS.

#[path = "../../../examples/edge/src/edge.rs"]
mod edge;
#[path = "../../../examples/edge/src/hosts.rs"]
mod hosts;
mod proxy;
mod stack;

use std::io;

use conformance::cases::{self, Case};
use conformance_client::raw;
use conformance_servers::Framework;

use crate::proxy::Kind;
use crate::stack::Stack;

#[test]
#[ignore = "needs Envoy"]
fn every_case_holds_through_envoy() -> io::Result<()> {
    judge(Kind::Envoy)
}

#[test]
#[ignore = "needs nginx"]
fn every_case_holds_through_nginx() -> io::Result<()> {
    judge(Kind::Nginx)
}

fn judge(kind: Kind) -> io::Result<()> {
    let mut stack = Stack::start(kind)?;
    let mut cases = cases::all();
    cases.sort_by_key(|case| case.policy);
    let mut failures = Vec::new();
    stack.handler_calls()?;
    for cases in cases.chunk_by(|one, other| one.policy == other.policy) {
        stack.replace(cases[0].policy)?;
        for case in cases {
            let differences = differences(&mut stack, case)?;
            if !differences.is_empty() {
                failures.push(format!(
                    "{}\n    {:?}\n    {}",
                    case.name,
                    case.request,
                    differences.join("\n    ")
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {}\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    Ok(())
}

fn differences(stack: &mut Stack, case: &Case) -> io::Result<Vec<String>> {
    let response = raw::exchange(stack.address(), &case.request);
    let calls = stack.handler_calls()?;
    Ok(match response {
        Ok(response) => case.expected.differences(Framework::Axum, &response, calls),
        Err(error) => vec![format!("no response: {error}")],
    })
}
