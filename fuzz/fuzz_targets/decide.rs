//! Policies and requests: each decision is the one that the contract has, read the slow way.

#![no_main]

use arbitrary::{Result, Unstructured};
use cors_fuzz::head::Request;
use cors_fuzz::input::{self, Written};
use cors_fuzz::meant::Meant;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = run(&mut Unstructured::new(bytes));
});

/// Judges the decisions of one policy. An input that is too short makes fewer of them.
fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let written = input::policy(input)?;
    let Ok(policy) = written.build() else {
        return Ok(());
    };
    check_built(&written);
    assert_eq!(policy.config(), written.config);
    for _ in 0..4 {
        let request = input::request(input)?;
        let decision = policy.decide(&request);
        check(&written, &request, decision);
        // Words take far longer than decisions.
        if input.ratio(1, 8)? {
            let explanation = policy.explain(&request);
            assert_eq!(explanation.decision(), decision);
            let words = explanation.to_string();
            assert!(!words.chars().any(char::is_control), "{words:?}");
        }
        if input.is_empty() {
            break;
        }
    }
    Ok(())
}

fn check(written: &Written, request: &Request, decision: cors_core::Decision) {
    let meant = Meant::of(written, request);
    let context = || format!("{decision:?} for {meant:?}: {request:?} under {written:?}");
    let part = decision.refusal().map(cors_core::Refusal::request_part);
    assert_eq!(decision.kind(), meant.kind, "kind: {}", context());
    assert_eq!(part, meant.refused, "refused part: {}", context());
    assert_eq!(decision.status(), meant.status, "status: {}", context());
    assert_eq!(
        decision.is_rejected(),
        meant.rejected,
        "rejected: {}",
        context()
    );
    assert_eq!(
        decision.is_same_origin(),
        meant.same_origin,
        "same-origin: {}",
        context()
    );
    let is_cors = meant.kind != cors_core::RequestKind::NotCors;
    assert_eq!(
        decision.is_allowed(),
        is_cors && meant.refused.is_none(),
        "{}",
        context()
    );
}

/// No policy is built that is dangerous and does not say so.
fn check_built(written: &Written) {
    let config = &written.config;
    let any = config.allow_origins.iter().any(|item| item == "*");
    let credentials = config.allow_credentials;
    let apart = &config.allow_credentials_from;
    if credentials {
        assert!(
            !any || config.dangerously_allow_any_origin_with_credentials,
            "{config:?}"
        );
        let is_null = config.allow_null_origin;
        assert!(
            !is_null || config.dangerously_allow_null_origin_with_credentials,
            "{config:?}"
        );
        assert!(apart.is_empty(), "{config:?}");
    }
    if credentials || !apart.is_empty() {
        assert!(
            !config.expose_headers.iter().any(|name| name == "*"),
            "{config:?}"
        );
    }
    assert!(!apart.iter().any(|item| item == "*"), "{config:?}");
}
