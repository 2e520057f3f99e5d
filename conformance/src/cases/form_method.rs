//! `_method` in a form, which Rocket takes for the method: it meets the policy as a preflight for
//! that method would. To the other frameworks it is a field of a form.

use conformance_client::raw::Request;
use conformance_servers::Framework;

use super::case::{Case, case};
use super::expected::Expected;
use super::words::{ACAC, ACAO, APP, EVIL, ORIGIN};

pub(super) fn cases() -> Vec<Case> {
    let long = format!("_method=put&text={}", "x".repeat(2_000));
    let mut cases = vec![
        case(
            "form method: a listed one runs, and the app reads the whole body",
            PUT,
            form(&long).line("Origin", APP),
            echoes("POST", &long).on(Framework::Rocket, echoes("PUT", &long)),
        ),
        case(
            "form method: a listed one from another origin does not reach Rocket's app",
            PUT,
            form("_method=put").line("Origin", EVIL),
            Expected::from_handler(200)
                .vary(ORIGIN)
                .on(Framework::Rocket, rejected()),
        ),
        case(
            "form method: no path is left out",
            PUT,
            Request::new("POST", "/nowhere")
                .line("Content-Type", FORM)
                .line("Origin", APP)
                .body("_method=delete"),
            Expected::from_framework(404)
                .cors(&[(ACAO, APP)])
                .vary(ORIGIN)
                .leaves_body_unread()
                .on(Framework::Rocket, rejected()),
        ),
        case(
            "form method: any origin may not send any method",
            r#"allow_origins = ["*"]"#,
            form("_method=delete").line("Origin", EVIL),
            Expected::from_handler(200)
                .cors(&[(ACAO, "*")])
                .on(Framework::Rocket, rejected_whoever_asks()),
        ),
        case(
            "form method: any method may be sent where any is allowed",
            r#"
            allow_origins = ["https://app.example.com"]
            allow_methods = ["*"]
            "#,
            form("_method=delete").line("Origin", APP),
            served(),
        ),
        // A form has cookies, whatever a policy says.
        case(
            "form method: an origin without credentials does not reach Rocket's app",
            APART_DELETE,
            form("_method=delete").line("Origin", EVIL),
            Expected::from_handler(200)
                .cors(&[(ACAO, "*")])
                .vary(ORIGIN)
                .on(Framework::Rocket, rejected()),
        ),
        case(
            "form method: one with credentials does",
            APART_DELETE,
            form("_method=delete").line("Origin", APP),
            Expected::from_handler(200)
                .cors(&[(ACAO, APP), (ACAC, "true")])
                .vary(ORIGIN),
        ),
        case(
            "form method: a method that was sent is the one that a preflight was about",
            PUT,
            Request::new("PUT", "/echo")
                .line("Content-Type", FORM)
                .line("Origin", APP)
                .body("_method=put"),
            served(),
        ),
        case(
            "form method: without Origin",
            PUT,
            form("_method=delete"),
            Expected::from_handler(200).vary(ORIGIN),
        ),
        case(
            "form method: the server's own form, by Host",
            PUT,
            form("_method=delete")
                .line("Host", "shop.example.com")
                .line("Origin", "https://shop.example.com"),
            Expected::from_handler(200).vary(ORIGIN),
        ),
    ];
    // Whoever is on the network can serve such a page.
    cases.push(case(
        "form method: a form of the same host that the browser calls another site",
        PUT,
        form("_method=delete")
            .line("Host", "shop.example.com")
            .line("Origin", "http://shop.example.com")
            .line("Sec-Fetch-Site", "cross-site"),
        Expected::from_handler(200)
            .vary(ORIGIN)
            .on(Framework::Rocket, rejected()),
    ));
    // Rocket drops the host of an absolute target, so that Host counts.
    for (target, host, expected) in [
        (
            "http://other.example.com/echo",
            "shop.example.com",
            Expected::from_handler(200).vary(ORIGIN),
        ),
        (
            "http://shop.example.com/echo",
            "other.example.com",
            Expected::from_handler(200)
                .vary(ORIGIN)
                .on(Framework::Rocket, rejected()),
        ),
    ] {
        cases.push(case(
            format!("form method: a form of shop.example.com to {target}, with Host {host}"),
            PUT,
            Request::new("POST", target)
                .line("Content-Type", FORM)
                .line("Host", host)
                .line("Origin", "http://shop.example.com")
                .body("_method=delete"),
            expected,
        ));
    }
    for origin in [EVIL, "null"] {
        cases.push(case(
            format!("form method: the server's own form, by Sec-Fetch-Site, with Origin {origin}"),
            PUT,
            form("_method=delete")
                .line("Origin", origin)
                .line("Sec-Fetch-Site", "same-origin"),
            Expected::from_handler(200).vary(ORIGIN),
        ));
    }
    for body in [
        "_method=delete",
        "_method=DELETE&text=x",
        "_method=DeLeTe",
        "&_method=patch",
        "_method=trace",
        // Rocket reads no further than the `e`.
        "_method=deleted",
    ] {
        cases.push(case(
            format!("form method: `{body}` is not listed, and does not reach Rocket's app"),
            PUT,
            form(body).line("Origin", APP),
            served().on(Framework::Rocket, rejected()),
        ));
    }
    for body in [
        "_method=get",
        "_method=post",
        "_method=",
        "_method=del",
        "_method",
        "text=x&_method=delete",
        "_METHOD=delete",
        // Longer than what Rocket reads.
        "_method=options",
        "%5Fmethod=delete",
        "\"_method=delete\"",
        "",
    ] {
        cases.push(case(
            format!("form method: `{body}` asks for nothing that needs a preflight"),
            PUT,
            form(body).line("Origin", APP),
            served(),
        ));
    }
    for content_type in ["text/plain", "multipart/form-data", "application/json", ""] {
        cases.push(case(
            format!("form method: a body of the type `{content_type}` names none"),
            PUT,
            Request::new("POST", "/echo")
                .line("Content-Type", content_type)
                .line("Origin", APP)
                .body("_method=delete"),
            served(),
        ));
    }
    cases
}

fn form(body: &str) -> Request {
    Request::new("POST", "/echo")
        .line("Content-Type", FORM)
        .body(body)
}

fn served() -> Expected {
    Expected::from_handler(200)
        .cors(&[(ACAO, APP)])
        .vary(ORIGIN)
}

fn echoes(method: &str, body: &str) -> Expected {
    let length = body.len();
    served().text(format!(
        r#"{{"method":"{method}","body_length":{length},"x_echo":null,"cookie":null}}"#
    ))
}

fn rejected() -> Expected {
    rejected_whoever_asks().vary(ORIGIN)
}

fn rejected_whoever_asks() -> Expected {
    Expected::answer(403).lines("cache-control", &["no-store"])
}

const FORM: &str = "application/x-www-form-urlencoded";

const APART_DELETE: &str = r#"
allow_origins = ["*"]
allow_credentials_from = ["https://app.example.com"]
allow_methods = ["DELETE"]
"#;

const PUT: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
"#;
