//! `cors probe`: what is found at servers with one mistake each, and at right ones.

mod broken;

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Output};

use broken::corpus::{self, handler};
use broken::cors::{APP, POLICY, public, right};
use broken::server::{Handler, Server};
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

/// A server, and the arguments.
type Case<'a> = (fn() -> Handler, &'a [&'a str]);

fn kinds(report: &Value) -> BTreeSet<&str> {
    let findings = report["findings"].as_array().into_iter().flatten();
    findings
        .filter_map(|finding| finding["kind"].as_str())
        .collect()
}

#[test]
fn each_mistake_is_found_and_no_other() -> Tested {
    let mut wrong = Vec::new();
    let mut warnings = BTreeSet::new();
    let corpus = corpus::all();
    assert!(corpus.len() >= 30, "{}", corpus.len());
    for broken in corpus {
        let server = Server::start((broken.handler)())?;
        let arguments = [&["--origin", APP], broken.arguments].concat();
        let (status, report) = probe(&server.url("/orders"), &arguments)?;
        let findings = report["findings"].as_array();
        let findings = findings.into_iter().flatten();
        let (problems, others): (Vec<_>, Vec<_>) =
            findings.partition(|finding| finding["level"] == "problem");
        warnings.extend(others.iter().map(|finding| finding["kind"].to_string()));
        // A warning alone is no reason to fail.
        let expected = i32::from(!problems.is_empty());
        assert_eq!(status, Some(expected), "{}", broken.of);
        if kinds(&report) != BTreeSet::from_iter(broken.kinds.iter().copied()) {
            wrong.push(format!("{}: {:?}: {report:#}", broken.of, broken.kinds));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let expected = [
        "AnyOriginAllowed",
        "AuthorizationNotCovered",
        "ForbiddenMethodAllowed",
        "MaxAgeBeyondCaps",
        "PreflightFieldsOnActual",
        "PrivateNetworkUnasked",
        "SiblingAllowed",
        "StrayHeaders",
    ];
    assert_eq!(warnings, expected.map(|kind| format!("{kind:?}")).into());
    Ok(())
}

#[test]
fn a_right_server_has_no_finding() -> Tested {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("cors.toml");
    fs::write(&path, POLICY)?;
    let policy = path.to_str().ok_or("the path is UTF-8")?;
    let paths = ["--path", "/account", "--path", "/no-such-route"];
    let cases: [Case<'_>; 6] = [
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
        // A policy has its own patterns.
        let has_pattern = broken
            .arguments
            .iter()
            .any(|argument| argument.contains('*'));
        let others = if has_pattern { &[] } else { broken.arguments };
        let arguments = [&["--policy", policy], others].concat();
        let (status, report) = probe(&server.url("/orders"), &arguments)?;
        let mut findings = report["findings"].as_array().into_iter().flatten();
        let expected = i32::from(findings.any(|finding| finding["level"] == "problem"));
        assert_eq!(status, Some(expected), "{}: {report:#}", broken.of);
        // A preflight for TRACE is none that a policy's probe makes, and a header that the policy
        // does not list is none that it misses.
        let is_told = !matches!(broken.kinds, ["ForbiddenMethodAllowed"])
            && broken.under_policy() != Some(&[]);
        assert_eq!(
            !kinds(&report).is_empty(),
            is_told,
            "{}: {report:#}",
            broken.of
        );
        if let Some(expected) = broken.under_policy() {
            let expected = BTreeSet::from_iter(expected.iter().copied());
            assert_eq!(kinds(&report), expected, "{}: {report:#}", broken.of);
        }
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
