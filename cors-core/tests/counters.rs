//! `count_decisions` counts each decision once, by words that no client chooses.
#![cfg(feature = "metrics")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use cors_core::adapter::{BoundDecision, Listeners};
use cors_core::{
    AsyncPredicate, OriginError, Policy, PolicyBuilder, PolicyErrors, Refusal, count_decisions,
};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use support::{Request, block_on};

const PAGE: &str = "https://app.example.com";

/// One refusal of each kind.
const REFUSALS: [Refusal; 17] = [
    Refusal::HostNotAllowed,
    Refusal::AmbiguousPath,
    Refusal::SeveralOrigins,
    Refusal::MalformedOrigin(OriginError::Host),
    Refusal::NullOrigin,
    Refusal::OriginNotAllowed,
    Refusal::InsecureOrigin,
    Refusal::PredicatePanicked,
    Refusal::PredicateFailed,
    Refusal::PredicateTimedOut,
    Refusal::PredicateNotAsked,
    Refusal::MalformedMethod,
    Refusal::ForbiddenMethod,
    Refusal::MethodNotAllowed,
    Refusal::MalformedHeaderName,
    Refusal::HeaderNotAllowed,
    Refusal::HeaderListTooLong,
];

/// Kind, verdict and reason.
type Labels = [String; 3];

fn labels(kind: &str, verdict: &str, reason: &str) -> Labels {
    [kind, verdict, reason].map(str::to_owned)
}

/// Returns the counters that the recorder has, and what was counted since the last look.
fn counted(snapshotter: &Snapshotter) -> BTreeMap<Labels, u64> {
    let mut counters = BTreeMap::new();
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        assert_eq!(key.key().name(), "cors.server.decisions");
        let DebugValue::Counter(value) = value else {
            unreachable!("{value:?} is no counter");
        };
        let labels: BTreeMap<_, _> = key
            .key()
            .labels()
            .map(|label| (label.key(), label.value().to_owned()))
            .collect();
        let names: Vec<_> = labels.keys().copied().collect();
        assert_eq!(
            names,
            ["cors.refusal.reason", "cors.request.kind", "cors.verdict"]
        );
        let of = |name| labels[name].clone();
        let labels = [
            of("cors.request.kind"),
            of("cors.verdict"),
            of("cors.refusal.reason"),
        ];
        assert_eq!(counters.insert(labels, value), None);
    }
    counters
}

fn counting() -> Listeners {
    let mut listeners = Listeners::default();
    listeners.add(count_decisions());
    listeners
}

fn bound(policy: &Policy, request: &Request) -> BoundDecision {
    block_on(BoundDecision::evaluate(policy.clone(), request))
}

fn tell(listeners: &Listeners, policy: &Policy, request: &Request) {
    bound(policy, request).tell(listeners, request);
}

fn policy() -> PolicyBuilder {
    Policy::builder()
        .allow_origins([PAGE])
        .allow_methods(["PUT"])
}

/// Requests, the policy of each, and the labels under which it counts.
fn cases() -> Result<Vec<(Policy, Request, Labels)>, PolicyErrors> {
    let plain = policy().build()?;
    let hosted = policy().allow_hosts(["localhost"]).build()?;
    let rejecting = policy().reject_disallowed_origins(true).build()?;
    let failing = AsyncPredicate::new(async |_| Err::<bool, _>("down"))
        .timeout_with(std::future::pending::<()>);
    let failing = policy().allow_origin_if_async(failing).build()?;
    let panicking = policy()
        .allow_origin_if(|_| unreachable!("a bug"))
        .build()?;
    let evil = "https://evil.example";
    let own = || Request::get("https://own.example").with("host", "own.example");
    let cases = [
        (&plain, Request::new("GET"), ("not_cors", "none", "none")),
        (&plain, Request::get(PAGE), ("actual", "allowed", "none")),
        (
            &hosted,
            Request::new("GET"),
            ("not_cors", "rejected", "host_not_allowed"),
        ),
        (
            &hosted,
            Request::preflight(PAGE, "PUT"),
            ("preflight", "rejected", "host_not_allowed"),
        ),
        (
            &hosted,
            own().with("sec-fetch-site", "same-origin"),
            ("actual", "rejected", "host_not_allowed"),
        ),
        (
            &plain,
            Request::get(evil),
            ("actual", "refused", "origin_not_allowed"),
        ),
        (&plain, own(), ("actual", "same_origin", "none")),
        (
            &plain,
            own().with("sec-fetch-site", "same-origin"),
            ("actual", "same_origin", "none"),
        ),
        (
            &plain,
            Request::get(PAGE).with("origin", PAGE),
            ("actual", "refused", "several_origins"),
        ),
        (
            &plain,
            Request::get("null"),
            ("actual", "refused", "null_origin"),
        ),
        (
            &rejecting,
            Request::get(evil),
            ("actual", "rejected", "origin_not_allowed"),
        ),
        (
            &rejecting,
            Request::get("https://a.example/"),
            ("actual", "rejected", "malformed_origin"),
        ),
        (&rejecting, own(), ("actual", "same_origin", "none")),
        (
            &plain,
            Request::preflight(PAGE, "PUT"),
            ("preflight", "allowed", "none"),
        ),
        (
            &plain,
            Request::preflight(PAGE, "DELETE"),
            ("preflight", "refused", "method_not_allowed"),
        ),
        (
            &plain,
            Request::preflight(PAGE, "PUT").asking_for("x-evil"),
            ("preflight", "refused", "header_not_allowed"),
        ),
        (
            &rejecting,
            Request::preflight(evil, "PUT"),
            ("preflight", "refused", "origin_not_allowed"),
        ),
        (
            &failing,
            Request::get(evil),
            ("actual", "refused", "predicate_failed"),
        ),
        (
            &panicking,
            Request::get(evil),
            ("actual", "refused", "predicate_panicked"),
        ),
    ];
    let cases = cases.into_iter().map(|(policy, request, of)| {
        let (kind, verdict, reason) = of;
        (policy.clone(), request, labels(kind, verdict, reason))
    });
    Ok(cases.collect())
}

#[test]
fn each_decision_counts_once_under_its_kind_verdict_and_reason() -> Result<(), PolicyErrors> {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        let listeners = counting();
        for (policy, request, expected) in cases()? {
            tell(&listeners, &policy, &request);
            let mut counters = counted(&snapshotter);
            counters.retain(|_, value| *value > 0);
            assert_eq!(counters, BTreeMap::from([(expected, 1)]), "{request:?}");
        }
        Ok(())
    })
}

/// Every combination that there can be, and no other whatever is sent.
#[test]
fn every_counter_is_there_before_the_first_request_and_none_is_added() -> Result<(), PolicyErrors> {
    let reasons = REFUSALS.map(Refusal::code);
    let refused = [
        ("preflight", "refused"),
        ("actual", "refused"),
        ("actual", "rejected"),
    ];
    let mut expected: BTreeSet<_> = refused
        .iter()
        .flat_map(|(kind, verdict)| reasons.map(|reason| labels(kind, verdict, reason)))
        .collect();
    expected.extend([
        labels("not_cors", "none", "none"),
        labels("not_cors", "rejected", "host_not_allowed"),
        labels("preflight", "rejected", "host_not_allowed"),
        labels("preflight", "allowed", "none"),
        labels("actual", "allowed", "none"),
        labels("actual", "same_origin", "none"),
    ]);

    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        let listeners = counting();
        let before = counted(&snapshotter);
        assert_eq!(before.keys().cloned().collect::<BTreeSet<_>>(), expected);
        assert!(before.values().all(|value| *value == 0), "{before:?}");
        let policy = policy().build()?;
        for index in 0..100 {
            let origin = format!("https://\u{1b}{index}.example");
            tell(
                &listeners,
                &policy,
                &Request::get(&origin).with("host", &origin),
            );
            tell(&listeners, &policy, &Request::preflight(PAGE, &origin));
            tell(&listeners, &policy, &Request::new(&origin));
        }
        let after = counted(&snapshotter);
        assert_eq!(after.values().sum::<u64>(), 300);
        assert!(after.into_keys().eq(expected));
        Ok(())
    })
}

#[test]
fn without_a_recorder_nothing_is_counted_and_nothing_fails() -> Result<(), PolicyErrors> {
    let listeners = counting();
    for (policy, request, _) in cases()? {
        tell(&listeners, &policy, &request);
    }
    Ok(())
}

#[test]
fn a_recorder_may_be_installed_after_the_listener_is_made() -> Result<(), PolicyErrors> {
    let listeners = counting();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        tell(&listeners, &policy().build()?, &Request::get(PAGE));
        let counters = counted(&snapshotter);
        assert_eq!(counters[&labels("actual", "allowed", "none")], 1);
        Ok(())
    })
}

/// What the documentation says not to do.
#[test]
fn a_recorder_that_comes_after_the_first_request_gets_nothing() -> Result<(), PolicyErrors> {
    let policy = policy().build()?;
    let listeners = counting();
    tell(&listeners, &policy, &Request::get(PAGE));
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        tell(&listeners, &policy, &Request::get(PAGE));
        assert_eq!(counted(&snapshotter), BTreeMap::new());
    });
    Ok(())
}

#[test]
fn listeners_of_two_adapters_count_together() -> Result<(), PolicyErrors> {
    let policy = policy().build()?;
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        for listeners in [counting(), counting()] {
            tell(&listeners, &policy, &Request::get(PAGE));
        }
        let counters = counted(&snapshotter);
        assert_eq!(counters[&labels("actual", "allowed", "none")], 2);
    });
    Ok(())
}

#[test]
fn to_count_allocates_nothing() -> Result<(), PolicyErrors> {
    let recorder = DebuggingRecorder::new();
    metrics::with_local_recorder(&recorder, || {
        let listeners = counting();
        let cases = cases()?;
        // The first decision gets the handles.
        let (policy, request, _) = &cases[0];
        tell(&listeners, policy, request);
        for (policy, request, _) in &cases {
            let bound = bound(policy, request);
            let allocations = allocation_counter::measure(|| bound.tell(&listeners, request));
            assert_eq!(allocations.count_total, 0, "{request:?}");
        }
        Ok(())
    })
}

/// The words are the variants' names, so that they are as stable as those.
#[test]
fn the_code_of_a_refusal_is_its_name_in_snake_case() {
    for refusal in REFUSALS {
        let name = format!("{refusal:?}");
        let name = name.split('(').next().unwrap_or_default();
        let mut words = String::new();
        for letter in name.chars() {
            if letter.is_ascii_uppercase() && !words.is_empty() {
                words.push('_');
            }
            words.push(letter.to_ascii_lowercase());
        }
        assert_eq!(refusal.code(), words);
    }
}
