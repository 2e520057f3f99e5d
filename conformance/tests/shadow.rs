//! A policy in the shadow, over sockets: each difference is told once a request, in every framework.

use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;

use conformance_client::raw::{self, Request};
use conformance_servers::serve::{App, Lifetime, Server};
use conformance_servers::{actix_app, axum_app, hyper_app, rocket_app, warp_app};
use cors_core::adapter::PolicySource;
use cors_core::{DecisionEvent, Difference, Policy};

/// Apps whose adapter tells of differences to [`TOLD`].
const APPS: [App; 7] = [
    App::new("actix", actix),
    App::new("axum", axum),
    App::new("hyper", hyper),
    App::new("rocket", rocket),
    App::new("rocket-mount", rocket_mount),
    App::new("warp", warp),
    App::new("warp-filter", warp_filter),
];

/// What was told since it was taken. An app is started by a plain function, so there is nothing else
/// to share.
static TOLD: Mutex<Vec<Option<Difference>>> = Mutex::new(Vec::new());

/// The policy that is put into the shadow in code, if there is one.
static SHADOW: Mutex<Option<Policy>> = Mutex::new(None);

fn tell(event: &DecisionEvent<'_>) {
    let mut told = TOLD.lock().expect("nothing panics here");
    told.push(event.shadow_difference());
}

fn take_told() -> Vec<Option<Difference>> {
    std::mem::take(&mut *TOLD.lock().expect("nothing panics here"))
}

/// Sets the shadow of an adapter where there is one in code.
fn shadowed<C>(cors: C, shadow: impl FnOnce(C, Policy) -> C) -> C {
    match SHADOW.lock().expect("nothing panics here").clone() {
        Some(policy) => shadow(cors, policy),
        None => cors,
    }
}

fn actix(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use actix_web::{App, HttpServer, web};
    use cors_actix::Cors;

    let cors = shadowed(Cors::new(policy).on_decision(tell), Cors::shadow);
    let app = move || {
        App::new()
            .route("/a", web::get().to(async || "a"))
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

    let cors = shadowed(CorsLayer::new(policy).on_decision(tell), CorsLayer::shadow);
    let app = Router::new().route("/a", get(async || "a")).layer(cors);
    axum_app::run(app, address, lifetime)
}

fn hyper(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use hyper_app::Cors;
    use hyper_app::router::{Request, Response, Route, Router, text};

    async fn a(_: Request) -> Response {
        text("a".to_owned())
    }

    let cors = shadowed(Cors::new(policy).on_decision(tell), Cors::shadow);
    Router::new()
        .middleware(cors)
        .route("/a", Route::get(a))
        .run(address, lifetime)
}

#[rocket::get("/a")]
const fn a() -> &'static str {
    "a"
}

fn rocket(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_rocket::Cors;

    let cors = shadowed(Cors::new(policy).on_decision(tell), Cors::shadow);
    let app = |config| {
        rocket::custom(config)
            .mount("/", rocket::routes![a])
            .attach(cors)
    };
    rocket_app::run(app, address, lifetime)
}

fn rocket_mount(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_rocket::{Cors, CorsMount};

    let mount = Cors::mount(policy, "/", rocket::routes![a]).on_decision(tell);
    let mount = shadowed(mount, CorsMount::shadow);
    rocket_app::run(
        |config| rocket::custom(config).attach(mount),
        address,
        lifetime,
    )
}

fn warp(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_warp::CorsLayer;
    use tower_layer::Layer as _;
    use warp::Filter as _;

    let cors = shadowed(CorsLayer::new(policy).on_decision(tell), CorsLayer::shadow);
    let app = cors.layer(warp::service(warp::path("a").map(|| "a")));
    warp_app::run(app, address, lifetime)
}

fn warp_filter(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_warp::Cors;
    use warp::Filter as _;

    let cors = shadowed(Cors::new(policy).on_decision(tell), Cors::shadow);
    let app = warp::path("a")
        .map(|| "a")
        .recover(async |_| Ok::<_, std::convert::Infallible>(warp::http::StatusCode::NOT_FOUND));
    warp_app::run(warp::service(cors.wrap(app)), address, lifetime)
}

const TOP: &str = r#"
allow_origins = ["https://app.example.com", "https://old.example.com"]
allow_methods = ["PUT"]
"#;

const IN_SHADOW: &str = r#"
allow_origins = ["https://app.example.com", "https://new.example.com"]
allow_methods = ["PUT"]
max_age = 600
"#;

/// Asserts what each app tells of a policy's shadow, and that it responds as without one.
fn assert_told(policy: &str) {
    for app in APPS {
        let server = Server::start_toml(app, policy).expect("the policy is valid");
        for (method, origin, expected) in [
            ("GET", "https://app.example.com", None),
            ("GET", "https://evil.example", None),
            ("OPTIONS", "https://evil.example", None),
            (
                "GET",
                "https://old.example.com",
                Some(Difference::WouldRefuse),
            ),
            (
                "GET",
                "https://new.example.com",
                Some(Difference::WouldAllow),
            ),
            (
                "OPTIONS",
                "https://new.example.com",
                Some(Difference::WouldAllow),
            ),
            (
                "OPTIONS",
                "https://app.example.com",
                Some(Difference::OtherHeaders),
            ),
        ] {
            let mut request = Request::new(method, "/a").line("Origin", origin);
            if method == "OPTIONS" {
                request = request.line("Access-Control-Request-Method", "PUT");
            }
            let response = raw::exchange(server.address(), &request).expect("the server answers");
            let case = format!("{}: {method} from {origin}", app.name);
            assert_eq!(take_told(), [expected], "{case}");
            let allowed = response.value("access-control-allow-origin");
            let is_allowed = TOP.contains(origin);
            assert_eq!(allowed.is_some(), is_allowed, "{case}");
            assert!(response.value("access-control-max-age").is_none(), "{case}");
        }
    }
}

/// Asserts that a host which only the shadow's list leaves out is told, and answered all the same.
fn assert_hosts_told() {
    let policy = r#"
        allow_origins = ["https://app.example.com"]
        allow_hosts = ["new.example", "old.example"]
        [shadow]
        allow_hosts = ["new.example"]
    "#;
    let get = || Request::new("GET", "/a");
    for app in APPS {
        let server = Server::start_toml(app, policy).expect("the policy is valid");
        for (what, request) in [
            ("no origin", get()),
            (
                "an allowed origin",
                get().line("Origin", "https://app.example.com"),
            ),
            ("an own page", get().line("Origin", "http://old.example")),
            (
                "an own page, as the browser says",
                get()
                    .line("Origin", "null")
                    .line("Sec-Fetch-Site", "same-origin"),
            ),
        ] {
            for (host, status, expected) in [
                ("old.example", 200, Some(Difference::WouldRefuse)),
                ("new.example", 200, None),
                ("evil.example", 403, None),
            ] {
                let request = request.clone().line("Host", host);
                let response = raw::exchange(server.address(), &request);
                let response = response.expect("the server answers");
                let case = format!("{}: {what} at {host}", app.name);
                assert_eq!(response.status, status, "{case}");
                assert_eq!(take_told(), [expected], "{case}");
            }
        }
    }
}

/// One test, since what is told has one place.
#[test]
fn each_difference_is_told_once_and_answers_nothing() {
    assert_hosts_told();
    assert_told(&format!("{TOP}[shadow]{IN_SHADOW}"));
    // In code, in place of the one in the file.
    let policy = toml::from_str(IN_SHADOW).expect("the policy is valid");
    *SHADOW.lock().expect("nothing panics here") = Some(policy);
    assert_told(&format!("{TOP}[shadow]\nallow_origins = []\n"));
}
