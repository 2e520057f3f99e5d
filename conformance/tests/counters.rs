//! `count_decisions` counts each request once, on every framework, beside other listeners.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use conformance_client::raw::{self, Request};
use conformance_servers::serve::{App, Lifetime, Server};
use conformance_servers::{actix_app, axum_app, hyper_app, rocket_app, warp_app};
use cors_core::adapter::PolicySource;
use cors_core::{DecisionEvent, count_decisions};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};

/// Apps that respond at `/` and at `/strict`, and count.
const APPS: [App; 7] = [
    App::new("actix", actix),
    App::new("axum", axum),
    App::new("hyper", hyper),
    App::new("rocket", rocket),
    App::new("rocket-mount", rocket_mount),
    App::new("warp", warp),
    App::new("warp-filter", warp_filter),
];

/// How often the other listener was called.
static OTHER: AtomicU64 = AtomicU64::new(0);

fn other(_: &DecisionEvent<'_>) {
    OTHER.fetch_add(1, Ordering::Relaxed);
}

fn actix(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use actix_web::{App, HttpServer, web};
    use cors_actix::Cors;

    let cors = Cors::new(policy)
        .on_decision(count_decisions())
        .on_decision(other);
    let app = move || {
        App::new()
            .route("/", web::get().to(async || "hello"))
            .route("/strict", web::get().to(async || "hello"))
            .wrap(cors.clone())
    };
    actix_app::run(address, lifetime, |listener| {
        let server = HttpServer::new(app).workers(1).disable_signals();
        Ok(server.listen(listener)?.run())
    })
}

fn axum(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use axum::Router;
    use axum::routing::get;
    use cors_axum::CorsLayer;

    let cors = CorsLayer::new(policy)
        .on_decision(count_decisions())
        .on_decision(other);
    let app = Router::new()
        .route("/", get(async || "hello"))
        .route("/strict", get(async || "hello"))
        .layer(cors);
    axum_app::run(app, address, lifetime)
}

fn hyper(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use hyper_app::Cors;
    use hyper_app::router::{Request, Response, Route, Router, text};

    async fn hello(_: Request) -> Response {
        text("hello".to_owned())
    }

    let cors = Cors::new(policy)
        .on_decision(count_decisions())
        .on_decision(other);
    Router::new()
        .middleware(cors)
        .route("/", Route::get(hello))
        .route("/strict", Route::get(hello))
        .run(address, lifetime)
}

fn rocket(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_rocket::Cors;

    #[rocket::get("/")]
    fn hello() -> &'static str {
        "hello"
    }

    #[rocket::get("/strict")]
    fn strict() -> &'static str {
        "hello"
    }

    let cors = Cors::new(policy)
        .on_decision(count_decisions())
        .on_decision(other);
    let app = |config| {
        rocket::custom(config)
            .mount("/", rocket::routes![hello, strict])
            .attach(cors)
    };
    rocket_app::run(app, address, lifetime)
}

/// The app and a mount both count.
fn rocket_mount(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_rocket::Cors;

    #[rocket::get("/")]
    fn hello() -> &'static str {
        "hello"
    }

    #[rocket::get("/strict")]
    fn strict() -> &'static str {
        "hello"
    }

    let cors = Cors::new(policy.clone())
        .on_decision(count_decisions())
        .on_decision(other);
    let mount = Cors::mount(policy, "/", rocket::routes![strict])
        .on_decision(count_decisions())
        .on_decision(other);
    let app = |config| {
        rocket::custom(config)
            .mount("/", rocket::routes![hello])
            .attach(cors)
            .attach(mount)
    };
    rocket_app::run(app, address, lifetime)
}

fn warp(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_warp::CorsLayer;
    use tower_layer::Layer as _;
    use warp::Filter as _;

    let cors = CorsLayer::new(policy)
        .on_decision(count_decisions())
        .on_decision(other);
    let hello = warp::path::end()
        .or(warp::path("strict"))
        .unify()
        .map(|| "hello");
    warp_app::run(cors.layer(warp::service(hello)), address, lifetime)
}

fn warp_filter(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_warp::Cors;
    use warp::Filter as _;

    let cors = Cors::new(policy)
        .on_decision(count_decisions())
        .on_decision(other);
    let hello = warp::any().map(|| "hello");
    warp_app::run(warp::service(cors.wrap(hello)), address, lifetime)
}

const POLICY: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]

[[paths]]
path = "/strict"
reject_disallowed_origins = true

[[paths]]
path = "/hosts"
allow_hosts = ["127.0.0.1"]

[[paths]]
path = "/off"
enabled = false
"#;

/// Kind, verdict and reason.
type Labels = (String, String, String);

/// Returns what was counted since the last look.
fn counted(snapshotter: &Snapshotter) -> BTreeMap<Labels, u64> {
    let mut counters = BTreeMap::new();
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let (_, key) = key.into_parts();
        assert_eq!(key.name(), "cors.server.decisions");
        let of = |name| {
            let label = key.labels().find(|label| label.key() == name);
            label.map(|label| label.value().to_owned())
        };
        let labels = (
            of("cors.request.kind").expect("it has a kind"),
            of("cors.verdict").expect("it has a verdict"),
            of("cors.refusal.reason").expect("it has a reason"),
        );
        let DebugValue::Counter(value) = value else {
            unreachable!("{value:?} is no counter");
        };
        if value > 0 {
            counters.insert(labels, value);
        }
    }
    counters
}

/// Requests with the labels under which each counts; those of the disabled path have none.
fn cases(own: &str) -> Vec<(Request, Option<[&'static str; 3]>)> {
    let page = "https://app.example.com";
    let evil = "https://evil.example";
    let get = |path: &str, origin: &str| Request::new("GET", path).line("Origin", origin);
    let asks = |path: &str, origin: &str, method: &str| {
        Request::new("OPTIONS", path)
            .line("Origin", origin)
            .line("Access-Control-Request-Method", method)
    };
    let refused = "origin_not_allowed";
    let at_evil = |request: Request| request.line("Host", "evil.example");
    let foreign = "host_not_allowed";
    vec![
        (Request::new("GET", "/"), Some(["not_cors", "none", "none"])),
        (get("/", page), Some(["actual", "allowed", "none"])),
        (get("/nowhere", page), Some(["actual", "allowed", "none"])),
        (get("/strict", page), Some(["actual", "allowed", "none"])),
        (get("/", evil), Some(["actual", "refused", refused])),
        (get("/", "null"), Some(["actual", "refused", "null_origin"])),
        (
            get("/", "https://a.example/"),
            Some(["actual", "refused", "malformed_origin"]),
        ),
        (get("/", own), Some(["actual", "same_origin", "none"])),
        (get("/strict", own), Some(["actual", "same_origin", "none"])),
        (get("/strict", evil), Some(["actual", "rejected", refused])),
        (
            asks("/", page, "PUT"),
            Some(["preflight", "allowed", "none"]),
        ),
        (
            asks("/nowhere", page, "PUT"),
            Some(["preflight", "allowed", "none"]),
        ),
        (
            asks("/strict", evil, "PUT"),
            Some(["preflight", "refused", refused]),
        ),
        (
            asks("/", page, "DELETE"),
            Some(["preflight", "refused", "method_not_allowed"]),
        ),
        (
            asks("/", page, "PUT").line("Access-Control-Request-Headers", "x-evil"),
            Some(["preflight", "refused", "header_not_allowed"]),
        ),
        (
            Request::new("GET", "/hosts"),
            Some(["not_cors", "none", "none"]),
        ),
        (
            at_evil(Request::new("GET", "/hosts")),
            Some(["not_cors", "rejected", foreign]),
        ),
        (
            at_evil(get("/hosts", "http://evil.example")),
            Some(["actual", "rejected", foreign]),
        ),
        (
            at_evil(asks("/hosts", page, "PUT")),
            Some(["preflight", "rejected", foreign]),
        ),
        (get("/off", evil), None),
        (asks("/off", evil, "PUT"), None),
    ]
}

#[test]
fn each_request_counts_once_under_its_kind_verdict_and_reason() {
    // The threads of the servers find no other one than that of the process.
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    recorder.install().expect("no other recorder is installed");
    for app in APPS {
        let server = Server::start_toml(app, POLICY).expect("the policy is valid");
        let own = format!("http://{}", server.address());
        for (request, expected) in cases(&own) {
            raw::exchange(server.address(), &request).expect("the server answers");
            let labels = expected.map(|[kind, verdict, reason]| {
                ((kind.to_owned(), verdict.to_owned(), reason.to_owned()), 1)
            });
            assert_eq!(
                counted(&snapshotter),
                labels.into_iter().collect(),
                "{}: {request:?}",
                app.name
            );
            let others = OTHER.swap(0, Ordering::Relaxed);
            assert_eq!(others, u64::from(expected.is_some()), "{}", app.name);
        }
    }
}
