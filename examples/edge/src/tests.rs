//! What a proxy is told, without one. `conformance/tests/edge` has the proxies.

use std::error::Error;
use std::fs;
use std::process::Command;

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
    // Neither is read.
    fs::write(directory.path().join(".one.example.toml.swp"), "[")?;
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
    let without = edge(&[("one.example", &one), ("[::1]", &one)])?;
    for (hosts, is_one) in [
        (&["one.example"][..], true),
        (&["one.example:8443"], true),
        (&["ONE.example"], true),
        (&["one.example."], true),
        (&["[::1]:3000"], true),
        (&["one.example.."], false),
        (&["one.example@two.example"], false),
        (&["two.example@one.example"], false),
        (&["www.one.example"], false),
        (&["two.example"], false),
        (&["127.0.0.1"], false),
        (&["_others"], false),
        (&[""], false),
        (&[], false),
        // Two are none.
        (&["one.example", "one.example"], false),
    ] {
        let of_others = "https://others.example";
        for (edge, others) in [(&with_others, true), (&without, false)] {
            for origin in [None, Some("https://one.example"), Some(of_others)] {
                let mut lines = vec![("GET", "/")];
                lines.extend(hosts.iter().map(|host| ("host", *host)));
                lines.extend(origin.map(|origin| ("origin", origin)));
                let response = ask(edge, &lines).await?;
                let is_rejected = !is_one && !others;
                let status = if is_rejected { 403 } else { 200 };
                assert_eq!(response.status(), status, "{lines:?}");
                let no_store = response.headers().get("cache-control");
                assert_eq!(
                    no_store.is_some_and(|value| value == "no-store"),
                    is_rejected
                );
                let allows = if is_one {
                    "https://one.example"
                } else {
                    of_others
                };
                let is_allowed = !is_rejected && origin == Some(allows);
                assert_eq!(
                    allowed(&response),
                    origin.filter(|_| is_allowed),
                    "{lines:?}"
                );
            }
        }
    }
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
    let no_host = "no host in lower case";
    for (host, text, words) in [
        ("one.example", "allow_orgins = []", "allow_origins"),
        (
            "one.example",
            r#"allow_origins = ["one.example"]"#,
            "https://one.example",
        ),
        ("one.example", " \n", "it sets nothing"),
        ("one.example", "# nothing yet\n", "it sets nothing"),
        ("one.example", "\u{61c}\u{2060}", r"\u{61c}\u{2060}"),
        ("https", "allow_origins = 7", "allow_origins"),
        ("ONE.example", POLICY, no_host),
        ("one.example:8443", POLICY, no_host),
        ("a b", POLICY, no_host),
        ("one.example.", POLICY, no_host),
        ("one..example", POLICY, no_host),
        ("one!.example", POLICY, no_host),
        ("127.1", POLICY, no_host),
        ("[::0:1]", POLICY, no_host),
        ("bücher.example", POLICY, no_host),
        ("_other", POLICY, no_host),
        ("*.example.com", POLICY, "_others.toml"),
    ] {
        let mistake = refused(edge(&[(host, text)]));
        assert!(
            mistake.contains(&format!("{host}.toml\": ")),
            "{host}: {mistake}"
        );
        assert!(mistake.contains(words), "{host}: {mistake}");
    }
}

fn refused<T>(result: Result<T, impl ToString>) -> String {
    result
        .err()
        .map_or_else(String::new, |mistake| mistake.to_string())
}

#[test]
fn what_is_no_policy_is_a_mistake() -> Result<(), Box<dyn Error>> {
    for name in [
        "one.example.TOML",
        "one.example.yaml",
        "one.example.toml~",
        "README.md",
    ] {
        let directory = tempfile::tempdir()?;
        fs::write(directory.path().join("two.example.toml"), POLICY)?;
        fs::write(directory.path().join(name), POLICY)?;
        let mistake = refused(Hosts::read(directory.path()));
        assert!(mistake.contains(name), "{mistake}");
    }
    let directory = tempfile::tempdir()?;
    let mistake = refused(Hosts::read(directory.path()));
    assert!(mistake.contains("no policy is there"), "{mistake}");

    fs::write(directory.path().join("one.example.toml"), POLICY)?;
    let pipe = directory.path().join("two.example.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status()?.success());
    let mistake = refused(Hosts::read(directory.path()));
    assert!(
        mistake.contains("two.example.toml\": it is no file"),
        "{mistake}"
    );

    fs::remove_file(&pipe)?;
    std::os::unix::fs::symlink("one.example.toml", &pipe)?;
    assert_eq!(refused(Hosts::read(directory.path())), "");
    fs::write(&pipe, " ".repeat(1024 * 1024 + 1))?;
    let mistake = refused(Hosts::read(directory.path()));
    assert!(mistake.contains("at most 1 MiB"), "{mistake}");
    Ok(())
}

#[test]
fn a_mistake_drives_no_terminal() -> Result<(), Box<dyn Error>> {
    for (name, text) in [
        ("one.example\u{1b}[2J\n", POLICY),
        ("one.example", "allow_origins = 7 # \u{1b}[2J\u{202e}\r"),
        ("one.example", "\"\u{1b}]0;\u{7}\" = 7"),
    ] {
        let directory = tempfile::tempdir()?;
        fs::write(directory.path().join(format!("{name}.toml")), text)?;
        let mistake = refused(Hosts::read(directory.path()));
        assert!(mistake.contains("one.example"), "{mistake:?}");
        let mut chars = mistake.chars();
        let drives = |char: char| (char != '\n' && char.is_control()) || char == '\u{202e}';
        assert!(!chars.any(drives), "{mistake:?}");
    }
    Ok(())
}
