//! What a proxy is told, without one. `conformance/tests/edge` has the proxies.

use std::error::Error;
use std::fs;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use tower::ServiceExt as _;

use crate::edge::Edge;
use crate::hosts::Hosts;

/// Makes a service of files: the stem of each name, and its text.
fn edge(files: &[(&str, &str)]) -> Result<Edge, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    for (host, text) in files {
        fs::write(directory.path().join(format!("{host}.toml")), text)?;
    }
    // Neither is a policy.
    fs::write(directory.path().join("README.md"), "not read")?;
    fs::create_dir(directory.path().join("..data"))?;
    Ok(Edge::new(Hosts::read(directory.path())?))
}

async fn ask(edge: &Edge, lines: &[(&str, &str)]) -> Result<Response<Body>, Box<dyn Error>> {
    let (method, path) = lines[0];
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in &lines[1..] {
        request = request.header(*name, *value);
    }
    Ok(edge.service().oneshot(request.body(Body::empty())?).await?)
}

fn allowed(response: &Response<Body>) -> Option<&str> {
    response
        .headers()
        .get("access-control-allow-origin")?
        .to_str()
        .ok()
}

const POLICY: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
reject_disallowed_origins = true
"#;

#[tokio::test]
async fn two_hundred_alone_calls_the_app() -> Result<(), Box<dyn Error>> {
    let answers_200 = format!("{POLICY}\npreflight_status = 200\npreflight_refusal_status = 200");
    let get = ("GET", "/tasks");
    let options = ("OPTIONS", "/tasks");
    let app = ("origin", "https://app.example.com");
    let evil = ("origin", "https://evil.example.net");
    let put = ("access-control-request-method", "PUT");
    for (policy, lines, status) in [
        (POLICY, vec![get], 200),
        (POLICY, vec![get, app], 200),
        (POLICY, vec![get, evil], 403),
        (POLICY, vec![options, app], 200),
        (POLICY, vec![options, app, put], 204),
        (POLICY, vec![options, evil, put], 403),
        (&*answers_200, vec![get, app], 200),
        (&answers_200, vec![options, app], 200),
        // Envoy would call the app.
        (&answers_200, vec![options, app, put], 204),
        (&answers_200, vec![options, evil, put], 204),
    ] {
        let response = ask(&edge(&[("_others", policy)])?, &lines).await?;
        assert_eq!(response.status(), status, "{lines:?}");
        // So would nginx, where this is.
        let redirects = response.headers().contains_key("x-accel-redirect");
        assert_eq!(redirects, response.status() == StatusCode::OK, "{lines:?}");
        let origin = lines.contains(&app).then_some(app.1);
        assert_eq!(allowed(&response), origin, "{lines:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_host_has_the_policies_of_its_file() -> Result<(), Box<dyn Error>> {
    let text = |origin| format!("allow_origins = [{origin:?}]");
    let one = text("https://one.example");
    let others = text("https://others.example");
    let with_others = edge(&[("one.example", &one), ("_others", &others), ("[::1]", &one)])?;
    let without = edge(&[("one.example", &one)])?;
    for (host, is_one) in [
        ("one.example", true),
        ("one.example:8443", true),
        ("ONE.example", true),
        ("one.example.", true),
        ("[::1]:3000", true),
        ("one.example..", false),
        ("one.example@two.example", false),
        ("two.example@one.example", false),
        ("www.one.example", false),
        ("two.example", false),
        ("_others", false),
        ("", false),
    ] {
        for (edge, others) in [(&with_others, true), (&without, false)] {
            if host.starts_with('[') && !others {
                continue;
            }
            for (origin, is_allowed) in [
                ("https://one.example", is_one),
                ("https://others.example", !is_one && others),
            ] {
                let lines = [("GET", "/"), ("host", host), ("origin", origin)];
                let response = ask(edge, &lines).await?;
                assert_eq!(allowed(&response).is_some(), is_allowed, "{lines:?}");
            }
        }
    }
    // Two are none.
    let two = ("host", "one.example");
    let lines = [("GET", "/"), two, two, ("origin", "https://one.example")];
    assert_eq!(allowed(&ask(&with_others, &lines).await?), None);
    // Over HTTP/2 the host is the authority's.
    let target = ("GET", "http://one.example/");
    let lines = [
        target,
        ("host", "two.example"),
        ("origin", "https://one.example"),
    ];
    assert!(allowed(&ask(&with_others, &lines).await?).is_some());
    Ok(())
}

#[test]
fn a_mistake_names_its_file() {
    for (host, text, words) in [
        ("one.example", "allow_orgins = []", "allow_origins"),
        (
            "one.example",
            r#"allow_origins = ["one.example"]"#,
            "https://one.example",
        ),
        ("ONE.example", "", "no host in lower case"),
        ("one.example:8443", "", "no host in lower case"),
        ("https", "allow_origins = 7", "allow_origins"),
        ("a b", "", "no host in lower case"),
        ("one.example.", "", "no host in lower case"),
    ] {
        let mistake = edge(&[(host, text)])
            .err()
            .map(|mistake| mistake.to_string());
        let mistake = mistake.unwrap_or_default();
        assert!(
            mistake.contains(&format!("{host}.toml: ")),
            "{host}: {mistake}"
        );
        assert!(mistake.contains(words), "{host}: {mistake}");
    }
}
