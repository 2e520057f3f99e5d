//! Nobody is fast by being wrong: every response is checked before anything is measured.

use std::collections::BTreeMap;

use crate::case::Seen;
use crate::contender::Contender;
use crate::place::Place;
use crate::scenario::Scenario;

/// Returns the faults of the peers' responses, each with its scenarios. It leaves out a peer that
/// can't have a scenario's rules.
///
/// # Panics
///
/// Panics if a floor or this library responds wrongly.
pub fn all() -> BTreeMap<(&'static str, &'static str), Vec<&'static str>> {
    let mut shortcomings = BTreeMap::<_, Vec<_>>::new();
    for place in Place::ALL {
        for scenario in Scenario::all() {
            for contender in Contender::ALL.into_iter().skip(1) {
                let Some(mut case) = place.case(contender, &scenario) else {
                    continue;
                };
                let seen = case.response();
                let found = faults(&seen, &scenario);
                let name = place.name();
                assert!(
                    contender == Contender::Peer || found.is_empty(),
                    "{name}, {contender:?}, {}: {found:?} {seen:?}",
                    scenario.name,
                );
                for fault in found {
                    let scenarios = shortcomings.entry((name, fault)).or_default();
                    scenarios.push(scenario.name);
                }
            }
        }
    }
    shortcomings
}

fn faults(seen: &Seen, scenario: &Scenario) -> Vec<&'static str> {
    let mut faults = Vec::new();
    let mut expect = |right: bool, fault| {
        if !right {
            faults.push(fault);
        }
    };
    let allow_origin = seen.header("access-control-allow-origin");
    expect(
        allow_origin == scenario.allow_origin.as_deref(),
        "another Access-Control-Allow-Origin than the rules give",
    );
    if scenario.allow_origin.as_deref() != Some("*") {
        expect(seen.varies_by_origin(), "no Vary: Origin");
    }
    if scenario.name == "I" {
        let credentials = seen.header("access-control-allow-credentials");
        expect(credentials == Some("true"), "no credentials");
    }
    if !scenario.is_preflight() {
        let served = scenario.allow_origin.is_none() || seen.status == 200;
        expect(served, "the app was not called");
    } else if scenario.allow_origin.is_some() {
        expect(
            (200..300).contains(&seen.status),
            "an allowed preflight has no ok status",
        );
        let lists = |field, items: &[&str]| {
            let list = seen.header(field).unwrap_or_default().to_lowercase();
            let found: Vec<_> = list.split(',').map(str::trim).collect();
            items.iter().all(|item| found.contains(item))
        };
        expect(
            lists("access-control-allow-methods", &["put"]),
            "PUT is missing",
        );
        expect(
            lists(
                "access-control-allow-headers",
                &["authorization", "content-type"],
            ),
            "a header is missing",
        );
        expect(lists("access-control-max-age", &["600"]), "no max-age");
    }
    faults
}
