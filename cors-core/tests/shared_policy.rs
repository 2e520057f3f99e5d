//! Policies are replaced while requests come in, whatever the code around them does.
#![cfg(feature = "reload")]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, OnceLock};

use cors_core::adapter::{InstalledPolicy, PreparedPolicies};
use cors_core::{Policy, PolicyErrors, Predicate, SharedPolicy};
use proptest::collection::vec;
use proptest::prelude::*;
use support::Request;

const ORIGINS: [&str; 3] = [
    "https://zero.example",
    "https://one.example",
    "https://two.example",
];

fn allowing(origin: &'static str) -> Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origin_if(move |query| query.origin() == origin)
        .build()
}

fn prepared(shared: &SharedPolicy) -> PreparedPolicies<InstalledPolicy> {
    PreparedPolicies::new(shared.clone(), InstalledPolicy::clone)
}

/// Returns which origins an adapter's next request would find allowed.
fn allowed(policies: &PreparedPolicies<InstalledPolicy>) -> [bool; 3] {
    ORIGINS.map(|origin| {
        let request = Request::get(origin);
        let policy = policies.get(&request).expect("every path has it");
        policy.decide(&request).is_allowed()
    })
}

fn panics(code: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(code)).is_err()
}

#[derive(Clone, Debug)]
enum Step {
    Replace(usize),
    Mistake,
    /// The code that makes a predicate panics, and takes the builder with it.
    Panic,
    Request,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..ORIGINS.len()).prop_map(Step::Replace),
        Just(Step::Mistake),
        Just(Step::Panic),
        Just(Step::Request),
    ]
}

fn unmakeable() -> Predicate {
    resume_unwind(Box::new("what it needs is not there"))
}

fn take(step: &Step, shared: &SharedPolicy) -> Result<(), PolicyErrors> {
    let builder = Policy::builder();
    let policy = match step {
        Step::Replace(origin) => allowing(ORIGINS[*origin])?,
        Step::Mistake => builder.allow_origins(["one.example"]).build()?,
        Step::Panic => builder.allow_origin_predicate(unmakeable()).build()?,
        Step::Request => return Ok(()),
    };
    shared.replace(policy);
    Ok(())
}

proptest! {
    #[test]
    fn after_any_sequence_the_last_valid_policy_is_used(steps in vec(step(), 0..12)) {
        let shared = SharedPolicy::new(allowing(ORIGINS[0]).expect("it is valid"));
        let policies = prepared(&shared);
        let mut valid = 0;
        for step in &steps {
            let outcome = catch_unwind(AssertUnwindSafe(|| take(step, &shared)));
            match step {
                Step::Replace(origin) => {
                    valid = *origin;
                    prop_assert!(matches!(outcome, Ok(Ok(()))));
                }
                Step::Mistake => prop_assert!(matches!(outcome, Ok(Err(_)))),
                Step::Panic => prop_assert!(outcome.is_err()),
                Step::Request => {
                    let expected = [0, 1, 2].map(|origin| origin == valid);
                    prop_assert_eq!(allowed(&policies), expected);
                }
            }
            let policy = shared.policy("/").expect("every path has it");
            let now = ORIGINS.map(|origin| policy.decide(&Request::get(origin)).is_allowed());
            prop_assert_eq!(now, [0, 1, 2].map(|origin| origin == valid));
        }
    }
}

#[test]
fn a_predicate_that_replaces_its_own_policy_finishes_under_it() -> Result<(), PolicyErrors> {
    let handle = Arc::new(OnceLock::<SharedPolicy>::new());
    let own = Arc::clone(&handle);
    let policy = Policy::builder()
        .allow_origin_if(move |_| {
            let shared = own.get().expect("it was put there");
            shared.replace(allowing(ORIGINS[1]).expect("it is valid"));
            true
        })
        .build()?;
    let shared = SharedPolicy::new(policy);
    handle.get_or_init(|| shared.clone());
    let policies = prepared(&shared);
    // The old policy allows all, so the first request finished under it; the others began later.
    assert_eq!(allowed(&policies), [true, true, false]);
    Ok(())
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        resume_unwind(Box::new("it is dropped"));
    }
}

fn with_bomb() -> Result<Policy, PolicyErrors> {
    let bomb = Bomb;
    Policy::builder()
        .allow_origin_if(move |_| {
            let _ = &bomb;
            true
        })
        .build()
}

#[test]
fn a_predicate_that_panics_while_it_is_dropped_is_replaced_as_others_are()
-> Result<(), PolicyErrors> {
    let shared = SharedPolicy::new(with_bomb()?);
    shared.replace(allowing(ORIGINS[1])?);
    assert_eq!(allowed(&prepared(&shared)), [false, true, false]);

    // An adapter uses the old policy until its next request, which drops it then.
    shared.replace(with_bomb()?);
    let policies = prepared(&shared);
    assert_eq!(allowed(&policies), [true; 3]);
    shared.replace(allowing(ORIGINS[2])?);
    assert_eq!(allowed(&policies), [false, false, true]);
    Ok(())
}

#[test]
fn values_that_cannot_be_prepared_are_not_those_of_the_policy_before() -> Result<(), PolicyErrors> {
    let shared = SharedPolicy::new(allowing(ORIGINS[0])?);
    let policies = PreparedPolicies::new(shared.clone(), |policy| {
        assert!(!policy.config().allow_credentials, "they are not prepared");
        policy.clone()
    });
    assert_eq!(allowed(&policies), [true, false, false]);
    shared.replace(
        Policy::builder()
            .allow_origins([ORIGINS[1]])
            .allow_credentials(true)
            .build()?,
    );
    for _ in 0..2 {
        assert!(panics(|| {
            policies.get(&Request::get(ORIGINS[0]));
        }));
    }
    shared.replace(allowing(ORIGINS[2])?);
    assert_eq!(allowed(&policies), [false, false, true]);
    Ok(())
}

#[test]
fn each_replacement_has_the_next_version() -> Result<(), PolicyErrors> {
    let shared = SharedPolicy::new(allowing(ORIGINS[0])?);
    let policies = prepared(&shared);
    let another = prepared(&shared);
    let request = Request::new("GET");
    let installed = |policies: &PreparedPolicies<InstalledPolicy>| {
        policies.get(&request).expect("every path has it")
    };
    let first = installed(&policies);
    for (version, origin) in (1..).zip(ORIGINS) {
        let policy = allowing(origin)?;
        if version > 1 {
            shared.clone().replace(policy.clone());
        }
        assert_eq!(shared.version(), version);
        for policies in [&policies, &another] {
            let installed = installed(policies);
            assert_eq!(installed.version(), version);
            assert_eq!(installed.policy().config(), policy.config());
            assert!(installed.allows_origin(origin), "it is the policy");
        }
    }
    // A request that is under way keeps what it began with.
    assert_eq!(first.version(), 1);
    assert!(first.allows_origin(ORIGINS[0]));
    Ok(())
}

#[test]
fn policies_that_do_not_change_are_version_1() -> Result<(), PolicyErrors> {
    let policy = allowing(ORIGINS[0])?;
    let request = Request::new("GET");
    let policies = PreparedPolicies::new(policy.clone(), InstalledPolicy::clone);
    let installed = policies.get(&request).expect("every path has it");
    assert_eq!(installed.version(), 1);
    let by_itself = InstalledPolicy::from(policy.clone());
    assert_eq!(by_itself.version(), 1);
    assert_eq!(by_itself.policy().config(), policy.config());
    Ok(())
}
