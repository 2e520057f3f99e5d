//! Listeners, on every framework: what they hear of predicates, replacements and hostile clients,
//! and what becomes of one that panics.

use std::future::{pending, ready};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use conformance::cases;
use conformance_client::raw::{Connection, Request, Response};
use conformance_servers::Framework;
use conformance_servers::serve::Server;
use cors_core::adapter::PolicySource;
use cors_core::{
    AsyncPredicate, DecisionEvent, OriginQuery, Policy, PolicyMap, Refusal, RequestKind,
    SharedPolicy,
};

const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example.net";

fn start(
    framework: Framework,
    policy: impl Into<PolicySource>,
    listener: impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static,
) -> Server {
    let listener = move |_: &str, event: &DecisionEvent<'_>| listener(event);
    let server = Server::start_with_listener(framework.listening_app(), policy, listener);
    server.expect("there is a port")
}

fn send(server: &Server, request: &Request) -> std::io::Result<Response> {
    Connection::open(server.address())?.exchange(request)
}

fn get(origin: impl AsRef<[u8]>, path: &str) -> Request {
    Request::new("GET", path).line("Origin", origin)
}

fn preflight(origin: impl AsRef<[u8]>, method: &str) -> Request {
    Request::new("OPTIONS", "/echo")
        .line("Origin", origin)
        .line("Access-Control-Request-Method", method)
}

fn allowing_app() -> Policy {
    let policy = Policy::builder().allow_origins([APP]);
    policy.build().expect("the policy is valid")
}

/// Shows that what is told is what the predicate has said, with the text of its error, and that
/// nobody asks it again for that.
#[test]
fn an_asynchronous_predicate_is_told_by_its_result() {
    for framework in Framework::ALL {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let ask = move |query: OriginQuery<'static>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                match query.origin().host() {
                    "yes.example" => Ok(true),
                    "no.example" => Ok(false),
                    "error.example" => Err("no \x1b[31mdatabase"),
                    _ => pending().await,
                }
            }
        };
        // What has no result when it is asked has had its time.
        let predicate = AsyncPredicate::new(ask).timeout_with(|| ready(()));
        let policy = Policy::builder().allow_origin_if_async(predicate);
        let policy = policy.build().expect("the policy is valid");
        let (events, told) = mpsc::channel();
        let server = start(framework, policy, move |event| {
            let decision = event.decision();
            let origin = event.origin().map(|origin| origin.to_string());
            let explanation = event.explanation().to_string();
            let heard = (decision.kind(), decision.refusal(), origin, explanation);
            // Nobody may read it any more.
            let _ = events.send(heard);
        });
        for (origin, refusal, words) in [
            ("https://yes.example", None, ""),
            ("https://no.example", Some(Refusal::OriginNotAllowed), ""),
            (
                "https://error.example",
                Some(Refusal::PredicateFailed),
                r#"no \u{1b}[31mdatabase"#,
            ),
            ("https://slow.example", Some(Refusal::PredicateTimedOut), ""),
        ] {
            for (request, kind) in [
                (get(origin, "/echo"), RequestKind::Actual),
                (preflight(origin, "GET"), RequestKind::Preflight),
            ] {
                asked.store(0, Ordering::Relaxed);
                send(&server, &request).expect("the server answers");
                let told: Vec<_> = told.try_iter().collect();
                let name = format!("{framework:?}: {request:?}: {told:?}");
                let [(of_kind, verdict, of, explanation)] = told.as_slice() else {
                    panic!("{name}");
                };
                assert_eq!((*of_kind, *verdict), (kind, refusal), "{name}");
                assert_eq!(of.as_deref(), Some(origin), "{name}");
                assert!(explanation.contains(words), "{name}");
                assert_eq!(asked.load(Ordering::Relaxed), 1, "{name}");
            }
        }
    }
}

#[test]
fn a_listener_that_panics_is_called_once_and_every_request_is_answered() {
    for framework in Framework::ALL {
        let called = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&called);
        let server = start(framework, allowing_app(), move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            panic!("as it should");
        });
        for (request, status) in [
            (get(APP, "/echo"), 200),
            (preflight(APP, "GET"), 204),
            (preflight(EVIL, "GET"), 403),
        ] {
            let response = send(&server, &request).expect("the server answers");
            assert_eq!(response.status, status, "{framework:?}: {request:?}");
            let (cors, _) = cases::fields_of(&response);
            assert_eq!(cors.is_empty(), status == 403, "{framework:?}: {request:?}");
        }
        assert_eq!(called.load(Ordering::Relaxed), 1, "{framework:?}");
    }
}

/// Shows that what a server lets in is told, whatever it is, in short visible texts.
#[test]
fn what_a_hostile_client_sends_is_told_escaped_and_shortened() {
    let hostile: [&[u8]; 5] = [
        b"{} {0:?} %s %n ${jndi:ldap://evil}",
        b"https://evil.example\t\x1b[2J",
        b"\xff\xfe\xc0\x80",
        "https://b\u{fc}cher.example\u{202e}".as_bytes(),
        b"\"\\",
    ];
    for framework in Framework::ALL {
        let (events, told) = mpsc::channel();
        let server = start(framework, allowing_app(), move |event| {
            let sent = event.path().as_bytes().len();
            let sent = sent.max(event.origin().map_or(0, |origin| origin.as_bytes().len()));
            let texts = format!(
                "{} {} {:?} {:?} {event:?} {} {:?}",
                event.method(),
                event.path(),
                event.host(),
                event.origin(),
                event.explanation(),
                event.explanation(),
            );
            let _ = events.send((sent, texts));
        });
        let mut longest = 0;
        for text in hostile {
            // A megabyte is more than servers take: some refuse it, some close the connection.
            for length in [1_usize, 6_000, 1 << 20] {
                let value = text.repeat(length.div_ceil(text.len()));
                let path = format!("/echo/{}", "%1b[2J%0a{}%s".repeat(length.div_ceil(13)));
                for request in [
                    get(&value, "/echo"),
                    get(EVIL, &path),
                    preflight(APP, "PUT").line("Access-Control-Request-Headers", &value),
                    get(EVIL, "/echo").line("X-Other", &value),
                ] {
                    let _ = send(&server, &request);
                    for (sent, texts) in told.try_iter() {
                        longest = longest.max(sent);
                        let raw = texts.bytes().find(|byte| !matches!(byte, b' '..=b'~'));
                        assert_eq!(raw, None, "{framework:?}: {texts}");
                        assert!(texts.len() < SHORT, "{framework:?}: {texts}");
                    }
                }
            }
        }
        assert!(longest >= 6_000, "{framework:?}: long values came in");
    }
}

/// Longer than all texts of an event together: fifteen values of 120 bytes, each of which is
/// escaped with four bytes on average.
const SHORT: usize = 15 * 120 * 4;

const CLIENTS: usize = 2;
const ROUNDS: usize = 300;

/// Shows that an event is about the policy whose headers the response has, while policies are
/// replaced and several clients send requests.
#[test]
fn the_version_that_is_told_is_the_one_that_answered() {
    let odd = Policy::builder()
        .allow_origins([APP])
        .expose_headers(["x-odd"]);
    let odd = PolicyMap::from(odd.build().expect("the policy is valid"));
    let even = Policy::builder()
        .allow_origins([APP])
        .expose_headers(["x-even"]);
    let even = PolicyMap::builder().path("/{name}", even.build().expect("the policy is valid"));
    let even = even.build().expect("the map is valid");
    for framework in Framework::ALL {
        let shared = SharedPolicy::new(odd.clone());
        // A client is known by the host that it asks for.
        let hosts: [String; CLIENTS] = std::array::from_fn(|index| format!("client-{index}"));
        let channels = hosts.each_ref().map(|_| mpsc::channel());
        let senders = channels.each_ref().map(|(events, _)| events.clone());
        let by_host = hosts.clone();
        let server = start(framework, shared.clone(), move |event| {
            let host = event.host().map(|host| host.to_string());
            let client = by_host.iter().position(|one| Some(one) == host.as_ref());
            let exposed = event
                .policy()
                .expect("a policy has decided")
                .config()
                .expose_headers;
            let told = (event.version(), exposed, event.pattern().map(str::to_owned));
            let _ = senders[client.expect("it is a client's")].send(told);
        });
        let running = AtomicBool::new(true);
        thread::scope(|scope| {
            scope.spawn(|| {
                while running.load(Ordering::Relaxed) {
                    shared.replace(even.clone());
                    thread::yield_now();
                    shared.replace(odd.clone());
                    thread::yield_now();
                }
            });
            let clients = hosts.iter().zip(channels).map(|(host, (_, told))| {
                let server = &server;
                scope.spawn(move || {
                    let mut last = 0;
                    let mut connection = Connection::open(server.address()).expect("it listens");
                    for _ in 0..ROUNDS {
                        let request = Request::new("GET", "/echo").line("Host", host);
                        let request = request.line("Origin", APP);
                        let response = connection.exchange(&request).expect("it answers");
                        let told: Vec<_> = told.try_iter().collect();
                        let [(version, exposed, pattern)] = told.as_slice() else {
                            panic!("{framework:?}: {told:?}");
                        };
                        let (name, of) = match version % 2 {
                            1 => ("x-odd", None),
                            _ => ("x-even", Some("/{name}")),
                        };
                        let sent = response.value("access-control-expose-headers");
                        assert_eq!(sent, Some(name.as_bytes()), "{framework:?}: {told:?}");
                        assert_eq!(exposed, &[name], "{framework:?}");
                        assert_eq!(pattern.as_deref(), of, "{framework:?}");
                        assert!(*version >= last, "{framework:?}");
                        last = *version;
                    }
                })
            });
            let clients: Vec<_> = clients.collect();
            let results: Vec<_> = clients
                .into_iter()
                .map(thread::ScopedJoinHandle::join)
                .collect();
            running.store(false, Ordering::Relaxed);
            for result in results {
                result.expect("every response was that of its event");
            }
        });
        assert!(shared.version() > 1, "they were replaced");
    }
}
