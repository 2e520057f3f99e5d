//! Servers of other frameworks with the permissions of a policy.

use std::collections::BTreeSet;
use std::io::Write as _;

use super::corpus::handler;
use super::cors::{APP, CREDENTIALS, HEADERS, MAX_AGE, POLICY, VARY, if_allowed, right};
use super::server::{Handler, Reply, Request, Server};
use crate::{Case, Tested, kinds, probe};

/// As Starlette, rs/cors and express respond: 200 to a preflight that passes, 400 or nothing in
/// particular to one that is refused, and the origin alone in `Vary`.
fn other_framework(request: &Request, refused: u16) -> Reply {
    let reply = right(request);
    if !request.is_preflight() {
        return reply;
    }
    let asked = request.header("access-control-request-headers");
    let is_unlisted = asked.is_some_and(|names| names.contains("x-"));
    let mut reply = reply.replacing(VARY, "Origin");
    if reply.status == 403 || is_unlisted {
        reply = Reply::new(refused).with(VARY, "Origin");
    } else {
        reply.status = 200;
    }
    reply
}

#[test]
fn what_no_browser_notices_is_a_warning() -> Tested {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(POLICY.as_bytes())?;
    let policy = file.path().to_str().ok_or("the path is UTF-8")?;
    let cases: [Case<'_>; 4] = [
        (
            || handler(|request| other_framework(request, 400)),
            &["Unnoticed"],
        ),
        (
            || handler(|request| other_framework(request, 200)),
            &["Unnoticed"],
        ),
        (
            || handler(|request| other_framework(request, 403).replacing(MAX_AGE, "60")),
            &["OtherPermissions", "Unnoticed"],
        ),
        (
            || handler(|request| other_framework(request, 403).replacing(HEADERS, "authorization")),
            &["OtherPermissions", "Unnoticed"],
        ),
    ];
    for (server, expected) in cases {
        let server = Server::start(server())?;
        let (status, report) = probe(&server.url("/orders"), &["--policy", policy])?;
        assert_eq!(
            kinds(&report),
            BTreeSet::from_iter(expected.iter().copied()),
            "{report:#}"
        );
        assert_eq!(status, Some(i32::from(expected.len() > 1)), "{report:#}");
        let mut findings = report["findings"].as_array().into_iter().flatten();
        let unnoticed = findings.find(|finding| finding["kind"] == "Unnoticed");
        let remedy = unnoticed.and_then(|finding| finding["remedy"].as_str());
        assert!(remedy.is_some_and(|remedy| remedy.contains("preflight_status")));
    }
    Ok(())
}

/// The right server, which also allows others, without credentials.
fn beside(request: &Request, is_allowed: fn(&Request) -> bool) -> Reply {
    if ["", APP].contains(&request.origin()) {
        return right(request);
    }
    if_allowed(request, is_allowed(request)).without(CREDENTIALS)
}

/// A server, and what is found of it.
type Found = (fn() -> Handler, &'static str);

#[test]
fn more_without_credentials_is_more_than_a_policy_with_them_allows() -> Tested {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(POLICY.as_bytes())?;
    let policy = file.path().to_str().ok_or("the path is UTF-8")?;
    let cases: [Found; 5] = [
        (
            || {
                handler(|request| match request.origin() {
                    "" | APP => right(request),
                    _ => super::cors::public(request).with(VARY, "Origin"),
                })
            },
            "RefusedOriginAllowed",
        ),
        (
            || handler(|request| beside(request, |_| true)),
            "RefusedOriginAllowed",
        ),
        (
            || handler(|request| beside(request, |request| request.origin() == "null")),
            "NullAllowed",
        ),
        (
            || handler(|request| beside(request, |request| !request.is_preflight())),
            "RefusedOriginAllowed",
        ),
        (
            || {
                handler(|request| {
                    let reply = beside(request, |_| true);
                    match request.origin() {
                        "" | APP => reply,
                        _ => reply.with(CREDENTIALS, "True"),
                    }
                })
            },
            "RefusedOriginAllowed",
        ),
    ];
    for (server, expected) in cases {
        let server = Server::start(server())?;
        let (status, report) = probe(&server.url("/orders"), &["--policy", policy])?;
        assert_eq!(status, Some(1), "{report:#}");
        assert!(kinds(&report).contains(expected), "{report:#}");
        let mut findings = report["findings"].as_array().into_iter().flatten();
        let found = findings.find(|finding| finding["kind"] == expected);
        let browser = found.and_then(|finding| finding["browser"].as_str());
        assert!(
            browser.is_some_and(|browser| !browser.contains("does not")),
            "{report:#}"
        );
    }
    Ok(())
}

#[test]
fn one_finding_hides_no_other() -> Tested {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(POLICY.as_bytes())?;
    let policy = ["--policy", file.path().to_str().ok_or("the path is UTF-8")?];
    let cases: [(Case<'_>, &[&str]); 2] = [
        // An origin that looks like the page's says nothing about null.
        (
            (
                || {
                    handler(|request| {
                        let allowed = [APP, "http://app.example.com", "null"];
                        if_allowed(request, allowed.contains(&request.origin()))
                    })
                },
                &[],
            ),
            &["NullAllowed", "RefusedOriginAllowed"],
        ),
        // Nor does a 405 about a GET.
        (
            (
                || {
                    handler(|request| match &*request.method {
                        "OPTIONS" => right(request),
                        "GET" => right(request).without(VARY),
                        _ => Reply::new(405),
                    })
                },
                &["--unsafe-methods"],
            ),
            &["NoHeadersOnMissingRoute", "VaryLacking"],
        ),
    ];
    for ((server, arguments), expected) in cases {
        let server = Server::start(server())?;
        let arguments = [&policy, arguments].concat();
        let (_, report) = probe(&server.url("/orders"), &arguments)?;
        let expected = BTreeSet::from_iter(expected.iter().copied());
        assert_eq!(kinds(&report), expected, "{report:#}");
    }
    Ok(())
}

#[test]
fn a_server_that_fails_everything_does_not_look_clean() -> Tested {
    // As Django does where ALLOWED_HOSTS lacks the host.
    let server = Server::start(handler(|_| Reply::new(400)))?;
    let (status, report) = probe(&server.url("/orders"), &[])?;
    assert_eq!(status, Some(0), "{report:#}");
    let mut notes = report["notes"].as_array().into_iter().flatten();
    assert!(
        notes.any(|note| note.as_str().is_some_and(|note| note.contains("had 400"))),
        "{report:#}"
    );
    Ok(())
}
