//! The probe, sent by tower: a right app passes, and a wrong order of layers is found.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, put};
use cors_axum::probe::{Finding, FindingKind, Probe, Report};
use cors_axum::{CorsLayer, Policy, PolicyErrors};
use tower::ServiceExt as _;

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

fn router() -> Router {
    Router::new()
        .route("/notes", get(|| async { "[]" }))
        .route("/notes/{id}", put(|| async { "saved" }))
}

async fn check_login(request: Request, next: Next) -> Response {
    if request.headers().contains_key("authorization") {
        next.run(request).await
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

async fn probe(policy: Policy, app: Router) -> Result<Report> {
    let mut report = Report::default();
    let probe = Probe::of(policy)
        .route("GET", "/notes")
        .route("PUT", "/notes/1");
    for request in probe.requests()? {
        let head = Request::builder()
            .method(request.method())
            .uri(request.path());
        let head = request
            .headers()
            .fold(head, |head, (name, value)| head.header(name, value));
        let response = app.clone().oneshot(head.body(Body::empty())?).await?;
        report.extend(request.judge(response.status().as_u16(), response.headers()));
    }
    Ok(report)
}

fn kinds(report: &Report) -> BTreeSet<FindingKind> {
    report.iter().map(Finding::kind).collect()
}

#[tokio::test]
async fn a_right_app_gives_no_finding() -> Result {
    let policy = policy()?;
    let cors = CorsLayer::new(policy.clone());
    for app in [router(), router().layer(from_fn(check_login))] {
        let report = probe(policy.clone(), app.layer(cors.clone())).await?;
        assert!(report.is_empty(), "{report}");
    }
    Ok(())
}

#[tokio::test]
async fn a_login_check_around_the_layer_is_found() -> Result {
    let policy = policy()?;
    let app = router()
        .layer(CorsLayer::new(policy.clone()))
        .layer(from_fn(check_login));
    let report = probe(policy, app).await?;
    let expected = BTreeSet::from([
        FindingKind::NoHeadersWithoutLogin,
        FindingKind::PreflightNeedsLogin,
        FindingKind::NotRejected,
        // Refused preflights meet the login too, and browsers refuse those as well.
        FindingKind::Unnoticed,
        FindingKind::VaryLacking,
    ]);
    assert_eq!(kinds(&report), expected, "{report}");
    Ok(())
}

/// `route_layer` covers matched routes alone.
#[tokio::test]
async fn a_layer_around_the_routes_alone_is_found() -> Result {
    let policy = policy()?;
    let app = router().route_layer(CorsLayer::new(policy.clone()));
    let kinds = kinds(&probe(policy, app).await?);
    assert!(
        kinds.contains(&FindingKind::NoHeadersOnMissingRoute),
        "{kinds:?}"
    );
    Ok(())
}
