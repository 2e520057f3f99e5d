//! Policies in the shadow: what is told of them, and that no response depends on them.
#![cfg(all(feature = "http", feature = "serde"))]

mod support;

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use cors_core::adapter::{
    AdapterOptions, Begun, Exchange, Http1, Listeners, PolicySource, Prepared, PreparedPolicies,
    Shadow,
};
use cors_core::{
    AsyncPredicate, Decision, Difference, OriginRule, Policy, PolicyErrors, PolicyMap, Predicate,
    Refusal, RequestKind,
};
use http::{HeaderMap, HeaderValue, Request, Response};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// What an event says.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Told {
    decision: Decision,
    has_policy: bool,
    shadow: Option<Decision>,
    difference: Option<Difference>,
}

type Log = Arc<Mutex<Vec<Told>>>;

fn listening() -> (AdapterOptions, Log) {
    let log = Log::default();
    let mut options = AdapterOptions::default();
    let events = Arc::clone(&log);
    options.listeners.add(move |event| {
        events.lock().expect("no test panics here").push(Told {
            decision: event.decision(),
            has_policy: event.policy().is_some(),
            shadow: event.shadow(),
            difference: event.shadow_difference(),
        });
    });
    (options, log)
}

fn told(log: &Log) -> Vec<Told> {
    std::mem::take(&mut *log.lock().expect("no test panics here"))
}

type Policies = PreparedPolicies<Arc<Prepared<Http1>>>;

fn prepare(source: impl Into<PolicySource>) -> Policies {
    PreparedPolicies::prepare(source, Arc::new)
}

/// Returns the status of an answer, or none where the app was called, and all headers.
type Responded = (Option<u16>, HeaderMap);

fn respond(policies: &Policies, options: &AdapterOptions, request: &Request<()>) -> Responded {
    let begun: Begun<_, Http1, _> = policies.begin(options, request, empty_response);
    finish(support::block_on(begun.wait()), &HeaderMap::new())
}

fn empty_response(status: u16) -> Response<()> {
    let mut answer = Response::new(());
    *answer.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    answer
}

fn finish(
    begun: ControlFlow<Response<()>, Exchange<Http1, Arc<Prepared<Http1>>>>,
    of_app: &HeaderMap,
) -> Responded {
    let mut response = Response::new(());
    *response.headers_mut() = of_app.clone();
    match begun {
        ControlFlow::Break(answer) => (Some(answer.status().as_u16()), answer.headers().clone()),
        ControlFlow::Continue(mut exchange) => {
            exchange.finish(&mut response);
            (None, response.headers().clone())
        }
    }
}

fn request(method: &str, path: &str, lines: &[(&'static str, &'static str)]) -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = method.parse().expect("a token");
    *request.uri_mut() = path.parse().expect("a path");
    for (name, value) in lines {
        request
            .headers_mut()
            .append(*name, HeaderValue::from_static(value));
    }
    request
}

fn get(path: &str, origin: &'static str) -> Request<()> {
    request("GET", path, &[("origin", origin)])
}

fn preflight(origin: &'static str, method: &'static str) -> Request<()> {
    let method = ("access-control-request-method", method);
    request("OPTIONS", "/", &[("origin", origin), method])
}

const APP: &str = "https://app.example.com";
const PARTNER: &str = "https://partner.example";
const STRANGER: &str = "https://stranger.example";

const WOULD_ALLOW: Option<Difference> = Some(Difference::WouldAllow);
const WOULD_REFUSE: Option<Difference> = Some(Difference::WouldRefuse);
const OTHER_HEADERS: Option<Difference> = Some(Difference::OtherHeaders);

/// Asserts what a file's policies tell about requests.
fn assert_told(file: &str, cases: &[(Request<()>, Option<Difference>)]) {
    let map: PolicyMap = toml::from_str(file).expect(file);
    let policies = prepare(map);
    for (request, expected) in cases {
        let (options, log) = listening();
        respond(&policies, &options, request);
        let told = told(&log);
        assert_eq!(told.len(), 1, "{file}{request:?}");
        assert_eq!(told[0].difference, *expected, "{file}{request:?}");
    }
}

#[test]
fn a_narrower_policy_would_refuse_whom_it_leaves_out_and_nobody_else() {
    assert_told(
        &format!("allow_origins = [{APP:?}, {PARTNER:?}]\n[shadow]\nallow_origins = [{APP:?}]\n"),
        &[
            (get("/", APP), None),
            (get("/", PARTNER), WOULD_REFUSE),
            (get("/", STRANGER), None),
            (preflight(PARTNER, "GET"), WOULD_REFUSE),
            (preflight(APP, "GET"), None),
            (preflight(STRANGER, "GET"), None),
            (request("GET", "/", &[]), None),
        ],
    );
}

#[test]
fn a_wider_policy_would_allow() {
    assert_told(
        &format!("allow_origins = [{APP:?}]\n[shadow]\nallow_origins = [{APP:?}, {PARTNER:?}]\n"),
        &[
            (get("/", APP), None),
            (get("/", PARTNER), WOULD_ALLOW),
            (preflight(PARTNER, "GET"), WOULD_ALLOW),
        ],
    );
}

#[test]
fn a_method_that_is_left_out_is_a_difference_of_the_preflights_that_get_other_headers() {
    assert_told(
        &format!(
            "allow_origins = [{APP:?}]\nallow_methods = [\"PUT\", \"DELETE\"]\n[shadow]\nallow_methods = [\"PUT\"]\n"
        ),
        &[
            (preflight(APP, "DELETE"), WOULD_REFUSE),
            (preflight(APP, "PUT"), OTHER_HEADERS),
            (preflight(STRANGER, "PUT"), None),
            (request("DELETE", "/", &[("origin", APP)]), None),
        ],
    );
}

#[test]
fn prefixes_are_compared_by_what_they_grant() {
    let asking = |names: &'static str| {
        let mut request = preflight(APP, "GET");
        let name = "access-control-request-headers";
        let value = HeaderValue::from_static(names);
        request.headers_mut().append(name, value);
        request
    };
    let file =
        |top: &str, shadow: &str| format!("allow_origins = [{APP:?}]\n{top}\n[shadow]\n{shadow}\n");
    assert_told(
        &file(
            "allow_headers = [\"x-a\", \"x-acme-*\"]",
            "allow_headers = [\"x-a\", \"x-acme-id\"]",
        ),
        &[
            (asking("x-acme-id"), None),
            (asking("x-acme-two"), WOULD_REFUSE),
            // The lists that the browser keeps are not the same.
            (asking("x-a"), OTHER_HEADERS),
        ],
    );
    for (top, shadow, expected) in [
        ("[\"x-acme-*\"]", "[\"X-Acme-*\", \"x-acme-b-*\"]", None),
        ("[\"x-acme-*\"]", "[\"x-acm-*\"]", OTHER_HEADERS),
        ("[\"x-acme-*\"]", "[\"x-acme-*\", \"x-id\"]", OTHER_HEADERS),
        ("[\"x-acme-*\"]", "[\"x-acme-id\"]", OTHER_HEADERS),
        ("[\"x-acme-*\"]", "[]", OTHER_HEADERS),
    ] {
        let [top, shadow] = [top, shadow].map(|list| format!("expose_headers = {list}"));
        assert_told(&file(&top, &shadow), &[(get("/", APP), expected)]);
    }
}

#[test]
fn other_headers_and_another_status_are_told() {
    let file = |shadow: &str| format!("allow_origins = [{APP:?}]\n[shadow]\n{shadow}\n");
    for (shadow, allowed, of_preflight, refused) in [
        ("expose_headers = [\"x-id\"]", OTHER_HEADERS, None, None),
        ("expose_headers = [\"x-acme-*\"]", OTHER_HEADERS, None, None),
        (
            "allow_credentials = true",
            OTHER_HEADERS,
            OTHER_HEADERS,
            None,
        ),
        ("max_age = 600", None, OTHER_HEADERS, None),
        ("preflight_status = 200", None, OTHER_HEADERS, None),
        (
            "reject_disallowed_origins = true",
            None,
            None,
            OTHER_HEADERS,
        ),
        (
            "allow_origins = [\"*\"]",
            OTHER_HEADERS,
            OTHER_HEADERS,
            WOULD_ALLOW,
        ),
        ("allow_null_origin = true", None, None, None),
    ] {
        assert_told(
            &file(shadow),
            &[
                (get("/", APP), allowed),
                (preflight(APP, "GET"), of_preflight),
                (get("/", STRANGER), refused),
            ],
        );
    }
}

/// A host matters to every request, so those that need no permission are told of too.
#[test]
fn a_host_that_is_left_out_would_be_refused_whatever_the_request() {
    let at = |mut request: Request<()>, host: &'static str| {
        let host = HeaderValue::from_static(host);
        request.headers_mut().insert("host", host);
        request
    };
    let own_page = || request("POST", "/", &[("origin", "http://old.example")]);
    let by_browser = || {
        let lines = [("origin", STRANGER), ("sec-fetch-site", "same-origin")];
        request("POST", "/", &lines)
    };
    let requests = || {
        [
            request("GET", "/", &[]),
            request("OPTIONS", "/", &[]),
            own_page(),
            by_browser(),
            get("/", APP),
            preflight(APP, "GET"),
        ]
    };
    let two = "[\"new.example\", \"old.example\"]";
    for (top, shadow, difference) in [
        (two, "[\"new.example\"]", WOULD_REFUSE),
        ("[\"new.example\"]", two, WOULD_ALLOW),
        ("[]", "[\"new.example\"]", WOULD_REFUSE),
        (two, "[]", None),
    ] {
        let file = format!(
            "allow_origins = [{APP:?}]\nallow_hosts = {top}\n[shadow]\nallow_hosts = {shadow}\n"
        );
        for request in requests() {
            let cases = [
                (at(request.clone(), "old.example"), difference),
                (at(request, "new.example"), None),
            ];
            assert_told(&file, &cases);
        }
    }
    // A path without a policy calls the app, whatever the host.
    let off = "[[paths]]\npath = \"/\"\nenabled = false\n";
    let file = format!(
        "{off}[shadow]\nallow_hosts = [\"new.example\"]\n[[shadow.paths]]\npath = \"/\"\nallow_origins = []\n"
    );
    assert_told(
        &file,
        &[
            (at(own_page(), "old.example"), WOULD_REFUSE),
            (at(by_browser(), "old.example"), WOULD_REFUSE),
            (at(request("GET", "/", &[]), "old.example"), WOULD_REFUSE),
        ],
    );
    // A page that gets no permission anyway gets another response.
    assert_told(
        &format!("allow_origins = [{APP:?}]\n[shadow]\nallow_hosts = [\"new.example\"]\n"),
        &[(at(get("/", STRANGER), "old.example"), OTHER_HEADERS)],
    );
}

#[test]
fn a_response_to_everybody_differs_from_one_by_origin_without_any_origin() {
    assert_told(
        &format!("allow_origins = [{APP:?}]\n[shadow]\nallow_origins = [\"*\"]\n"),
        &[(request("GET", "/", &[]), OTHER_HEADERS)],
    );
}

/// One policy echoes what the other lists.
#[test]
fn values_are_compared_and_not_where_they_come_from() {
    let echoing = format!(
        "allow_origins = [{APP:?}]\nallow_credentials = true\nallow_methods = [\"*\"]\nallow_headers = [\"*\"]\n"
    );
    let asking = |lines: &[&'static str]| {
        let mut request = preflight(APP, "PUT");
        for line in lines {
            let line = HeaderValue::from_static(line);
            let headers = request.headers_mut();
            headers.append("access-control-request-headers", line);
        }
        request
    };
    assert_told(
        &format!("{echoing}[shadow]\nallow_methods = [\"PUT\"]\nallow_headers = [\"x-a\"]\n"),
        &[
            (asking(&["x-a"]), None),
            // What is sent has no empty element.
            (asking(&["x-a,"]), None),
            (asking(&["x-a", "x-a"]), OTHER_HEADERS),
            (asking(&[]), OTHER_HEADERS),
            (asking(&["x-b"]), WOULD_REFUSE),
        ],
    );
}

#[test]
fn a_path_without_a_policy_in_the_shadow_counts_as_one_that_allows_nobody() {
    assert_told(
        &format!("allow_origins = [{APP:?}]\n[[shadow.paths]]\npath = \"/off\"\nenabled = false\n"),
        &[
            (get("/off", APP), WOULD_REFUSE),
            // No Vary.
            (get("/off", STRANGER), OTHER_HEADERS),
            (request("GET", "/off", &[]), OTHER_HEADERS),
            (get("/", APP), None),
        ],
    );
}

#[test]
fn a_path_with_a_policy_in_the_shadow_alone_is_told_and_left_alone() -> Result<(), PolicyErrors> {
    let file = format!(
        "allow_origins = [{APP:?}]\n[shadow]\npaths = []\n[[paths]]\npath = \"/off\"\nenabled = false\n"
    );
    let policies = prepare(toml::from_str::<PolicyMap>(&file).expect("the file is right"));
    for (request, kind, difference) in [
        (get("/off", APP), RequestKind::Actual, WOULD_ALLOW),
        (get("/off", STRANGER), RequestKind::Actual, OTHER_HEADERS),
        (
            request("GET", "/off", &[]),
            RequestKind::NotCors,
            OTHER_HEADERS,
        ),
    ] {
        let (options, log) = listening();
        assert_eq!(
            respond(&policies, &options, &request),
            (None, HeaderMap::new())
        );
        let begun: ControlFlow<_, Exchange<Http1, _>> =
            policies.begin_without_waiting(&options, &request, empty_response);
        assert!(
            begun
                .continue_value()
                .is_some_and(|exchange| exchange.is_uncovered())
        );
        let told = told(&log);
        assert_eq!(told.len(), 2);
        for told in told {
            assert_eq!(told.decision.kind(), kind);
            assert_eq!(told.decision.status(), None);
            assert!(!told.decision.is_allowed() && told.decision.refusal().is_none());
            assert!(!told.has_policy);
            assert_eq!(told.difference, difference);
        }
    }
    // Where nobody has a policy, there is nothing to tell.
    let off = PolicyMap::builder().disable_path("/off").build()?;
    let (mut options, log) = listening();
    options.shadow = Some(Shadow::new(off.clone()));
    respond(&prepare(off), &options, &get("/off", APP));
    assert_eq!(told(&log), []);
    Ok(())
}

#[test]
fn a_shadow_in_code_takes_the_place_of_the_one_in_the_file() -> Result<(), PolicyErrors> {
    let file = format!("allow_origins = [{APP:?}]\n[shadow]\nallow_origins = []\n");
    let policies = prepare(toml::from_str::<PolicyMap>(&file).expect("the file is right"));
    let wider = Policy::builder().allow_origins([APP, PARTNER]).build()?;
    let (mut options, log) = listening();
    respond(&policies, &options, &get("/", APP));
    options.shadow = Some(Shadow::new(wider));
    respond(&policies, &options, &get("/", APP));
    respond(&policies, &options, &get("/", PARTNER));
    let told: Vec<_> = told(&log).iter().map(|told| told.difference).collect();
    assert_eq!(told, [WOULD_REFUSE, None, WOULD_ALLOW]);
    Ok(())
}

#[test]
fn without_a_shadow_nothing_is_told_of_one() -> Result<(), PolicyErrors> {
    let policies = prepare(Policy::builder().allow_origins([APP]).build()?);
    let (options, log) = listening();
    respond(&policies, &options, &get("/", APP));
    let told = told(&log);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].shadow, told[0].difference), (None, None));
    Ok(())
}

/// Returns a policy that counts how often it is asked.
fn counting() -> Result<(Policy, Arc<AtomicUsize>), PolicyErrors> {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let policy = Policy::builder().allow_origin_if(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        false
    });
    Ok((policy.build()?, asked))
}

#[test]
fn the_shadow_is_asked_once_a_request_and_only_where_somebody_listens() -> Result<(), PolicyErrors>
{
    let (shadow, asked) = counting()?;
    let policies = prepare(Policy::builder().allow_origins([APP]).build()?);
    let (mut options, log) = listening();
    options.shadow = Some(Shadow::new(shadow));
    respond(&policies, &options, &get("/", APP));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    assert_eq!(told(&log)[0].difference, WOULD_REFUSE);
    options.listeners = Listeners::default();
    respond(&policies, &options, &get("/", APP));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    Ok(())
}

#[test]
fn a_policy_in_its_own_shadow_is_asked_once() -> Result<(), PolicyErrors> {
    let (policy, asked) = counting()?;
    let (mut options, log) = listening();
    options.shadow = Some(Shadow::new(policy.clone()));
    respond(&prepare(policy), &options, &get("/", APP));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let told = told(&log)[0];
    assert_eq!(told.shadow, Some(told.decision));
    assert_eq!(told.difference, None);
    Ok(())
}

fn asynchronous(allows: bool) -> AsyncPredicate {
    AsyncPredicate::new(move |_| std::future::ready(Ok::<_, std::io::Error>(allows)))
        .timeout_with(std::future::pending)
}

#[test]
fn an_asynchronous_predicate_of_the_shadow_is_not_asked_and_is_no_difference()
-> Result<(), PolicyErrors> {
    let shadow = Policy::builder()
        .allow_origin_if_async(asynchronous(false))
        .build()?;
    let policies = prepare(Policy::builder().allow_origins([APP]).build()?);
    let (mut options, log) = listening();
    options.shadow = Some(Shadow::new(shadow));
    respond(&policies, &options, &get("/", APP));
    let told = told(&log)[0];
    let refusal = told.shadow.and_then(Decision::refusal);
    assert_eq!(refusal, Some(Refusal::PredicateNotAsked));
    assert_eq!(told.difference, None);
    Ok(())
}

/// The shadow sees the request itself, and is compared with the decision that counts.
#[test]
fn a_decision_that_waits_is_compared_when_it_is_there() -> Result<(), PolicyErrors> {
    let shadow = Policy::builder().allow_origin_predicate(
        Predicate::new(|query| query.header("x-tenant") == Some(b"blue")).reads(["x-tenant"]),
    );
    let shadow = Shadow::new(shadow.build()?);
    for (allows, tenant, difference) in [
        (true, "blue", OTHER_HEADERS), // Vary
        (true, "red", WOULD_REFUSE),
        (false, "blue", WOULD_ALLOW),
        (false, "red", OTHER_HEADERS),
    ] {
        let predicate = asynchronous(allows);
        let policies = prepare(Policy::builder().allow_origin_if_async(predicate).build()?);
        let (mut options, log) = listening();
        options.shadow = Some(shadow.clone());
        let request = request("GET", "/", &[("origin", APP), ("x-tenant", tenant)]);
        respond(&policies, &options, &request);
        let told = told(&log);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].decision.is_allowed(), allows);
        assert_eq!(told[0].difference, difference, "{allows} {tenant}");
    }
    Ok(())
}

#[test]
fn what_a_shadow_panics_in_is_told_as_a_refusal() -> Result<(), PolicyErrors> {
    let shadow = Policy::builder().allow_origin_if(|_| panic!("in the shadow"));
    let policies = prepare(Policy::builder().allow_origins([APP]).build()?);
    let (mut options, log) = listening();
    options.shadow = Some(Shadow::new(shadow.build()?));
    let (status, headers) = respond(&policies, &options, &get("/", APP));
    assert_eq!(status, None);
    assert_eq!(headers["access-control-allow-origin"], APP);
    let told = told(&log)[0];
    let refusal = told.shadow.and_then(Decision::refusal);
    assert_eq!(refusal, Some(Refusal::PredicatePanicked));
    assert_eq!(told.difference, WOULD_REFUSE);
    Ok(())
}

#[cfg(feature = "reload")]
#[test]
fn a_shadow_is_replaced_as_other_policies_are() -> Result<(), PolicyErrors> {
    let allowing = |origins: &[&str]| Policy::builder().allow_origins(origins).build();
    let shared = cors_core::SharedPolicy::new(allowing(&[APP])?);
    let policies = prepare(allowing(&[APP])?);
    let (mut options, log) = listening();
    options.shadow = Some(Shadow::new(shared.clone()));
    respond(&policies, &options, &get("/", APP));
    shared.replace(allowing(&[])?);
    respond(&policies, &options, &get("/", APP));
    let told: Vec<_> = told(&log).iter().map(|told| told.difference).collect();
    assert_eq!(told, [None, WOULD_REFUSE]);
    Ok(())
}

/// Texts of files with a default policy and with paths, and policies that no file can hold.
fn sources() -> impl Strategy<Value = PolicyMap> {
    let lines = vec![
        "allow_origins = [\"https://app.example.com\", \"https://*.example.net\"]",
        "allow_null_origin = true",
        "allow_methods = [\"PUT\"]",
        "allow_headers = [\"x-a\"]",
        "expose_headers = [\"x-id\"]",
        "allow_credentials = true",
        "max_age = 600",
        "allow_private_network = true",
        "preflight_status = 200",
        "preflight_refusal_status = 400",
        "preflight_passthrough = true",
        "keep_app_headers = true",
        "reject_disallowed_origins = true",
        "dangerously_allow_null_origin_with_credentials = true",
    ];
    let path = select(vec![
        "",
        "[[paths]]\npath = \"/a/{*rest}\"\nenabled = false\n",
        "[[paths]]\npath = \"/a\"\nallow_origins = [\"*\"]\nallow_credentials = false\n",
        "[[paths]]\npath = \"/a\"\nallow_methods = [\"*\"]\nallow_headers = [\"*\"]\n",
    ]);
    let files = (subsequence(lines, 0..=14), path).prop_filter_map("valid", |(lines, path)| {
        toml::from_str(&format!("{}\n{path}", lines.join("\n"))).ok()
    });
    let predicates = select(vec![0, 1, 2]).prop_map(|which| {
        let builder = Policy::builder();
        let builder = match which {
            0 => builder.allow_origin_if(|query| {
                assert!(query.method() == "PURGE", "a predicate");
                true
            }),
            1 => builder.allow_origin_if(|query| query.origin().as_str() == APP),
            _ => builder.allow_origin_if_async(asynchronous(true)),
        };
        builder.build().expect("the policy is valid").into()
    });
    prop_oneof![3 => files, 1 => predicates]
}

fn any_request() -> impl Strategy<Value = Request<()>> {
    let method = select(vec!["GET", "OPTIONS", "PUT"]);
    let path = select(vec!["/", "/a", "/a/b", "/%61", "/b/../a"]);
    let lines = vec![
        ("origin", APP),
        ("origin", "null"),
        ("origin", "https://x.example.net"),
        ("origin", STRANGER),
        ("access-control-request-method", "PUT"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "x-a"),
        ("access-control-request-headers", "x-b,"),
        ("access-control-request-private-network", "true"),
    ];
    (method, path, subsequence(lines, 0..4))
        .prop_map(|(method, path, lines)| request(method, path, &lines))
}

/// Returns the cases of each property: as many as the environment says, but no fewer than these.
fn cases() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: default.cases.max(2_000),
        ..default
    }
}

proptest! {
    #![proptest_config(cases())]

    /// Also on a response that the app has given CORS headers.
    #[test]
    fn no_response_depends_on_the_shadow(
        policies in sources(),
        shadow in sources(),
        request in any_request(),
        of_app in subsequence(
            vec![("access-control-allow-origin", "*"), ("vary", "accept"), ("x-id", "7")],
            0..=3,
        ),
    ) {
        let headers: HeaderMap = of_app
            .into_iter()
            .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
            .collect();
        let policies = prepare(policies);
        let responses = [None, Some(Shadow::new(shadow))].map(|shadow| {
            let (mut options, _) = listening();
            options.shadow = shadow;
            let at_once = policies.begin_without_waiting(&options, &request, empty_response);
            let begun: Begun<_, Http1, _> = policies.begin(&options, &request, empty_response);
            let waited = support::block_on(begun.wait());
            (finish(at_once, &headers), finish(waited, &headers))
        });
        prop_assert_eq!(&responses[0], &responses[1]);
    }

    /// The slow twin: respond under the one, and then under the other.
    #[test]
    fn the_difference_is_that_of_the_two_responses(
        one in sources(),
        other in sources(),
        request in any_request(),
    ) {
        let (mut options, log) = listening();
        options.shadow = Some(Shadow::new(other.clone()));
        let response = respond(&prepare(one.clone()), &options, &request);
        let events = told(&log);

        let (options, log) = listening();
        let in_its_place = respond(&prepare(other), &options, &request);
        let of_other = told(&log).first().map(|told| told.decision);

        let Some(event) = events.first() else {
            // Neither has a policy for the path.
            prop_assert_eq!(of_other, None);
            return Ok(());
        };
        prop_assert_eq!(events.len(), 1);
        let refusal = event.shadow.and_then(Decision::refusal);
        let is_asynchronous = refusal == Some(Refusal::PredicateNotAsked);
        if of_other.and_then(Decision::origin_rule) == Some(OriginRule::AsyncPredicate) {
            prop_assert!(is_asynchronous);
        }
        if is_asynchronous {
            prop_assert_eq!(event.difference, None);
            return Ok(());
        }
        prop_assert_eq!(event.shadow, of_other);
        let allows = [Some(event.decision), of_other]
            .map(|decision| decision.is_some_and(Decision::is_allowed));
        let expected = match allows {
            [false, true] => WOULD_ALLOW,
            [true, false] => WOULD_REFUSE,
            _ if response == in_its_place => None,
            _ => OTHER_HEADERS,
        };
        prop_assert_eq!(event.difference, expected);
    }
}
