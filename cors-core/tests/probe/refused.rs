//! Apps that treat a refused origin otherwise than the policy: without credentials, or by failing.

use std::collections::BTreeSet;

use cors_core::probe::{Finding, FindingKind};

use super::{APP, Break, Response, Result, config, is_preflight, kinds, origin, run};

const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const ALLOW_CREDENTIALS: &str = "access-control-allow-credentials";

fn is_refused(origin: &str) -> bool {
    !origin.is_empty() && origin != APP && !origin.ends_with(".example.org")
}

/// Echoes the origin, without credentials.
fn echoed(origin: &str, right: Response) -> Response {
    let status = if right.status == 403 {
        204
    } else {
        right.status
    };
    right.with_status(status).with(ALLOW_ORIGIN, origin)
}

/// Whoever asks without credentials passes
/// (<https://fetch.spec.whatwg.org/#concept-cors-check>), whatever mode the policy is for.
const WITHOUT_CREDENTIALS: [(&str, Break, FindingKind); 5] = [
    (
        "every origin is echoed",
        |request, right| match origin(request) {
            page if is_refused(page) && page != "null" => echoed(page, right),
            _ => right,
        },
        FindingKind::RefusedOriginAllowed,
    ),
    (
        "every origin is echoed, with credentials that are none",
        |request, right| match origin(request) {
            page if is_refused(page) && page != "null" => {
                echoed(page, right).with(ALLOW_CREDENTIALS, "True")
            }
            _ => right,
        },
        FindingKind::RefusedOriginAllowed,
    ),
    (
        "null is echoed",
        |request, right| match origin(request) {
            "null" => echoed("null", right),
            _ => right,
        },
        FindingKind::NullAllowed,
    ),
    (
        "requests are echoed, and preflights are not",
        |request, right| match origin(request) {
            page if is_refused(page) && page != "null" && !is_preflight(request) => {
                echoed(page, right)
            }
            _ => right,
        },
        FindingKind::RefusedOriginAllowed,
    ),
    (
        "preflights are echoed, and requests are not",
        |request, right| match origin(request) {
            page if is_refused(page) && page != "null" && is_preflight(request) => {
                echoed(page, right)
            }
            _ => right,
        },
        FindingKind::RefusedOriginAllowed,
    ),
];

#[test]
fn an_origin_that_is_allowed_without_credentials_alone_is_found() -> Result {
    for credentials in [true, false] {
        let mut config = config();
        config.allow_credentials = credentials;
        let policies = config.build()?.into();
        for (name, serve, expected) in WITHOUT_CREDENTIALS {
            let report = run(&policies, serve)?;
            assert_eq!(
                kinds(&report),
                BTreeSet::from([expected]),
                "{name}, {credentials}: {report}"
            );
        }
        let report = run(&policies, WITHOUT_CREDENTIALS[0].1)?;
        let does = report.iter().map(Finding::browser);
        let mut does = does.filter(|does| does.contains("read the response"));
        assert!(
            does.all(|does| does.starts_with("lets the page read the response")),
            "{report}"
        );
    }
    Ok(())
}

/// Whether an app fails for a request.
type Fails = fn(&str, bool) -> bool;

#[test]
fn a_server_error_is_found_beside_stray_headers() -> Result {
    let cases: [(&str, Fails); 3] = [
        ("preflights of refused origins", |page, is_preflight| {
            is_refused(page) && is_preflight
        }),
        ("requests of refused origins", |page, is_preflight| {
            is_refused(page) && !is_preflight
        }),
        ("requests without Origin", |page, _| page.is_empty()),
    ];
    for (name, fails) in cases {
        for has_stray in [false, true] {
            let report = run(&config().build()?.into(), |request, right| {
                if !fails(origin(request), is_preflight(request)) {
                    return right;
                }
                let failed = right.with_status(500);
                if has_stray {
                    failed.with(ALLOW_CREDENTIALS, "true")
                } else {
                    failed
                }
            })?;
            let mut expected = BTreeSet::from([FindingKind::ServerError]);
            if has_stray {
                expected.insert(FindingKind::StrayHeaders);
            }
            assert_eq!(kinds(&report), expected, "{name}, {has_stray}: {report}");
        }
    }
    Ok(())
}
