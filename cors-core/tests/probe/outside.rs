//! Apps of which a part stands outside of the layer.

use cors_core::probe::FindingKind;

use super::{Break, Response, Result, app, config, is_preflight, kinds, run};

/// What is outside of the layer: each app is right but for that, and what is found of it.
const OUTSIDE: [(&str, Break, &[FindingKind]); 8] = [
    (
        "a route",
        |request, right| match request.path() {
            "/notes?page=2" => app(request),
            _ => right,
        },
        &[
            FindingKind::NoHeaders,
            FindingKind::NoHeadersOnMissingRoute, // 405 on that path
            FindingKind::PreflightReachedTheApp,
            FindingKind::Unnoticed, // preflights that are refused either way
            FindingKind::VaryLacking,
        ],
    ),
    (
        "a redirect",
        |request, right| match request.path() {
            "/moved" => Response::new(302),
            _ => right,
        },
        &[
            FindingKind::NoHeadersOnRedirect,
            FindingKind::PreflightRedirected,
            FindingKind::Unnoticed,
            FindingKind::VaryLacking,
        ],
    ),
    (
        "a login check",
        |request, right| match request.path() {
            "/account" => Response::new(401),
            _ => right,
        },
        &[
            FindingKind::NoHeadersWithoutLogin,
            FindingKind::PreflightNeedsLogin,
            FindingKind::Unnoticed,
            FindingKind::VaryLacking,
        ],
    ),
    (
        "the router",
        |request, right| match app(request).status {
            404 => app(request),
            405 if !is_preflight(request) => app(request),
            _ => right,
        },
        &[
            FindingKind::NoHeadersOnMissingRoute,
            FindingKind::PreflightReachedTheApp,
            FindingKind::Unnoticed, // preflights that are refused either way
            FindingKind::VaryLacking,
        ],
    ),
    (
        "a limit",
        |request, right| match app(request).status {
            413 => app(request),
            _ => right,
        },
        &[FindingKind::NoHeadersOnRejection, FindingKind::VaryLacking],
    ),
    (
        "the handling of panics",
        |request, right| match app(request).status {
            200 => Response::new(500),
            _ => right,
        },
        &[
            FindingKind::NoHeadersOnServerError,
            FindingKind::VaryLacking,
        ],
    ),
    (
        "a handler of OPTIONS",
        |request, right| match request.method() {
            "OPTIONS" => Response::new(200).with("allow", "GET, OPTIONS"),
            _ => right,
        },
        &[FindingKind::PreflightReachedTheApp, FindingKind::Unnoticed],
    ),
    (
        "a layer with another policy",
        |request, right| match request.method() {
            "OPTIONS" => right.without("access-control-").with_status(403),
            _ => right,
        },
        &[FindingKind::PreflightRefused, FindingKind::Unnoticed],
    ),
];

#[test]
fn what_stands_outside_of_the_layer_is_found() -> Result {
    let policies = config().build()?.into();
    for (name, serve, expected) in OUTSIDE {
        let report = run(&policies, serve)?;
        assert_eq!(
            kinds(&report),
            expected.iter().copied().collect(),
            "{name}: {report}"
        );
    }
    Ok(())
}

#[test]
fn a_difference_that_no_browser_notices_hides_no_other() -> Result {
    let policies = config().build()?.into();
    // Another framework's statuses, with and without other permissions.
    let report = run(&policies, |request, right| match request.method() {
        "OPTIONS" if right.status == 204 => right.with_status(200),
        "OPTIONS" => right.with_status(400),
        _ => right,
    })?;
    assert_eq!(kinds(&report), [FindingKind::Unnoticed].into(), "{report}");
    let report = run(&policies, |request, right| match request.method() {
        "OPTIONS" if right.status == 204 => right
            .with_status(200)
            .without("access-control-max-age")
            .with("access-control-max-age", "1"),
        _ => right,
    })?;
    let expected = [FindingKind::OtherPermissions, FindingKind::Unnoticed];
    assert_eq!(kinds(&report), expected.into(), "{report}");
    Ok(())
}
