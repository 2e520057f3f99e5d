//! The probe, sent by actix-web's test client: a right app passes, and a wrong order of middleware
//! is found.

use std::collections::BTreeSet;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{Next, from_fn};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::ServiceConfig;
use actix_web::{App, Error, HttpResponse, web};
use cors_actix::probe::{Finding, FindingKind, Probe, Report};
use cors_actix::{Cors, Policy, PolicyErrors};

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

fn routes(app: &mut ServiceConfig) {
    app.route("/notes", web::get().to(async || "[]"))
        .route("/notes/{id}", web::put().to(async || "saved"));
}

async fn check_login(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> actix_web::Result<ServiceResponse<BoxBody>> {
    if request.headers().contains_key("authorization") {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    Ok(request.into_response(HttpResponse::Unauthorized().finish()))
}

async fn probe<B: MessageBody>(
    policy: Policy,
    app: impl Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
) -> Result<Report> {
    let mut report = Report::default();
    let probe = Probe::of(policy)
        .route("GET", "/notes")
        .route("PUT", "/notes/1");
    for request in probe.requests()? {
        let method = Method::from_bytes(request.method().as_bytes())?;
        let head = TestRequest::with_uri(request.path()).method(method);
        let head = request.headers().fold(head, TestRequest::append_header);
        let response = call_service(&app, head.to_request()).await;
        report.extend(request.judge(response.status().as_u16(), response.headers()));
    }
    Ok(report)
}

#[actix_web::test]
async fn a_right_app_gives_no_finding() -> Result {
    let policy = policy()?;
    let cors = Cors::new(policy.clone());
    let app = App::new().configure(routes).wrap(cors.clone());
    let report = probe(policy.clone(), init_service(app).await).await?;
    assert!(report.is_empty(), "{report}");

    let app = App::new().configure(routes).wrap(from_fn(check_login));
    let report = probe(policy, init_service(app.wrap(cors)).await).await?;
    assert!(report.is_empty(), "{report}");
    Ok(())
}

#[actix_web::test]
async fn a_login_check_around_the_middleware_is_found() -> Result {
    let policy = policy()?;
    let app = App::new()
        .configure(routes)
        .wrap(Cors::new(policy.clone()))
        .wrap(from_fn(check_login));
    let report = probe(policy, init_service(app).await).await?;
    let kinds: BTreeSet<_> = report.iter().map(Finding::kind).collect();
    let expected = BTreeSet::from([
        FindingKind::NoHeadersWithoutLogin,
        FindingKind::PreflightNeedsLogin,
        FindingKind::NotRejected,
        // Refused preflights meet the login too, and browsers refuse those as well.
        FindingKind::Unnoticed,
        FindingKind::VaryLacking,
    ]);
    assert_eq!(kinds, expected, "{report}");
    Ok(())
}

/// `App::route` beside a scope is outside of what the scope wraps.
#[actix_web::test]
async fn a_route_beside_the_scope_is_found() -> Result {
    let policy = policy()?;
    let scope = web::scope("/notes").wrap(Cors::new(policy.clone()));
    let app = App::new()
        .service(scope.route("/{id}", web::put().to(async || "saved")))
        .route("/missing", web::get().to(async || "outside"));
    let app = init_service(app).await;
    let report = probe(policy, app).await?;
    let outside: BTreeSet<_> = report
        .iter()
        .map(|finding| finding.request().path())
        .collect();
    assert_eq!(
        outside,
        BTreeSet::from(["/cors-probe/no-such-route"]),
        "{report}"
    );
    Ok(())
}
