//! An adapter may have several listeners.

mod support;

use std::sync::mpsc;

use cors_core::adapter::{BoundDecision, Listeners};
use cors_core::{DecisionEvent, Policy, PolicyErrors};
use support::{Request, block_on};

/// Tells listeners twice about a request that is allowed.
fn tell_twice(listeners: &Listeners) -> Result<(), PolicyErrors> {
    let policy = Policy::builder().allow_origins(["*"]).build()?;
    let request = Request::get("https://a.example");
    let bound = block_on(BoundDecision::evaluate(policy, &request));
    bound.tell(listeners, &request);
    bound.tell(listeners, &request);
    Ok(())
}

#[test]
fn every_listener_is_called_in_the_order_in_which_they_were_added() -> Result<(), PolicyErrors> {
    let (told, calls) = mpsc::channel();
    let mut listeners = Listeners::default();
    assert!(listeners.is_empty());
    for name in ["first", "second", "third"] {
        let told = told.clone();
        listeners.add(move |event: &DecisionEvent<'_>| {
            // The receiver lives to the end of the test.
            let _ = told.send((name, event.decision().is_allowed()));
        });
    }
    assert!(!listeners.is_empty());
    tell_twice(&listeners)?;
    let once = [("first", true), ("second", true), ("third", true)];
    assert_eq!(calls.try_iter().collect::<Vec<_>>(), [once, once].concat());
    Ok(())
}

#[test]
fn a_listener_that_panics_is_left_out_and_the_others_are_not() -> Result<(), PolicyErrors> {
    let (told, calls) = mpsc::channel();
    let mut listeners = Listeners::default();
    for name in ["before", "panics", "after"] {
        let told = told.clone();
        listeners.add(move |_: &DecisionEvent<'_>| {
            let _ = told.send(name);
            assert_ne!(name, "panics");
        });
    }
    tell_twice(&listeners)?;
    let expected = ["before", "panics", "after", "before", "after"];
    assert_eq!(calls.try_iter().collect::<Vec<_>>(), expected);
    Ok(())
}

#[test]
fn a_clone_that_was_made_before_has_no_listener_of_afterwards() {
    let mut listeners = Listeners::default();
    let before = listeners.clone();
    listeners.add(|_: &DecisionEvent<'_>| {});
    assert!(before.is_empty());
}
