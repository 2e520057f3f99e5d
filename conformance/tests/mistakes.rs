//! Mistakes in the stack, on every framework: each is told once, and nothing else is.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{env, io, mem};

use conformance_client::raw::{self, Request};
use conformance_servers::serve::{App, Lifetime, Server};
use conformance_servers::{actix_app, axum_app, rocket_app, warp_app};
use cors_core::adapter::PolicySource;
use cors_core::{Mistake, MistakeKind, Policy, PolicyBuilder};

const APP: &str = "https://app.example.com";

/// Apps whose adapters tell of mistakes. Their routes:
///
/// - `/plain`, which does nothing about CORS;
/// - `/own`, which sets headers of the protocol itself;
/// - `/same`, with an adapter for a route, and a policy that is the app's for preflights;
/// - `/other`, with an adapter for a route, and a policy that lists another method;
/// - `/simple`, with an adapter for a route, and a policy that lists nothing that needs preflights;
/// - `/twice`, with an adapter that is for no route. The filters of warp and Rocket's mounts are
///   made in one way only.
const APPS: [App; 5] = [
    App::new("actix", actix),
    App::new("axum", axum),
    App::new("rocket", rocket),
    App::new("warp", warp),
    App::new("filter", warp_filter),
];

/// What was told, and not yet read. The test has one server at a time.
static TOLD: Mutex<Vec<Mistake>> = Mutex::new(Vec::new());

fn told() -> MutexGuard<'static, Vec<Mistake>> {
    TOLD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tell(mistake: &Mistake) {
    told().push(mistake.clone());
}

fn builder() -> PolicyBuilder {
    Policy::builder()
        .allow_origins([APP])
        .allow_methods(["PUT", "PATCH"])
        .allow_headers(["x-a", "x-b"])
        .max_age(Duration::ZERO)
}

fn built(builder: PolicyBuilder) -> Policy {
    builder.build().expect("the policy is valid")
}

/// What preflights don't ask for, or the order and spelling of what they do, is no difference.
fn same() -> Policy {
    built(
        builder()
            .allow_methods(["PATCH", "put", "PUT"])
            .allow_headers(["X-B", "x-a"])
            .expose_headers(["x-id"])
            .reject_disallowed_origins(true),
    )
}

fn other() -> Policy {
    built(builder().allow_methods(["DELETE"]))
}

fn simple() -> Policy {
    built(Policy::builder().allow_origins(["*"]))
}

fn actix(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use actix_web::{App, HttpResponse, HttpServer, web};
    use cors_actix::Cors;

    async fn own() -> HttpResponse {
        HttpResponse::Ok()
            .insert_header(("Access-Control-Allow-Origin", "\t*"))
            .insert_header(("Access-Control-Max-Age", "5"))
            .body("here")
    }

    let outer = Cors::new(policy).on_mistake(tell);
    let app = move || {
        let here = || web::route().to(async || "here");
        let under = |path, cors| web::resource(path).wrap(cors).route(here());
        App::new()
            .route("/plain", here())
            .route("/own", web::route().to(own))
            .service(under("/same", Cors::for_route(same())))
            .service(under("/other", Cors::for_route(other())))
            .service(under("/simple", Cors::for_route(simple())))
            .service(under("/twice", Cors::new(built(builder()))))
            .wrap(outer.clone())
    };
    actix_app::run(address, lifetime, |listener| {
        let server = HttpServer::new(app).workers(1).disable_signals();
        Ok(server.listen(listener)?.run())
    })
}

fn axum(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use axum::Router;
    use axum::routing::any;
    use cors_axum::CorsLayer;

    let here = || any(async || "here");
    let own = async || {
        let fields = [
            ("access-control-allow-origin", "\t*"),
            ("access-control-max-age", "5"),
        ];
        (fields, "here")
    };
    let app = Router::new()
        .route("/plain", here())
        .route("/own", any(own))
        .route("/same", here().layer(CorsLayer::for_route(same())))
        .route("/other", here().layer(CorsLayer::for_route(other())))
        .route("/simple", here().layer(CorsLayer::for_route(simple())))
        .route("/twice", here().layer(CorsLayer::new(built(builder()))))
        .layer(CorsLayer::new(policy).on_mistake(tell));
    axum_app::run(app, address, lifetime)
}

fn rocket(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_rocket::Cors;
    use rocket::http::Header;
    use rocket::{Responder, get, put, routes};

    #[derive(Responder)]
    struct Own(&'static str, Header<'static>, Header<'static>);

    #[get("/plain")]
    fn plain() -> &'static str {
        "here"
    }

    #[put("/plain")]
    fn put_plain() -> &'static str {
        "here"
    }

    #[get("/own")]
    fn own() -> Own {
        Own(
            "here",
            Header::new("access-control-allow-origin", "\t*"),
            Header::new("access-control-max-age", "5"),
        )
    }

    #[get("/same")]
    fn same_route() -> &'static str {
        "here"
    }

    #[get("/other")]
    fn with_other() -> &'static str {
        "here"
    }

    #[get("/simple")]
    fn with_simple() -> &'static str {
        "here"
    }

    let outer = Cors::new(policy).on_mistake(tell);
    let app = |config| {
        rocket::custom(config)
            .mount("/", routes![plain, put_plain, own])
            .attach(outer)
            .attach(Cors::mount(same(), "/", routes![same_route]))
            .attach(Cors::mount(other(), "/", routes![with_other]))
            .attach(Cors::mount(simple(), "/", routes![with_simple]))
    };
    rocket_app::run(app, address, lifetime)
}

/// Makes the routes of both apps on warp.
macro_rules! warp_routes {
    () => {{
        use cors_warp::Cors;
        use warp::reply::with_header;

        let here = || warp::any().map(|| "here");
        let own = || {
            let reply = with_header("here", "access-control-allow-origin", "\t*");
            with_header(reply, "access-control-max-age", "5")
        };
        let under = |cors: Cors| cors.wrap(here());
        warp::path("plain")
            .and(here())
            .or(warp::path("own").map(own))
            .or(warp::path("same").and(under(Cors::for_route(same()))))
            .or(warp::path("other").and(under(Cors::for_route(other()))))
            .or(warp::path("simple").and(under(Cors::for_route(simple()))))
            .or(warp::path("twice").and(under(Cors::new(built(builder())))))
    }};
}

fn warp(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_warp::CorsLayer;
    use tower_layer::Layer as _;
    use warp::Filter as _;

    let app = CorsLayer::new(policy)
        .on_mistake(tell)
        .layer(warp::service(warp_routes!()));
    warp_app::run(app, address, lifetime)
}

fn warp_filter(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_warp::Cors;
    use warp::http::StatusCode;
    use warp::{Filter as _, Rejection};

    async fn refuse(_: Rejection) -> Result<StatusCode, Infallible> {
        Ok(StatusCode::NOT_FOUND)
    }

    let app = warp_routes!().recover(refuse);
    let app = Cors::new(policy).on_mistake(tell).wrap(app);
    warp_app::run(warp::service(app), address, lifetime)
}

/// A request of a browser's `fetch`, from another origin.
fn fetch(method: &str, path: &str) -> Request {
    Request::new(method, path)
        .line("Origin", APP)
        .line("Sec-Fetch-Mode", "cors")
        .line("Sec-Fetch-Site", "cross-site")
}

fn send(server: &Server, request: &Request) {
    let response = raw::exchange(server.address(), request).expect("the server answers");
    assert!(response.status < 300, "{}", response.status);
}

/// Sends requests, and returns the kinds of what was told.
fn kinds(server: &Server, requests: &[Request]) -> Vec<MistakeKind> {
    requests.iter().for_each(|request| send(server, request));
    let told = mem::take(&mut *told());
    told.iter().map(Mistake::kind).collect()
}

/// What is told has one place, which the other test leaves alone in this process. No preflight comes
/// here.
#[test]
fn each_mistake_is_told_once() {
    for app in APPS {
        let start = |policy| Server::start(app, built(policy)).expect("there is a port");
        let name = app.name;
        let inner_is_seen = name != "rocket";

        let server = start(builder());
        let right = [
            fetch("GET", "/plain"),
            fetch("GET", "/same"),
            fetch("GET", "/simple"),
            Request::new("GET", "/plain"),
            // Of clients that are no browser, and of the server's own page.
            Request::new("PUT", "/plain").line("Origin", APP),
            Request::new("PUT", "/plain")
                .line("Origin", APP)
                .line("Sec-Fetch-Site", "cross-site"),
            Request::new("PUT", "/plain")
                .line("Origin", APP)
                .line("Sec-Fetch-Mode", "cors")
                .line("Sec-Fetch-Site", "same-origin"),
        ];
        assert_eq!(kinds(&server, &right), [], "{name}");

        send(&server, &Request::new("GET", "/own"));
        let foreign = mem::take(&mut *told());
        let [mistake] = &foreign[..] else {
            panic!("{name}: {foreign:?}");
        };
        assert_eq!(mistake.kind(), MistakeKind::ForeignHeaders, "{name}");
        for part in [
            "GET /own",
            "access-control-allow-origin: ",
            "*",
            "max-age: 5",
        ] {
            assert!(mistake.reason().contains(part), "{name}: {mistake}");
        }
        assert_eq!(kinds(&server, &[fetch("GET", "/own")]), [], "{name}");

        let inner = [fetch("GET", "/other"), fetch("GET", "/other")];
        let expected: &[_] = if inner_is_seen {
            &[MistakeKind::TwoAdapters]
        } else {
            // A mount answers the preflights of its routes itself.
            &[]
        };
        assert_eq!(kinds(&server, &inner), expected, "{name}");

        let puts = [fetch("PUT", "/plain"), fetch("PUT", "/plain")];
        let expected = [MistakeKind::PreflightsElsewhere];
        assert_eq!(kinds(&server, &puts), expected, "{name}");

        if inner_is_seen {
            let server = start(builder());
            let twice = [fetch("GET", "/twice"), fetch("GET", "/twice")];
            let expected = [MistakeKind::TwoAdapters];
            assert_eq!(kinds(&server, &twice), expected, "{name}");
        }

        // Hosts are nothing to agree on, and a rejected request shows nothing of the app.
        let server = start(builder().allow_hosts(["127.0.0.1"]));
        assert_eq!(kinds(&server, &[fetch("GET", "/same")]), [], "{name}");
        for path in ["/plain", "/own", "/same", "/other"] {
            for request in [Request::new("GET", path), fetch("GET", path)] {
                let request = request.line("Host", "evil.example");
                let response = raw::exchange(server.address(), &request);
                assert_eq!(response.expect("the server answers").status, 403, "{name}");
                assert_eq!(kinds(&server, &[]), [], "{name}");
            }
        }

        // A browser may remember a preflight of before the server was started.
        let server = start(builder().max_age(Duration::from_secs(86_400)));
        assert_eq!(kinds(&server, &[fetch("PUT", "/plain")]), [], "{name}");

        // The headers of the app are kept, and preflights are left to the inner policy.
        let meant = builder().keep_app_headers(true).preflight_passthrough(true);
        let meant_requests = [fetch("GET", "/own"), fetch("GET", "/other")];
        assert_eq!(kinds(&start(meant), &meant_requests), [], "{name}");
    }
}

/// The name of the app that a process of [`a_preflight_that_has_come_is_no_mistake`] looks at.
const APP_VARIABLE: &str = "APP_OF_MISTAKES";

/// Each app has a process of its own, as that a preflight has come is known to a whole process.
#[test]
fn a_preflight_that_has_come_is_no_mistake() {
    let Ok(name) = env::var(APP_VARIABLE) else {
        let program = env::current_exe().expect("the test has a program");
        for app in APPS {
            let output = Command::new(&program)
                .args(["a_preflight_that_has_come_is_no_mistake", "--exact"])
                .env(APP_VARIABLE, app.name)
                .output()
                .expect("the test starts");
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{}: {said}", app.name);
            assert!(said.contains("1 passed"), "{}: {said}", app.name);
        }
        return;
    };
    let app = APPS.into_iter().find(|app| app.name == name);
    let app = app.expect("the name is one of the apps");
    let server = Server::start(app, built(builder())).expect("there is a port");
    let asked = fetch("OPTIONS", "/plain").line("Access-Control-Request-Method", "PUT");
    assert_eq!(kinds(&server, &[asked, fetch("PUT", "/plain")]), []);
}
