//! The probe, sent by warp's test client: a right app passes, and a wrong order of filters is
//! found.

use std::collections::BTreeSet;
use std::convert::Infallible;

use cors_warp::probe::{Finding, FindingKind, Probe, Report};
use cors_warp::{Cors, Policy, PolicyErrors};
use warp::filters::BoxedFilter;
use warp::http::StatusCode;
use warp::{Filter, Rejection, Reply};

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

fn routes() -> BoxedFilter<(impl Reply + 'static,)> {
    let notes = warp::get().and(warp::path!("notes")).map(|| "[]");
    let save = warp::put().and(warp::path!("notes" / u32)).map(|_| "saved");
    notes.or(save).boxed()
}

async fn refuse(_: Rejection) -> std::result::Result<impl Reply, Infallible> {
    Ok(StatusCode::NOT_FOUND)
}

async fn refuse_without_login(_: Rejection) -> std::result::Result<impl Reply, Infallible> {
    Ok(StatusCode::UNAUTHORIZED)
}

/// Rejects what has no login.
fn login() -> BoxedFilter<()> {
    warp::header::exact("authorization", "Bearer t").boxed()
}

async fn probe(policy: Policy, app: BoxedFilter<(impl Reply + 'static,)>) -> Result<Report> {
    let mut report = Report::default();
    let probe = Probe::of(policy)
        .route("GET", "/notes")
        .route("PUT", "/notes/1");
    for request in probe.requests()? {
        let head = warp::test::request()
            .method(request.method())
            .path(request.path());
        let head = request
            .headers()
            .fold(head, |head, (name, value)| head.header(name, value));
        let response = head.reply(&app).await;
        report.extend(request.judge(response.status().as_u16(), response.headers()));
    }
    Ok(report)
}

#[tokio::test]
async fn a_right_app_gives_no_finding() -> Result {
    let policy = policy()?;
    let cors = Cors::new(policy.clone());
    let app = cors.wrap(routes().recover(refuse));
    let report = probe(policy.clone(), app.boxed()).await?;
    assert!(report.is_empty(), "{report}");

    let app = cors.wrap(login().and(routes()).recover(refuse_without_login));
    let report = probe(policy, app.boxed()).await?;
    assert!(report.is_empty(), "{report}");
    Ok(())
}

#[tokio::test]
async fn a_login_check_around_the_policy_is_found() -> Result {
    let policy = policy()?;
    let app = Cors::new(policy.clone()).wrap(routes().recover(refuse));
    let app = login().and(app).recover(refuse_without_login);
    let report = probe(policy, app.boxed()).await?;
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
