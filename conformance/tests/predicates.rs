//! Predicates, immediate and asynchronous, on every framework.

use std::convert::Infallible;
use std::future::{Future, pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use conformance::cases;
use conformance_client::raw::{self, Request, Response};
use conformance_servers::Framework;
use conformance_servers::serve::{self, Server};
use conformance_servers::test_app::HITS;
use cors_core::{AsyncPredicate, OriginQuery, Policy, PolicyBuilder, Predicate};

const BLUE: &str = "https://blue.example";
const RED: &str = "https://red.example";

/// The two kinds of predicates.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Immediate,
    Awaited,
}

/// Returns the apps whose adapter waits for asynchronous predicates.
fn awaiting_apps() -> [serve::App; 6] {
    Framework::ALL.map(Framework::awaiting_app)
}

/// Returns the apps whose adapter asks such a predicate.
fn apps_that_ask(kind: Kind) -> Vec<serve::App> {
    let mut apps = Vec::from(awaiting_apps());
    if let Kind::Immediate = kind {
        apps.extend([Framework::Axum, Framework::Warp].map(Framework::app));
    }
    apps
}

/// Returns a policy that allows an origin whose host is the request's own, and counts how often its
/// predicate is called.
fn by_host(kind: Kind, asked: Arc<AtomicUsize>) -> PolicyBuilder {
    let allows = move |origin: &str, host: Option<&str>, path: &str| {
        asked.fetch_add(1, Ordering::Relaxed);
        path == "/echo" && origin.strip_prefix("https://") == host
    };
    let policy = Policy::builder().expose_headers([HITS]);
    match kind {
        Kind::Immediate => policy.allow_origin_if(move |query| {
            allows(query.origin().as_str(), query.host(), query.path())
        }),
        Kind::Awaited => policy.allow_origin_if_async(
            AsyncPredicate::new(move |query: OriginQuery<'static>| {
                let allows = allows.clone();
                async move {
                    tokio::task::yield_now().await;
                    Ok::<_, Infallible>(allows(query.origin().as_str(), query.host(), query.path()))
                }
            })
            .timeout_with(pending),
        ),
    }
}

fn get(path: &str, origin: &str, host: &str) -> Request {
    let request = Request::new("GET", path);
    request.line("Origin", origin).line("Host", host)
}

fn preflight(path: &str, origin: &str, host: &str) -> Request {
    Request::new("OPTIONS", path)
        .line("Origin", origin)
        .line("Host", host)
        .line("Access-Control-Request-Method", "GET")
}

fn send(server: &Server, request: &Request) -> Response {
    raw::exchange(server.address(), request).expect("the server answers")
}

fn allowed(response: &Response) -> Option<&[u8]> {
    response.value("access-control-allow-origin")
}

#[test]
fn an_origin_is_allowed_by_host_and_path_and_each_request_is_asked_about_once() {
    for kind in [Kind::Immediate, Kind::Awaited] {
        for app in apps_that_ask(kind) {
            let name = app.name;
            let asked = Arc::new(AtomicUsize::new(0));
            let policy = by_host(kind, Arc::clone(&asked)).build();
            let policy = policy.expect("the policy is valid");
            let server = Server::start(app, policy).expect("there is a port");
            for (path, origin, host, allows) in [
                ("/echo", BLUE, "blue.example", true),
                ("/echo", RED, "red.example", true),
                ("/echo", BLUE, "red.example", false),
                ("/echo?x=1", RED, "red.example", true),
                ("/login", RED, "red.example", false),
            ] {
                let expected = allows.then_some(origin.as_bytes());
                for (request, status) in [
                    (get(path, origin, host), 200),
                    (
                        preflight(path, origin, host),
                        if allows { 204 } else { 403 },
                    ),
                ] {
                    asked.store(0, Ordering::Relaxed);
                    let response = send(&server, &request);
                    assert_eq!(response.status, status, "{name}: {kind:?}: {request:?}");
                    assert_eq!(
                        allowed(&response),
                        expected,
                        "{name}: {kind:?}: {request:?}"
                    );
                    assert_eq!(asked.load(Ordering::Relaxed), 1, "{name}: {kind:?}");
                    let (_, vary) = cases::fields_of(&response);
                    assert!(vary.contains(&"origin".to_owned()), "{name}: {vary:?}");
                    assert!(!vary.contains(&"host".to_owned()), "{name}: {vary:?}");
                }
            }
            asked.store(0, Ordering::Relaxed);
            for request in [
                Request::new("GET", "/echo"),
                get("/echo", "null", "blue.example"),
                get("/echo", "https://blue.example/", "blue.example"),
            ] {
                assert_eq!(allowed(&send(&server, &request)), None, "{name}");
            }
            assert_eq!(asked.load(Ordering::Relaxed), 0, "{name}: {kind:?}");
        }
    }
}

#[test]
fn the_headers_that_are_read_join_vary() {
    for app in awaiting_apps() {
        let name = app.name;
        let policy = Policy::builder()
            .allow_origin_predicate(
                Predicate::new(|query| query.header("x-sync") == Some(b"1")).reads(["x-sync"]),
            )
            .allow_origin_if_async(
                AsyncPredicate::new(|query: OriginQuery<'static>| {
                    ready(Ok::<_, Infallible>(
                        query.header("x-tenant") == Some(b"blue"),
                    ))
                })
                .reads(["X-Tenant"])
                .timeout_with(pending),
            )
            .build()
            .expect("the policy is valid");
        let server = Server::start(app, policy).expect("there is a port");
        for (line, value, allows) in [
            ("X-Tenant", "blue", true),
            ("X-Sync", "1", true),
            ("X-Tenant", "red", false),
            ("X-Other", "blue", false),
        ] {
            let request = get("/echo", BLUE, "api.example").line(line, value);
            let response = send(&server, &request);
            let expected = allows.then_some(BLUE.as_bytes());
            assert_eq!(allowed(&response), expected, "{name}: {line}: {value}");
            let (_, vary) = cases::fields_of(&response);
            assert_eq!(vary, ["origin", "x-sync", "x-tenant"], "{name}");
        }
    }
}

/// Serves a policy whose asynchronous predicate does this.
fn refuses<T, F>(
    timeout: impl Fn() -> T + Clone + Send + Sync + 'static,
    ask: impl Fn() -> F + Clone + Send + Sync + 'static,
) where
    T: Future<Output = ()> + Send + 'static,
    F: Future<Output = Result<bool, &'static str>> + Send + 'static,
{
    for app in awaiting_apps() {
        for reject in [false, true] {
            let ask = ask.clone();
            let policy = Policy::builder()
                .allow_origin_if_async(
                    AsyncPredicate::new(move |_| ask()).timeout_with(timeout.clone()),
                )
                .reject_disallowed_origins(reject)
                .build()
                .expect("the policy is valid");
            let server = Server::start(app, policy).expect("there is a port");
            let response = send(&server, &preflight("/echo", BLUE, "api.example"));
            let (cors, _) = cases::fields_of(&response);
            assert_eq!((response.status, cors), (403, Vec::new()), "{}", app.name);
            let response = send(&server, &get("/echo", BLUE, "api.example"));
            let (cors, vary) = cases::fields_of(&response);
            let status = if reject { 403 } else { 200 };
            assert_eq!(
                (response.status, cors),
                (status, Vec::new()),
                "{}",
                app.name
            );
            assert_eq!(vary, ["origin"], "{}", app.name);
            let by_app = response.value(HITS).is_some();
            assert_eq!(by_app, !reject, "{}", app.name);
        }
    }
}

#[test]
fn an_error_is_a_no() {
    refuses(pending, || ready(Err("no database")));
}

#[test]
fn a_panic_is_a_no() {
    refuses(pending, || async {
        tokio::task::yield_now().await;
        panic!("as it should")
    });
}

#[test]
fn no_answer_in_time_is_a_no() {
    refuses(|| ready(()), pending);
}

/// Shows that the app gets the whole request, body included, after an asynchronous predicate.
#[test]
fn a_request_that_was_asked_about_reaches_the_app_as_it_was() {
    for app in awaiting_apps() {
        let policy = by_host(Kind::Awaited, Arc::default()).build();
        let policy = policy.expect("the policy is valid");
        let server = Server::start(app, policy).expect("there is a port");
        let request = Request::new("POST", "/echo")
            .line("Origin", BLUE)
            .line("Host", "blue.example")
            .line("X-Echo", "back")
            .body("12345");
        let response = send(&server, &request);
        assert_eq!(allowed(&response), Some(BLUE.as_bytes()), "{}", app.name);
        assert_eq!(
            String::from_utf8_lossy(&response.body),
            r#"{"method":"POST","body_length":5,"x_echo":"back","cookie":null}"#,
            "{}",
            app.name
        );
    }
}

/// Shows that what no browser sends asks nobody, and that what a list refuses asks: the answer has
/// the policy's headers where the predicate allows the origin, and none where it does not. The app's
/// response to a preflight that is passed through has the headers that the answer would have.
#[test]
fn a_predicate_is_asked_where_the_answer_depends_on_it() {
    let apps = awaiting_apps().into_iter();
    for (app, passes) in apps.flat_map(|app| [(app, false), (app, true)]) {
        let asked = Arc::new(AtomicUsize::new(0));
        let policy = by_host(Kind::Awaited, Arc::clone(&asked)).allow_methods(["DELETE"]);
        let policy = policy.preflight_passthrough(passes).build();
        let policy = policy.expect("the policy is valid");
        let server = Server::start(app, policy).expect("there is a port");
        let ask = |host, method, headers| {
            Request::new("OPTIONS", "/echo")
                .line("Origin", BLUE)
                .line("Host", host)
                .line("Access-Control-Request-Method", method)
                .line("Access-Control-Request-Headers", headers)
        };
        for (method, headers, times) in [
            ("GET", "", 1),
            ("PUT", "", 1),
            ("GET", "x-one", 1),
            ("PUT", "x-one", 1),
            ("TRACE", "", 0),
            ("PUT", "x one", 0),
            ("GET", "x-one,x two", 0),
        ] {
            for (host, allows) in [("blue.example", true), ("red.example", false)] {
                asked.store(0, Ordering::Relaxed);
                let request = ask(host, method, headers);
                let response = send(&server, &request);
                let (answered, methods) = if allows && times == 1 {
                    (204, Some(&b"DELETE"[..]))
                } else {
                    (403, None)
                };
                let status = if passes { 200 } else { answered };
                assert_eq!(response.status, status, "{}: {request:?}", app.name);
                let by_app = response.value(HITS).is_some();
                assert_eq!(by_app, passes, "{}: {request:?}", app.name);
                let found = response.value("access-control-allow-methods");
                assert_eq!(found, methods, "{}: {request:?}", app.name);
                let origin = methods.and(Some(BLUE.as_bytes()));
                assert_eq!(allowed(&response), origin, "{}: {request:?}", app.name);
                let asked = asked.load(Ordering::Relaxed);
                assert_eq!(asked, times, "{}: {request:?}", app.name);
                let (_, vary) = cases::fields_of(&response);
                let varies = vary.contains(&"origin".to_owned());
                assert!(varies, "{}: {request:?}: {vary:?}", app.name);
            }
        }
    }
}

/// Shows that a layer that was not told to wait allows nobody whom it did not ask about.
#[test]
fn a_layer_that_does_not_wait_refuses_what_it_would_have_to_wait_for() {
    for app in [Framework::Axum, Framework::Warp].map(Framework::app) {
        let asked = Arc::new(AtomicUsize::new(0));
        let policy = by_host(Kind::Awaited, Arc::clone(&asked)).allow_origins([RED]);
        let policy = policy.build().expect("the policy is valid");
        let server = Server::start(app, policy).expect("there is a port");
        for (origin, host, allows) in [(BLUE, "blue.example", false), (RED, "red.example", true)] {
            let expected = allows.then_some(origin.as_bytes());
            let preflight_status = if allows { 204 } else { 403 };
            for (request, status) in [
                (get("/echo", origin, host), 200),
                (preflight("/echo", origin, host), preflight_status),
            ] {
                let response = send(&server, &request);
                assert_eq!(response.status, status, "{}: {request:?}", app.name);
                assert_eq!(allowed(&response), expected, "{}: {request:?}", app.name);
                let (_, vary) = cases::fields_of(&response);
                let varies = vary.contains(&"origin".to_owned());
                assert!(varies, "{}: {request:?}: {vary:?}", app.name);
            }
        }
        assert_eq!(asked.load(Ordering::Relaxed), 0, "{}", app.name);
    }
}
