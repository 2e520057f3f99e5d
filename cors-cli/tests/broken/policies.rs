//! Policies that hold for some hosts alone, or by path.

use std::collections::BTreeSet;
use std::io::Write as _;

use conformance_servers::Framework;
use conformance_servers::serve::Server;

use super::cors::APP;
use crate::{Tested, cors, kinds, probe};

#[test]
fn a_policy_that_lists_hosts_is_probed_under_one_of_them() -> Tested {
    let text =
        "allow_origins = [\"https://app.example.com\"]\nallow_hosts = [\"api.example.com\"]\n";
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(text.as_bytes())?;
    let policy = file.path().to_str().ok_or("the path is UTF-8")?;
    let host = ["--policy", policy, "--header", "Host: api.example.com"];
    for framework in Framework::ALL {
        let server = Server::start_toml(framework, text)?;
        let url = format!("http://{}/echo", server.address());
        let (status, report) = probe(&url, &host)?;
        assert_eq!(status, Some(0), "{}: {report:#}", framework.name());
        // By its address it rejects everything, which says nothing.
        let output = cors(&[&url, "--policy", policy])?;
        let stderr = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("allow_hosts"), "{stderr}");
    }
    let open = text.split_inclusive('\n').next().unwrap_or_default();
    let server = Server::start_toml(Framework::Axum, open)?;
    let (status, report) = probe(&format!("http://{}/echo", server.address()), &host)?;
    assert_eq!(status, Some(1));
    assert_eq!(kinds(&report), BTreeSet::from(["NotRejected"]));
    Ok(())
}

#[test]
fn a_file_with_policies_by_path_is_probed_path_by_path() -> Tested {
    let text = "allow_origin_regexes = ['https://[a-z]+\\.example\\.com']\n\
                [[paths]]\npath = \"/vary/{*rest}\"\nallow_origins = [\"*\"]\n\
                [[paths]]\npath = \"/login\"\nenabled = false\n";
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(text.as_bytes())?;
    let policy = file.path().to_str().ok_or("the path is UTF-8")?;
    let paths = ["--path", "/vary", "--path", "/login"];
    let arguments = [&["--policy", policy, "--origin", APP], &paths[..]].concat();
    for framework in Framework::ALL {
        let server = Server::start_toml(framework, text)?;
        let url = format!("http://{}/echo", server.address());
        let (status, report) = probe(&url, &arguments)?;
        assert_eq!(status, Some(0), "{}: {report:#}", framework.name());
        let output = cors(&[&url, "--policy", policy])?;
        let stderr = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("with --origin"), "{stderr}");
    }
    // The test app of another policy.
    let other = text.replace("\"*\"", "\"https://app.example.com\"");
    let server = Server::start_toml(Framework::Axum, &other)?;
    let (status, report) = probe(&format!("http://{}/echo", server.address()), &arguments)?;
    assert_eq!(status, Some(1));
    let findings = report["findings"].as_array().into_iter().flatten();
    let paths = findings.filter_map(|finding| finding["where"]["path"].as_str());
    let mut paths: BTreeSet<_> = paths.collect();
    assert!(paths.remove("/vary"), "{report:#}");
    let mut paths = paths.iter();
    assert!(
        paths.all(|path| path.starts_with("/vary") || path.starts_with("/%76ary")),
        "{report:#}"
    );
    Ok(())
}
