//! What the log of each adapter tells: over sockets, in the spans of the framework's usual trace.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::panic;
use std::sync::{Mutex, MutexGuard, Once};

use conformance_client::raw::{self, Request};
use conformance_servers::policy_file::Format;
use conformance_servers::serve::{App, Lifetime, Server};
use conformance_servers::{actix_app, axum_app, rocket_app, warp_app};
use cors_core::adapter::PolicySource;
use cors_core::{AsyncPredicate, DecisionEvent, Log, Policy, SharedPolicy};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// An app with a log, inside of the trace that is usual in its framework.
///
/// It has a listener before the log, which panics, and one after it, which notes the origin.
struct Logging {
    app: App,
    /// The span that the trace opens for a request. Rocket has none of its own.
    span: Option<&'static str>,
}

const APPS: [Logging; 5] = [
    Logging {
        app: App::new("actix", actix),
        span: Some("request"),
    },
    Logging {
        app: App::new("axum", axum),
        span: Some("request"),
    },
    Logging {
        app: App::new("rocket", rocket),
        span: None,
    },
    Logging {
        app: App::new("warp", warp),
        span: Some("request"),
    },
    Logging {
        app: App::new("filter", warp_filter),
        span: Some("request"),
    },
];

fn actix(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use actix_web::body::MessageBody;
    use actix_web::dev::{ServiceRequest, ServiceResponse};
    use actix_web::middleware::{Next, from_fn};
    use actix_web::{App, Error, HttpServer};
    use cors_actix::Cors;
    use tracing::Instrument as _;

    /// A trace that does what tracing-actix-web does.
    async fn trace(
        request: ServiceRequest,
        next: Next<impl MessageBody>,
    ) -> Result<ServiceResponse<impl MessageBody>, Error> {
        let span = tracing::debug_span!("request");
        let response = span.in_scope(|| next.call(request));
        response.instrument(span).await
    }

    let cors = Cors::new(policy)
        .on_decision(panicking)
        .log(Log::new())
        .on_decision(noting);
    let app = move || App::new().wrap(cors.clone()).wrap(from_fn(trace));
    actix_app::run(address, lifetime, |listener| {
        let server = HttpServer::new(app).workers(1).disable_signals();
        Ok(server.listen(listener)?.run())
    })
}

fn axum(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use axum::Router;
    use cors_axum::CorsLayer;
    use tower_http::trace::TraceLayer;

    let cors = CorsLayer::new(policy)
        .on_decision(panicking)
        .log(Log::new())
        .on_decision(noting);
    let app = Router::new()
        .fallback(async || "hello")
        .layer(cors.await_predicates())
        .layer(TraceLayer::new_for_http());
    axum_app::run(app, address, lifetime)
}

fn rocket(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_rocket::Cors;

    let cors = Cors::new(policy)
        .on_decision(panicking)
        .log(Log::new())
        .on_decision(noting);
    rocket_app::run(
        |config| rocket::custom(config).attach(cors),
        address,
        lifetime,
    )
}

fn warp(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_warp::CorsLayer;
    use tower_http::trace::TraceLayer;
    use tower_layer::Layer as _;
    use warp::Filter as _;

    let cors = CorsLayer::new(policy)
        .on_decision(panicking)
        .log(Log::new())
        .on_decision(noting)
        .await_predicates();
    let app = cors.layer(warp::service(warp::any().map(|| "hello")));
    warp_app::run(TraceLayer::new_for_http().layer(app), address, lifetime)
}

fn warp_filter(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_warp::Cors;
    use warp::Filter as _;

    let cors = Cors::new(policy)
        .on_decision(panicking)
        .log(Log::new())
        .on_decision(noting);
    let app = cors
        .wrap(warp::any().map(|| "hello"))
        .with(warp::trace::request());
    warp_app::run(warp::service(app), address, lifetime)
}

fn panicking(_: &DecisionEvent<'_>) {
    panic::resume_unwind(Box::new("on purpose, and without a message"));
}

static NOTED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn noting(event: &DecisionEvent<'_>) {
    let origin = event.origin().map(|origin| origin.to_string());
    lock(&NOTED).extend(origin);
}

fn lock<T>(texts: &Mutex<Vec<T>>) -> MutexGuard<'_, Vec<T>> {
    texts.lock().expect("nobody panics with the lock")
}

/// An event of the log: its target, its span, and each field as `name=value`.
#[derive(Clone, Debug)]
struct Told {
    target: &'static str,
    span: Option<&'static str>,
    fields: Vec<String>,
}

impl Told {
    fn field(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}=");
        let mut fields = self.fields.iter();
        fields.find_map(|field| field.strip_prefix(&prefix))
    }
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.push(format!("{}={value}", field.name()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.push(format!("{}={value:?}", field.name()));
    }
}

static TOLD: Mutex<Vec<Told>> = Mutex::new(Vec::new());

struct Recorder;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let target = event.metadata().target();
        if target.starts_with("cors::") {
            let mut told = Told {
                target,
                span: context.event_span(event).map(|span| span.name()),
                fields: Vec::new(),
            };
            event.record(&mut told);
            lock(&TOLD).push(told);
        }
    }
}

/// Starts a server whose log is recorded.
fn start(logging: &Logging, policy: impl Into<PolicySource>) -> Server {
    static RECORD: Once = Once::new();
    RECORD.call_once(|| {
        let subscriber = Registry::default().with(Recorder);
        tracing::subscriber::set_global_default(subscriber).expect("it is the only one");
    });
    Server::start(
        App {
            name: logging.app.name,
            start: logging.app.start,
        },
        policy,
    )
    .expect("there is a port")
}

/// Returns what was told with this text in a field. Tests run side by side, each with its own texts.
fn told_of(text: &str) -> Vec<Told> {
    let is_of = |told: &&Told| told.fields.iter().any(|field| field.contains(text));
    lock(&TOLD).iter().filter(is_of).cloned().collect()
}

fn get(origin: &str) -> Request {
    Request::new("GET", "/").line("Origin", origin)
}

fn send(server: &Server, requests: impl IntoIterator<Item = Request>) {
    for request in requests {
        raw::exchange(server.address(), &request).expect("the server answers");
    }
}

fn policy(origin: &str) -> Policy {
    let policy = Policy::builder().allow_origins([origin]);
    policy.build().expect("the policy is valid")
}

#[test]
fn each_refusal_is_told_once_in_the_span_of_its_request() {
    for logging in &APPS {
        let name = logging.app.name;
        let server = start(logging, policy("https://app.example.com"));
        let evil = format!("https://once-{name}.example");
        let other = format!("https://once-{name}.other");
        let put = Request::new("OPTIONS", "/")
            .line("Origin", "https://app.example.com")
            .line("Access-Control-Request-Method", "PUT")
            .line("Host", format!("once-{name}.api"));
        let evil_preflight = Request::new("OPTIONS", "/")
            .line("Origin", &evil)
            .line("Access-Control-Request-Method", "PUT");
        send(
            &server,
            [
                get(&evil),
                get(&evil),
                get(&other),
                evil_preflight,
                put.clone(),
                put,
            ],
        );
        let told: Vec<_> = told_of(&format!("once-{name}"))
            .iter()
            .map(|told| {
                let fields =
                    ["kind", "reason", "origin"].map(|name| told.field(name).map(str::to_owned));
                (told.target, told.span, fields)
            })
            .collect();
        let line = |kind: &str, reason: &str, origin: &str| {
            let fields = [kind, reason, origin].map(|text| Some(text.to_owned()));
            ("cors::refusal", logging.span, fields)
        };
        let expected = [
            line("actual", "origin_not_allowed", &evil),
            line("actual", "origin_not_allowed", &other),
            line("preflight", "method_not_allowed", "https://app.example.com"),
        ];
        assert_eq!(told, expected, "{name}");
    }
}

/// A request without an origin is told too: a page of a re-bound name sends no `Origin` with GET.
#[test]
fn a_host_that_is_not_allowed_is_told_once() {
    for logging in &APPS {
        let name = logging.app.name;
        let policy = Policy::builder().allow_hosts(["localhost"]);
        let server = start(logging, policy.build().expect("the policy is valid"));
        let host = format!("rebound-{name}.example:8080");
        let request = Request::new("GET", "/").line("Host", &host);
        let page = format!("http://{host}");
        let own_page = request.clone().line("Origin", &page);
        send(
            &server,
            [request.clone(), request, own_page.clone(), own_page],
        );
        let told: Vec<_> = told_of(&format!("rebound-{name}"))
            .iter()
            .map(|told| {
                let fields = ["kind", "reason", "origin", "host", "rejected"];
                let fields = fields.map(|name| told.field(name).map(str::to_owned));
                (told.target, told.span, fields)
            })
            .collect();
        let some = |text: &str| Some(text.to_owned());
        let fields = [
            some("not_cors"),
            some("host_not_allowed"),
            None,
            some(&host),
            some("true"),
        ];
        assert_eq!(told, [("cors::refusal", logging.span, fields)], "{name}");
    }
}

#[test]
fn each_host_that_a_shadow_leaves_out_is_told_once() {
    for logging in &APPS {
        let name = logging.app.name;
        let policies = Format::Toml.read("[shadow]\nallow_hosts = [\"localhost\"]");
        let policies = policies.expect("it is TOML").build();
        let server = start(logging, policies.expect("the policies are valid"));
        let hosts = ["a", "b"].map(|host| format!("{host}.left-out-{name}.example"));
        let request = |host: &String| Request::new("GET", "/").line("Host", host);
        send(&server, hosts.iter().chain(&hosts).map(request));
        let told: Vec<_> = told_of(&format!("left-out-{name}"))
            .iter()
            .map(|told| {
                let fields = ["kind", "difference", "reason", "host"];
                let fields = fields.map(|name| told.field(name).map(str::to_owned));
                (told.target, fields)
            })
            .collect();
        let line = |host: &String| {
            let fields = ["not_cors", "would_refuse", "host_not_allowed", host];
            ("cors::shadow", fields.map(|text| Some(text.to_owned())))
        };
        assert_eq!(told, hosts.each_ref().map(line), "{name}");
    }
}

#[test]
fn nothing_is_told_of_pages_that_are_not_refused() {
    for logging in &APPS {
        let name = logging.app.name;
        let allowed = format!("https://quiet-{name}.example");
        let server = start(logging, policy(&allowed));
        let own_page = Request::new("POST", "/")
            .line("Host", format!("quiet-{name}.api"))
            .line("Origin", format!("https://quiet-{name}.api"));
        let by_browser =
            get(&format!("https://quiet-{name}.proxied")).line("Sec-Fetch-Site", "same-origin");
        let no_page = Request::new("GET", &format!("/quiet-{name}"));
        send(&server, [get(&allowed), own_page, by_browser, no_page]);
        let targets: Vec<_> = told_of(&format!("quiet-{name}"))
            .iter()
            .map(|told| told.target)
            .collect();
        assert_eq!(targets, ["cors::policy"], "{name}");
    }
}

#[test]
fn an_asynchronous_predicate_is_told_as_it_has_decided() {
    for logging in &APPS {
        let name = logging.app.name;
        let tenant = format!("https://tenant-{name}.example");
        let known = tenant.clone();
        let predicate = AsyncPredicate::new(move |query| {
            let is_known = query.origin() == known.as_str();
            async move {
                tokio::task::yield_now().await;
                Ok::<_, io::Error>(is_known)
            }
        });
        let policy = Policy::builder().allow_origin_if_async(predicate.timeout_with(|| {
            std::future::pending::<()>() // no time runs out
        }));
        let server = start(logging, policy.build().expect("the policy is valid"));
        let stranger = format!("https://tenant-{name}.stranger");
        send(&server, [get(&tenant), get(&stranger)]);
        let told: Vec<_> = told_of(&format!("tenant-{name}"))
            .iter()
            .map(|told| (told.span, told.field("origin").map(str::to_owned)))
            .collect();
        assert_eq!(told, [(logging.span, Some(stranger))], "{name}");
    }
}

#[test]
fn what_a_client_sends_ends_no_line_and_no_field() {
    for logging in &APPS {
        let name = logging.app.name;
        let server = start(logging, policy("https://app.example.com"));
        let forged = format!(
            "https://forged-{name}\" reason=\"none\tb\u{fc}cher{}",
            "x".repeat(4_000)
        );
        send(&server, [get(&forged)]);
        let told = told_of(&format!("forged-{name}"));
        let [refusal] = told.as_slice() else {
            panic!("{name}: {told:#?}");
        };
        assert_eq!(refusal.field("reason"), Some("malformed_origin"), "{name}");
        for field in &refusal.fields {
            let is_visible = field.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            assert!(is_visible && field.len() < 1_000, "{name}: {field:?}");
        }
    }
}

#[test]
fn a_replacement_is_told_once_with_what_it_changes() {
    for logging in &APPS {
        let name = logging.app.name;
        let [old, new] = ["old", "new"].map(|age| format!("https://reload-{name}.{age}"));
        let shared = SharedPolicy::new(policy(&old));
        let server = start(logging, shared.clone());
        send(&server, [get(&new)]);
        shared.replace(policy(&new));
        let after = get(&old);
        send(&server, [after.clone(), after]);
        let told: Vec<_> = told_of(&format!("reload-{name}"))
            .iter()
            .map(|told| {
                let fields = ["version", "changed", "origin"];
                (
                    told.target,
                    fields.map(|name| told.field(name).map(str::to_owned)),
                )
            })
            .collect();
        let changed = format!("allow_origins (added {new:?}; removed {old:?})");
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                ("cors::policy", [some("1"), None, None]),
                ("cors::refusal", [some("1"), None, some(&new)]),
                ("cors::policy", [some("2"), some(&changed), None]),
                ("cors::refusal", [some("2"), None, some(&old)]),
            ],
            "{name}"
        );
    }
}

#[test]
fn listeners_beside_the_log_are_told_all_the_same() {
    for logging in &APPS {
        let name = logging.app.name;
        let server = start(logging, policy("https://app.example.com"));
        let origin = format!("https://beside-{name}.example");
        send(&server, [get(&origin), get(&origin)]);
        let noted = lock(&NOTED)
            .iter()
            .filter(|noted| **noted == origin)
            .count();
        assert_eq!((noted, told_of(&origin).len()), (2, 1), "{name}");
    }
}
