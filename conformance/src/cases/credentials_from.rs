//! `allow_credentials_from`: some origins have credentials, and others none.

use conformance_client::raw::Request;

use super::case::{Case, case};
use super::expected::Expected;
use super::policies::APART;
use super::request::{get, preflight_request};
use super::words::{ACAC, ACAH, ACAM, ACAO, ACMA, APP, EVIL, ORIGIN, PREFLIGHT};

/// Anything may be asked for, and nobody is named but those with credentials.
const ANYTHING: &str = r#"
allow_origins = ["*"]
allow_methods = ["*"]
allow_headers = ["*"]
allow_credentials_from = ["https://app.example.com", "https://*.example.org:*"]
"#;

/// Origins by name on both sides, one of them on both.
const NAMED: &str = r#"
allow_origins = ["https://partner.example.net", "https://app.example.com"]
allow_credentials_from = ["https://app.example.com"]
allow_methods = ["PUT"]
preflight_refusal_status = 204
"#;

const PARTNER: &str = "https://partner.example.net";

/// A table that writes who has credentials takes nothing of that over.
const BY_PATH: &str = r#"
allow_origins = ["https://partner.example.net"]
allow_credentials_from = ["https://app.example.com"]

[[paths]]
path = "/echo"
allow_credentials = true
"#;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = preflights();
    cases.extend(actual_requests());
    cases.extend(no_single_origin());
    cases
}

fn preflights() -> Vec<Case> {
    let asking = |origin, names| {
        preflight_request("/echo", origin, "PUT").line("Access-Control-Request-Headers", names)
    };
    let answer = |cors: &[(&'static str, &str)]| Expected::answer(204).cors(cors).vary(PREFLIGHT);
    vec![
        case(
            "credentials from: a listed origin is echoed what it asks for",
            ANYTHING,
            asking(APP, "authorization,x-a"),
            answer(&[
                (ACAO, APP),
                (ACAC, "true"),
                (ACAM, "PUT"),
                (ACAH, "authorization,x-a"),
            ]),
        ),
        case(
            "credentials from: a pattern is for those it matches",
            ANYTHING,
            asking("https://a.example.org:8443", "x-a"),
            answer(&[
                (ACAO, "https://a.example.org:8443"),
                (ACAC, "true"),
                (ACAM, "PUT"),
                (ACAH, "x-a"),
            ]),
        ),
        case(
            "credentials from: another origin has the stars",
            ANYTHING,
            asking(EVIL, "x-a"),
            answer(&[(ACAO, "*"), (ACAM, "*"), (ACAH, "*")]),
        ),
        case(
            "credentials from: the stars do not cover authorization",
            ANYTHING,
            asking(EVIL, "authorization"),
            Expected::answer(403).vary(PREFLIGHT),
        ),
        case(
            "credentials from: a star is no method to a listed origin",
            ANYTHING,
            preflight_request("/echo", APP, "*"),
            Expected::answer(403).vary(PREFLIGHT),
        ),
        case(
            "credentials from: a listed origin has lists and credentials",
            APART,
            asking(APP, "content-type"),
            answer(&[
                (ACAO, APP),
                (ACAC, "true"),
                (ACAM, "PUT"),
                (ACAH, "content-type"),
                (ACMA, "600"),
            ]),
        ),
        case(
            "credentials from: another origin has the same lists",
            APART,
            asking(EVIL, "content-type"),
            answer(&[
                (ACAO, "*"),
                (ACAM, "PUT"),
                (ACAH, "content-type"),
                (ACMA, "600"),
            ]),
        ),
        case(
            "credentials from: a list refuses a listed origin, and is told",
            NAMED,
            preflight_request("/echo", APP, "DELETE"),
            answer(&[(ACAO, APP), (ACAC, "true"), (ACAM, "PUT")]),
        ),
        case(
            "credentials from: a list refuses another origin, and is told",
            NAMED,
            preflight_request("/echo", PARTNER, "DELETE"),
            answer(&[(ACAO, PARTNER), (ACAM, "PUT")]),
        ),
        case(
            "credentials from: an origin on neither side is told nothing",
            NAMED,
            preflight_request("/echo", EVIL, "PUT"),
            Expected::answer(204).vary(PREFLIGHT),
        ),
    ]
}

fn actual_requests() -> Vec<Case> {
    let mut cases = Vec::new();
    for (what, policy, origin, cors) in [
        ("both lists", NAMED, APP, &[(ACAO, APP), (ACAC, "true")][..]),
        ("allow_origins", NAMED, PARTNER, &[(ACAO, PARTNER)]),
        ("neither list", NAMED, EVIL, &[]),
        (
            "the list, but for its port",
            ANYTHING,
            "https://app.example.com:8443",
            &[(ACAO, "*")],
        ),
        (
            "the list, but for its scheme",
            ANYTHING,
            "http://app.example.com",
            &[(ACAO, "*")],
        ),
        ("a list that a table does not take over", BY_PATH, APP, &[]),
        (
            "allow_origins of a table",
            BY_PATH,
            PARTNER,
            &[(ACAO, PARTNER), (ACAC, "true")],
        ),
        ("no list, null", ANYTHING, "null", &[(ACAO, "*")]),
        ("no list, file://", ANYTHING, "file://", &[(ACAO, "*")]),
    ] {
        cases.push(case(
            format!("credentials from: an origin of {what}"),
            policy,
            get("/echo").line("Origin", origin),
            Expected::from_handler(200).cors(cors).vary(ORIGIN),
        ));
    }
    cases
}

/// The response depends on `Origin`, so it has to be one origin, although any is allowed.
fn no_single_origin() -> Vec<Case> {
    let mut cases = vec![
        case(
            "credentials from: no Origin, and no star for caches to keep",
            APART,
            get("/echo"),
            Expected::from_handler(200).vary(ORIGIN),
        ),
        case(
            "credentials from: two Origin lines",
            APART,
            get("/echo").line("Origin", APP).line("Origin", EVIL),
            Expected::from_handler(200).vary(ORIGIN),
        ),
        case(
            "credentials from: two Origin lines of a preflight",
            APART,
            Request::new("OPTIONS", "/echo")
                .line("Origin", APP)
                .line("Origin", APP)
                .line("Access-Control-Request-Method", "PUT"),
            Expected::answer(403).vary(PREFLIGHT),
        ),
    ];
    for origin in [
        "",
        "https://app.example.com/",
        "https://app.example.com, null",
    ] {
        cases.push(case(
            format!("credentials from: `{origin}` is no origin"),
            APART,
            get("/echo").line("Origin", origin),
            Expected::from_handler(200).vary(ORIGIN),
        ));
    }
    cases
}
