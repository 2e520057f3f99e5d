//! Policies, requests and the app's responses: the headers are those that the contract has, by the
//! low level of an adapter.

#![no_main]

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use arbitrary::{Result, Unstructured};
use cors_core::Policy;
use cors_core::adapter::BoundDecision;
use cors_fuzz::expected::Judged;
use cors_fuzz::head::{Request, Response};
use cors_fuzz::input;
use cors_fuzz::meant::Meant;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = run(&mut Unstructured::new(bytes));
});

/// Judges the responses under one policy. An input that is too short makes fewer of them.
fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let written = input::policy(input)?;
    let Ok(policy) = written.build() else {
        return Ok(());
    };
    for _ in 0..4 {
        let request = input::request(input)?;
        let from_app = input::app_lines(input)?;
        let bound = bind(&policy, &request);
        let is_answered = bound.decision().status().is_some();
        let app = if is_answered { Vec::new() } else { from_app };
        let mut response = Response { lines: app.clone() };
        bound.apply(&mut response);
        let judged = Judged {
            written: &written,
            request: &request,
            meant: &Meant::of(&written, &request),
            app: &app,
            response: &response.lines,
        };
        judged.check();
        // A right response stays as it is.
        let mut again = response.clone();
        bound.apply(&mut again);
        assert_eq!(
            sorted(&again),
            sorted(&response),
            "applied twice: {judged:?}"
        );
        if input.is_empty() {
            break;
        }
    }
    Ok(())
}

fn sorted(response: &Response) -> Vec<(String, Vec<u8>)> {
    let mut lines = response.lines.clone();
    lines.sort_unstable();
    lines
}

/// Evaluates a request. Nothing waits, since no predicate is asynchronous.
fn bind(policy: &Policy, request: &Request) -> BoundDecision {
    let future = pin!(BoundDecision::evaluate(policy.clone(), request));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(bound) => bound,
        Poll::Pending => unreachable!("there is nothing to wait for"),
    }
}
