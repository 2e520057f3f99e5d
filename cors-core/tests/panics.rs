//! A panic in the user's code ends where it is called, or where what it owns is dropped: a value that
//! panics when it is dropped does so as the payload of a panic too.

mod support;

use std::future::{Future, Ready, pending, poll_fn, ready};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cors_core::adapter::{BoundDecision, Evaluation, Listeners};
use cors_core::{AsyncPredicate, Decision, DecisionEvent, Policy, PolicyErrors, Refusal};
use support::{Request, block_on};

const ORIGIN: &str = "https://a.example";

/// Panics when it is dropped, with a payload that does so as well where there is more in it.
struct Bomb {
    more: bool,
}

const BOMB: Bomb = Bomb { more: true };

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.more {
            resume_unwind(Box::new(Self { more: false }));
        }
        resume_unwind(Box::new("the last one"));
    }
}

/// Panics without a word in the output of the test.
fn explode() -> ! {
    resume_unwind(Box::new(BOMB))
}

/// Fails where a panic escapes; the test's runner can't, since it drops the payload.
fn ends_panics(code: impl FnOnce() -> Result<(), PolicyErrors>) -> Result<(), PolicyErrors> {
    let result = catch_unwind(AssertUnwindSafe(code)).map_err(mem::forget);
    result.expect("no panic escapes")
}

fn decide(policy: Policy) -> Decision {
    let evaluated = BoundDecision::evaluate(policy, &Request::get(ORIGIN));
    block_on(evaluated).decision()
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_refuses_like_any_other() -> Result<(), PolicyErrors> {
    ends_panics(|| {
        type Text = Result<bool, &'static str>;
        let called = |_| -> Ready<Text> { explode() };
        let timer = || -> Ready<()> { explode() };
        for policy in [
            Policy::builder().allow_origin_if(|_| explode()),
            Policy::builder()
                .allow_origin_if_async(AsyncPredicate::new(called).timeout_with(pending)),
            Policy::builder().allow_origin_if_async(
                AsyncPredicate::new(async |_| -> Text { explode() }).timeout_with(pending),
            ),
            Policy::builder().allow_origin_if_async(
                AsyncPredicate::new(|_| ready(Text::Ok(true))).timeout_with(timer),
            ),
        ] {
            let refusal = decide(policy.build()?).refusal();
            assert_eq!(refusal, Some(Refusal::PredicatePanicked));
        }
        Ok(())
    })
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_ends_a_listener_like_any_other()
-> Result<(), PolicyErrors> {
    ends_panics(|| {
        let mut listeners = Listeners::default();
        listeners.add(|_: &DecisionEvent<'_>| explode());
        let policy = Policy::builder().allow_origins([ORIGIN]).build()?;
        let request = Request::get(ORIGIN);
        let bound = block_on(BoundDecision::evaluate(policy, &request));
        bound.tell(&listeners, &request);
        Ok(())
    })
}

/// Shows that whoever uses a policy last, a request as it may be, is not ended by its predicates.
#[test]
fn what_predicates_and_listeners_own_may_panic_when_it_is_dropped() -> Result<(), PolicyErrors> {
    ends_panics(|| {
        let owned = BOMB;
        let immediate = Policy::builder().allow_origin_if(move |_| {
            let _ = &owned;
            true
        });
        drop(immediate.build()?);

        let (owned, by_timeout) = (BOMB, BOMB);
        let awaited = AsyncPredicate::new(move |_| {
            let _ = &owned;
            ready(Ok::<_, &str>(true))
        });
        let awaited = awaited.timeout_with(move || {
            let _ = &by_timeout;
            pending()
        });
        drop(Policy::builder().allow_origin_if_async(awaited).build()?);

        let owned = BOMB;
        let mut listeners = Listeners::default();
        listeners.add(move |_: &DecisionEvent<'_>| {
            let _ = &owned;
        });
        drop(listeners);
        Ok(())
    })
}

/// Shows it for the futures that a predicate has made, whether they have a result or nobody waits
/// any more.
#[test]
fn what_a_predicate_s_futures_own_may_panic_when_it_is_dropped() -> Result<(), PolicyErrors> {
    ends_panics(|| {
        for ends in [true, false] {
            let asked = AsyncPredicate::new(move |_| {
                let owned = BOMB;
                poll_fn(move |_| {
                    let _ = &owned;
                    if ends {
                        Poll::Ready(Ok::<_, &str>(true))
                    } else {
                        Poll::Pending
                    }
                })
            });
            let timeout = || {
                let owned = BOMB;
                poll_fn(move |_| {
                    let _ = &owned;
                    Poll::Pending
                })
            };
            let policy = Policy::builder()
                .allow_origin_if_async(asked.timeout_with(timeout))
                .build()?;
            let evaluation = policy.evaluate(&Request::get(ORIGIN));
            assert!(matches!(evaluation, Evaluation::Pending(_)));
            let mut context = Context::from_waker(Waker::noop());
            let polled = pin!(evaluation).poll(&mut context);
            assert_eq!(polled.is_ready(), ends);
        }
        Ok(())
    })
}
