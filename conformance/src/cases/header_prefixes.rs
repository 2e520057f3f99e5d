//! Section 4: header names by their beginning, in preflights and in the app's responses.

use super::case::{Case, case};
use super::expected::Expected;
use super::request::{get, preflight_for_headers, preflight_request};
use super::words::{ACAC, ACAH, ACAM, ACAO, ACEH, APP, EVIL, ORIGIN, PREFLIGHT};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (lines, names) in ASKED {
        for (policy, credentials) in [(PREFIXES, false), (WITH_CREDENTIALS, true)] {
            let mut cors = vec![(ACAO, APP), (ACAM, "PUT"), (ACAH, names)];
            cors.extend(credentials.then_some((ACAC, "true")));
            cases.push(case(
                format!("header prefixes, credentials {credentials}: {lines:?} are asked for"),
                policy,
                preflight_for_headers(*lines),
                Expected::answer(204).cors(&cors).vary(PREFLIGHT),
            ));
        }
    }
    for lines in [&["x-acme-a b"][..], &["x-acme-id", "x-acme-\u{e4}"]] {
        cases.push(case(
            format!("header prefixes: {lines:?} are no names"),
            PREFIXES,
            preflight_for_headers(lines),
            Expected::answer(403).vary(PREFLIGHT),
        ));
    }
    cases.push(case(
        "header prefixes: nothing is told to another origin",
        PREFIXES,
        preflight_request("/echo", EVIL, "PUT").line("Access-Control-Request-Headers", "x-acme-id"),
        Expected::answer(403).vary(PREFLIGHT),
    ));
    cases.push(case(
        "header prefixes: a preflight that is passed through",
        PASSED_THROUGH,
        preflight_request("/echo", APP, "PUT").line("Access-Control-Request-Headers", "x-acme-id"),
        Expected::from_handler(200)
            .cors(&[(ACAO, APP), (ACAM, "PUT"), (ACAH, "x-a, x-acme-id")])
            .vary(PREFLIGHT),
    ));
    cases.extend(exposed());
    cases
}

/// Returns cases of the app's own headers, which are `X-App-Hits` and two custom ones.
fn exposed() -> Vec<Case> {
    let all = "x-absent, x-app-hits, x-custom-one, x-custom-two";
    let from_app = |policy| case_of("an allowed origin", policy, Some(APP), "/echo");
    let origin_alone = || Expected::from_handler(200).vary(ORIGIN);
    vec![
        from_app(PREFIXES)(origin_alone().cors(&[(ACAO, APP), (ACEH, all)])),
        from_app(WITH_CREDENTIALS)(origin_alone().cors(&[
            (ACAO, APP),
            (ACAC, "true"),
            (ACEH, "x-custom-one, x-custom-two"),
        ])),
        case_of("another origin", PREFIXES, Some(EVIL), "/echo")(origin_alone()),
        case_of("no origin", PREFIXES, None, "/echo")(origin_alone()),
        case_of("no origin, any allowed", PUBLIC, None, "/echo")(
            Expected::from_handler(200).cors(&[(ACAO, "*"), (ACEH, "x-custom-one, x-custom-two")]),
        ),
        case_of("a response without them", PREFIXES, Some(APP), "/missing")(
            Expected::from_framework(404)
                .cors(&[(ACAO, APP), (ACEH, "x-absent")])
                .vary(ORIGIN),
        ),
        case_of("no header to name", PUBLIC, Some(APP), "/missing")(
            Expected::from_framework(404).cors(&[(ACAO, "*")]),
        ),
        // No script reads `Set-Cookie`.
        case_of("cookies", COOKIES, Some(APP), "/login")(
            Expected::from_handler(200)
                .cors(&[(ACAO, APP)])
                .vary(ORIGIN),
        ),
    ]
}

fn case_of(
    what: &'static str,
    policy: &'static str,
    origin: Option<&'static str>,
    path: &'static str,
) -> impl FnOnce(Expected) -> Case {
    move |expected| {
        let request = get(path);
        let request = match origin {
            Some(origin) => request.line("Origin", origin),
            None => request,
        };
        let name = match policy {
            WITH_CREDENTIALS => "exposed prefixes with credentials",
            _ => "exposed prefixes",
        };
        case(format!("{name}: {what}, {path}"), policy, request, expected)
    }
}

/// What is asked for, and the names of the response.
const ASKED: &[(&[&str], &str)] = &[
    (&["x-acme-id"], "x-a, x-acme-id"),
    (&["x-a,x-acme-id"], "x-a, x-acme-id"),
    (
        &["x-acme-b, x-acme-a", "x-acme-c"],
        "x-a, x-acme-b, x-acme-a, x-acme-c",
    ),
    (&["x-acme-b,,", ", x-acme-a"], "x-a, x-acme-b, x-acme-a"),
    (&["x-a"], "x-a"),
    // Refused by the list, in which the browser finds what is missing.
    (&["x-acme-"], "x-a"),
    (&["x-acme"], "x-a"),
    (&["x-acmex"], "x-a"),
    (&["x-acm"], "x-a"),
    (&["x-b,x-acme-id"], "x-a, x-acme-id"),
    // Forbidden, whatever it begins with.
    (&["set-cookie"], "x-a"),
    (&["set-thing"], "x-a, set-thing"),
];

const PREFIXES: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["x-a", "X-Acme-*", "set-*"]
expose_headers = ["x-absent", "X-Custom-*", "x-app-*", "set-*"]
"#;

const WITH_CREDENTIALS: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["x-a", "x-acme-*", "set-*"]
expose_headers = ["x-custom-*"]
allow_credentials = true
"#;

const PUBLIC: &str = r#"
allow_origins = ["*"]
expose_headers = ["x-custom-*"]
"#;

const PASSED_THROUGH: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["x-a", "x-acme-*"]
preflight_passthrough = true
"#;

const COOKIES: &str = r#"
allow_origins = ["https://app.example.com"]
expose_headers = ["set-*"]
"#;
