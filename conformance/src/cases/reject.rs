//! Section 3: `reject_disallowed_origins`.

use conformance_client::raw::Request;
use conformance_servers::Framework;

use super::case::{Case, case};
use super::expected::Expected;
use super::policies::{LIST_EXPOSED, Row};
use super::request::{get, preflight_request};
use super::words::{ACAH, ACAM, ACAO, ACEH, APP, EVIL, ORIGIN, PREFLIGHT};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        case(
            "reject: an allowed origin is served",
            REJECT,
            get("/echo").line("Origin", APP),
            Expected::from_handler(200)
                .cors(&[(ACAO, APP), (ACEH, LIST_EXPOSED)])
                .vary(ORIGIN)
                .lines("cache-control", &[]),
        ),
        case(
            "reject: no origin is served",
            REJECT,
            get("/echo"),
            Expected::from_handler(200)
                .vary(ORIGIN)
                .lines("cache-control", &[]),
        ),
        case(
            "reject: an allowed preflight is answered",
            REJECT,
            preflight_request("/echo", APP, "PUT"),
            Expected::answer(204)
                .cors(&[(ACAO, APP), (ACAM, "PUT"), (ACAH, "content-type")])
                .vary(PREFLIGHT)
                .lines("cache-control", &[]),
        ),
        case(
            "reject: a preflight that a list refuses is answered",
            REJECT,
            preflight_request("/echo", APP, "DELETE"),
            Expected::answer(204)
                .cors(&[(ACAO, APP), (ACAM, "PUT"), (ACAH, "content-type")])
                .vary(PREFLIGHT)
                .lines("cache-control", &[]),
        ),
        case(
            "reject: a refused preflight has the status of preflights",
            REJECT,
            preflight_request("/echo", EVIL, "PUT"),
            Expected::answer(204)
                .vary(PREFLIGHT)
                .lines("cache-control", &[]),
        ),
        case(
            "reject: nobody is allowed",
            "reject_disallowed_origins = true",
            get("/echo").line("Origin", APP),
            rejected(),
        ),
        case(
            "reject: a body is not waited for",
            REJECT,
            Request::new("POST", "/echo")
                .line("Origin", EVIL)
                .body("12345"),
            rejected().leaves_body_unread(),
        ),
        case(
            "reject: two Origin lines",
            REJECT,
            get("/echo").line("Origin", APP).line("Origin", APP),
            rejected(),
        ),
    ];
    for origin in [
        EVIL,
        "null",
        "",
        "https://app.example.com/",
        "https://app.example.com:443",
        "https://app.example.com, https://app.example.com",
        "file://",
        "\u{fc}",
    ] {
        cases.extend([
            case(
                format!("reject: `{origin}` is not an allowed origin"),
                REJECT,
                get("/echo").line("Origin", origin),
                rejected(),
            ),
            case(
                format!("reject: `{origin}` is served where any origin is allowed"),
                r#"
                reject_disallowed_origins = true
                [[paths]]
                path = "/echo"
                allow_origins = ["*"]
                "#,
                get("/echo").line("Origin", origin),
                Expected::from_handler(200).cors(&[(ACAO, "*")]),
            ),
        ]);
    }
    let rows: [Row; 10] = [
        ("HEAD", "/echo", rejected()),
        ("PUT", "/echo", rejected()),
        ("DELETE", "/echo", rejected()),
        // No preflight without a requested method.
        ("OPTIONS", "/echo", rejected()),
        ("GET", "/boom", rejected()),
        ("GET", "/panic", rejected()),
        ("GET", "/guarded", rejected()),
        ("GET", "/own-cors", rejected()),
        ("GET", "/vary", rejected()),
        ("GET", "/nowhere", rejected()),
    ];
    for (method, path, expected) in rows {
        cases.push(case(
            format!("reject: {method} {path} does not reach the app"),
            REJECT,
            Request::new(method, path).line("Origin", EVIL),
            expected,
        ));
    }
    for site in ["same-origin", "none"] {
        // A page with `Referrer-Policy: no-referrer` posts to its own origin with `Origin: null`.
        for origin in [EVIL, "null"] {
            cases.push(case(
                format!("reject: {origin} with Sec-Fetch-Site: {site} is same-origin"),
                REJECT,
                Request::new("POST", "/echo")
                    .line("Origin", origin)
                    .line("Sec-Fetch-Site", site),
                Expected::from_handler(200)
                    .vary(ORIGIN)
                    .lines("cache-control", &[]),
            ));
        }
    }
    for site in [
        "cross-site",
        "same-site",
        "",
        "Same-Origin",
        "same-origin,",
        "x",
    ] {
        cases.push(case(
            format!("reject: Sec-Fetch-Site: `{site}` is not same-origin"),
            REJECT,
            get("/echo")
                .line("Origin", EVIL)
                .line("Sec-Fetch-Site", site),
            rejected(),
        ));
        // Whoever is on the network can serve a page of http://shop.example.com, and the browser
        // says that it is not of the same origin.
        for origin in ["http://shop.example.com", "https://shop.example.com"] {
            cases.push(case(
                format!("reject: {origin} at its own host with Sec-Fetch-Site: `{site}`"),
                REJECT,
                Request::new("POST", "/echo")
                    .line("Host", "shop.example.com")
                    .line("Origin", origin)
                    .line("Sec-Fetch-Site", site),
                rejected(),
            ));
        }
    }
    for sites in [
        ["same-origin", "same-origin"],
        ["none", "same-origin"],
        ["same-origin", "cross-site"],
        ["cross-site", "none"],
    ] {
        cases.push(case(
            format!("reject: Sec-Fetch-Site on two lines, {sites:?}"),
            REJECT,
            sites.iter().fold(
                get("/echo")
                    .line("Host", "shop.example.com")
                    .line("Origin", "https://shop.example.com"),
                |request, site| request.line("Sec-Fetch-Site", site),
            ),
            rejected(),
        ));
    }
    for (origin, host) in [
        ("https://shop.example.com", "shop.example.com"),
        ("http://shop.example.com", "shop.example.com"),
        ("https://shop.example.com:8443", "shop.example.com:8443"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
    ] {
        cases.push(case(
            format!("reject: {origin} is same-origin at Host {host}"),
            REJECT,
            get("/echo").line("Host", host).line("Origin", origin),
            Expected::from_handler(200).vary(ORIGIN),
        ));
    }
    for (origin, host) in [
        ("https://shop.example.com", "other.example.com"),
        ("https://shop.example.com:8443", "shop.example.com"),
        ("https://shop.example.com", "shop.example.com:8443"),
        ("https://shop.example.com:8443", "shop.example.com:8444"),
        ("https://shop.example.com", "shop.example.com.evil.net"),
        ("https://shop.example.com", "evilshop.example.com"),
        ("https://shop.example.co", "shop.example.com"),
        ("null", "null"),
        ("https://shop.example.com/", "shop.example.com/"),
        ("", "shop.example.com"),
    ] {
        cases.push(case(
            format!("reject: `{origin}` is not same-origin at Host {host}"),
            REJECT,
            get("/echo").line("Host", host).line("Origin", origin),
            rejected().or_rejected_by_framework(),
        ));
    }
    // An absolute target says which host is meant, whatever Host says (RFC 9112, 3.2.2).
    for (target, host, expected) in [
        (
            "http://shop.example.com/echo",
            "other.example.com",
            Expected::from_handler(200)
                .vary(ORIGIN)
                // Rocket reads Host alone. warp's filters don't see the target, but do see that the
                // two differ.
                .on(Framework::Rocket, rejected())
                .on(Framework::WarpFilter, rejected()),
        ),
        (
            "http://other.example.com/echo",
            "shop.example.com",
            rejected().on(Framework::Rocket, Expected::from_handler(200).vary(ORIGIN)),
        ),
    ] {
        cases.push(case(
            format!("reject: the target {target} counts, not Host {host}"),
            REJECT,
            get(target)
                .line("Host", host)
                .line("Origin", "http://shop.example.com"),
            expected,
        ));
    }
    cases
}

fn rejected() -> Expected {
    Expected::answer(403)
        .vary(ORIGIN)
        .lines("cache-control", &["no-store"])
}

const REJECT: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["content-type"]
expose_headers = ["x-app-hits", "x-custom-one"]
reject_disallowed_origins = true
preflight_refusal_status = 204
"#;
