//! A route's own policy replaces the app's, on every framework: narrower, wider or off, for
//! preflights and actual requests, and no header twice.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;

use conformance::cases;
use conformance_client::raw::{self, Request};
use conformance_servers::policy_file::Format;
use conformance_servers::serve::{App, Lifetime, Server};
use conformance_servers::{Framework, actix_app, axum_app, hyper_app, rocket_app, warp_app};
use cors_core::Policy;
use cors_core::adapter::PolicySource;

const APP: &str = "https://app.example.com";
const PARTNER: &str = "https://partner.example.com";

const ANYONE: &str = "https://anyone.example.net";

/// The policy of the apps, which knows the paths whose routes have another one.
///
/// `/orders` has an adapter of its own, so it is disabled here; `/raw` is disabled and has
/// none. `/mixed` has one too, but is not disabled.
const POLICY: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
expose_headers = ["x-app"]

[[paths]]
path = "/orders"
enabled = false

[[paths]]
path = "/raw"
enabled = false

[[paths]]
path = "/feed"
allow_origins = ["*"]
allow_methods = []
expose_headers = []
"#;

/// Apps with the routes `/account`, `/feed`, `/raw`, and with `/orders` and `/mixed` under an
/// adapter of their own, which allows [`PARTNER`].
const APPS: [App; 5] = [
    App::new("actix", actix),
    App::new("axum", axum),
    App::new("hyper", hyper),
    App::new("rocket", rocket),
    App::new("warp", warp),
];

fn partners() -> io::Result<Policy> {
    let policy = Policy::builder()
        .allow_origins([PARTNER])
        .allow_methods(["DELETE"])
        .allow_credentials(true);
    policy.build().map_err(io::Error::other)
}

fn actix(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use actix_web::{App, HttpServer, web};
    use cors_actix::Cors;

    let outer = Cors::new(policy).on_decision(lifetime.listener("outer"));
    let orders = Cors::new(partners()?);
    let mixed = Cors::for_route(partners()?).on_decision(lifetime.listener("inner"));
    let app = move || {
        let get = || web::get().to(async || "here");
        App::new()
            .service(web::resource("/orders").wrap(orders.clone()).route(get()))
            .service(web::resource("/mixed").wrap(mixed.clone()).route(get()))
            .route("/account", get())
            .route("/feed", get())
            .route("/raw", get())
            .wrap(outer.clone())
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

    let here = || get(async || "here");
    let mixed = CorsLayer::for_route(partners()?).on_decision(lifetime.listener("inner"));
    let app = Router::new()
        .route("/orders", here().layer(CorsLayer::new(partners()?)))
        .route("/mixed", here().layer(mixed))
        .route("/account", here())
        .route("/feed", here())
        .route("/raw", here())
        .layer(CorsLayer::new(policy).on_decision(lifetime.listener("outer")));
    axum_app::run(app, address, lifetime)
}

fn hyper(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use hyper_app::Cors;
    use hyper_app::router::{Route, Router, text};

    let here = || Route::get(async |_| text("here"));
    let mixed = Cors::for_route(partners()?).on_decision(lifetime.listener("inner"));
    Router::new()
        .middleware(Cors::new(policy).on_decision(lifetime.listener("outer")))
        .route("/orders", here().middleware(Cors::new(partners()?)))
        .route("/mixed", here().middleware(mixed))
        .route("/account", here())
        .route("/feed", here())
        .route("/raw", here())
        .run(address, lifetime)
}

fn rocket(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_rocket::Cors;

    #[rocket::get("/orders")]
    fn orders() -> &'static str {
        "here"
    }

    #[rocket::get("/mixed")]
    fn mixed() -> &'static str {
        "here"
    }

    #[rocket::get("/<_>")]
    fn others() -> &'static str {
        "here"
    }

    let outer = Cors::new(policy).on_decision(lifetime.listener("outer"));
    let orders = Cors::mount(partners()?, "/", rocket::routes![orders]);
    let mixed = Cors::mount(partners()?, "/", rocket::routes![mixed])
        .on_decision(lifetime.listener("inner"));
    let app = |config| {
        rocket::custom(config)
            .mount("/", rocket::routes![others])
            .attach(outer)
            .attach(orders)
            .attach(mixed)
    };
    rocket_app::run(app, address, lifetime)
}

fn warp(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_warp::{Cors, CorsLayer};
    use tower_layer::Layer as _;
    use warp::Filter as _;
    use warp::http::StatusCode;

    async fn refuse(_: warp::Rejection) -> Result<StatusCode, Infallible> {
        Ok(StatusCode::NOT_FOUND)
    }

    let here = || warp::get().map(|| String::from("here"));
    let own = || here().recover(refuse).map(reply);
    let mixed = Cors::for_route(partners()?).on_decision(lifetime.listener("inner"));
    let app = warp::path("orders")
        .and(Cors::new(partners()?).wrap(own()))
        .or(warp::path("mixed").and(mixed.wrap(own())))
        .or(warp::path("account").and(here()))
        .or(warp::path("feed").and(here()))
        .or(warp::path("raw").and(here()));
    let layer = CorsLayer::new(policy).on_decision(lifetime.listener("outer"));
    let app = layer.layer(warp::service(app));
    warp_app::run(app, address, lifetime)
}

/// Gives a reply a type that has a name.
fn reply(reply: impl warp::Reply) -> warp::reply::Response {
    reply.into_response()
}

/// What CORS says in a response: every field and every name in Vary, with repetitions.
type Fields = (Vec<(String, String)>, Vec<String>);

fn fields(cors: &[(&str, &str)], vary: &[&str]) -> Fields {
    let mut cors: Vec<_> = cors
        .iter()
        .map(|(name, value)| (format!("access-control-{name}"), (*value).to_owned()))
        .collect();
    cors.sort();
    let mut vary: Vec<_> = vary.iter().map(|name| (*name).to_owned()).collect();
    vary.sort();
    (cors, vary)
}

const PREFLIGHT: [&str; 3] = [
    "origin",
    "access-control-request-method",
    "access-control-request-headers",
];

/// Shows what the usual crates get wrong: their outer layer answers the preflights of a route whose
/// own layer then refuses the request, or allows what the inner one does not.
#[test]
fn a_route_s_own_policy_replaces_the_app_s_for_actual_requests() {
    let of_app = fields(
        &[("allow-origin", APP), ("expose-headers", "x-app")],
        &["origin"],
    );
    let of_partner = fields(
        &[("allow-origin", PARTNER), ("allow-credentials", "true")],
        &["origin"],
    );
    let public = fields(&[("allow-origin", "*")], &[]);
    let refused = fields(&[], &["origin"]);
    let nothing = fields(&[], &[]);
    for app in APPS {
        let server = Server::start_toml(app, POLICY).expect("the policies are valid");
        for (path, origin, expected) in [
            ("/account", APP, &of_app),
            ("/account", PARTNER, &refused),
            ("/orders", PARTNER, &of_partner),
            ("/orders", APP, &refused),
            ("/mixed", PARTNER, &of_partner),
            ("/mixed", APP, &refused),
            ("/feed", APP, &public),
            ("/feed", ANYONE, &public),
            ("/raw", APP, &nothing),
            ("/raw", ANYONE, &nothing),
        ] {
            let request = Request::new("GET", path).line("Origin", origin);
            let response = raw::exchange(server.address(), &request).expect("the server answers");
            assert_eq!(response.status, 200, "{}: {path} from {origin}", app.name);
            let found = cases::fields_of(&response);
            assert_eq!(&found, expected, "{}: {path} from {origin}", app.name);
        }
    }
}

#[test]
fn a_route_s_own_policy_replaces_the_app_s_for_preflights() {
    let of_app = fields(
        &[("allow-origin", APP), ("allow-methods", "PUT")],
        &PREFLIGHT,
    );
    let of_partner = fields(
        &[
            ("allow-origin", PARTNER),
            ("allow-credentials", "true"),
            ("allow-methods", "DELETE"),
        ],
        &PREFLIGHT,
    );
    let public = fields(&[("allow-origin", "*")], &PREFLIGHT[1..]);
    // Without a list a browser may take the method that it asked for as allowed.
    let refused_put = fields(
        &[("allow-origin", "*"), ("allow-methods", "GET, HEAD, POST")],
        &PREFLIGHT[1..],
    );
    let refused = fields(&[], &PREFLIGHT);
    let refused_to_all = fields(&[], &PREFLIGHT[1..]);
    for app in APPS {
        let server = Server::start_toml(app, POLICY).expect("the policies are valid");
        let ask = |path, origin, method| {
            let request = Request::new("OPTIONS", path)
                .line("Origin", origin)
                .line("Access-Control-Request-Method", method);
            raw::exchange(server.address(), &request).expect("the server answers")
        };
        for (path, origin, method, status, expected) in [
            ("/account", APP, "PUT", 204, &of_app),
            ("/account", PARTNER, "DELETE", 403, &refused),
            ("/orders", PARTNER, "DELETE", 204, &of_partner),
            ("/orders", PARTNER, "GET", 204, &of_partner),
            ("/orders", PARTNER, "PUT", 204, &of_partner),
            ("/orders", APP, "PUT", 403, &refused),
            ("/orders", APP, "GET", 403, &refused),
            ("/feed", ANYONE, "GET", 204, &public),
            ("/feed", APP, "PUT", 204, &refused_put),
            ("/feed", APP, "TRACE", 403, &refused_to_all),
        ] {
            let response = ask(path, origin, method);
            let name = format!("{}: {method} {path} from {origin}", app.name);
            assert_eq!(response.status, status, "{name}");
            assert_eq!(&cases::fields_of(&response), expected, "{name}");
        }
        // Only the app responds.
        let left = ask("/raw", APP, "GET");
        assert!([404, 405].contains(&left.status), "{}", app.name);
        assert_eq!(cases::fields_of(&left), fields(&[], &[]), "{}", app.name);
    }
}

/// Checks who answers. The outer adapter sees a preflight first, so it answers if it has a policy
/// for the path. In Rocket the routes respond, so the route's own adapter answers.
#[test]
fn a_preflight_is_answered_by_the_adapter_that_sees_it_first() {
    for app in APPS {
        let server = Server::start_toml(app, POLICY).expect("the policies are valid");
        let by_route = app.name == Framework::Rocket.name();
        for (origin, allowed) in [(APP, !by_route), (PARTNER, by_route)] {
            let request = Request::new("OPTIONS", "/mixed")
                .line("Origin", origin)
                .line("Access-Control-Request-Method", "GET");
            let response = raw::exchange(server.address(), &request).expect("the server answers");
            let status = if allowed { 204 } else { 403 };
            assert_eq!(response.status, status, "{}: {origin}", app.name);
        }
    }
}

/// Checks who tells what. A listener around an inner adapter hears the outer decision, since it is
/// told before the app is called. Rocket tells at the end, and the final decision alone: the mount
/// does where it has a listener, and else the app.
#[test]
fn each_adapter_tells_its_own_decision() {
    let policies = Format::Toml.read(POLICY).expect("it is TOML");
    let policies = policies.build().expect("the policies are valid");
    for app in APPS {
        let (events, told) = mpsc::channel();
        let server = Server::start_with_listener(app, policies.clone(), move |adapter, event| {
            let _ = events.send((adapter.to_owned(), event.decision().is_allowed()));
        })
        .expect("there is a port");
        let in_rocket = app.name == Framework::Rocket.name();
        let nested = |outer, inner| {
            let mut told = vec![("outer", outer), ("inner", inner)];
            told.retain(|(by, _)| !in_rocket || *by == "inner");
            told
        };
        let actual = |path, origin| Request::new("GET", path).line("Origin", origin);
        let preflight = |path, origin| {
            Request::new("OPTIONS", path)
                .line("Origin", origin)
                .line("Access-Control-Request-Method", "GET")
        };
        for (request, expected) in [
            (actual("/account", APP), vec![("outer", true)]),
            (actual("/account", PARTNER), vec![("outer", false)]),
            (actual("/mixed", PARTNER), nested(false, true)),
            (actual("/mixed", APP), nested(true, false)),
            // The inner adapter sees no preflight that the outer one answers.
            (
                preflight("/mixed", APP),
                if in_rocket {
                    vec![("inner", false)]
                } else {
                    vec![("outer", true)]
                },
            ),
            // The app's policy is disabled there, so it tells nothing. In Rocket it tells what the
            // mount has decided, which has no listener.
            (
                actual("/orders", PARTNER),
                if in_rocket {
                    vec![("outer", true)]
                } else {
                    vec![]
                },
            ),
            (actual("/raw", APP), vec![]),
        ] {
            raw::exchange(server.address(), &request).expect("the server answers");
            let told: Vec<_> = told.try_iter().collect();
            let told: Vec<_> = told.iter().map(|(by, ok)| (by.as_str(), *ok)).collect();
            assert_eq!(told, expected, "{}: {request:?}", app.name);
        }
    }
}
