//! Runs that end early, and servers that drop some requests.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::cors::{ADMIN, APP, POLICY, if_allowed, right};
use super::server::{Reply, Request, Server};
use super::unreachable::assert_failed;
use crate::{Tested, cors, kinds, probe};

/// A right server that responds to some requests, and hangs up on the others.
fn answering(is_answered: impl Fn(&Request) -> bool + Send + 'static) -> io::Result<Server> {
    behind_firewall(is_answered, right)
}

/// A firewall that hangs up on some requests, before a server.
fn behind_firewall(
    is_answered: impl Fn(&Request) -> bool + Send + 'static,
    server: fn(&Request) -> Reply,
) -> io::Result<Server> {
    Server::raw(move |mut stream| match Request::read(&stream)? {
        Some(request) if is_answered(&request) => {
            stream.write_all(server(&request).text().as_bytes())
        }
        _ => Ok(()),
    })
}

#[test]
fn a_run_that_is_cut_short_does_not_look_clean() -> Tested {
    for format in ["text", "json", "sarif"] {
        let count = AtomicUsize::new(0);
        let server = answering(move |_| count.fetch_add(1, Ordering::Relaxed) < 4)?;
        let url = server.url("/orders");
        let output = cors(&[&url, "--origin", APP, "--format", format])?;
        assert_eq!(output.status.code(), Some(2));
        let stdout = String::from_utf8(output.stdout)?;
        if format == "text" {
            assert!(stdout.contains("cut short after 5 requests"), "{stdout}");
            continue;
        }
        let report: Value = serde_json::from_str(&stdout)?;
        let (stopped, is_whole) = match format {
            "json" => (&report["stopped"], false),
            _ => {
                let invocation = &report["runs"][0]["invocations"][0];
                let notified = &invocation["toolExecutionNotifications"][0]["message"]["text"];
                (notified, invocation["executionSuccessful"] == true)
            }
        };
        assert!(!is_whole, "{report:#}");
        let stopped = stopped.as_str().unwrap_or_default();
        assert!(stopped.contains("closed the connection"), "{report:#}");
    }
    let server = answering(|_| true)?;
    let url = server.url("/orders");
    let output = cors(&[&url, "--origin", APP, "--format", "sarif"])?;
    let sarif: Value = serde_json::from_slice(&output.stdout)?;
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true, "{sarif:#}");
    Ok(())
}

#[test]
fn a_server_that_is_not_there_is_one_object_too() -> Tested {
    let server = answering(|_| false)?;
    let (status, report) = probe(&server.url("/orders"), &["--origin", APP])?;
    assert_eq!(status, Some(2));
    assert_eq!(kinds(&report), BTreeSet::new());
    let stopped = report["stopped"].as_str().unwrap_or_default();
    assert!(stopped.contains("closed the connection"), "{report:#}");
    Ok(())
}

#[test]
fn a_firewall_that_drops_foreign_origins_refuses_them() -> Tested {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(POLICY.as_bytes())?;
    let policy = file.path().to_str().ok_or("the path is UTF-8")?;
    for arguments in [["--origin", APP], ["--policy", policy]] {
        let server = answering(|request| ["", APP].contains(&request.origin()))?;
        let (status, report) = probe(&server.url("/orders"), &arguments)?;
        assert_eq!(status, Some(0), "{report:#}");
        assert_eq!(kinds(&report), BTreeSet::new(), "{report:#}");
        let note = report["notes"][0].as_str().unwrap_or_default();
        assert!(note.contains("counts as a refusal"), "{report:#}");
    }
    // What is meant to be allowed, and gets no response, is no refusal.
    let server = answering(|request| request.origin() != ADMIN)?;
    let origins = ["--origin", APP, "--origin", ADMIN];
    let (status, _) = probe(&server.url("/orders"), &origins)?;
    assert_eq!(status, Some(2));
    Ok(())
}

/// Returns whether an Origin is one that browsers send.
fn is_origin(origin: &str) -> bool {
    let name = origin.split_once("://").map_or("", |(_, name)| name);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
    name.len() < 100 && !name.ends_with(":99999") && name.bytes().all(is_name)
}

#[test]
fn what_a_firewall_drops_keeps_nothing_from_being_sent() -> Tested {
    // It drops a dozen for the first path, and the second one is open.
    let open: fn(&Request) -> Reply = |request| {
        let is_page = !request.origin().is_empty();
        if_allowed(
            request,
            request.origin() == APP || (is_page && request.path == "/account"),
        )
    };
    let server = behind_firewall(|request| is_origin(request.origin()), open)?;
    let arguments = ["--origin", APP, "--path", "/account"];
    let (status, report) = probe(&server.url("/orders"), &arguments)?;
    assert_eq!(status, Some(1), "{report:#}");
    assert!(
        kinds(&report).contains("ForeignOriginAllowedWithCredentials"),
        "{report:#}"
    );
    // It passes other schemes and ports of the app, which the server allows.
    let near: fn(&str) -> bool = |origin| {
        let name = origin.split_once("://").map_or("", |(_, name)| name);
        ["app.example.com", "app.example.com:8444"].contains(&name)
    };
    let open: fn(&Request) -> Reply = |request| if_allowed(request, !request.origin().is_empty());
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(POLICY.as_bytes())?;
    let policy = file.path().to_str().ok_or("the path is UTF-8")?;
    let passes = move |request: &Request| request.origin().is_empty() || near(request.origin());
    let server = behind_firewall(passes, open)?;
    let url = server.url("/orders");
    let (status, report) = probe(&url, &["--policy", policy])?;
    assert_eq!(status, Some(1), "{report:#}");
    assert!(
        kinds(&report).contains("RefusedOriginAllowed"),
        "{report:#}"
    );
    let (status, report) = probe(&url, &["--origin", APP])?;
    assert_eq!(status, Some(1), "{report:#}");
    let expected = BTreeSet::from(["OtherPortAllowed", "PlainHttpAllowed"]);
    assert_eq!(kinds(&report), expected, "{report:#}");
    let output = cors(&[&url, "--origin", APP, "--format", "sarif"])?;
    let sarif: Value = serde_json::from_slice(&output.stdout)?;
    let notified = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notified["level"], "note", "{sarif:#}");
    let text = notified["message"]["text"].as_str().unwrap_or_default();
    assert!(text.contains("counts as a refusal"), "{sarif:#}");
    Ok(())
}

#[test]
fn what_was_not_sent_after_silence_does_not_look_clean() -> Tested {
    // It says nothing to foreign pages, and keeps their connections open.
    let silent = Mutex::new(Vec::new());
    let server = Server::raw(move |mut stream| match Request::read(&stream)? {
        Some(request) if ["", APP].contains(&request.origin()) => {
            stream.write_all(right(&request).text().as_bytes())
        }
        _ => {
            let mut silent = silent.lock().map_err(|_| io::ErrorKind::Other)?;
            silent.push(stream);
            Ok(())
        }
    })?;
    let arguments = ["--origin", APP, "--timeout", "1"];
    let (status, report) = probe(&server.url("/orders"), &arguments)?;
    assert_eq!(status, Some(2), "{report:#}");
    assert_eq!(kinds(&report), BTreeSet::new(), "{report:#}");
    let stopped = report["stopped"].as_str().unwrap_or_default();
    assert!(stopped.contains("more requests were not sent"), "{stopped}");
    Ok(())
}

#[test]
fn what_cannot_end_in_time_is_refused_at_once() -> Tested {
    let path = |number| format!("[[paths]]\npath = \"/p{number}\"\nmax_age = {number}\n");
    let paths: String = (1..200).map(path).collect();
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(format!("allow_origins = [\"{APP}\"]\n{paths}").as_bytes())?;
    let policy = file.path().to_str().ok_or("the path is UTF-8")?;
    // Nobody is there, and nobody is asked.
    let arguments = ["http://192.0.2.1/p1", "--policy", policy, "--timeout", "1"];
    assert_failed(
        &cors(&arguments)?,
        "requests would take longer than 30 seconds",
    );
    let server = answering(|_| true)?;
    let arguments = ["--policy", policy, "--path", "/p2"];
    let (_, report) = probe(&server.url("/p1"), &arguments)?;
    let findings = report["findings"].as_array().into_iter().flatten();
    let paths: BTreeSet<_> = findings
        .filter_map(|finding| finding["where"]["path"].as_str())
        .collect();
    assert!(paths.contains("/p1") && paths.contains("/p2"), "{paths:?}");
    assert!(!paths.contains("/p3"), "{paths:?}");
    let note = report["notes"][0].as_str().unwrap_or_default();
    assert!(note.ends_with(": 197"), "{note}");
    Ok(())
}
