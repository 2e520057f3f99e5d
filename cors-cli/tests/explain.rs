//! `cors explain`: what is said of a request, and how the command ends.

use std::error::Error;
use std::fs;
use std::process::Command;

type Tested = Result<(), Box<dyn Error>>;

const POLICY: &str = "\
allow_origins = [\"https://app.example.com\"]
allow_methods = [\"PUT\"]
allow_headers = [\"content-type\"]
allow_credentials = true

[[paths]]
path = \"/feeds/{*feed}\"
allow_origins = [\"*\"]
allow_credentials = false

[[paths]]
path = \"/internal\"
enabled = false
";

/// Returns the exit status, and what was written to stdout and stderr.
fn explain(arguments: &[&str]) -> Result<(Option<i32>, String, String), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    fs::write(&file, POLICY)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cors"));
    let output = command.arg("explain").arg(&file).args(arguments).output()?;
    let [stdout, stderr] = [output.stdout, output.stderr].map(String::from_utf8);
    Ok((output.status.code(), stdout?, stderr?))
}

fn assert_said(arguments: &[&str], status: i32, parts: &[&str]) -> Tested {
    let (found, stdout, stderr) = explain(arguments)?;
    assert_eq!(found, Some(status), "{arguments:?}\n{stdout}{stderr}");
    let mut rest = &*stdout;
    for part in parts {
        let (_, after) = rest
            .split_once(part)
            .ok_or(format!("{part}\nis not in\n{stdout}"))?;
        rest = after;
    }
    Ok(())
}

#[test]
fn an_allowed_request_is_shown_both_ways() -> Tested {
    let arguments = [
        "--origin",
        "https://app.example.com",
        "--method",
        "PUT",
        "--path",
        "/orders/7",
        "--header",
        "content-type: application/json",
        "--credentials",
    ];
    assert_said(
        &arguments,
        0,
        &[
            "asks first",
            "\"PUT\"",
            "\"application/json\"",
            "> OPTIONS /orders/7 ",
            "> access-control-request-headers: content-type\n",
            "< HTTP/1.1 204\n",
            "< access-control-allow-origin: https://app.example.com\n",
            "> PUT /orders/7 ",
            "< access-control-allow-credentials: true\n",
            "The script reads the response",
            "curl -i -X OPTIONS ",
            "curl -i -X PUT ",
        ],
    )
}

#[test]
fn a_refusal_has_its_reason_and_its_remedy() -> Tested {
    let app = ["--origin", "https://app.example.com"];
    let with = |more: &[&'static str]| [&app[..], more].concat();
    assert_said(
        &with(&["--method", "DELETE"]),
        1,
        &[
            "> OPTIONS / ",
            "Why: ",
            "\"DELETE\"",
            "Remedy: ",
            "allow_methods",
            "does not send the request",
        ],
    )?;
    assert_said(
        &["--origin", "https://evil.example"],
        1,
        &[
            "without asking first",
            "Why: ",
            "https://evil.example",
            "Remedy: ",
            "allow_origins",
        ],
    )?;
    // The policy allows the page, and not its cookies.
    assert_said(
        &[
            "--origin",
            "https://evil.example",
            "--path",
            "/feeds/new",
            "--credentials",
        ],
        1,
        &[
            "/feeds/{*feed}",
            "access-control-allow-origin: *",
            "no request with credentials",
        ],
    )?;
    assert_said(
        &with(&["--path", "/internal"]),
        1,
        &["The path has no policy", "/internal"],
    )
}

#[test]
fn what_a_script_cannot_set_is_said() -> Tested {
    let arguments = [
        "--origin",
        "https://app.example.com",
        "--header",
        "Cookie: a=b",
    ];
    assert_said(&arguments, 0, &["leaves \"Cookie\" out"])
}

#[test]
fn a_request_that_is_none_ends_with_2() -> Tested {
    let app = ["--origin", "https://app.example.com"];
    for wrong in [
        &["--origin", "app.example.com"][..],
        &["--origin", "https://app.example.com/"],
        &[&app[..], &["--method", "A B"]].concat(),
        &[&app[..], &["--method", "TRACE"]].concat(),
        &[&app[..], &["--header", "a b: c"]].concat(),
        &[&app[..], &["--header", "a: b\r\nc: d"]].concat(),
        &[&app[..], &["--path", "orders"]].concat(),
        &[&app[..], &["--path", "/a b"]].concat(),
        &[&app[..], &["--path", "/a/../b"]].concat(),
        &[&app[..], &["--path", "/a/%2E/b"]].concat(),
        &[&app[..], &["--path", "/a?b=c"]].concat(),
        &[&app[..], &["--host", "user@a.example"]].concat(),
        &[&app[..], &["--host", "a.example:99999"]].concat(),
        // The server's own page needs no permission.
        &[&app[..], &["--host", "app.example.com"]].concat(),
        &[&app[..], &["--host", "a b"]].concat(),
    ] {
        let (status, stdout, stderr) = explain(wrong)?;
        assert_eq!((status, &*stdout), (Some(2), ""), "{wrong:?}");
        assert!(!stderr.is_empty(), "{wrong:?}");
    }
    Ok(())
}

/// No policy is for a path that can be read in several ways.
#[test]
fn a_path_of_several_readings_is_said() -> Tested {
    let arguments = [
        "--origin",
        "https://app.example.com",
        "--path",
        "/feeds%2fx",
    ];
    assert_said(&arguments, 1, &["can be read in several ways", "Why: "])
}

#[test]
fn what_curl_sends_is_what_is_shown() -> Tested {
    let arguments = [
        "--origin",
        "https://app.example.com",
        "--method",
        "HEAD",
        "--header",
        "accept: application/json",
        "--header",
        "x-empty:",
    ];
    let (_, stdout, _) = explain(&arguments)?;
    for part in ["-H 'accept: application/json'", "-H 'x-empty;'"] {
        assert!(!stdout.contains("curl -i -X HEAD"), "{stdout}");
        let is_asked = stdout.contains("curl -i -X OPTIONS");
        assert!(is_asked || stdout.contains(part), "{part}\n{stdout}");
    }
    let (_, stdout, _) = explain(&["--origin", "https://app.example.com", "--method", "HEAD"])?;
    assert!(stdout.contains("curl -I -H"), "{stdout}");
    Ok(())
}

#[test]
fn a_policy_that_lists_hosts_is_asked_by_one_of_them() -> Tested {
    let policy = "allow_origins = [\"https://app.example.com\"]\n\
                  allow_hosts = [\"app.example.com\", \"*.api.example.com\"]\n";
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    fs::write(&file, policy)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cors"));
    command.arg("explain").arg(&file);
    let output = command
        .args(["--origin", "https://app.example.com"])
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("https://probe.api.example.com/"), "{text}");
    // A host that is named is the one that is asked about.
    let output = command.args(["--host", "evil.example"]).output()?;
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}
