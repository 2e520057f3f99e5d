//! The test app on every framework.

use conformance_client::raw::{Request, Response};
use conformance_servers::Framework;
use conformance_servers::test_app::HITS;

use crate::client::Client;
use crate::judge::{Site, nothing_is};
use crate::rules::{Rule, Who, rule};
use crate::spellings;

/// Paths of the test app whose responses show where they come from.
const HANDLERS: [&str; 4] = ["/echo", "/login", "/guarded", "/boom"];

/// Patterns that overlap: what the wide ones grant, the narrow ones do not.
const RULES: [&[Rule]; 7] = [
    &[
        rule("/{*rest}", Who::Partner),
        rule("/echo", Who::Own).for_own_host(),
        rule("/login", Who::Off),
        rule("/guarded", Who::Nobody).rejecting(),
        rule("/boom", Who::Own).rejecting().for_own_host(),
    ],
    &[
        rule("/{page}", Who::Partner),
        rule("/{page}/{*rest}", Who::Anyone),
        rule("/echo", Who::Own).rejecting(),
        rule("/login/{*rest}", Who::Own),
        rule("/guarded/{*rest}", Who::Off),
        rule("/boom", Who::Nobody),
    ],
    &[
        rule("/{*rest}", Who::Anyone),
        rule("/{tenant}/echo", Who::Partner),
        rule("/{tenant}/login", Who::Partner),
        rule("/{tenant}/{page}", Who::Anyone),
        rule("/echo/{*rest}", Who::Nobody).rejecting(),
        rule("/login", Who::Own).rejecting(),
        rule("/guarded", Who::Off),
        rule("/boom", Who::Off),
    ],
    // The wide one rejects, and the narrow ones do not.
    &[
        rule("/{*rest}", Who::Own).rejecting().for_own_host(),
        rule("/echo", Who::Anyone),
        rule("/login", Who::Partner),
        rule("/guarded", Who::Off),
    ],
    // Nothing but narrow ones.
    &[
        rule("/x/{*rest}", Who::Anyone),
        rule("/login/{name}", Who::Partner),
        rule("/echo", Who::Own),
        rule("/boom", Who::Own).rejecting(),
    ],
    // A wide one that is off.
    &[
        rule("/{*rest}", Who::Off),
        rule("/echo", Who::Own).rejecting(),
        rule("/login", Who::Anyone).for_own_host(),
        rule("/guarded", Who::Partner),
    ],
    &[rule("/{*rest}", Who::Partner)],
];

#[test]
fn whoever_answers_on_a_framework_grants_no_more_than_its_own_policy() {
    let mut wrong = Vec::new();
    for framework in Framework::ALL {
        let mut site = Site::start(framework.app(), answered_by).count_calls(calls);
        let spellings = HANDLERS.into_iter().flat_map(spellings::of_segment);
        let reached = site.reached(spellings);
        for known in reached_by(framework) {
            let is_known = |target: &str| target == *known;
            let mut targets = reached.iter().map(|reached| &*reached.spelling.target);
            assert!(targets.any(is_known), "{}: {known}", site.name());
        }
        for rules in RULES {
            wrong.extend(site.judge(rules, &reached));
        }
    }
    nothing_is(&wrong);
}

/// Spellings that reach a handler: without any, the test would show nothing.
fn reached_by(framework: Framework) -> &'static [&'static str] {
    match framework {
        Framework::Actix => &["/echo", "/%65cho", "/logi%6E"],
        Framework::Rocket => &["/echo", "/%65cho", "//echo", "/echo/", "http://x//login"],
        Framework::Warp | Framework::WarpFilter => &["/echo", "/echo/", "/login/?x"],
        Framework::Axum | Framework::Hyper => &["/echo", "http://x/login"],
    }
}

/// Returns the path of the handler that a response shows, or of the guard in front of it.
fn answered_by(response: &Response) -> Option<&'static str> {
    let starts = |text: &str| response.body.starts_with(text.as_bytes());
    if response.status == 401 {
        Some("/guarded")
    } else if response.value(HITS).is_none() {
        None
    } else if response.values("set-cookie").count() > 0 {
        Some("/login")
    } else if starts("boom") {
        Some("/boom")
    } else {
        starts("{\"method\"").then_some("/echo")
    }
}

/// Asks a handler how many calls there have been, this one included.
fn calls(client: &mut Client) -> u64 {
    let response = client.exchange(&Request::new("POST", "/echo"));
    let response = response.expect("the server lives on");
    let hits = response
        .value(HITS)
        .expect("a request without an origin has a handler");
    let hits = std::str::from_utf8(hits).expect("it is a number");
    hits.parse::<u64>().expect("it is a number")
}
