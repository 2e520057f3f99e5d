//! A route's own policy inside an app's wins for actual requests, on every framework: narrower as
//! well as wider, and no header twice.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use conformance::cases;
use conformance::raw::{self, Request};
use conformance::serve::{Framework, Lifetime, Server};
use conformance::{actix_app, axum_app, rocket_app, warp_app};
use cors_core::{Policy, PolicySource};

const APP: &str = "https://app.example.com";
const PARTNER: &str = "https://partner.example.com";

/// Apps with a route `/account`, and a route `/orders` under a policy that allows [`PARTNER`].
const APPS: [Framework; 4] = [
    Framework {
        name: "actix",
        start: actix,
    },
    Framework {
        name: "axum",
        start: axum,
    },
    Framework {
        name: "rocket",
        start: rocket,
    },
    Framework {
        name: "warp",
        start: warp,
    },
];

fn partners() -> io::Result<Policy> {
    let policy = Policy::builder().allow_origins([PARTNER]);
    policy.build().map_err(io::Error::other)
}

fn actix(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use actix_web::{App, HttpServer, web};
    use cors_actix::Cors;

    let (outer, inner) = (Cors::new(policy), Cors::for_route(partners()?));
    let app = move || {
        let orders = web::resource("/orders").wrap(inner.clone());
        App::new()
            .service(orders.route(web::get().to(async || "[]")))
            .route("/account", web::get().to(async || "yours"))
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

    let orders = get(async || "[]").layer(CorsLayer::for_route(partners()?));
    let app = Router::new()
        .route("/orders", orders)
        .route("/account", get(async || "yours"))
        .layer(CorsLayer::new(policy));
    axum_app::run(app, address, lifetime)
}

fn rocket(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_rocket::Cors;

    #[rocket::get("/orders")]
    fn orders() -> &'static str {
        "[]"
    }

    #[rocket::get("/account")]
    fn account() -> &'static str {
        "yours"
    }

    let partners = partners()?;
    let app = |config| {
        rocket::custom(config)
            .mount("/", rocket::routes![account])
            .attach(Cors::new(policy))
            .attach(Cors::mount(partners, "/", rocket::routes![orders]))
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

    let orders = warp::path::end()
        .map(|| String::from("[]"))
        .recover(refuse)
        .map(reply);
    let account = warp::path("account").map(|| String::from("yours"));
    let app = warp::path("orders")
        .and(Cors::for_route(partners()?).wrap(orders))
        .or(account);
    let app = CorsLayer::new(policy).layer(warp::service(app));
    warp_app::run(app, address, lifetime)
}

/// Gives a reply a type that has a name.
fn reply(reply: impl warp::Reply) -> warp::reply::Response {
    reply.into_response()
}

#[test]
fn a_route_s_own_policy_wins() {
    for app in APPS {
        let policy = format!("allow_origins = [\"{APP}\"]");
        let server = Server::start_toml(app, &policy).expect("the policy is valid");
        for (path, origin, allowed) in [
            ("/orders", PARTNER, true),
            ("/orders", APP, false),
            ("/account", PARTNER, false),
            ("/account", APP, true),
        ] {
            let request = Request::new("GET", path).line("Origin", origin);
            let response = raw::exchange(server.address(), &request).expect("the server answers");
            assert_eq!(response.status, 200, "{}: {path} from {origin}", app.name);
            let named = ("access-control-allow-origin".to_owned(), origin.to_owned());
            let expected = if allowed { vec![named] } else { Vec::new() };
            let (cors, vary) = cases::fields_of(&response);
            assert_eq!(cors, expected, "{}: {path} from {origin}", app.name);
            assert_eq!(vary, ["origin"], "{}: {path} from {origin}", app.name);
        }
    }
}
