//! What is written of a finding, and what never is.

use std::sync::mpsc;

use serde_json::Value;

use super::corpus::{self, handler};
use super::cors::{APP, ORIGIN, right};
use super::server::{Handler, Reply, Server};
use crate::{Tested, cors, probe};

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
fn no_secret_is_written_decoded_or_encoded() -> Tested {
    // "user:opensesame", and the key in base64.
    let basic = "Authorization: Basic dXNlcjpvcGVuc2VzYW1l";
    let key = "X-Api-Key: 0123456789abcdef";
    let token = "X-Forwarded-Access-Token: fedcba9876543210";
    let server = Server::start(handler(|request| {
        let key = request
            .header("x-api-key")
            .map(|_| "MDEyMzQ1Njc4OWFiY2RlZg==");
        Reply::new(200)
            .with(ORIGIN, "https://user:opensesame@app.example.com")
            .with("Location", key.unwrap_or_default())
            .with(
                "Cache-Control",
                request
                    .header("x-forwarded-access-token")
                    .unwrap_or_default(),
            )
    }))?;
    let headers = [basic, key, token].map(|line| ["--header", line]);
    let url = server.url("/orders");
    for format in ["text", "json", "sarif"] {
        let arguments = [
            &[&*url, "--origin", APP, "--format", format],
            headers.as_flattened(),
        ];
        let output = cors(&arguments.concat())?;
        let text = String::from_utf8([output.stdout, output.stderr].concat())?;
        assert!(text.contains("(not shown)"), "{text}");
        for secret in [
            "opensesame",
            "dXNlcjp",
            "MDEyMzQ1",
            "0123456789",
            "fedcba98",
        ] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
    Ok(())
}

/// A header line that tells a secret.
type Spelling = fn(&str) -> (&'static str, String);

#[test]
fn no_secret_is_written_in_another_spelling() -> Tested {
    let secret = "S3cr3t/Tok+0123456789";
    let spellings: [Spelling; 5] = [
        |_| ("Location", "/x?t=S3cr3t%2FTok%2b0123456789".to_owned()),
        |_| ("Location", "/x?t=%533cr3t/Tok+0123456789".to_owned()),
        |_| {
            (
                "Location",
                "https://s3cr3t-tok-0123456789.example/".to_owned(),
            )
        },
        |told| (ORIGIN, told.to_ascii_uppercase()),
        |_| ("Access-Control-S3cr3t-Tok-0123456789", "1".to_owned()),
    ];
    for spelling in spellings {
        let server = Server::start(Box::new(move |request| {
            let told = request.header("authorization").unwrap_or_default();
            let (name, value) = spelling(told.trim_start_matches("Bearer "));
            Reply::new(302).with(name, value)
        }))?;
        // In the name of a header there are no slashes.
        let secrets = [secret, "S3cr3t-Tok-0123456789"];
        let lines = secrets.map(|secret| format!("Authorization: Bearer {secret}"));
        let header = [
            "--header",
            &lines[0],
            "--header",
            &lines[1].replace("Authorization", "X-Key"),
        ];
        let forwarded = ["--header", "X-Forwarded-Proto: https-or-so"];
        let url = server.url("/orders");
        let output = cors(&[&[&*url, "--origin", APP], &header[..], &forwarded[..]].concat())?;
        let text = String::from_utf8([output.stdout, output.stderr].concat())?;
        assert!(text.contains("(not shown)"), "{text}");
        assert!(!text.to_ascii_lowercase().contains("tok"), "{text}");
        assert!(!text.contains("0123456789"), "{text}");
    }
    // What proxies set is none.
    let server = Server::start(handler(|request| {
        Reply::new(200).with(
            ORIGIN,
            request.header("x-forwarded-proto").unwrap_or_default(),
        )
    }))?;
    let arguments = [
        "--origin",
        APP,
        "--header",
        "X-Forwarded-Proto: https-or-so",
    ];
    let (_, report) = probe(&server.url("/orders"), &arguments)?;
    let sent = report["findings"][0]["sent"].as_str().unwrap_or_default();
    assert!(
        sent.contains("X-Forwarded-Proto: https-or-so"),
        "{report:#}"
    );
    let got = report["findings"][0]["got"].as_str().unwrap_or_default();
    assert!(got.contains(": https-or-so"), "{report:#}");
    Ok(())
}

#[test]
fn two_runs_write_the_same() -> Tested {
    // It shows by URLs that no cache knows from another run.
    let broken = corpus::all().into_iter();
    let broken = broken.filter(|broken| broken.kinds == ["Cached"]);
    let broken = broken.map(|broken| (broken.handler)()).next();
    let server = Server::start(broken.ok_or("it is in the corpus")?)?;
    let run = || probe(&server.url("/orders"), &["--origin", APP]);
    let (_, report) = run()?;
    let url = &report["findings"][0]["where"]["url"];
    assert!(
        url.as_str().is_some_and(|url| url.contains("cors-probe=")),
        "{report:#}"
    );
    assert_eq!(run()?.1, report);
    Ok(())
}

#[test]
fn one_preflight_alone_has_the_users_headers() -> Tested {
    let (tell, told) = mpsc::channel();
    let server = Server::start(Box::new(move |request| {
        if request.is_preflight() && request.header("authorization").is_some() {
            let _ = tell.send(
                request
                    .header("access-control-request-method")
                    .map(str::to_owned),
            );
        }
        right(request)
    }))?;
    let arguments = ["--origin", APP, "--header", "Authorization: 0123456789"];
    let (status, report) = probe(&server.url("/orders"), &arguments)?;
    assert_eq!(status, Some(0), "{report:#}");
    // It shows whether preflights need a login.
    assert_eq!(Vec::from_iter(told.try_iter()), [Some("GET".to_owned())]);
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
