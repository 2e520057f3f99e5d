//! Asynchronous predicates: who is asked what, and what counts as a no.

mod support;

use std::future::{pending, ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use cors_core::adapter::{Evaluation, RequestHead};
use cors_core::{
    AsyncPredicate, Decision, OriginRule, Policy, PolicyBuilder, PolicyErrors, Problem,
    ProblemKind, Refusal,
};
use support::{Request, answer, block_on};

type Result<T = ()> = std::result::Result<T, PolicyErrors>;

const ORIGIN: &str = "https://app.example.com";

/// A predicate that answers at once, in a policy that lists [`ORIGIN`].
fn policy(answer: bool) -> PolicyBuilder {
    let policy = Policy::builder().allow_origins([ORIGIN]);
    policy.allow_origin_if_async(
        AsyncPredicate::new(move |_| ready(Ok::<_, &str>(answer))).timeout_with(pending),
    )
}

/// Decides as an adapter does, on a runtime that does nothing but poll.
fn decide(policy: &Policy, request: &dyn RequestHead) -> Decision {
    block_on(policy.evaluate(request))
}

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
        .allow_origin_if_async(
            AsyncPredicate::new(move |_| {
                counter.fetch_add(1, Ordering::Relaxed);
                ready(Ok::<_, &str>(true))
            })
            .timeout_with(pending),
        )
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
        (Request::preflight("https://b.example", "TRACE"), 0),
        (Request::preflight("https://b.example", "DELETE"), 1),
        (Request::preflight("https://b.example", "POST"), 1),
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

/// Where a list lacks the method or a header, the answer still depends on the origin: the policy's
/// headers for one that the predicate allows, none for another.
#[test]
fn it_is_asked_for_a_preflight_that_a_list_refuses() -> Result {
    let delete = Request::preflight("https://b.example", "DELETE").asking_for("x-a");
    let x_b = Request::preflight("https://b.example", "PUT").asking_for("x-a,x-b,x-c");
    let with = |yes| policy(yes).allow_methods(["PUT"]).allow_headers(["x-a"]);
    for (request, refusal, value) in [
        (&delete, Refusal::MethodNotAllowed, "DELETE"),
        (&x_b, Refusal::HeaderNotAllowed, "x-b"),
    ] {
        let yes = with(true).build()?;
        let Evaluation::Pending(pending) = yes.evaluate(request) else {
            panic!("{request:?} depends on the predicate");
        };
        let decision = block_on(pending);
        assert_eq!(decision.refusal(), Some(refusal));
        assert_eq!(decision.status(), Some(204));
        let lines = answer(&yes, request);
        let has = |name: &str, value: &str| lines.contains(&(name.to_owned(), value.to_owned()));
        assert!(has("access-control-allow-origin", "https://b.example"));
        assert!(has("access-control-allow-methods", "PUT"), "{lines:?}");
        assert!(has("access-control-allow-headers", "x-a"), "{lines:?}");
        let explanation = block_on(yes.explain_async(request));
        assert_eq!(explanation.decision(), decision);
        assert_eq!(explanation.value(), Some(value.as_bytes()));
        assert!(explanation.reason().contains(value), "{explanation}");

        let no = with(false).build()?;
        let decision = decide(&no, request);
        assert_eq!(decision.refusal(), Some(Refusal::OriginNotAllowed));
        assert_eq!(decision.status(), Some(403));
        let lines = answer(&no, request);
        assert!(lines.iter().all(|(name, _)| name == "vary"), "{lines:?}");
        let explanation = block_on(no.explain_async(request));
        assert_eq!(explanation.decision(), decision);
        assert_eq!(explanation.value(), Some(&b"https://b.example"[..]));

        // Nobody waits.
        let decision = yes.decide(request);
        assert_eq!(decision.refusal(), Some(Refusal::PredicateNotAsked));
        assert_eq!(decision.status(), Some(403));
        let explanation = yes.explain(request);
        assert_eq!(explanation.value(), Some(&b"https://b.example"[..]));
    }
    Ok(())
}

/// Whatever the answer about the origin would be, these are refused, so nobody is asked.
#[test]
fn a_hopeless_preflight_asks_nobody() -> Result {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let predicate = AsyncPredicate::new(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        ready(Ok::<_, &str>(true))
    });
    let policy = Policy::builder()
        .allow_origin_if_async(predicate.timeout_with(pending))
        .allow_methods(["PUT"])
        .build()?;
    let put = Request::preflight("https://b.example", "PUT");
    for (request, refusal) in [
        (
            Request::preflight("https://b.example", "TRACE"),
            Refusal::ForbiddenMethod,
        ),
        (
            Request::preflight("https://b.example", "DELETE").asking_for("x a"),
            Refusal::MethodNotAllowed,
        ),
        (
            put.clone().asking_for("x-a,x b"),
            Refusal::MalformedHeaderName,
        ),
        (put.clone().asking_for("x a"), Refusal::MalformedHeaderName),
    ] {
        assert_eq!(decide(&policy, &request).refusal(), Some(refusal));
        assert_eq!(policy.decide(&request).refusal(), Some(refusal));
    }
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    assert!(decide(&policy, &put).is_allowed());
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    Ok(())
}

/// A permission belongs to the request that it was asked for: it is in the future of that request's
/// decision, and nothing can be taken out of one and put into another.
#[test]
fn a_pending_decision_is_about_its_own_request() -> Result {
    let policy = Policy::builder()
        .allow_origin_if_async(
            AsyncPredicate::new(|query| {
                ready(Ok::<_, &str>(query.origin() == "https://good.example"))
            })
            .timeout_with(pending),
        )
        .allow_credentials(true)
        .build()?;
    let begin = |origin| policy.evaluate(&Request::get(origin));
    let (good, evil) = (begin("https://good.example"), begin("https://evil.example"));
    assert!(matches!(good, Evaluation::Pending(_)));
    assert!(!block_on(evil).is_allowed());
    assert!(block_on(good).is_allowed());
    for origin in ["null", "not an origin"] {
        assert!(matches!(begin(origin), Evaluation::Decided(decision) if !decision.is_allowed()));
    }
    Ok(())
}

#[test]
fn an_explanation_waits_for_the_answer() -> Result {
    let put = Request::preflight("https://b.example", "PUT");
    let get = Request::get("https://b.example");
    for (yes, request, text) in [
        (
            true,
            &put,
            "preflight refused: the policy does not allow the method \"PUT\" (it lists none). \
             To allow it, add \"PUT\" to allow_methods.",
        ),
        (
            true,
            &get,
            "actual request allowed: allow_origin_if_async allows \"https://b.example\".",
        ),
        (
            false,
            &get,
            "actual request refused: the policy allows no origin \"https://b.example\". \
             To allow it, add \"https://b.example\" to allow_origins.",
        ),
    ] {
        let policy = policy(yes).build()?;
        let explanation = block_on(policy.explain_async(request));
        assert_eq!(explanation.to_string(), text);
        assert_eq!(explanation.decision(), decide(&policy, request));
    }
    Ok(())
}

/// An error's text is foreign text: it is escaped and shortened.
#[test]
fn an_error_reaches_the_explanation() -> Result {
    let error = format!("no \x1b[31mdatabase{}", "!".repeat(1_000));
    let policy = Policy::builder()
        .allow_origin_if_async(
            AsyncPredicate::new(move |_| ready(Err(error.clone()))).timeout_with(pending),
        )
        .build()?;
    let explanation = block_on(policy.explain_async(&Request::get("https://b.example")));
    let reason = explanation.reason();
    assert!(
        reason.starts_with(
            "the asynchronous predicate failed when it was asked about \"https://b.example\": \
             \"no \\u{1b}[31mdatabase!"
        ),
        "{reason}"
    );
    assert!(reason.len() < 300 && !reason.contains('\x1b'), "{reason}");
    assert_eq!(
        explanation.decision().refusal(),
        Some(Refusal::PredicateFailed)
    );
    Ok(())
}

#[test]
fn a_caller_that_does_not_wait_is_refused() -> Result {
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
         \"https://b.example\", and it was not asked. Await Policy::evaluate or \
         Policy::explain_async; under tower, call CorsLayer::await_predicates."
    );
    Ok(())
}

#[test]
fn everything_but_a_yes_is_a_no() -> Result {
    type Answer = std::result::Result<bool, &'static str>;
    let policy = |ask: fn() -> Answer, waits: u32, timeout: u32| {
        Policy::builder()
            .allow_origin_if_async(
                AsyncPredicate::new(move |_| async move {
                    polls(waits).await;
                    ask()
                })
                .timeout_with(move || polls(timeout)),
            )
            .build()
    };
    let panics: fn() -> Answer = || panic!("as it should");
    for (ask, waits, timeout, refusal) in [
        ((|| Ok(true)) as fn() -> Answer, 0, 0, None),
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
    let asks = Policy::builder().allow_origin_if_async(
        AsyncPredicate::new(|query| {
            assert_eq!(query.origin(), ORIGIN, "as it should");
            ready(Ok::<_, &str>(true))
        })
        .timeout_with(pending),
    );
    let timer = Policy::builder().allow_origin_if_async(
        AsyncPredicate::new(|_| pending::<std::result::Result<bool, &str>>())
            .timeout_with(|| -> std::future::Pending<()> { panic!("no runtime") }),
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
        .allow_origin_if_async(
            AsyncPredicate::new(move |query| {
                if let Ok(mut seen) = keep.lock() {
                    *seen = Some(query);
                }
                ready(Ok::<_, &str>(true))
            })
            .reads(["X-Tenant", "x-absent"])
            .timeout_with(pending),
        )
        .build()?;
    let mut request = Request::get(ORIGIN)
        .with("host", "Blue.example:8080")
        .with("x-tenant", "blue")
        .with("x-secret", "1");
    request.path = "/Notes/%41".to_owned();
    let vary = ("vary".to_owned(), "Origin, x-tenant, x-absent".to_owned());
    assert!(answer(&policy, &request).contains(&vary));

    let query = seen
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
    Ok(())
}

/// As for a predicate that answers at once.
#[test]
fn it_is_not_shown_a_header_that_it_did_not_declare() -> Result {
    let predicate =
        AsyncPredicate::new(async |query| Ok::<_, &str>(query.header("x-secret").is_some()));
    let policy = Policy::builder()
        .allow_origin_if_async(predicate.timeout_with(pending))
        .build()?;
    let request = Request::get(ORIGIN).with("x-secret", "1");
    let expected = if cfg!(debug_assertions) {
        Refusal::PredicatePanicked
    } else {
        Refusal::OriginNotAllowed
    };
    assert_eq!(decide(&policy, &request).refusal(), Some(expected));
    Ok(())
}

#[test]
fn a_predicate_sees_host_and_path() -> Result {
    let policy = Policy::builder()
        .allow_origin_if(|query| query.host() == Some("blue.example") && query.path() == "/notes")
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
    assert!(matches!(strict.evaluate(&insecure), Evaluation::Decided(_)));
    assert!(decide(&strict, &Request::get("http://localhost:1")).is_allowed());
    assert!(decide(&policy_with(true)?, &insecure).is_allowed());
    Ok(())
}

#[test]
fn one_without_a_timeout_is_a_problem() {
    let errors = Policy::builder()
        .allow_origin_if_async(AsyncPredicate::new(|_| ready(Ok::<_, &str>(true))))
        .build()
        .expect_err("it may never answer");
    let kinds: Vec<_> = errors
        .into_iter()
        .map(|problem| problem.kind().clone())
        .collect();
    assert_eq!(kinds, [ProblemKind::AsyncPredicateHasNoTimeout]);
}

#[test]
fn two_of_them_are_a_problem_and_so_is_a_name_that_is_none() {
    let errors = policy(true)
        .allow_origin_if_async(
            AsyncPredicate::new(|_| ready(Ok::<_, &str>(true)))
                .reads(["x y"])
                .timeout_with(pending),
        )
        .build()
        .expect_err("two mistakes");
    let kinds: Vec<_> = errors.problems().iter().map(Problem::kind).collect();
    assert_eq!(
        kinds,
        [
            &ProblemKind::SeveralAsyncPredicates,
            &ProblemKind::HeaderNameNotToken(Vec::new())
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
            AsyncPredicate::new(|_| pending::<std::result::Result<bool, &str>>())
                .timeout_with(|| tokio::time::sleep(Duration::from_millis(1))),
        )
        .build()?;
    let request = Request::get(ORIGIN);
    let decision = runtime.block_on(async { policy.evaluate(&request).await });
    assert_eq!(decision.refusal(), Some(Refusal::PredicateTimedOut));
    Ok(())
}
