//! Each decision is told once, to a listener, on every framework.

use std::sync::mpsc;

use conformance_client::http2;
use conformance_client::raw::{Connection, Request, Response};
use conformance_servers::Framework;
use conformance_servers::policy_file::Format;
use conformance_servers::serve::Server;
use cors_core::adapter::PolicySource;
use cors_core::{DecisionEvent, Refusal, RequestKind};

const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example.net";
const HOST: &str = "server.example";

/// What an event says, copied.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    method: String,
    path: String,
    host: Option<String>,
    origin: Option<String>,
    kind: RequestKind,
    refusal: Option<Refusal>,
    calls_app: bool,
    is_same_origin: bool,
    pattern: Option<String>,
    version: u64,
}

impl Told {
    fn of(event: &DecisionEvent<'_>) -> Self {
        let explained = event.explanation().decision();
        assert_eq!(explained, event.decision(), "the words are about it");
        Self {
            method: event.method().to_string(),
            path: event.path().to_string(),
            host: event.host().map(|host| host.to_string()),
            origin: event.origin().map(|origin| origin.to_string()),
            kind: event.decision().kind(),
            refusal: event.decision().refusal(),
            calls_app: event.calls_app(),
            is_same_origin: event.is_same_origin(),
            pattern: event.pattern().map(str::to_owned),
            version: event.version(),
        }
    }
}

/// Starts a server whose adapter tells its decisions to the returned channel.
fn start(framework: Framework, policy: impl Into<PolicySource>) -> (Server, mpsc::Receiver<Told>) {
    let (events, told) = mpsc::channel();
    let listener = move |_: &str, event: &DecisionEvent<'_>| {
        // Nobody may read it any more.
        let _ = events.send(Told::of(event));
    };
    let server = Server::start_with_listener(framework.listening_app(), policy, listener);
    (server.expect("there is a port"), told)
}

fn send(server: &Server, request: &Request) -> Response {
    let connection = Connection::open(server.address());
    let response = connection.and_then(|mut connection| connection.exchange(request));
    response.expect("the server answers")
}

fn request(method: &str, path: &str) -> Request {
    Request::new(method, path).line("Host", HOST)
}

fn from(origin: &str, method: &str, path: &str) -> Request {
    request(method, path).line("Origin", origin)
}

fn preflight(origin: &str, method: &str) -> Request {
    from(origin, "OPTIONS", "/echo").line("Access-Control-Request-Method", method)
}

const POLICIES: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]

[[paths]]
path = "/login"
reject_disallowed_origins = true

[[paths]]
path = "/vary/{*rest}"
allow_origins = ["*"]

[[paths]]
path = "/own-cors"
enabled = false
"#;

/// Returns requests, what is told about each (`None` where nothing is), and the statuses that a
/// framework may respond with.
fn requests() -> Vec<(Request, Option<Told>, &'static [u16])> {
    let told = |origin: Option<&str>, method: &str, path: &str| Told {
        method: method.to_owned(),
        path: path.to_owned(),
        host: Some(HOST.to_owned()),
        origin: origin.map(str::to_owned),
        kind: RequestKind::Actual,
        refusal: None,
        calls_app: true,
        is_same_origin: false,
        pattern: None,
        version: 1,
    };
    let of_preflight = |origin, refusal| Told {
        kind: RequestKind::Preflight,
        refusal,
        calls_app: false,
        ..told(Some(origin), "OPTIONS", "/echo")
    };
    let foreign = Some(Refusal::OriginNotAllowed);
    let own = "http://server.example";
    vec![
        (preflight(APP, "PUT"), Some(of_preflight(APP, None)), &[204]),
        (
            preflight(EVIL, "PUT"),
            Some(of_preflight(EVIL, foreign)),
            &[403],
        ),
        (
            preflight(APP, "DELETE"),
            Some(of_preflight(APP, Some(Refusal::MethodNotAllowed))),
            // What a refused preflight is answered with is another test's.
            &[403, 204],
        ),
        (
            from(APP, "GET", "/echo?query"),
            Some(told(Some(APP), "GET", "/echo")),
            &[200],
        ),
        (
            from(APP, "HEAD", "/echo"),
            Some(told(Some(APP), "HEAD", "/echo")),
            &[200],
        ),
        (
            from(APP, "HEAD", "/only-get"),
            Some(told(Some(APP), "HEAD", "/only-get")),
            // What has a route for GET alone may have none for HEAD.
            &[200, 405],
        ),
        (
            from(EVIL, "GET", "/echo"),
            Some(Told {
                refusal: foreign,
                ..told(Some(EVIL), "GET", "/echo")
            }),
            &[200],
        ),
        (
            from(EVIL, "POST", "/login"),
            Some(Told {
                refusal: foreign,
                calls_app: false,
                pattern: Some("/login".to_owned()),
                ..told(Some(EVIL), "POST", "/login")
            }),
            &[403],
        ),
        (
            from(own, "POST", "/login"),
            Some(Told {
                refusal: foreign,
                is_same_origin: true,
                pattern: Some("/login".to_owned()),
                ..told(Some(own), "POST", "/login")
            }),
            &[200],
        ),
        (
            from(APP, "POST", "/echo").line("Origin", EVIL),
            Some(Told {
                refusal: Some(Refusal::SeveralOrigins),
                ..told(None, "POST", "/echo")
            }),
            &[200],
        ),
        (
            request("GET", "/echo"),
            Some(Told {
                kind: RequestKind::NotCors,
                ..told(None, "GET", "/echo")
            }),
            &[200],
        ),
        (
            from(APP, "GET", "/nowhere"),
            Some(told(Some(APP), "GET", "/nowhere")),
            &[404],
        ),
        (
            from(APP, "POST", "/only-get"),
            Some(told(Some(APP), "POST", "/only-get")),
            &[404, 405],
        ),
        (
            from(APP, "GET", "/panic"),
            Some(told(Some(APP), "GET", "/panic")),
            &[500],
        ),
        (
            from(EVIL, "GET", "/v%61ry"),
            Some(Told {
                pattern: Some("/vary/{*rest}".to_owned()),
                ..told(Some(EVIL), "GET", "/v%61ry")
            }),
            &[200, 404],
        ),
        (
            from(APP, "GET", "/vary/../echo"),
            Some(Told {
                refusal: Some(Refusal::AmbiguousPath),
                ..told(Some(APP), "GET", "/vary/../echo")
            }),
            &[200, 404],
        ),
        (from(APP, "GET", "/own-cors"), None, &[200]),
    ]
}

/// A request for another host is told whatever its kind, and none is the server's own page.
#[test]
fn each_request_for_another_host_is_told_once() {
    let policies = r#"
        allow_origins = ["https://app.example.com"]
        allow_hosts = ["api.example"]
        preflight_passthrough = true
    "#;
    let policies = Format::Toml.read(policies).expect("it is TOML");
    let policies = policies.build().expect("the policies are valid");
    let own = "http://server.example";
    for framework in Framework::ALL {
        let (server, told) = start(framework, policies.clone());
        let mut http2 = http2::Connection::open(server.address()).expect("it speaks HTTP/2");
        for (request, kind, origin) in [
            (request("GET", "/echo"), RequestKind::NotCors, None),
            (request("OPTIONS", "/echo"), RequestKind::NotCors, None),
            (from(APP, "GET", "/echo"), RequestKind::Actual, Some(APP)),
            (from(own, "POST", "/echo"), RequestKind::Actual, Some(own)),
            (preflight(APP, "GET"), RequestKind::Preflight, Some(APP)),
        ] {
            let name = format!("{framework:?}: {request:?}");
            let is_told = |told: Vec<Told>| {
                let [told] = told.as_slice() else {
                    panic!("{name}: {told:?}");
                };
                assert_eq!(told.host.as_deref(), Some(HOST), "{name}");
                assert_eq!(
                    (told.kind, told.origin.as_deref()),
                    (kind, origin),
                    "{name}"
                );
                assert_eq!(told.refusal, Some(Refusal::HostNotAllowed), "{name}");
                assert!(!told.calls_app && !told.is_same_origin, "{name}");
            };
            assert_eq!(send(&server, &request).status, 403, "{name}");
            is_told(told.try_iter().collect());
            let response = http2.exchange(&request).expect("HTTP/2 can express it");
            assert_eq!(response.expect("the server answers").status, 403, "{name}");
            is_told(told.try_iter().collect());
        }
    }
}

#[test]
fn each_request_that_has_a_policy_is_told_once() {
    let policies = Format::Toml.read(POLICIES).expect("it is TOML");
    let policies = policies.build().expect("the policies are valid");
    for framework in Framework::ALL {
        let (server, told) = start(framework, policies.clone());
        let mut http2 = http2::Connection::open(server.address()).expect("it speaks HTTP/2");
        for (request, expected, statuses) in requests() {
            let name = format!("{framework:?}: {request:?}");
            let expected: Vec<_> = expected.into_iter().collect();
            let response = send(&server, &request);
            assert!(statuses.contains(&response.status), "{name}: {response:?}");
            assert_eq!(told.try_iter().collect::<Vec<_>>(), expected, "{name}");
            if let Some(response) = http2.exchange(&request) {
                let response = response.expect("the server answers");
                assert!(statuses.contains(&response.status), "{name}: {response:?}");
                assert_eq!(told.try_iter().collect::<Vec<_>>(), expected, "{name}");
            }
        }
    }
}

/// Checks which host is told where an absolute target names one and `Host` another: the target's
/// (RFC 9112, 3.2.2). Rocket drops that, and warp's filters see no more than that the two differ.
#[test]
fn the_host_of_an_absolute_target_is_told() {
    let policies = Format::Toml.read(POLICIES).expect("it is TOML");
    let policies = policies.build().expect("the policies are valid");
    for framework in Framework::ALL {
        let (server, told) = start(framework, policies.clone());
        send(&server, &request("GET", "http://target.example/echo"));
        let heard: Vec<_> = told.try_iter().collect();
        let [told] = heard.as_slice() else {
            panic!("{framework:?}: {heard:?}");
        };
        let host = match framework {
            Framework::Rocket => Some(HOST),
            Framework::WarpFilter => None,
            _ => Some("target.example"),
        };
        assert_eq!(told.host.as_deref(), host, "{framework:?}");
        assert_eq!(told.path, "/echo", "{framework:?}");
    }
}
