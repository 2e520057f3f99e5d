//! What is told about mistakes in the stack: bounded, escaped, and nothing that a request fails by.

mod support;

use std::sync::mpsc;

use cors_core::adapter::{BoundDecision, Mistakes};
use cors_core::{Mistake, MistakeKind, Policy, PolicyErrors};
use support::{Request, Response, block_on};

/// Has a response looked at, with headers that the app has set to `value`.
fn look(mistakes: &Mistakes, policy: &Policy, request: &Request, value: &str) {
    let bound = block_on(BoundDecision::evaluate(policy.clone(), request));
    let watched = mistakes.watch(bound.decision().kind(), policy, request, false);
    let line = |name: &str| (name.to_owned(), value.to_owned());
    let names = [
        "Access-Control-Allow-Origin",
        "access-control-allow-methods",
        "vary",
    ];
    let lines = names.into_iter().cycle().take(300).map(line).collect();
    let response = Response { lines };
    if let Some(watched) = watched {
        bound.check_response(&watched, &response);
    }
}

#[test]
fn nothing_foreign_is_told_as_it_is_or_without_bound() -> Result<(), PolicyErrors> {
    let policy = Policy::builder().build()?;
    let (told, mistakes_told) = mpsc::channel();
    let mut mistakes = Mistakes::default();
    mistakes.add(move |mistake: &Mistake| {
        // The receiver lives to the end of the test.
        let _ = told.send(mistake.clone());
    });
    let hostile = "\u{1b}[31m\r\n{}%s\u{202e}".repeat(10_000);
    let mut request = Request::new(&hostile).with("origin", "https://a.example");
    request.path = hostile.clone();
    look(&mistakes, &policy, &request, &hostile);
    look(&mistakes, &policy, &request, &hostile);
    let found: Vec<_> = mistakes_told.try_iter().collect();
    let [mistake] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(mistake.kind(), MistakeKind::ForeignHeaders);
    let text = mistake.to_string();
    let is_safe = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    assert!(is_safe && text.len() < 2_000, "{}: {text}", text.len());
    assert!(text.ends_with(mistake.remedy()) && text.starts_with(mistake.reason()));
    Ok(())
}

#[test]
fn a_listener_that_panics_keeps_nothing_from_the_others() -> Result<(), PolicyErrors> {
    let policy = Policy::builder().build()?;
    let (told, kinds) = mpsc::channel();
    let mut mistakes = Mistakes::default();
    mistakes.add(|mistake: &Mistake| panic!("{mistake}"));
    mistakes.add(move |mistake: &Mistake| {
        let _ = told.send(mistake.kind());
    });
    let request = Request::get("https://a.example");
    look(&mistakes, &policy, &request, "*");
    mistakes.tell(&Mistake::route_layer());
    mistakes.tell(&Mistake::route_layer());
    let expected = [MistakeKind::ForeignHeaders, MistakeKind::RouteLayer];
    assert_eq!(kinds.try_iter().collect::<Vec<_>>(), expected);
    Ok(())
}

#[test]
fn where_nobody_is_told_nothing_is_looked_at() -> Result<(), PolicyErrors> {
    let policy = Policy::builder().build()?;
    let request = Request::get("https://a.example");
    let kind = policy.decide(&request).kind();
    let mut mistakes = Mistakes::default();
    let before = mistakes.clone();
    mistakes.add(|_: &Mistake| {});
    assert!(before.watch(kind, &policy, &request, false).is_none() && !before.is_worth_a_look());
    assert!(mistakes.watch(kind, &policy, &request, false).is_some() && mistakes.is_worth_a_look());
    Ok(())
}
