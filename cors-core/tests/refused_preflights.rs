//! How a refused preflight is answered: bare, or with the policy, in which the browser finds what is
//! missing.

mod support;

use cors_core::browser::{Browser, Credentials, NetworkError, PreflightCheckError, Response};
use cors_core::{Policy, PolicyConfig, PolicyErrors};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::time::Duration;
use support::{Request, apply};

const ORIGIN: &str = "https://app.example.com";

/// What the contract says about a preflight of [`ORIGIN`].
#[derive(Debug, PartialEq)]
enum Answer {
    Allowed,
    /// The headers of an allowed one, and a refusal all the same.
    WithPolicy,
    Bare,
}

/// The contract in plain code: it collects, and judges each part for itself.
fn meant(config: &PolicyConfig, method: &str, lines: &[String]) -> Answer {
    let any = |list: &[String]| list.iter().any(|item| item == "*");
    let names: Vec<String> = lines
        .iter()
        .flat_map(|line| line.split(','))
        .map(|name| name.trim_matches([' ', '\t']).to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect();
    let token = |text: &str| {
        let other = |char: char| "!#$%&'*+-.^_`|~".contains(char);
        !text.is_empty()
            && text
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || other(char))
    };
    let forbidden = ["CONNECT", "TRACE", "TRACK"].contains(&&*method.to_ascii_uppercase());
    if !token(method) || forbidden || !names.iter().all(|name| token(name)) {
        return Answer::Bare;
    }
    let echoed_wildcard = |text: &str| text == "*" && config.allow_credentials;
    let method_refused = if any(&config.allow_methods) {
        echoed_wildcard(method)
    } else {
        let listed = config.allow_methods.iter().any(|listed| listed == method);
        !listed && !["GET", "HEAD", "POST"].contains(&method)
    };
    let refused_name = |name: &String| {
        let listed = config.allow_headers.contains(name);
        if any(&config.allow_headers) {
            let uncovered = name == "authorization" && !config.allow_credentials && !listed;
            uncovered || echoed_wildcard(name)
        } else {
            !listed
        }
    };
    let header_refused = names.iter().any(refused_name);
    let by_wildcard = (method_refused && any(&config.allow_methods))
        || (header_refused && any(&config.allow_headers));
    match (method_refused || header_refused, by_wildcard) {
        (false, _) => Answer::Allowed,
        (true, true) => Answer::Bare,
        (true, false) => Answer::WithPolicy,
    }
}

fn configs() -> impl Strategy<Value = PolicyConfig> {
    let methods = subsequence(vec!["*", "GET", "PUT", "PATCH"], 0..=2);
    let headers = subsequence(vec!["*", "authorization", "x-a", "x-b"], 0..=3);
    let switches = any::<[bool; 4]>();
    (methods, headers, switches).prop_map(|(methods, headers, switches)| {
        let [credentials, network, passthrough, max_age] = switches;
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        let mut config = PolicyConfig::default();
        config.allow_origins = vec![ORIGIN.to_owned()];
        config.allow_methods = owned(methods);
        config.allow_headers = owned(headers);
        config.allow_credentials = credentials;
        config.allow_private_network = network;
        config.preflight_passthrough = passthrough;
        config.max_age = max_age.then_some(Duration::from_secs(600));
        config.preflight_status = 200;
        config.preflight_refusal_status = 404;
        config
    })
}

/// Returns the response's lines, but for those that only some requests get.
fn lines_of(policy: &Policy, request: &Request) -> (Option<u16>, Vec<(String, String)>) {
    let app = [("access-control-allow-origin", "https://left-over.example")];
    let (decision, lines) = apply(policy, request, &app);
    (decision.status(), lines)
}

proptest! {
    #[test]
    fn a_refused_preflight_is_bare_or_tells_the_policy(
        config in configs(),
        method in select(vec!["GET", "PUT", "DELETE", "patch", "trace", "*", "", "a b", "P:"]),
        lines in vec(select(vec![
            "", "x-a", "X-B", "x-c", "x-a,x-c,x-b", "authorization", "x-a, authorization", "*",
            "x c", "x-c,x c", "x-c,,x-d", "\u{e9}",
        ]), 0..4),
    ) {
        let lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
        let policy = config.build().expect("these settings go together");
        let private = "access-control-request-private-network";
        let ask = |method, lines: &[String]| {
            let request = Request::preflight(ORIGIN, method).with(private, "true");
            lines.iter().fold(request, Request::asking_for)
        };
        let request = ask(method, &lines);
        let decision = policy.decide(&request);
        let (status, found) = lines_of(&policy, &request);
        let meant = meant(&config, method, &lines);
        let expected_status = match meant {
            Answer::Bare => 404,
            Answer::Allowed | Answer::WithPolicy => 200,
        };
        let status_by_config = (!config.preflight_passthrough).then_some(expected_status);
        prop_assert_eq!(status, status_by_config, "{:?}", meant);
        prop_assert_eq!(decision.is_allowed(), meant == Answer::Allowed);
        prop_assert_eq!(decision.refusal().is_some(), meant != Answer::Allowed);
        let find = |name: &str| {
            let mut found = found.iter().filter(|(other, _)| other == name);
            let first = found.next().map(|(_, value)| value.as_str());
            assert!(name.ends_with("headers") || found.next().is_none(), "{name} is there once");
            first
        };
        let cors = found.iter().filter(|(name, _)| name.starts_with("access-control-"));
        if meant == Answer::Bare {
            prop_assert_eq!(cors.count(), 0, "{:?}", found);
        } else {
            prop_assert_eq!(find("access-control-allow-origin"), Some(ORIGIN));
            let network = config.allow_private_network && meant == Answer::Allowed;
            let found_network = find("access-control-allow-private-network").is_some();
            prop_assert_eq!(found_network, network);
            let credentials = config.allow_credentials.then_some("true");
            prop_assert_eq!(find("access-control-allow-credentials"), credentials);
        }
        if meant == Answer::WithPolicy {
            // What an allowed preflight with the parts of this one that pass would have had.
            let method_lists = !config.allow_methods.iter().any(|item| item == "*");
            let header_lists = !config.allow_headers.iter().any(|item| item == "*");
            let part_method = if method_lists { "GET" } else { method };
            let part_lines = if header_lists { &[][..] } else { &lines[..] };
            let part = ask(part_method, part_lines);
            prop_assert!(policy.decide(&part).is_allowed());
            let (_, mut allowed) = lines_of(&policy, &part);
            allowed.retain(|(name, _)| name != "access-control-allow-private-network");
            let method_refused = decision.refusal() == Some(cors_core::Refusal::MethodNotAllowed);
            if method_refused && config.allow_methods.is_empty() {
                prop_assert_eq!(find("access-control-allow-methods"), Some("GET, HEAD, POST"));
                let rest = found.iter().filter(|(name, _)| !name.ends_with("allow-methods"));
                prop_assert_eq!(rest.collect::<Vec<_>>(), allowed.iter().collect::<Vec<_>>());
            } else {
                prop_assert_eq!(&found, &allowed);
            }
        }
    }
}

/// A name past the first that is not listed still tells a browser from another client, within the
/// same bounds.
#[test]
fn the_bounds_hold_past_a_name_that_is_not_listed() -> Result<(), PolicyErrors> {
    let policy = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_methods(["PUT"])
        .allow_headers(["x-a"])
        .build()?;
    for (list, status) in [
        ("x-b".to_owned(), 204),
        (format!("x-b{}", ",x-a".repeat(255)), 204),
        (format!("x-b{}", ",x-a".repeat(256)), 403),
        (format!("x-b{}", ",".repeat(64)), 204),
        (format!("x-b{}", ",".repeat(65)), 403),
        (format!("x-b,{}", "a".repeat(8 * 1024 - 4)), 204),
        (format!("x-b,{}", "a".repeat(8 * 1024 - 3)), 403),
    ] {
        for method in ["PUT", "DELETE"] {
            let request = Request::preflight(ORIGIN, method).asking_for(&list);
            let decision = policy.decide(&request);
            assert_eq!(decision.status(), Some(status), "{method} {}", list.len());
        }
    }
    Ok(())
}

/// The three reasons are three errors, whatever else the page does.
#[test]
fn a_browser_names_what_is_missing() -> Result<(), Box<dyn std::error::Error>> {
    use cors_core::browser::Request;

    for (methods, headers) in [(&["PUT"][..], &["x-a"][..]), (&[], &[])] {
        for credentials in [Credentials::Omit, Credentials::Include] {
            for plain in [true, false] {
                let with_credentials = credentials == Credentials::Include;
                let policy = Policy::builder()
                    .allow_origins([ORIGIN])
                    .allow_methods(methods)
                    .allow_headers(headers)
                    .allow_credentials(with_credentials)
                    .build()?;
                let fetch = |page, method, header: &[&str]| {
                    let request = Request::new(method)?.credentials(credentials);
                    let request = header
                        .iter()
                        .try_fold(request, |request, name| request.header(name, "1"))?;
                    let request = request.stream_body(!plain).upload_listener(!plain);
                    let url = "https://api.example.net/";
                    let outcome = Browser::new().fetch(Duration::ZERO, page, url, &request, |it| {
                        it.respond(&policy, |_| Response::new(200))
                    });
                    Ok::<_, Box<dyn std::error::Error>>(outcome)
                };
                assert_eq!(
                    fetch(ORIGIN, "DELETE", &[])?.err(),
                    Some(NetworkError::Preflight(PreflightCheckError::Method {
                        method: "DELETE".to_owned()
                    }))
                );
                assert_eq!(
                    fetch(ORIGIN, "POST", &["x-b"])?.err(),
                    Some(NetworkError::Preflight(PreflightCheckError::Header {
                        name: "x-b".to_owned()
                    }))
                );
                assert!(matches!(
                    fetch("https://b.example", "DELETE", &["x-b"])?,
                    Err(NetworkError::Preflight(PreflightCheckError::Cors(_)))
                ));
            }
        }
    }
    Ok(())
}

#[test]
fn lists_of_the_app_grant_nothing_beside_a_refusal() -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_methods(["PUT"])
        .preflight_passthrough(true)
        .keep_app_headers(true)
        .build()?;
    let fetch = |method| {
        let request = cors_core::browser::Request::new(method)?;
        let url = "https://api.example.net/notes/1";
        let outcome = Browser::new().fetch(Duration::ZERO, ORIGIN, url, &request, |sent| {
            sent.respond(&policy, |_| {
                let mut response = Response::new(200);
                let headers = response.headers_mut();
                headers.append("access-control-allow-methods", "PUT, DELETE");
                response
            })
        });
        Ok::<bool, Box<dyn std::error::Error>>(outcome.is_ok())
    };
    assert!(fetch("PUT")?);
    assert!(!fetch("DELETE")?);
    Ok(())
}
