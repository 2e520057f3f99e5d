//! `count_decisions` counts where a shadow would answer otherwise, and nothing without a shadow.
#![cfg(feature = "metrics")]

mod support;

use std::collections::BTreeMap;

use cors_core::adapter::{
    AdapterOptions, BoundDecision, InstalledPolicy, PreparedPolicies, Shadow,
};
use cors_core::{Policy, PolicyErrors, PolicyMap, count_decisions};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use support::{Request, block_on};

const PAGE: &str = "https://app.example.com";
const OTHER: &str = "https://other.example";

/// The counters of this name by the values of their labels, kind first, and what was counted since
/// the last look.
fn counted(snapshotter: &Snapshotter, name: &str) -> BTreeMap<Vec<String>, u64> {
    let mut counters = BTreeMap::new();
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let key = key.key();
        if key.name() != name {
            continue;
        }
        let labels = key.labels().map(|label| label.value().to_owned()).collect();
        let DebugValue::Counter(value) = value else {
            unreachable!("{value:?} is no counter");
        };
        assert_eq!(counters.insert(labels, value), None);
    }
    counters
}

fn differences(snapshotter: &Snapshotter) -> BTreeMap<Vec<String>, u64> {
    counted(snapshotter, "cors.server.shadow_differences")
}

fn options(shadow: Option<Shadow>) -> AdapterOptions {
    let mut options = AdapterOptions::default();
    options.listeners.add(count_decisions());
    options.shadow = shadow;
    options
}

fn tell(options: &AdapterOptions, policy: &Policy, request: &Request) {
    let bound = block_on(BoundDecision::evaluate(policy.clone(), request));
    let bound = bound.beside_shadow(options.shadow.as_ref(), request);
    bound.tell(&options.listeners, request);
}

fn of(origins: &[&str], exposed: &[&str]) -> Result<Policy, PolicyErrors> {
    let builder = Policy::builder().allow_origins(origins);
    builder.expose_headers(exposed).build()
}

fn labels(kind: &str, difference: &str) -> Vec<String> {
    vec![kind.to_owned(), difference.to_owned()]
}

#[test]
fn each_difference_counts_once_under_its_kind_and_its_word() -> Result<(), PolicyErrors> {
    let wide = of(&[PAGE, OTHER], &[])?;
    let narrow = of(&[PAGE], &[])?;
    let exposing = of(&[PAGE, OTHER], &["x-id"])?;
    let any = of(&["*"], &[])?;
    let get = || Request::get(OTHER);
    let preflight = || Request::preflight(OTHER, "GET");
    let cases = [
        (&wide, &narrow, get(), Some(("actual", "would_refuse"))),
        (&narrow, &wide, get(), Some(("actual", "would_allow"))),
        (&wide, &exposing, get(), Some(("actual", "other_headers"))),
        (&wide, &wide, get(), None),
        (&narrow, &narrow, get(), None),
        (
            &wide,
            &narrow,
            preflight(),
            Some(("preflight", "would_refuse")),
        ),
        (
            &narrow,
            &wide,
            preflight(),
            Some(("preflight", "would_allow")),
        ),
        (
            &wide,
            &any,
            preflight(),
            Some(("preflight", "other_headers")),
        ),
        // Vary alone.
        (
            &wide,
            &any,
            Request::new("GET"),
            Some(("not_cors", "other_headers")),
        ),
        (&wide, &narrow, Request::new("GET"), None),
    ];
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        for (policy, shadow, request, expected) in cases {
            let options = options(Some(Shadow::new(shadow.clone())));
            tell(&options, policy, &request);
            let mut counters = differences(&snapshotter);
            let all = [
                labels("actual", "other_headers"),
                labels("actual", "would_allow"),
                labels("actual", "would_refuse"),
                labels("not_cors", "other_headers"),
                labels("preflight", "other_headers"),
                labels("preflight", "would_allow"),
                labels("preflight", "would_refuse"),
            ];
            assert!(counters.keys().eq(&all), "{counters:?}");
            counters.retain(|_, value| *value > 0);
            let expected = expected.map(|(kind, word)| (labels(kind, word), 1));
            let expected: BTreeMap<_, _> = expected.into_iter().collect();
            assert_eq!(counters, expected, "{request:?}");
        }
        Ok(())
    })
}

#[test]
fn without_a_shadow_there_is_no_counter_of_differences() -> Result<(), PolicyErrors> {
    let policy = of(&[PAGE], &[])?;
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        tell(&options(None), &policy, &Request::get(OTHER));
        assert_eq!(differences(&snapshotter), BTreeMap::new());
    });
    Ok(())
}

#[test]
fn a_path_that_has_a_policy_in_the_shadow_alone_counts_as_a_difference_and_as_no_decision()
-> Result<(), PolicyErrors> {
    let nowhere = PolicyMap::builder().build()?;
    let policies = PreparedPolicies::new(nowhere, InstalledPolicy::clone);
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        let options = options(Some(Shadow::new(of(&[PAGE], &[])?)));
        policies.tell_of_shadow_alone(&options, &Request::get(PAGE));
        let difference = differences(&snapshotter);
        assert_eq!(difference[&labels("actual", "would_allow")], 1);
        policies.tell_of_shadow_alone(&options, &Request::get(PAGE));
        let decisions = counted(&snapshotter, "cors.server.decisions");
        assert_eq!(decisions.values().sum::<u64>(), 0);
        Ok(())
    })
}
