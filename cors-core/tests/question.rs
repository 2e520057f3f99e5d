//! Asynchronous predicates: who is asked what, and what counts as a no.

mod support;

use std::future::{Future, pending, ready};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cors_core::{
    Answer, Decision, OriginRule, OriginQuery<'static>, Policy, PolicyBuilder, PolicyErrors, Problem,
    ProblemKind, Question, Refusal, RequestHead,
};
use support::Request;

type Result<T = ()> = std::result::Result<T, PolicyErrors>;

const ORIGIN: &str = "https://app.example.com";

/// A predicate that answers at once, in a policy that lists [`ORIGIN`].
fn policy(answer: bool) -> PolicyBuilder {
    let policy = Policy::builder().allow_origins([ORIGIN]);
    policy.allow_origin_if_async(AsyncPredicate::new(move |_| ready(Ok::<_, ()>(answer))).timeout_with(pending))
}

/// As an adapter does it, on a runtime that does nothing but poll.
fn decide(policy: &Policy, request: &dyn RequestHead) -> Decision {
    let decision = policy.decide(request);
    match policy.question(decision, request) {
        Some(question) => policy.decide_with(request, answer(question)),
        None => decision,
    }
}

fn answer(question: Question) -> Answer {
    let mut question = pin!(question);
    let mut context = Context::from_waker(Waker::noop());
    let answer = (0..MOST_POLLS).find_map(|_| match question.as_mut().poll(&mut context) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    });
    answer.expect("a question has an end")
}

const MOST_POLLS: u32 = 10;

/// Pending so many times.
async fn polls(mut count: u32) {
    std::future::poll_fn(move |_| match count.checked_sub(1) {
        None => Poll::Ready(()),
        Some(rest) => {
            count = rest;
            Poll::Pending
        }
    })
    .await;
}

#[test]
fn it_is_asked_once_and_only_where_nothing_else_decides() -> Result {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let policy = Policy::builder()
        .allow_origins([ORIGIN, "https://*.example.net"])
        .allow_origin_if(|query| query.origin().host() == "sync.example")
        .allow_origin_if_async(AsyncPredicate::new(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            ready(Ok::<_, ()>(true))
        }).timeout_with(pending))
        .build()?;
    for (request, asked) in [
        (Request::new("GET"), 0),
        (Request::get(ORIGIN), 0),
        (Request::get("https://a.example.net"), 0),
        (Request::get("https://sync.example"), 0),
        (Request::get("null"), 0),
        (Request::get("file://"), 0),
        (Request::get("https://evil.com/.b.example"), 0),
        (Request::get("https://b.example").with("origin", ORIGIN), 0),
        (Request::get("https://b.example"), 1),
        (Request::preflight("https://b.example", "PUT"), 1),
    ] {
        calls.store(0, Ordering::Relaxed);
        let decision = decide(&policy, &request);
        let count = calls.load(Ordering::Relaxed);
        assert_eq!(count, asked, "{request:?} {decision:?}");
        if asked == 1 && decision.refusal().is_none() {
            assert_eq!(decision.origin_rule(), Some(OriginRule::AsyncPredicate));
        }
    }
    Ok(())
}

#[test]
fn a_predicate_that_is_not_awaited_is_asked_once_beside_one_that_is() -> Result {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let policy = policy(true)
        .allow_origin_if(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            false
        })
        .build()?;
    assert!(decide(&policy, &Request::get("https://b.example")).is_allowed());
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    Ok(())
}

#[test]
fn its_answer_is_the_verdict_on_the_origin_and_on_nothing_else() -> Result {
    let yes = policy(true).allow_methods(["PUT"]).build()?;
    let no = policy(false).allow_methods(["PUT"]).build()?;
    let put = Request::preflight("https://b.example", "PUT");
    let delete = Request::preflight("https://b.example", "DELETE");
    assert!(decide(&yes, &put).is_allowed());
    assert_eq!(
        decide(&yes, &delete).refusal(),
        Some(Refusal::MethodNotAllowed)
    );
    assert_eq!(decide(&no, &put).refusal(), Some(Refusal::OriginNotAllowed));
    assert_eq!(
        decide(&no, &delete).refusal(),
        Some(Refusal::OriginNotAllowed)
    );
    Ok(())
}

#[test]
fn an_explanation_takes_the_answer() -> Result {
    let put = Request::preflight("https://b.example", "PUT");
    for (yes, text) in [
        (
            true,
            "preflight refused: the policy does not allow the method \"PUT\" (it lists none). \
             To allow it, add \"PUT\" to allow_methods.",
        ),
        (
            false,
            "preflight refused: the policy allows no origin \"https://b.example\". \
             To allow it, add \"https://b.example\" to allow_origins.",
        ),
    ] {
        let policy = policy(yes).build()?;
        let question = policy.question(policy.decide(&put), &put);
        let answer = answer(question.expect("the predicate alone can tell"));
        assert_eq!(policy.explain_with(&put, answer).to_string(), text);
    }
    Ok(())
}

#[test]
fn whoever_does_not_ask_is_refused() -> Result {
    let policy = policy(true).build()?;
    let request = Request::get("https://b.example");
    assert_eq!(
        policy.decide(&request).refusal(),
        Some(Refusal::PredicateNotAsked)
    );
    assert!(!policy.allows_origin("https://b.example"));
    assert_eq!(
        policy.explain(&request).to_string(),
        "actual request refused: nothing but the asynchronous predicate can tell about \
         \"https://b.example\", and it was not asked. Await Policy::question, and hand its answer \
         to Policy::decide_with."
    );
    Ok(())
}

#[test]
fn everything_but_a_yes_is_a_no() -> Result {
    type Made = std::result::Result<bool, &'static str>;
    let policy = |ask: fn() -> Made, waits: u32, timeout: u32| {
        Policy::builder()
            .allow_origin_if_async(AsyncPredicate::new(move |_| async move {
                    polls(waits).await;
                    ask()
                }).timeout_with(move || polls(timeout)))
            .build()
    };
    let panics: fn() -> Made = || panic!("as it should");
    for (ask, waits, timeout, refusal) in [
        ((|| Ok(true)) as fn() -> Made, 0, 0, None),
        (|| Ok(true), 2, 3, None),
        (|| Ok(false), 0, 0, Some(Refusal::OriginNotAllowed)),
        (|| Err("no database"), 1, 3, Some(Refusal::PredicateFailed)),
        (|| Ok(true), 3, 2, Some(Refusal::PredicateTimedOut)),
        (|| Ok(true), u32::MAX, 0, Some(Refusal::PredicateTimedOut)),
        (panics, 0, 3, Some(Refusal::PredicatePanicked)),
        (panics, 1, 3, Some(Refusal::PredicatePanicked)),
    ] {
        let policy = policy(ask, waits, timeout)?;
        for request in [
            Request::get("https://b.example"),
            Request::preflight("https://b.example", "GET"),
        ] {
            assert_eq!(decide(&policy, &request).refusal(), refusal);
        }
    }
    Ok(())
}

#[test]
fn a_panic_before_there_is_a_future_is_a_no() -> Result {
    let asks = Policy::builder().allow_origin_if_async(AsyncPredicate::new(|query| {
        assert_eq!(query.origin(), ORIGIN, "as it should");
        ready(Ok::<_, ()>(true))
    }).timeout_with(pending));
    let timer = Policy::builder().allow_origin_if_async(
        &[],
        || -> std::future::Pending<()> { panic!("no runtime") },
        |_| pending::<std::result::Result<bool, ()>>(),
    );
    let request = Request::get("https://b.example");
    for policy in [asks.build()?, timer.build()?] {
        let decision = decide(&policy, &request);
        assert_eq!(decision.refusal(), Some(Refusal::PredicatePanicked));
    }
    Ok(())
}

#[test]
fn it_sees_host_and_path_and_the_headers_that_it_declared_which_join_vary() -> Result {
    let seen = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&seen);
    let policy = Policy::builder()
        .allow_origin_if_async(AsyncPredicate::new(move |query| {
            if let Ok(mut seen) = keep.lock() {
                *seen = Some(query);
            }
            ready(Ok::<_, ()>(true))
        }).reads(["X-Tenant", "x-absent"]).timeout_with(pending))
        .build()?;
    let mut request = Request::get(ORIGIN)
        .with("host", "Blue.example:8080")
        .with("x-tenant", "blue")
        .with("x-secret", "1");
    request.path = "/Notes/%41".to_owned();
    let decision = decide(&policy, &request);
    let names: Vec<_> = policy.vary_names(decision).collect();
    assert_eq!(names, ["Origin", "x-tenant", "x-absent"]);

    let query: OriginQuery<'static> = seen
        .lock()
        .ok()
        .and_then(|mut seen| seen.take())
        .expect("asked");
    assert_eq!(query.origin(), ORIGIN);
    assert_eq!(query.method(), "GET");
    assert_eq!(query.host(), Some("Blue.example:8080"));
    assert_eq!(query.path(), "/Notes/%41");
    assert_eq!(query.header("X-TENANT"), Some(&b"blue"[..]));
    assert_eq!(query.header("x-absent"), None);
    assert_eq!(query.header("x-secret"), None);
    Ok(())
}

#[test]
fn a_predicate_sees_host_and_path() -> Result {
    let policy = Policy::builder()
        .allow_origin_if(|query| {
            query.host() == Some("blue.example") && query.path() == "/notes"
        })
        .build()?;
    let mut request = Request::get(ORIGIN).with("host", "blue.example");
    request.path = "/notes".to_owned();
    assert!(policy.decide(&request).is_allowed());
    assert!(
        !policy
            .decide(&request.clone().with("host", "red.example"))
            .is_allowed()
    );
    request.path = "/notes/".to_owned();
    assert!(!policy.decide(&request).is_allowed());
    Ok(())
}

#[test]
fn it_is_not_asked_about_plain_http_where_that_could_not_count() -> Result {
    let insecure = Request::get("http://b.example");
    let policy_with = |tolerated| {
        policy(true)
            .allow_credentials(true)
            .dangerously_allow_insecure_origins_with_credentials(tolerated)
            .build()
    };
    let strict = policy_with(false)?;
    assert_eq!(
        decide(&strict, &insecure).refusal(),
        Some(Refusal::InsecureOrigin)
    );
    assert!(
        strict
            .question(strict.decide(&insecure), &insecure)
            .is_none()
    );
    assert!(decide(&strict, &Request::get("http://localhost:1")).is_allowed());
    assert!(decide(&policy_with(true)?, &insecure).is_allowed());
    Ok(())
}

#[test]
fn two_of_them_are_a_problem_and_so_is_a_name_that_is_none() {
    let errors = policy(true)
        .allow_origin_if_async(AsyncPredicate::new(|_| ready(Ok::<_, ()>(true))).reads(["x y"]).timeout_with(pending))
        .build()
        .expect_err("two mistakes");
    let kinds: Vec<_> = errors.problems().iter().map(Problem::kind).collect();
    assert_eq!(
        kinds,
        [
            &ProblemKind::SeveralAsyncPredicates,
            &ProblemKind::HeaderNameNotToken
        ]
    );
    assert!(
        errors
            .problems()
            .iter()
            .all(|problem| { problem.location().to_string() == "allow_origin_if_async" })
    );
}

#[test]
fn a_timer_of_a_runtime_ends_it() -> Result {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.expect("the system has a runtime to give");
    let policy = Policy::builder()
        .allow_origin_if_async(
            &[],
            || tokio::time::sleep(Duration::from_millis(1)),
            |_| pending::<std::result::Result<bool, ()>>(),
        )
        .build()?;
    let request = Request::get(ORIGIN);
    let decision = runtime.block_on(async {
        let question = policy.question(policy.decide(&request), &request);
        let answer = question.expect("only the predicate can tell").await;
        policy.decide_with(&request, answer)
    });
    assert_eq!(decision.refusal(), Some(Refusal::PredicateTimedOut));
    Ok(())
}
