//! Requests whose method the framework took from the body, against what a preflight for that method
//! would have been told.

mod support;

use std::future::{pending, ready};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use cors_core::adapter::{BoundDecision, Listeners, RequestField, RequestHead};
use cors_core::{
    AsyncPredicate, DecisionEvent, OriginRule, Policy, PolicyErrors, Refusal, RequestKind,
};
use support::{Request, block_on};

type Result = std::result::Result<(), PolicyErrors>;

const ORIGIN: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";

/// A request that was sent by POST, whatever its method is now.
#[derive(Debug)]
struct Overridden(Request);

impl Overridden {
    fn new(method: &str, origin: &str) -> Self {
        Self(Request::new(method).with("origin", origin))
    }

    fn with(self, name: &str, value: &str) -> Self {
        Self(self.0.with(name, value))
    }
}

impl RequestHead for Overridden {
    fn method(&self) -> &str {
        self.0.method()
    }

    fn is_method_overridden(&self) -> bool {
        true
    }

    fn path(&self) -> &str {
        self.0.path()
    }

    fn authority(&self) -> Option<&str> {
        None
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        self.0.each_line(field, visit);
    }
}

#[test]
fn it_is_rejected_where_a_preflight_for_its_method_is_refused() -> Result {
    let listed = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_methods(["PUT"])
        .build()?;
    let any_method = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_methods(["*"])
        .build()?;
    let any_origin = Policy::builder().allow_origins(["*"]).build()?;
    for (policy, method, origin, refusal) in [
        (&listed, "PUT", ORIGIN, None),
        (&listed, "DELETE", ORIGIN, Some(Refusal::MethodNotAllowed)),
        (&listed, "PUT", EVIL, Some(Refusal::OriginNotAllowed)),
        (&listed, "DELETE", EVIL, Some(Refusal::OriginNotAllowed)),
        (&listed, "DELETE", "null", Some(Refusal::NullOrigin)),
        (&listed, "OPTIONS", ORIGIN, Some(Refusal::MethodNotAllowed)),
        (&listed, "TRACE", ORIGIN, Some(Refusal::ForbiddenMethod)),
        (&any_method, "DELETE", ORIGIN, None),
        (&any_method, "TRACE", ORIGIN, Some(Refusal::ForbiddenMethod)),
        (&any_origin, "PUT", EVIL, Some(Refusal::MethodNotAllowed)),
    ] {
        let request = Overridden::new(method, origin);
        let decision = policy.decide(&request);
        let preflight = policy.decide(&Request::preflight(origin, method));
        assert_eq!(decision.kind(), RequestKind::Actual, "{request:?}");
        assert_eq!(decision.refusal(), refusal, "{request:?}");
        assert_eq!(preflight.refusal(), refusal, "{request:?}");
        let status = refusal.map(|_| 403);
        assert_eq!(decision.status(), status, "{request:?}");
    }
    Ok(())
}

#[test]
fn an_event_names_the_method_that_is_refused() -> Result {
    let policy = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_methods(["PUT"])
        .build()?;
    let request = Overridden::new("DELETE", ORIGIN);
    let heard = Arc::new(Mutex::new(String::new()));
    let mut listeners = Listeners::default();
    let hear = Arc::clone(&heard);
    listeners.add(move |event: &DecisionEvent<'_>| {
        *hear.lock().expect("nobody panics") = event.explanation().to_string();
    });
    let bound = block_on(BoundDecision::evaluate(policy.clone(), &request));
    bound.tell(&listeners, &request);
    let heard = heard.lock().expect("nobody panics").clone();
    assert_eq!(heard, policy.explain(&request).to_string());
    assert!(heard.contains("DELETE"), "{heard}");
    Ok(())
}

#[test]
fn a_method_that_needs_no_preflight_needs_none_here() -> Result {
    let policy = Policy::builder().allow_origins([ORIGIN]).build()?;
    for method in ["GET", "HEAD", "POST"] {
        for origin in [ORIGIN, EVIL, "null"] {
            let request = Overridden::new(method, origin);
            let sent = Request::new(method).with("origin", origin);
            assert_eq!(policy.decide(&request), policy.decide(&sent), "{request:?}");
        }
    }
    Ok(())
}

#[test]
fn the_server_s_own_forms_are_left_alone() -> Result {
    let policy = Policy::builder()
        .allow_origins([ORIGIN])
        .reject_disallowed_origins(true)
        .build()?;
    for request in [
        // A page with `Referrer-Policy: no-referrer` posts with `Origin: null`.
        Overridden::new("DELETE", "null").with("sec-fetch-site", "same-origin"),
        Overridden::new("DELETE", "https://shop.example").with("host", "shop.example"),
        Overridden::new("DELETE", ORIGIN).with("host", "app.example.com"),
        Overridden(Request::new("DELETE")),
    ] {
        assert_eq!(policy.decide(&request).status(), None, "{request:?}");
    }
    let other = Overridden::new("DELETE", "https://shop.example").with("host", "other.example");
    assert_eq!(policy.decide(&other).status(), Some(403));
    Ok(())
}

#[test]
fn an_asynchronous_predicate_decides_last_and_rejects_too() -> Result {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let policy = Policy::builder()
        .allow_origin_if_async(
            AsyncPredicate::new(move |query| {
                counter.fetch_add(1, Ordering::Relaxed);
                ready(Ok::<_, &str>(query.origin().as_str() == ORIGIN))
            })
            .timeout_with(pending),
        )
        .allow_methods(["PUT"])
        .build()?;
    for (method, origin, status, verdict, questions) in [
        (
            "DELETE",
            ORIGIN,
            Some(403),
            Err(Refusal::MethodNotAllowed),
            0,
        ),
        ("PUT", EVIL, Some(403), Err(Refusal::OriginNotAllowed), 1),
        ("PUT", ORIGIN, None, Ok(OriginRule::AsyncPredicate), 2),
    ] {
        let request = Overridden::new(method, origin);
        let bound = block_on(BoundDecision::evaluate(policy.clone(), &request));
        let decision = bound.decision();
        assert_eq!(decision.status(), status, "{request:?}");
        assert_eq!(decision.refusal(), verdict.err(), "{request:?}");
        assert_eq!(decision.origin_rule(), verdict.ok(), "{request:?}");
        assert_eq!(asked.load(Ordering::Relaxed), questions, "{request:?}");
    }
    Ok(())
}

#[test]
fn it_is_explained_by_its_method() -> Result {
    let policy = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_methods(["PUT"])
        .build()?;
    let explanation = policy.explain(&Overridden::new("DELETE", ORIGIN));
    assert_eq!(explanation.value(), Some(&b"DELETE"[..]));
    assert_eq!(
        explanation.to_string(),
        "actual request refused: the policy does not allow the method \"DELETE\" (it lists \
         \"PUT\"). To allow it, add \"DELETE\" to allow_methods."
    );
    Ok(())
}

/// A form has cookies, so where a list says who has credentials, the others change nothing by one.
#[test]
fn it_has_credentials_as_every_form() -> Result {
    const OTHER: &str = "https://other.example.com";
    for others in ["*", OTHER] {
        let policy = Policy::builder()
            .allow_origins([others])
            .allow_credentials_from([ORIGIN])
            .allow_methods(["DELETE"])
            .build()?;
        let cross_site =
            |method, origin| Overridden::new(method, origin).with("sec-fetch-site", "cross-site");
        let own = Overridden::new("DELETE", OTHER).with("sec-fetch-site", "same-origin");
        assert_eq!(policy.decide(&own).status(), None);
        assert_eq!(policy.decide(&cross_site("DELETE", ORIGIN)).status(), None);
        // What no preflight is for passes as before.
        assert_eq!(policy.decide(&cross_site("POST", OTHER)).status(), None);
        let foreign = cross_site("DELETE", OTHER);
        let decision = policy.decide(&foreign);
        assert_eq!(decision.refusal(), Some(Refusal::OriginNotAllowed));
        assert_eq!(decision.status(), Some(403));
        let explanation = policy.explain(&foreign);
        let reason = "allows \"https://other.example.com\" without credentials";
        assert!(explanation.reason().contains(reason), "{explanation}");
    }
    Ok(())
}
