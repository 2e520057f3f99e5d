//! Preflights of a route with a policy of its own, inside of the app's, where one of the two passes
//! them through or both do.

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;

use conformance::cases;
use conformance_client::raw::{self, Request};
use conformance_servers::policy_file::Format;
use conformance_servers::serve::{App, Lifetime, Server};
use conformance_servers::{axum_app, rocket_app};
use cors_core::Policy;
use cors_core::adapter::PolicySource;

const APP: &str = "https://app.example.com";
const PARTNER: &str = "https://partner.example.com";

/// The policy of the app.
const POLICY: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
"#;

/// Apps whose routes have an adapter of their own, which allows [`PARTNER`]: that of `/answers`
/// answers preflights, that of `/passes` and `/passes-get` passes them through. `/passes` has a
/// handler of OPTIONS, the others have none.
const APPS: [App; 2] = [App::new("axum", axum), App::new("rocket", rocket)];

fn partners(passes: bool) -> io::Result<Policy> {
    let policy = Policy::builder()
        .allow_origins([PARTNER])
        .allow_methods(["DELETE"])
        .allow_credentials(true)
        .preflight_passthrough(passes);
    policy.build().map_err(io::Error::other)
}

fn axum(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use axum::Router;
    use axum::routing::{any, get};
    use cors_axum::CorsLayer;

    let answers = CorsLayer::for_route(partners(false)?).on_decision(lifetime.listener("inner"));
    let passes = CorsLayer::for_route(partners(true)?).on_decision(lifetime.listener("inner"));
    let here = || get(async || "here");
    let app = Router::new()
        .route("/answers", here().layer(answers))
        .route("/passes", any(async || "here").layer(passes.clone()))
        .route("/passes-get", here().layer(passes))
        .layer(CorsLayer::new(policy).on_decision(lifetime.listener("outer")));
    axum_app::run(app, address, lifetime)
}

fn rocket(policy: PolicySource, address: SocketAddr, lifetime: Lifetime) -> io::Result<()> {
    use cors_rocket::Cors;
    use rocket::routes;

    #[rocket::get("/answers")]
    const fn answers() -> &'static str {
        "here"
    }

    #[rocket::get("/passes")]
    const fn passes() -> &'static str {
        "here"
    }

    #[rocket::options("/passes")]
    const fn options() -> &'static str {
        "here"
    }

    #[rocket::get("/passes-get")]
    const fn passes_get() -> &'static str {
        "here"
    }

    let outer = Cors::new(policy).on_decision(lifetime.listener("outer"));
    let answering = Cors::mount(partners(false)?, "/", routes![answers])
        .on_decision(lifetime.listener("inner"));
    let passing = Cors::mount(partners(true)?, "/", routes![passes, options, passes_get])
        .on_decision(lifetime.listener("inner"));
    let app = |config| {
        let app = rocket::custom(config).attach(outer);
        app.attach(answering).attach(passing)
    };
    rocket_app::run(app, address, lifetime)
}

/// Who has the last word about a preflight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// The app's policy.
    Outer,
    /// The policy of the route.
    Inner,
}

/// Checks who decides and who responds. The outer adapter sees a preflight first, so it answers
/// unless it passes preflights through. In Rocket the routes respond, so the route's own adapter
/// decides whatever the app's policy says.
#[test]
fn a_preflight_that_the_route_s_policy_passes_through_has_its_headers() {
    for app in APPS {
        let in_rocket = app.name == "rocket";
        for outer_passes in [false, true] {
            let policy = format!("{POLICY}preflight_passthrough = {outer_passes}\n");
            let policies = Format::Toml.read(&policy).expect("it is TOML");
            let policies = policies.build().expect("the policies are valid");
            let (events, told) = mpsc::channel();
            let server = Server::start_with_listener(app, policies, move |adapter, event| {
                let _ = events.send((adapter.to_owned(), event.decision().is_allowed()));
            })
            .expect("there is a port");
            for (path, by_handler) in [
                ("/answers", false),
                ("/passes", true),
                ("/passes-get", false),
            ] {
                for (origin, method) in [
                    (APP, "PUT"),
                    (APP, "DELETE"),
                    (PARTNER, "DELETE"),
                    (PARTNER, "PUT"),
                    ("https://evil.example", "PUT"),
                ] {
                    let by = if outer_passes || in_rocket {
                        By::Inner
                    } else {
                        By::Outer
                    };
                    let name = format!(
                        "{}, outer passes {outer_passes}: {path}, {origin}, {method}",
                        app.name
                    );
                    let request = Request::new("OPTIONS", path)
                        .line("Origin", origin)
                        .line("Access-Control-Request-Method", method);
                    let response = raw::exchange(server.address(), &request).expect("it answers");

                    let knows = if by == By::Inner { PARTNER } else { APP };
                    let known = origin == knows;
                    let answers = by == By::Outer || path == "/answers";
                    let expected = match (answers, known, by_handler) {
                        (true, true, _) => &[204][..],
                        (true, false, _) => &[403],
                        (false, _, true) => &[200],
                        (false, _, false) => &[404, 405],
                    };
                    assert!(expected.contains(&response.status), "{name}: {response:?}");
                    assert_eq!(response.body == b"here", !answers && by_handler, "{name}");

                    let (mut cors, vary) = cases::fields_of(&response);
                    cors.sort();
                    let mut fields = Vec::new();
                    if known {
                        fields.push(("access-control-allow-origin", knows));
                        fields.push(match by {
                            By::Inner => ("access-control-allow-methods", "DELETE"),
                            By::Outer => ("access-control-allow-methods", "PUT"),
                        });
                    }
                    if known && by == By::Inner {
                        fields.push(("access-control-allow-credentials", "true"));
                    }
                    fields.sort_unstable();
                    let cors: Vec<_> = cors.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                    assert_eq!(cors, fields, "{name}");
                    assert!(vary.contains(&"origin".to_owned()), "{name}: {vary:?}");

                    let of_outer = origin == APP && method == "PUT";
                    let of_inner = origin == PARTNER && method == "DELETE";
                    let told: Vec<_> = told.try_iter().collect();
                    let told: Vec<_> = told.iter().map(|(by, ok)| (by.as_str(), *ok)).collect();
                    // In Rocket the mount tells the decision that counts, and the app does not.
                    let expected = match (in_rocket, by) {
                        (true, _) => vec![("inner", of_inner)],
                        (false, By::Inner) => vec![("outer", of_outer), ("inner", of_inner)],
                        (false, By::Outer) => vec![("outer", of_outer)],
                    };
                    assert_eq!(told, expected, "{name}");
                }
            }
        }
    }
}
