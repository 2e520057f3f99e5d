//! Middlewares that change the path before the router sees it, outside and inside of the adapter.

use std::io;
use std::net::SocketAddr;

use actix_web::middleware::TrailingSlash;
use conformance_client::raw::Response;
use conformance_servers::serve::{App, Lifetime};
use conformance_servers::{actix_app, axum_app};
use cors_core::adapter::PolicySource;

use crate::judge::{Site, nothing_is};
use crate::rules::{Rule, Who, rule};
use crate::spellings;

/// Where the middleware stands.
const OUTSIDE: bool = true;
const INSIDE: bool = false;

/// Apps with the routes of [`HANDLERS`], with a slash at their end and without.
const APPS: [App; 10] = [
    App {
        name: "axum, trims, outside",
        start: axum::<TRIM, OUTSIDE>,
    },
    App {
        name: "axum, trims, inside",
        start: axum::<TRIM, INSIDE>,
    },
    App {
        name: "axum, appends, outside",
        start: axum::<ALWAYS, OUTSIDE>,
    },
    App {
        name: "axum, appends, inside",
        start: axum::<ALWAYS, INSIDE>,
    },
    App {
        name: "actix, trims, outside",
        start: actix::<TRIM, OUTSIDE>,
    },
    App {
        name: "actix, trims, inside",
        start: actix::<TRIM, INSIDE>,
    },
    App {
        name: "actix, appends, outside",
        start: actix::<ALWAYS, OUTSIDE>,
    },
    App {
        name: "actix, appends, inside",
        start: actix::<ALWAYS, INSIDE>,
    },
    App {
        name: "actix, merges, outside",
        start: actix::<MERGE, OUTSIDE>,
    },
    App {
        name: "actix, merges, inside",
        start: actix::<MERGE, INSIDE>,
    },
];

/// What the middleware does with a slash at the end. All of them merge some other slashes.
const TRIM: u8 = 0;
const ALWAYS: u8 = 1;
const MERGE: u8 = 2;

const HANDLERS: [&str; 2] = ["/echo", "/login"];

fn axum<const SLASH: u8, const OUTSIDE: bool>(
    policy: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
) -> io::Result<()> {
    use axum::Router;
    use axum::routing::any;
    use cors_axum::CorsLayer;
    use tower_http::normalize_path::NormalizePathLayer;
    use tower_layer::Layer as _;

    let normalize = match SLASH {
        TRIM => NormalizePathLayer::trim_trailing_slash(),
        _ => NormalizePathLayer::append_trailing_slash(),
    };
    let cors = CorsLayer::new(policy);
    let routes = HANDLERS.into_iter().fold(Router::new(), |routes, path| {
        let handler = || any(async move || path);
        routes
            .route(path, handler())
            .route(&format!("{path}/"), handler())
    });
    // A layer of a router stands behind its routing, so it has to be a service in another one.
    let app = Router::new();
    let app = if OUTSIDE {
        app.fallback_service(normalize.layer(routes.layer(cors)))
    } else {
        app.fallback_service(cors.layer(normalize.layer(routes)))
    };
    axum_app::run(app, address, lifetime)
}

fn actix<const SLASH: u8, const OUTSIDE: bool>(
    policy: PolicySource,
    address: SocketAddr,
    lifetime: Lifetime,
) -> io::Result<()> {
    use actix_web::middleware::{Condition, NormalizePath};
    use actix_web::{App, HttpServer, web};
    use cors_actix::Cors;

    let cors = Cors::new(policy);
    let app = move || {
        let normalize = || {
            NormalizePath::new(match SLASH {
                TRIM => TrailingSlash::Trim,
                ALWAYS => TrailingSlash::Always,
                _ => TrailingSlash::MergeOnly,
            })
        };
        let routes = HANDLERS.into_iter().fold(App::new(), |app, path| {
            let handler = || web::to(move || async move { path });
            app.route(path, handler())
                .route(&format!("{path}/"), handler())
        });
        routes
            .wrap(Condition::new(!OUTSIDE, normalize()))
            .wrap(cors.clone())
            .wrap(Condition::new(OUTSIDE, normalize()))
    };
    actix_app::run(address, lifetime, |listener| {
        let server = HttpServer::new(app)
            .workers(1)
            .tcp_nodelay(true)
            .disable_signals();
        Ok(server.listen(listener)?.run())
    })
}

const RULES: [&[Rule]; 4] = [
    &[
        rule("/{*rest}", Who::Partner),
        rule("/echo", Who::Own),
        rule("/login", Who::Off),
    ],
    &[
        rule("/{page}", Who::Partner),
        rule("/{page}/{*rest}", Who::Anyone),
        rule("/echo", Who::Own).rejecting(),
        rule("/login/{*rest}", Who::Nobody).rejecting(),
    ],
    &[
        rule("/{*rest}", Who::Own).rejecting(),
        rule("/echo", Who::Anyone),
        rule("/login/", Who::Partner),
    ],
    &[
        rule("/{tenant}/echo", Who::Partner),
        rule("/echo/{name}", Who::Anyone),
        rule("/echo", Who::Own),
    ],
];

#[test]
fn whoever_answers_behind_a_normalized_path_grants_no_more_than_its_own_policy() {
    let mut wrong = Vec::new();
    for app in APPS {
        let mut site = Site::start(app, answered_by);
        let spellings = HANDLERS.into_iter().flat_map(spellings::of_segment);
        let reached = site.reached(spellings);
        for known in ["/echo", "/echo/", "//login", "//login//"] {
            let mut targets = reached.iter().map(|reached| &*reached.spelling.target);
            assert!(
                targets.any(|target| target == known),
                "{}: {known}",
                app.name
            );
        }
        for rules in RULES {
            wrong.extend(site.judge(rules, &reached));
        }
    }
    nothing_is(&wrong);
}

fn answered_by(response: &Response) -> Option<&'static str> {
    let says = |path: &&str| response.body == path.as_bytes();
    HANDLERS.into_iter().find(says)
}
