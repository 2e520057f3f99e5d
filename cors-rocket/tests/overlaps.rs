//! Mounts whose routes match the same paths.

use std::sync::mpsc::{self, Sender};

use cors_rocket::{Cors, CorsDecision, CorsMount, Decision, Policy, PolicyErrors, PolicyMap};
use rocket::http::{Header, Method, Status};
use rocket::local::blocking::{Client, LocalResponse};
use rocket::{Build, Rocket, get, options, put, routes};

const WIDE: &str = "https://wide.example.com";
const NARROW: &str = "https://narrow.example.com";

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn send(
    client: &Client,
    method: Method,
    path: &'static str,
    origin: &'static str,
) -> (Status, Option<String>, Option<String>) {
    let mut request = client.req(method, path);
    request.add_header(Header::new("origin", origin));
    if method == Method::Options {
        request.add_header(Header::new("access-control-request-method", "GET"));
    }
    let response = request.dispatch();
    let allowed = allowed(&response);
    (response.status(), allowed, response.into_string())
}

fn allowed(response: &LocalResponse<'_>) -> Option<String> {
    let mut lines = response.headers().get("access-control-allow-origin");
    let line = lines.next().map(str::to_owned);
    assert_eq!(lines.next(), None, "one line at most");
    line
}

fn policy(origin: &str, passes: bool) -> std::result::Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins([origin])
        .preflight_passthrough(passes)
        .build()
}

#[get("/<_..>")]
fn all() -> &'static str {
    "wide"
}

#[get("/notes")]
fn notes() -> &'static str {
    "narrow"
}

#[options("/<_..>")]
fn asks(cors: CorsDecision) -> String {
    let allows = cors.decision().map(Decision::is_allowed);
    format!("{allows:?}")
}

/// Adds a listener that sends the name of the mount.
fn heard(mount: CorsMount, name: &'static str, events: &Sender<&'static str>) -> CorsMount {
    let events = events.clone();
    mount.on_decision(move |_| {
        // Nobody may read it any more.
        let _ = events.send(name);
    })
}

/// Attaches the mounts in either order, since nothing is to depend on it.
fn in_both_orders(one: &CorsMount, other: &CorsMount) -> [Rocket<Build>; 2] {
    [[one, other], [other, one]].map(|[first, second]| {
        let app = rocket::build().attach(first.clone());
        app.attach(second.clone())
    })
}

/// A catch-all mount does not answer the preflights of requests that another mount responds to.
#[test]
fn the_mount_whose_route_comes_first_decides_on_preflights_too() -> Result {
    let wide = Cors::mount(policy(WIDE, false)?, "/", routes![all]);
    let narrow = Cors::mount(policy(NARROW, false)?, "/", routes![notes]);
    for app in in_both_orders(&wide, &narrow) {
        let client = Client::untracked(app)?;
        for (path, knows) in [("/notes", NARROW), ("/other", WIDE)] {
            for origin in [WIDE, NARROW] {
                let expected = (origin == knows).then(|| origin.to_owned());
                let (status, allowed, _) = send(&client, Method::Get, path, origin);
                assert_eq!((status, &allowed), (Status::Ok, &expected), "GET {path}");
                let (status, allowed, _) = send(&client, Method::Options, path, origin);
                let answer = if origin == knows {
                    Status::NoContent
                } else {
                    Status::Forbidden
                };
                assert_eq!((status, allowed), (answer, expected), "OPTIONS {path}");
            }
        }
    }
    Ok(())
}

/// Ranks that the app writes count, however far they are from Rocket's own.
#[test]
fn the_rank_of_a_route_is_that_of_its_preflights() -> Result {
    for rank in [-13, -1_000_000, isize::MIN] {
        let mut all = routes![all];
        for route in &mut all {
            route.rank = rank;
        }
        let wide = Cors::mount(policy(WIDE, false)?, "/", all);
        let narrow = Cors::mount(policy(NARROW, false)?, "/", routes![notes]);
        for app in in_both_orders(&wide, &narrow) {
            let client = Client::untracked(app)?;
            for method in [Method::Get, Method::Options] {
                let (_, allowed, _) = send(&client, method, "/notes", WIDE);
                assert_eq!(allowed.as_deref(), Some(WIDE), "{method} with {rank}");
            }
        }
    }
    Ok(())
}

/// The next mount neither answers it nor puts its headers on the response, be it its own handler's.
#[test]
fn a_preflight_that_a_mount_passes_through_is_not_the_next_one_s() -> Result {
    let (events, told) = mpsc::channel();
    let narrow = Cors::mount(policy(NARROW, true)?, "/", routes![notes]);
    let narrow = heard(narrow, "narrow", &events);
    for (wide, status, body) in [
        (routes![all], Status::NotFound, None),
        // The handler sees the decision that counts.
        (routes![all, asks], Status::Ok, Some("Some(true)")),
    ] {
        let wide = Cors::mount(policy(WIDE, false)?, "/", wide);
        let wide = heard(wide, "wide", &events);
        for app in in_both_orders(&wide, &narrow) {
            // The policy of the app does not answer it either.
            let app = app.attach(Cors::new(policy(WIDE, false)?));
            let client = Client::untracked(app)?;
            let (of_narrow, allowed, text) = send(&client, Method::Options, "/notes", NARROW);
            assert_eq!(of_narrow, status);
            assert_eq!(allowed.as_deref(), Some(NARROW));
            assert!(
                body.is_none_or(|body| text.as_deref() == Some(body)),
                "{text:?}"
            );
            let (of_wide, allowed, _) = send(&client, Method::Options, "/notes", WIDE);
            assert_eq!((of_wide, allowed), (status, None));
            assert_eq!(told.try_iter().collect::<Vec<_>>(), ["narrow"; 2]);
        }
    }
    Ok(())
}

/// What a mount switches off is off, whatever another mount says, as it is beside the app's policy.
#[test]
fn a_preflight_of_a_path_that_a_mount_has_switched_off_is_not_the_next_one_s() -> Result {
    let none = PolicyMap::builder().disable_path("/notes").build()?;
    let narrow = Cors::mount(none, "/", routes![notes]);
    for (wide, status, body) in [
        (routes![all], Status::NotFound, None),
        (routes![all, asks], Status::Ok, Some("None")),
    ] {
        let wide = Cors::mount(policy(WIDE, false)?, "/", wide);
        for app in in_both_orders(&wide, &narrow) {
            let client = Client::untracked(app)?;
            let (found, allowed, text) = send(&client, Method::Options, "/notes", WIDE);
            assert_eq!((found, allowed), (status, None));
            assert!(
                body.is_none_or(|body| text.as_deref() == Some(body)),
                "{text:?}"
            );
            let (found, allowed, _) = send(&client, Method::Get, "/notes", WIDE);
            assert_eq!((found, allowed), (Status::Ok, None));
        }
    }
    Ok(())
}

/// The path is one to Rocket, so the policy is that of the mount that is attached first.
#[test]
fn of_mounts_with_the_same_path_the_first_one_decides_on_preflights() -> Result {
    #[put("/notes")]
    fn replace() -> &'static str {
        "replaced"
    }

    let reads = Cors::mount(policy(WIDE, false)?, "/", routes![notes]);
    let writes = Cors::mount(policy(NARROW, false)?, "/", routes![replace]);
    for (app, knows) in in_both_orders(&reads, &writes)
        .into_iter()
        .zip([WIDE, NARROW])
    {
        let client = Client::untracked(app)?;
        for origin in [WIDE, NARROW] {
            let (_, allowed, _) = send(&client, Method::Options, "/notes", origin);
            assert_eq!(allowed.as_deref(), (origin == knows).then_some(origin));
        }
    }
    Ok(())
}
