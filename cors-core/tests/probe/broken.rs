//! Apps that are right but for one thing.

use std::collections::BTreeSet;

use cors_core::probe::{FindingKind, ProbeRequest};

use super::{APP, Break, Response, Result, app, config, is_preflight, kinds, origin, run};

const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const ALLOW_METHODS: &str = "access-control-allow-methods";

/// Allows an origin that the policy refuses, as a layer that echoes every origin does.
fn echoed(request: &ProbeRequest, right: Response) -> Response {
    let echoed = right
        .with(ALLOW_ORIGIN, origin(request))
        .with("access-control-allow-credentials", "true");
    if is_preflight(request) {
        echoed
            .with_status(204)
            .with("access-control-allow-methods", "PUT")
            .with("access-control-allow-headers", "content-type")
    } else {
        echoed
    }
}

/// Changes that something outside of the layer makes to right responses, and what is found of them.
const CHANGED: [(&str, Break, FindingKind); 13] = [
    (
        "a proxy adds a line of its own",
        |_, right| match right.has(ALLOW_ORIGIN) {
            true => right.with(ALLOW_ORIGIN, APP),
            false => right,
        },
        FindingKind::TwoOrigins,
    ),
    (
        "a proxy allows everybody",
        |_, right| match right.has(ALLOW_ORIGIN) {
            true => right.without(ALLOW_ORIGIN).with(ALLOW_ORIGIN, "*"),
            false => right,
        },
        FindingKind::OtherOrigin,
    ),
    (
        "every origin is echoed",
        |request, right| match origin(request) {
            "" | "null" => right,
            origin if origin == APP || origin.ends_with(".example.org") => right,
            _ => echoed(request, right),
        },
        FindingKind::RefusedOriginAllowed,
    ),
    (
        "null is echoed",
        |request, right| match origin(request) {
            "null" => echoed(request, right),
            _ => right,
        },
        FindingKind::NullAllowed,
    ),
    (
        "one origin is on every response",
        |_, right| match right.has(ALLOW_ORIGIN) {
            true => right,
            false => right.with(ALLOW_ORIGIN, "https://fixed.example"),
        },
        FindingKind::StrayHeaders,
    ),
    (
        "methods are on every response",
        |request, right| match is_preflight(request) {
            true => right,
            false => right.with("access-control-allow-methods", "GET"),
        },
        FindingKind::StrayHeaders,
    ),
    (
        "credentials are on every response",
        |_, right| match right.has(ALLOW_ORIGIN) {
            true => right,
            false => right.with("access-control-allow-credentials", "true"),
        },
        FindingKind::StrayHeaders,
    ),
    (
        "a preflight exposes headers",
        |request, right| match is_preflight(request) {
            true => right.with("access-control-expose-headers", "x-id"),
            false => right,
        },
        FindingKind::StrayHeaders,
    ),
    (
        "a preflight has its methods in lower case",
        |_, right| match right.has(ALLOW_METHODS) {
            true => right.without(ALLOW_METHODS).with(ALLOW_METHODS, "put"),
            false => right,
        },
        FindingKind::OtherPermissions,
    ),
    (
        "a header is removed",
        |_, right| right.without("access-control-allow-credentials"),
        FindingKind::CredentialsMissing,
    ),
    (
        "a preflight allows another method",
        |request, right| match is_preflight(request) && right.has(ALLOW_ORIGIN) {
            true => right.with("access-control-allow-methods", "DELETE"),
            false => right,
        },
        FindingKind::OtherPermissions,
    ),
    (
        "a proxy exposes other headers",
        |request, right| match is_preflight(request) || !right.has(ALLOW_ORIGIN) {
            true => right,
            false => right.with("access-control-expose-headers", "x-other"),
        },
        FindingKind::OtherExposedHeaders,
    ),
    (
        "compression replaces Vary",
        |_, right| right.without("vary").with("vary", "accept-encoding"),
        FindingKind::VaryLacking,
    ),
];

#[test]
fn what_is_changed_outside_of_the_layer_is_found() -> Result {
    let policies = config().build()?.into();
    for (name, serve, expected) in CHANGED {
        let report = run(&policies, serve)?;
        assert_eq!(
            kinds(&report),
            BTreeSet::from([expected]),
            "{name}: {report}"
        );
    }
    Ok(())
}

/// Whether an app takes an origin.
type Takes = fn(&str) -> bool;

/// Comparisons of origins that take more than is listed.
const LOOSE: [(&str, &str, Takes); 7] = [
    ("a dot that is not escaped", APP, |origin| {
        let listed = APP.bytes().zip(origin.bytes());
        origin.len() == APP.len() && { listed }
            .all(|(listed, byte)| listed == b'.' || listed == byte)
    }),
    ("any name in the place of the domain", APP, |origin| {
        let labels: Vec<_> = origin.split('.').collect();
        matches!(*labels, ["https://app", _, "com"])
    }),
    ("the end of a host", APP, |origin| {
        origin.ends_with("app.example.com")
    }),
    ("every subdomain", APP, |origin| {
        origin == APP || origin.ends_with(".app.example.com")
    }),
    ("the beginning of an origin", APP, |origin| {
        origin.starts_with(APP)
    }),
    (
        "the beginning of a port",
        "http://localhost:3000",
        |origin| origin.starts_with("http://localhost:3000") && !origin.contains("evil"),
    ),
    ("any port", "http://localhost:3000", |origin| {
        origin.starts_with("http://localhost:")
    }),
];

#[test]
fn a_comparison_that_takes_more_than_is_listed_is_found() -> Result {
    for (name, listed, is_taken) in LOOSE {
        let mut config = config();
        config.allow_origins = vec![listed.to_owned()];
        config.dangerously_allow_insecure_origins_with_credentials = true;
        let report = run(&config.build()?.into(), |request, right| {
            if origin(request) != listed && is_taken(origin(request)) {
                echoed(request, right)
            } else {
                right
            }
        })?;
        let expected = BTreeSet::from([FindingKind::RefusedOriginAllowed]);
        assert_eq!(kinds(&report), expected, "{name}: {report}");
    }
    Ok(())
}

/// Comparisons that take what is next to an item with many origins.
const BEYOND: [(&str, Takes); 8] = [
    ("http://localhost:3000-3010", |origin| {
        origin == "http://localhost:2999"
    }),
    ("http://localhost:3000-3010", |origin| {
        origin == "http://localhost:3011"
    }),
    ("https://*.example.com:8000-8999", |origin| {
        origin.ends_with(".example.com:9000")
    }),
    ("http://192.168.*.*:*", |origin| {
        origin.starts_with("http://192.169.")
    }),
    ("http://192.168.7.*", |origin| {
        origin.starts_with("http://192.168.6.")
    }),
    ("https://*.example.com", |origin| {
        origin == "https://example.com"
    }),
    ("https://*.example.com:*", |origin| {
        origin == "https://example.com:3000"
    }),
    ("http://10.*.*.*:3000-3010", |origin| {
        origin.starts_with("http://10.") && origin.ends_with(":3011")
    }),
];

#[test]
fn a_comparison_that_goes_beyond_a_range_or_a_network_is_found() -> Result {
    for (item, is_taken) in BEYOND {
        let mut config = config();
        config.allow_origins = vec![item.to_owned()];
        config.dangerously_allow_private_networks_with_credentials = true;
        let policies = config.build()?.into();
        let report = run(&policies, |_, right| right)?;
        assert!(report.is_empty(), "{item}: {report}");
        let report = run(&policies, |request, right| {
            if is_taken(origin(request)) {
                echoed(request, right)
            } else {
                right
            }
        })?;
        let expected = BTreeSet::from([FindingKind::RefusedOriginAllowed]);
        assert_eq!(kinds(&report), expected, "{item}: {report}");
    }
    Ok(())
}

/// A range that ends before its last port is not the policy's.
#[test]
fn a_range_that_ends_too_early_is_found() -> Result {
    let mut config = config();
    config.allow_origins = vec!["http://localhost:3000-3010".to_owned()];
    let report = run(&config.build()?.into(), |request, right| {
        if origin(request).ends_with(":3010") {
            Response::new(if is_preflight(request) { 403 } else { 200 }).with("vary", "Origin")
        } else {
            right
        }
    })?;
    let expected = BTreeSet::from([FindingKind::NoHeaders, FindingKind::PreflightRefused]);
    assert_eq!(kinds(&report), expected, "{report}");
    Ok(())
}

#[test]
fn credentials_that_the_policy_does_not_allow_are_found() -> Result {
    let mut config = config();
    config.allow_credentials = false;
    let report = run(&config.build()?.into(), |_, right| {
        if right.has(ALLOW_ORIGIN) {
            right.with("access-control-allow-credentials", "true")
        } else {
            right
        }
    })?;
    assert_eq!(
        kinds(&report),
        BTreeSet::from([FindingKind::CredentialsAllowed]),
        "{report}"
    );
    Ok(())
}

/// Where some origins have credentials, others and near-misses of theirs must not.
#[test]
fn credentials_for_others_than_the_listed_are_found() -> Result {
    const ALLOW_CREDENTIALS: &str = "access-control-allow-credentials";
    let credentials = |request: &ProbeRequest, right: Response| match origin(request) {
        "" => right,
        page => right
            .without(ALLOW_ORIGIN)
            .without(ALLOW_CREDENTIALS)
            .with(ALLOW_ORIGIN, page)
            .with(ALLOW_CREDENTIALS, "true"),
    };
    for (others, origins) in [("*", &["*"][..]), ("by name", &["https://other.example"])] {
        let mut config = config();
        config.allow_credentials = false;
        config.allow_origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        config.allow_credentials_from = vec![APP.to_owned(), "https://*.example.org".to_owned()];
        let policies = config.build()?.into();
        assert!(run(&policies, |_, right| right)?.is_empty(), "{others}");
        let to_whom = |is_meant: fn(&str) -> bool| {
            run(&policies, |request, right| {
                if is_meant(origin(request)) && right.has(ALLOW_ORIGIN) {
                    credentials(request, right)
                } else {
                    right
                }
            })
        };
        let expected = BTreeSet::from([FindingKind::CredentialsAllowed]);
        let to_all = to_whom(|_| true)?;
        assert_eq!(kinds(&to_all), expected, "{others}: {to_all}");
        if origins == ["*"] {
            // As a comparison of the ends alone would have it.
            let near = to_whom(|page| page.ends_with("example.org"))?;
            assert_eq!(kinds(&near), expected, "{near}");
        }
        let without = run(&policies, |_, right| right.without(ALLOW_CREDENTIALS))?;
        let expected = BTreeSet::from([FindingKind::CredentialsMissing]);
        assert_eq!(kinds(&without), expected, "{others}: {without}");
        // A `*` in the place of the name ends the credentials of the listed.
        let star = run(&policies, |_, right| match right.has(ALLOW_CREDENTIALS) {
            true => right.without(ALLOW_ORIGIN).with(ALLOW_ORIGIN, "*"),
            false => right,
        })?;
        assert_eq!(
            kinds(&star),
            BTreeSet::from([FindingKind::OtherOrigin]),
            "{star}"
        );
    }
    Ok(())
}

#[test]
fn a_request_that_is_not_rejected_is_found() -> Result {
    let mut config = config();
    config.reject_disallowed_origins = true;
    let policies = config.build()?.into();
    assert!(run(&policies, |_, right| right)?.is_empty());
    let report = run(&policies, |request, right| {
        if !is_preflight(request) && right.status == 403 {
            app(request).with("vary", "Origin")
        } else {
            right
        }
    })?;
    assert_eq!(
        kinds(&report),
        BTreeSet::from([FindingKind::NotRejected]),
        "{report}"
    );
    Ok(())
}

/// The app has to respond to preflights then, and this one knows no OPTIONS.
#[test]
fn an_app_that_fails_preflights_passed_to_it_is_found() -> Result {
    let mut config = config();
    config.preflight_passthrough = true;
    let report = run(&config.build()?.into(), |_, right| right)?;
    assert_eq!(
        kinds(&report),
        BTreeSet::from([FindingKind::BlockedAnyway]),
        "{report}"
    );
    Ok(())
}

#[test]
fn a_server_error_is_found_whatever_its_headers() -> Result {
    let report = run(&config().build()?.into(), |request, right| {
        match request.path() {
            "/notes?page=2" if !is_preflight(request) => right.with_status(500),
            _ => right,
        }
    })?;
    assert_eq!(
        kinds(&report),
        BTreeSet::from([FindingKind::ServerError]),
        "{report}"
    );
    Ok(())
}
