//! The probe, sent by Rocket's local client: a right app passes, and routes outside of the policy
//! and a fairing that comes later are found.

use std::collections::BTreeSet;

use cors_rocket::probe::{Finding, FindingKind, Probe, Report};
use cors_rocket::{Cors, Policy, PolicyErrors};
use rocket::fairing::AdHoc;
use rocket::http::{Header, Method, Status};
use rocket::local::blocking::Client;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{Build, Rocket, get, put, routes};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn policy() -> std::result::Result<Policy, PolicyErrors> {
    Policy::builder()
        .allow_origins(["https://app.example.com", "https://*.example.org"])
        .allow_methods(["PUT"])
        .allow_headers(["authorization"])
        .allow_credentials(true)
        .reject_disallowed_origins(true)
        .build()
}

/// Someone who has signed in; nobody has.
struct User;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for User {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Error((Status::Unauthorized, ()))
    }
}

#[get("/notes")]
fn notes() -> &'static str {
    "[]"
}

#[put("/notes/<_id>")]
fn save(_id: u32) -> &'static str {
    "saved"
}

#[get("/account")]
fn account(_user: User) -> &'static str {
    "yours"
}

fn probe(policy: Policy, app: Rocket<Build>) -> Result<Report> {
    let client = Client::untracked(app)?;
    let mut report = Report::default();
    let probe = Probe::of(policy)
        .route("GET", "/notes")
        .route("PUT", "/notes/1")
        .route("GET", "/account");
    for request in probe.requests()? {
        let method: Method = request.method().parse().map_err(|_| "a method")?;
        let mut head = client.req(method, request.path());
        for (name, value) in request.headers() {
            head.add_header(Header::new(name.to_owned(), value.to_owned()));
        }
        let response = head.dispatch();
        let headers = response.headers().iter();
        let headers = headers.map(|header| (header.name().to_string(), header.value().to_owned()));
        report.extend(request.judge(response.status().code, headers));
    }
    Ok(report)
}

#[test]
fn a_right_app_gives_no_finding() -> Result {
    let policy = policy()?;
    let app = rocket::build()
        .mount("/", routes![notes, save, account])
        .attach(Cors::new(policy.clone()));
    let report = probe(policy, app)?;
    assert!(report.is_empty(), "{report}");
    Ok(())
}

/// The login of `account` then responds outside of the policy.
#[test]
fn a_route_beside_the_mounted_ones_is_found() -> Result {
    let policy = policy()?;
    let app = rocket::build()
        .attach(Cors::mount(policy.clone(), "/", routes![notes, save]))
        .mount("/", routes![account]);
    let report = probe(policy, app)?;
    let kinds: BTreeSet<_> = report
        .iter()
        .filter(|finding| finding.request().path() == "/account")
        .map(Finding::kind)
        .collect();
    let expected = [FindingKind::NoHeadersWithoutLogin, FindingKind::NotRejected];
    for kind in expected {
        assert!(kinds.contains(&kind), "{kind}: {report}");
    }
    Ok(())
}

#[test]
fn a_fairing_that_replaces_vary_is_found() -> Result {
    let policy = policy()?;
    let app = rocket::build()
        .mount("/", routes![notes, save, account])
        .attach(Cors::new(policy.clone()))
        .attach(AdHoc::on_response("compression", |_, response| {
            Box::pin(async move {
                response.set_raw_header("Vary", "Accept-Encoding");
            })
        }));
    let report = probe(policy, app)?;
    let kinds: BTreeSet<_> = report.iter().map(Finding::kind).collect();
    assert_eq!(
        kinds,
        BTreeSet::from([FindingKind::VaryLacking]),
        "{report}"
    );
    Ok(())
}
