//! What is sent.

use std::collections::BTreeSet;
use std::future::pending;

use cors_core::probe::{FindingKind, Probe, ProbeError, ProbeRequest};
use cors_core::{AsyncPredicate, Policy, PolicyMap, Predicate};

use super::support::Request;
use super::{APP, Result, app, config, is_preflight, kinds, origin, probe, right, run};

#[test]
fn every_origin_and_its_near_misses_are_tried() -> Result {
    let policy = Policy::builder()
        .allow_origins([
            "https://APP.example.com:443",
            "https://*.example.org:*",
            "app://files",
            "http://localhost:3000",
        ])
        .build()?;
    let requests = Probe::of(policy)
        .origin("https://added.example")
        .requests()?;
    let tried: BTreeSet<_> = requests.iter().map(origin).collect();
    for expected in [
        "",
        "https://app.example.com",
        "http://app.example.com",
        "https://app.example.com:8444",
        "https://app.example.com.evil.example",
        "https://evilapp.example.com",
        "https://evil.app.example.com",
        "https://other.example.com",
        "https://evilexample.com",
        "https://app.example.co",
        "https://app.exampl",
        "https://appxexample.com",
        "https://app.examplexcom",
        "http://localhost:30001",
        "http://localhost:300",
        "https://probe.example.org:3000",
        "https://evilexample.org:3000",
        "app://files",
        "null",
        "https://added.example",
    ] {
        assert!(tried.contains(expected), "{expected}: {tried:?}");
    }
    Ok(())
}

#[test]
fn pages_of_both_kinds_and_near_misses_of_both_are_tried() -> Result {
    let policy = Policy::builder()
        .allow_origins(["https://other.example"])
        .allow_credentials_from([APP])
        .build()?;
    let requests = Probe::of(policy).route("GET", "/notes").requests()?;
    for path in ["/notes", "/cors-probe/no-such-route"] {
        let at = requests.iter().filter(|request| request.path() == path);
        let tried: BTreeSet<_> = at.map(origin).collect();
        // The policy is tried in full on its first path alone.
        let expected: &[&str] = match path {
            "/notes" => &[
                APP,
                "https://other.example",
                "https://app.example.com.evil.example",
                "https://other.example.evil.example",
            ],
            _ => &[APP, "https://other.example"],
        };
        for page in expected {
            assert!(tried.contains(page), "{path} {page}: {tried:?}");
        }
    }
    Ok(())
}

/// A browser asks for nothing that the preflight does not grant.
#[test]
fn no_page_of_a_refused_origin_sends_what_needs_a_preflight() -> Result {
    let policy = config().build()?;
    let requests = probe(policy.clone()).requests()?;
    let pages = |method| {
        let requests = requests
            .iter()
            .filter(move |request| request.method() == method);
        requests.map(origin).filter(|origin| !origin.is_empty())
    };
    assert!(pages("PUT").all(|page| policy.allows_origin(page)));
    assert!(!pages("GET").all(|page| policy.allows_origin(page)));
    Ok(())
}

#[test]
fn a_preflight_asks_for_what_the_policy_lists() -> Result {
    let asked = |allowed: &[&str]| -> Result<Vec<String>> {
        let policy = Policy::builder()
            .allow_origins([APP])
            .allow_headers(allowed)
            .build()?;
        let requests = Probe::of(policy).route("GET", "/notes").requests()?;
        let headers = requests.iter().flat_map(ProbeRequest::headers);
        let asked = headers.filter(|(name, _)| *name == "Access-Control-Request-Headers");
        Ok(asked.map(|(_, value)| value.to_owned()).collect())
    };
    let names = "authorization,content-type";
    assert!(asked(&["Content-Type", "authorization"])?.contains(&names.to_owned()));
    // Every name is one that `*` covers, and no policy lists.
    let of_any = asked(&["*"])?;
    assert!(of_any.len() > asked(&[])?.len());
    assert!(
        of_any.iter().all(|names| names == "x-cors-probe"),
        "{of_any:?}"
    );
    Ok(())
}

#[test]
fn a_name_of_a_prefix_and_near_misses_are_asked_for() -> Result {
    let policy = Policy::builder().allow_origins([APP]);
    let policy = policy.allow_headers(["x-a", "X-Acme-*"]).build()?;
    let requests = Probe::of(policy).route("GET", "/notes").requests()?;
    let headers = requests.iter().flat_map(ProbeRequest::headers);
    let asked = headers.filter(|(name, _)| *name == "Access-Control-Request-Headers");
    let asked: BTreeSet<_> = asked.map(|(_, value)| value).collect();
    let near = ["x-acm", "x-acme", "x-acmex"];
    for names in near
        .into_iter()
        .chain(["x-a,x-acme-cors-probe", "x-cors-probe"])
    {
        assert!(asked.contains(names), "{names}: {asked:?}");
    }
    Ok(())
}

/// An app whose own layer sends the prefix as it is, or takes every name that is asked for.
#[test]
fn an_app_that_knows_no_prefixes_is_found() -> Result {
    let mut config = config();
    config.allow_headers = vec!["x-acme-*".to_owned()];
    config.expose_headers = vec!["x-acme-*".to_owned()];
    let map: PolicyMap = config.build()?.into();
    let report = run(&map, |_, right| right)?;
    assert!(report.is_empty(), "{report}");
    let replaced: [fn(&str) -> String; 2] = [|_| "x-acme-*".to_owned(), |asked| asked.to_owned()];
    for replaced in replaced {
        let report = run(&map, |request, right| {
            let mut headers = request.headers();
            let asked = headers.find(|(name, _)| *name == "Access-Control-Request-Headers");
            match asked {
                Some((_, asked)) if right.has("access-control-allow-origin") => {
                    let allowed = "access-control-allow-headers";
                    right.without(allowed).with(allowed, &replaced(asked))
                }
                _ => right,
            }
        })?;
        assert_eq!(
            kinds(&report),
            [FindingKind::OtherPermissions].into(),
            "{report}"
        );
    }
    Ok(())
}

/// A preflight has at most 256 names and eight kilobytes of them.
#[test]
fn what_no_preflight_can_ask_for_at_once_is_asked_for_in_several() -> Result {
    let of_length = |count, length| (0..count).map(move |n| format!("x-{n:0>length$}"));
    for names in [
        of_length(300, 4).collect::<Vec<_>>(),
        of_length(60, 250).collect(),
        of_length(256, 4).collect(),
    ] {
        let policy = Policy::builder()
            .allow_origins([APP])
            .allow_methods(["PUT"])
            .allow_headers(&names)
            .build()?;
        let probe = Probe::of(policy.clone()).route("PUT", "/notes/1");
        let requests = probe.requests()?;
        let preflights = requests
            .iter()
            .filter(|request| is_preflight(request) && request.to_string().ends_with(APP));
        let mut asked = BTreeSet::new();
        for preflight in preflights {
            let mut head = Request::new("OPTIONS");
            for (name, value) in preflight.headers() {
                head = head.with(name, value);
            }
            assert!(policy.decide(&head).is_allowed(), "{preflight}");
            let headers = preflight.headers();
            let names = headers.filter(|(name, _)| *name == "Access-Control-Request-Headers");
            asked.extend(names.flat_map(|(_, names)| names.split(',').map(str::to_owned)));
        }
        assert_eq!(asked, names.iter().cloned().collect());
    }
    Ok(())
}

/// A route that the test names is not taken for one that the app lacks.
#[test]
fn a_missing_method_is_one_without_a_route() -> Result {
    let probe = Probe::of(config().build()?)
        .route("PATCH", "/notes/1")
        .route("DELETE", "/notes/1");
    let requests = probe.requests()?;
    let missing = requests.iter().filter(|request| {
        request.path() == "/notes/1" && request.to_string().ends_with("may not have this method)")
    });
    let methods: BTreeSet<_> = missing.map(ProbeRequest::method).collect();
    assert_eq!(methods, BTreeSet::from(["PUT"]));
    Ok(())
}

#[test]
fn a_policy_that_names_no_origin_needs_one() -> Result {
    let predicate = Predicate::new(|query| query.origin() == APP);
    let policy = Policy::builder()
        .allow_origin_predicate(predicate)
        .build()?;
    let probe = Probe::of(policy).route("GET", "/notes");
    let path = "/notes".to_owned();
    assert_eq!(
        probe.requests().err(),
        Some(ProbeError::NoAllowedOrigin { path })
    );
    assert!(probe.origin(APP).requests().is_ok());
    Ok(())
}

#[test]
fn a_method_of_no_script_is_an_error() -> Result {
    let probe = Probe::of(config().build()?).route("TRACE", "/notes");
    assert!(matches!(probe.requests(), Err(ProbeError::Method(_))));
    Ok(())
}

fn map() -> Result<PolicyMap> {
    let public = Policy::builder().allow_origins(["*"]).build()?;
    let policies = PolicyMap::builder()
        .default_policy(config().build()?)
        .path("/account", public.clone())
        .path("/notes", public.clone())
        .path("/feeds/{name}/{*rest}", public)
        .disable_path("/upload");
    Ok(policies.build()?)
}

#[test]
fn a_map_is_tried_on_its_own_paths_and_in_other_spellings() -> Result {
    let policies = map()?;
    let report = run(&policies, |_, right| right)?;
    assert!(report.is_empty(), "{report}");

    let requests = probe(policies).requests()?;
    let paths: BTreeSet<_> = requests.iter().map(ProbeRequest::path).collect();
    for expected in [
        "/account",
        "/%61ccount",
        "/%6eotes?page=2",
        "/feeds/probe/probe",
    ] {
        assert!(paths.contains(expected), "{expected}: {paths:?}");
    }
    assert!(!paths.contains("/upload"));
    Ok(())
}

/// A letter of an escape is none of the path.
#[test]
fn another_spelling_escapes_no_letter_of_an_escape() -> Result {
    for (path, spelling) in [
        ("/%E4%BD%A0/x", Some("/%E4%BD%A0/%78")),
        ("/%e4b", Some("/%e4%62")),
        ("/%E4%BD%A0", None),
        ("/1?a", None),
    ] {
        let public = Policy::builder().allow_origins(["*"]).build()?;
        let policies = PolicyMap::builder()
            .default_policy(config().build()?)
            .path("/account", public)
            .build()?;
        let requests = Probe::of(policies).route("GET", path).requests()?;
        let spellings: BTreeSet<_> = requests
            .iter()
            .filter(|request| request.to_string().contains("another spelling"))
            .map(ProbeRequest::path)
            .collect();
        assert_eq!(spellings, BTreeSet::from_iter(spelling), "{path}");
    }
    Ok(())
}

/// An app that compares paths as they are sent gives another spelling the wrong policy.
#[test]
fn another_spelling_with_another_policy_is_found() -> Result {
    let policies = map()?;
    let default = PolicyMap::from(config().build()?);
    let report = run(&policies, |request, response| match request.path() {
        "/%61ccount" => right(&default, request),
        _ => response,
    })?;
    assert!(!report.is_empty());
    for finding in report.iter() {
        assert_eq!(finding.request().path(), "/%61ccount", "{finding}");
    }
    Ok(())
}

#[test]
fn no_origin_is_tried_that_an_asynchronous_predicate_decides_on() -> Result {
    let predicate = AsyncPredicate::new(async |_| Ok::<_, &str>(true)).timeout_with(pending);
    let policy = Policy::builder()
        .allow_origins([APP])
        .allow_origin_if_async(predicate)
        .build()?;
    let requests = Probe::of(policy).requests()?;
    let tried: BTreeSet<_> = requests.iter().map(origin).collect();
    assert_eq!(tried, BTreeSet::from(["", APP, "null"]));
    Ok(())
}

#[test]
fn each_request_names_the_host() -> Result {
    let policy = config().build()?;
    for request in Probe::of(policy).host("api.example.net:8080").requests()? {
        assert_eq!(
            request.headers().next(),
            Some(("Host", "api.example.net:8080"))
        );
    }
    Ok(())
}

#[test]
fn a_policy_s_own_host_is_named_and_another_one_once() -> Result {
    for (listed, expected) in [
        ("api.example.net", "api.example.net"),
        ("*.example.net:8443", "probe.example.net:8443"),
        ("[::1]", "[::1]"),
    ] {
        let mut config = config();
        config.allow_hosts = vec![listed.to_owned(), "localhost".to_owned()];
        let policies = PolicyMap::from(config.build()?);
        let requests = probe(policies.clone()).requests()?;
        let host = |request: &ProbeRequest| {
            let mut headers = request.headers();
            headers.next().map(|(_, value)| value.to_owned())
        };
        let foreign: Vec<_> = requests
            .iter()
            .filter(|request| host(request).as_deref() != Some(expected))
            .map(|request| (host(request), request.to_string()))
            .collect();
        let text = "GET /notes?page=2 without Origin (for a host that is not listed)";
        assert_eq!(
            foreign,
            [(Some("evil.example".to_owned()), text.to_owned())]
        );
        // A right app, and one that does not look at hosts.
        assert!(run(&policies, |_, right| right)?.is_empty(), "{listed}");
        let report = run(&policies, |request, right| match right.status {
            403 if !is_preflight(request) => app(request).with("vary", "Origin"),
            _ => right,
        })?;
        let expected = BTreeSet::from([FindingKind::NotRejected]);
        assert_eq!(kinds(&report), expected, "{report}");
    }
    Ok(())
}
