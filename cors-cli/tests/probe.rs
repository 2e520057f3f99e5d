//! `cors probe`: what is found at servers with one mistake each, and at right ones.

mod broken;

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Output};

use broken::corpus::{self, handler};
use broken::cors::{APP, ORIGIN, POLICY, public, right};
use broken::server::{Handler, Reply, Server};
use conformance_servers::Framework;
use serde_json::Value;

type Failure = Box<dyn Error>;
type Tested = Result<(), Failure>;

/// The command, with the servers on this machine out of the reach of any proxy.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cors"));
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        command
            .env_remove(name)
            .env_remove(name.to_ascii_uppercase());
    }
    command.arg("probe").args(arguments);
    command
}

fn cors(arguments: &[&str]) -> Result<Output, Failure> {
    Ok(command(arguments).output()?)
}

/// Probes, and returns the exit status and the report.
fn probe(url: &str, arguments: &[&str]) -> Result<(Option<i32>, Value), Failure> {
    let output = cors(&[&[url, "--format", "json"], arguments].concat())?;
    let stdout = String::from_utf8(output.stdout)?;
    let stderr = String::from_utf8(output.stderr)?;
    let report = serde_json::from_str(&stdout).map_err(|_| format!("{stdout}{stderr}"))?;
    Ok((output.status.code(), report))
}

fn kinds(report: &Value) -> BTreeSet<&str> {
    let findings = report["findings"].as_array().into_iter().flatten();
    findings
        .filter_map(|finding| finding["kind"].as_str())
        .collect()
}

#[test]
fn each_mistake_is_found_and_no_other() -> Tested {
    let mut wrong = Vec::new();
    let corpus = corpus::all();
    assert!(corpus.len() >= 30, "{}", corpus.len());
    for broken in corpus {
        let server = Server::start((broken.handler)())?;
        let arguments = [&["--origin", APP], broken.arguments].concat();
        let (status, report) = probe(&server.url("/orders"), &arguments)?;
        let findings = report["findings"].as_array();
        let mut findings = findings.into_iter().flatten();
        // A warning alone is no reason to fail.
        let expected = i32::from(findings.any(|finding| finding["level"] == "problem"));
        assert_eq!(status, Some(expected), "{}", broken.of);
        if kinds(&report) != BTreeSet::from_iter(broken.kinds.iter().copied()) {
            wrong.push(format!("{}: {:?}: {report:#}", broken.of, broken.kinds));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn a_right_server_has_no_finding() -> Tested {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("cors.toml");
    fs::write(&path, POLICY)?;
    let policy = path.to_str().ok_or("the path is UTF-8")?;
    let paths = ["--path", "/account", "--path", "/no-such-route"];
    let cases: [(fn() -> Handler, &[&str]); 6] = [
        (|| handler(right), &["--origin", APP, "--path", "/boom"]),
        (|| handler(right), &["--origin", APP, "--unsafe-methods"]),
        (|| handler(right), &["--policy", policy]),
        (|| handler(right), &["--policy", policy, "--unsafe-methods"]),
        (|| handler(public), &[]),
        (|| handler(public), &["--origin", "*", "--unsafe-methods"]),
    ];
    for (handler, arguments) in cases {
        let server = Server::start(handler())?;
        let arguments = [arguments, &paths].concat();
        let (status, report) = probe(&server.url("/orders"), &arguments)?;
        assert_eq!(status, Some(0), "{arguments:?}: {report:#}");
        assert_eq!(kinds(&report), BTreeSet::new(), "{report:#}");
    }
    Ok(())
}

#[test]
fn the_test_apps_have_no_finding() -> Tested {
    let policies = [
        POLICY,
        "allow_origins = [\"*\"]\nallow_methods = [\"*\"]\nallow_headers = [\"*\"]\n",
        "allow_origins = [\"https://*.example.com\"]\nallow_null_origin = true\n",
        "allow_origins = [\"https://app.example.com\"]\nreject_disallowed_origins = true\n",
    ];
    let origins: [&[&str]; 4] = [
        &["--origin", APP],
        &[],
        &["--origin", "https://*.example.com", "--origin", "null"],
        &["--origin", APP],
    ];
    let directory = tempfile::tempdir()?;
    let paths = [
        "/only-get",
        "/guarded",
        "/redirect",
        "/login",
        "/vary",
        "/own-cors",
    ];
    let paths: Vec<_> = paths.iter().flat_map(|path| ["--path", *path]).collect();
    for (text, origins) in policies.iter().zip(origins) {
        let path = directory.path().join("cors.toml");
        fs::write(&path, text)?;
        let policy = path.to_str().ok_or("the path is UTF-8")?;
        for framework in Framework::ALL {
            let server = conformance_servers::serve::Server::start_toml(framework, text)?;
            let url = format!("http://{}/echo", server.address());
            for arguments in [origins, &["--policy", policy]] {
                let arguments = [arguments, &paths, &["--unsafe-methods"]].concat();
                let (status, report) = probe(&url, &arguments)?;
                let name = framework.name();
                assert_eq!(kinds(&report), BTreeSet::new(), "{name}: {report:#}");
                assert_eq!(status, Some(0), "{name}: {text}");
            }
        }
    }
    Ok(())
}

#[test]
fn a_server_that_differs_from_its_policy_has_a_finding() -> Tested {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(POLICY.as_bytes())?;
    let policy = file.path().to_str().ok_or("the path is UTF-8")?;
    for broken in corpus::all() {
        let server = Server::start((broken.handler)())?;
        let arguments = [&["--policy", policy], broken.arguments].concat();
        let (status, report) = probe(&server.url("/orders"), &arguments)?;
        // A preflight for TRACE is none that a policy's probe makes.
        let expected = i32::from(broken.kinds != ["ForbiddenMethodAllowed"]);
        assert_eq!(status, Some(expected), "{}: {report:#}", broken.of);
        for finding in report["findings"].as_array().into_iter().flatten() {
            let place = &finding["where"];
            assert!(
                place["path"]
                    .as_str()
                    .is_some_and(|path| path.starts_with('/'))
            );
            assert!(
                finding["remedy"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
            );
        }
    }
    Ok(())
}

#[test]
fn no_secret_is_written_anywhere() -> Tested {
    let secret = "s3cr3t-0123456789";
    let tell: fn() -> Handler = || {
        handler(|request| {
            let told = request.header("authorization").unwrap_or_default();
            let cookie = request.header("cookie").unwrap_or_default().to_owned();
            Reply::new(200)
                .with(ORIGIN, format!("{told}{cookie}"))
                .with("Location", cookie)
        })
    };
    let authorization = format!("Authorization: Bearer {secret}");
    let cookie = format!("Cookie: session={secret}; theme=dark");
    for format in ["text", "json", "sarif"] {
        let server = Server::start(tell())?;
        let arguments = [
            &server.url("/orders"),
            "--origin",
            APP,
            "--header",
            &authorization,
            "--header",
            &cookie,
            "--format",
            format,
        ];
        let output = cors(&arguments)?;
        let text = String::from_utf8([output.stdout, output.stderr].concat())?;
        assert!(text.contains("(not shown)"), "{text}");
        assert!(!text.contains(secret), "{text}");
    }
    for wrong in [
        ["--header", "Authorization Bearer s3cr3t"],
        ["--header", "Authorization: s3cr3t\nx"],
        ["--header", "Bad name: s3cr3t"],
        ["--header", "Origin: s3cr3t"],
    ] {
        let output = cors(&[&["http://127.0.0.1:9/"], &wrong[..]].concat())?;
        let stderr = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr.starts_with("--header, number 1: "), "{stderr}");
        assert!(!stderr.contains("s3cr3t"), "{stderr}");
    }
    Ok(())
}

#[test]
fn a_preflight_never_has_the_users_headers_but_to_see_whether_they_would_help() -> Tested {
    let server = Server::start(handler(|request| {
        // Whoever sends a login along with a preflight meets a 500.
        let asks = request.header("access-control-request-headers").is_some();
        if request.is_preflight() && asks && request.header("x-login").is_some() {
            return Reply::new(500);
        }
        right(request)
    }))?;
    let arguments = ["--origin", APP, "--header", "X-Login: 0123456789"];
    let (status, report) = probe(&server.url("/orders"), &arguments)?;
    assert_eq!(status, Some(0), "{report:#}");
    Ok(())
}

#[test]
fn a_servers_escapes_never_reach_the_terminal() -> Tested {
    for format in ["text", "json", "sarif"] {
        let server = Server::start(handler(|_| {
            Reply::new(200).with(ORIGIN, "https://\u{9b}31m\u{202e}.example/")
        }))?;
        let url = server.url("/orders");
        let output = cors(&[&url, "--origin", APP, "--format", format])?;
        let text = String::from_utf8([output.stdout, output.stderr].concat())?;
        assert!(text.contains("MalformedOrigin"), "{text}");
        let is_bad = |char: char| (char.is_control() && char != '\n') || char == '\u{202e}';
        assert!(!text.contains(is_bad), "{text:?}");
    }
    Ok(())
}

#[test]
fn without_a_named_origin_it_says_what_it_does_not_know() -> Tested {
    let server = Server::start(handler(right))?;
    let (status, report) = probe(&server.url("/orders"), &[])?;
    assert_eq!(status, Some(0), "{report:#}");
    assert!(
        report["notes"][0]
            .as_str()
            .is_some_and(|note| note.contains("--origin"))
    );
    Ok(())
}

#[test]
fn findings_tell_where_they_are_and_how_to_see_them() -> Tested {
    let server = Server::start(handler(|request| {
        if request.is_preflight() {
            Reply::new(401)
        } else {
            right(request)
        }
    }))?;
    let (status, report) = probe(&server.url("/orders"), &["--origin", APP])?;
    assert_eq!(status, Some(1));
    let finding = &report["findings"][0];
    assert_eq!(finding["kind"], "PreflightNeedsLogin");
    assert_eq!(finding["where"]["path"], "/orders");
    assert_eq!(finding["where"]["method"], "OPTIONS");
    assert_eq!(finding["where"]["origin"], APP);
    let url = server.url("/orders");
    let sent = format!(
        "curl -i -X OPTIONS -H 'Access-Control-Request-Method: GET' -H 'Origin: {APP}' {url}"
    );
    assert_eq!(finding["sent"], sent);
    let output = cors(&[&url, "--origin", APP])?;
    let text = String::from_utf8(output.stdout)?;
    assert!(text.contains(&format!("  sent:       {sent}\n")), "{text}");
    assert!(text.contains("does not send the request"), "{text}");
    let output = cors(&[&url, "--origin", APP, "--format", "sarif"])?;
    let sarif: Value = serde_json::from_slice(&output.stdout)?;
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "PreflightNeedsLogin");
    let location = &result["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(location["uri"], url.as_str());
    Ok(())
}
