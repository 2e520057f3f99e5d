//! Where nobody asks, nothing is kept of a request without `Origin`. The responses are the same.

use std::sync::{Arc, Mutex};

use cors_rocket::{Cors, CorsDecision, Decision, Policy, PolicyMap, RequestKind};
use rocket::fairing::{AdHoc, Fairing};
use rocket::http::{ContentType, Header, Method};
use rocket::local::blocking::{Client, LocalResponse};
use rocket::{Build, Rocket, get, options, post, routes};

const APP: &str = "https://app.example.com";
const PARTNER: &str = "https://partner.example.com";

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[get("/tasks")]
fn tasks(decision: CorsDecision) -> String {
    format!("{:?}", decision.decision())
}

#[post("/tasks")]
fn add() -> &'static str {
    "added"
}

#[options("/tasks")]
fn options() -> &'static str {
    "GET, POST"
}

#[get("/own")]
fn own() -> (ContentType, &'static str) {
    (ContentType::HTML, "own")
}

/// Sets headers as an app does that has CORS of its own.
fn own_headers() -> impl Fairing {
    AdHoc::on_response("own headers", |request, response| {
        if request.uri().path() == "/own" {
            response.set_raw_header("Access-Control-Allow-Origin", "*");
            response.adjoin_raw_header("vary", "accept, ORIGIN");
        }
        Box::pin(async {})
    })
}

/// Adds an `Origin`, or puts one in the place of what is there.
fn with_origin(origin: &'static str) -> impl Fairing {
    AdHoc::on_request("with an origin", move |request, _| {
        request.replace_header(Header::new("Origin", origin));
        Box::pin(async {})
    })
}

fn app() -> Rocket<Build> {
    rocket::build()
        .attach(own_headers())
        .mount("/", routes![tasks, add, options, own])
}

fn policies() -> Result<Vec<PolicyMap>> {
    let listed = || Policy::builder().allow_origins([APP]);
    let any = || Policy::builder().allow_origins(["*"]);
    let by_path = PolicyMap::builder()
        .default_policy(listed().build()?)
        .path("/tasks", any().build()?)
        .disable_path("/own")
        .build()?;
    Ok(vec![
        listed().build()?.into(),
        listed().allow_credentials(true).build()?.into(),
        listed().keep_app_headers(true).build()?.into(),
        listed().reject_disallowed_origins(true).build()?.into(),
        listed().allow_hosts(["api.example.com"]).build()?.into(),
        any().expose_headers(["x-id"]).build()?.into(),
        Policy::builder().allow_origin_if(|_| true).build()?.into(),
        by_path,
    ])
}

/// The status, the headers and the body.
fn seen(response: LocalResponse<'_>) -> (u16, Vec<(String, String)>, Option<String>) {
    let headers = response.headers().iter();
    let headers = headers.map(|header| (header.name().to_string(), header.value().to_owned()));
    let mut headers: Vec<_> = headers.collect();
    headers.sort();
    (response.status().code, headers, response.into_string())
}

#[test]
fn the_responses_are_those_of_decisions_that_are_kept() -> Result {
    for policies in policies()? {
        let policies = || policies.clone();
        let listening = Cors::new(policies()).on_decision(|_| ());
        let kept = Client::untracked(app().attach(listening))?;
        let unkept = Client::untracked(app().attach(Cors::new(policies())))?;
        for method in [
            Method::Get,
            Method::Head,
            Method::Post,
            Method::Put,
            Method::Options,
        ] {
            for path in ["/tasks", "/own", "/nowhere"] {
                for origins in [&[][..], &[APP], &[PARTNER], &[APP, PARTNER]] {
                    for asked in [None, Some("PUT")] {
                        let send = |client: &Client| {
                            let mut request = client.req(method, path);
                            for origin in origins {
                                request.add_header(Header::new("Origin", *origin));
                            }
                            if let Some(asked) = asked {
                                let name = "Access-Control-Request-Method";
                                request.add_header(Header::new(name, asked));
                            }
                            seen(request.dispatch())
                        };
                        let case = format!("{method} {path} {origins:?} {asked:?}");
                        assert_eq!(send(&unkept), send(&kept), "{case}: {:?}", policies());
                    }
                }
            }
        }
    }
    Ok(())
}

#[test]
fn an_origin_that_is_added_later_is_not_allowed() -> Result {
    for (allowed, expected) in [(APP, (None, Some("Origin"))), ("*", (Some("*"), None))] {
        let policy = Policy::builder().allow_origins([allowed]).build()?;
        for cors in [
            Cors::new(policy.clone()),
            Cors::new(policy).on_decision(|_| ()),
        ] {
            let client = Client::untracked(app().attach(cors).attach(with_origin(APP)))?;
            let response = client.get("/tasks").dispatch();
            let [origin, vary] = ["access-control-allow-origin", "vary"]
                .map(|name| response.headers().get_one(name));
            assert_eq!((origin, vary), expected, "{allowed}");
        }
    }
    Ok(())
}

/// Sees the decision as fairings do that come before `Cors` and after it.
fn watch(name: &'static str, seen: &Arc<Mutex<Vec<Option<Decision>>>>) -> impl Fairing {
    let seen = Arc::clone(seen);
    AdHoc::on_request(name, move |request, _| {
        let decision = CorsDecision::of(request).decision();
        if let Ok(mut seen) = seen.lock() {
            seen.push(decision);
        }
        Box::pin(async {})
    })
}

#[test]
fn the_guard_knows_of_no_origin_that_the_adapter_has_not_seen() -> Result {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let policy = Policy::builder().allow_origins([APP]).build()?;
    let app = app()
        .attach(watch("before", &seen))
        .attach(Cors::new(policy))
        .attach(watch("after", &seen))
        .attach(with_origin(PARTNER))
        .attach(watch("changed", &seen));
    let client = Client::untracked(app)?;
    let kinds = || {
        let mut seen = seen.lock().map_err(|_| "a fairing has panicked")?;
        let kinds = seen.drain(..).map(|decision| decision.map(Decision::kind));
        Ok::<_, &str>(kinds.collect::<Vec<_>>())
    };
    client.get("/tasks").dispatch();
    let not_cors = Some(RequestKind::NotCors);
    assert_eq!(kinds()?, [not_cors, not_cors, None]);
    client
        .get("/tasks")
        .header(Header::new("Origin", APP))
        .dispatch();
    let actual = Some(RequestKind::Actual);
    assert_eq!(kinds()?, [None, actual, actual]);
    Ok(())
}

/// The policy of a mount has the last word on its routes, with `Origin` and without.
#[test]
fn an_app_with_a_mount_keeps_its_decisions() -> Result {
    let any = Policy::builder().allow_origins(["*"]).build()?;
    let listed = Policy::builder().allow_origins([APP]).build()?;
    let none = PolicyMap::builder().disable_path("/api/own").build()?;
    let base = || rocket::build().mount("/", routes![tasks]);
    let mounts = || {
        (
            Cors::mount(any.clone(), "/any", routes![tasks]),
            Cors::mount(none.clone(), "/api", routes![own]),
        )
    };
    let (first, second) = mounts();
    let before = base().attach(first).attach(second);
    let before = before.attach(Cors::new(listed.clone()));
    let (first, second) = mounts();
    let after = base().attach(Cors::new(listed.clone()));
    let after = after.attach(first).attach(second);
    for app in [before, after] {
        let client = Client::untracked(app)?;
        for (path, origin, vary) in [
            ("/tasks", None, &["Origin"][..]),
            ("/nowhere", None, &["Origin"]),
            ("/any/tasks", Some("*"), &[]),
            ("/api/own", None, &[]),
        ] {
            let response = client.get(path).dispatch();
            let headers = response.headers();
            let allowed = headers.get_one("access-control-allow-origin");
            assert_eq!(allowed, origin, "{path}");
            assert!(headers.get("vary").eq(vary.iter().copied()), "{path}");
        }
    }
    Ok(())
}
