//! Runs that end early, and servers that drop some requests.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::cors::{ADMIN, APP, POLICY, right};
use super::server::{Request, Server};
use super::unreachable::assert_failed;
use crate::{Tested, cors, kinds, probe};

/// A server that responds to some requests, and hangs up on the others.
fn answering(is_answered: impl Fn(&Request) -> bool + Send + 'static) -> std::io::Result<Server> {
    Server::raw(move |mut stream| match Request::read(&stream)? {
        Some(request) if is_answered(&request) => {
            stream.write_all(right(&request).text().as_bytes())
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
