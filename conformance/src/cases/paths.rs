//! Policies by path: the most specific pattern's policy replaces every other one, a path that is
//! disabled has no CORS, and no spelling of a path stands for another one.

use conformance_client::raw::Request;

use super::case::{Case, case};
use super::expected::Expected;
use super::request::{get, preflight_request};
use super::words::{
    ACAC, ACAH, ACAM, ACAO, ACEH, ACMA, APP, EVIL, ORIGIN, PREFLIGHT, PREFLIGHT_OF_ANY_ORIGIN,
};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = by_path();
    cases.extend(switched_off());
    cases.extend(specific());
    cases.extend(tricks());
    cases
}

const ADMIN: &str = "https://admin.example.com";

/// The patterns are deliberately not in the order of what they match.
const PATHS: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["content-type"]
expose_headers = ["x-app-hits"]
allow_credentials = true
max_age = 600

[[paths]]
path = "/{*rest}"

[[paths]]
path = "/echo"
allow_origins = ["https://admin.example.com"]
allow_methods = ["DELETE"]

[[paths]]
path = "/vary"
allow_origins = ["*"]
allow_credentials = false
expose_headers = []

[[paths]]
path = "/own-cors"
enabled = false

[[paths]]
path = "/only-get"
enabled = false

[[paths]]
path = "/boom"
enabled = false
"#;

/// Returns cases in which a path has a policy of its own: another than the default, or a wider one.
fn by_path() -> Vec<Case> {
    let default: &[(&str, &str)] = &[(ACAO, APP), (ACAC, "true"), (ACEH, "x-app-hits")];
    let echo: &[(&str, &str)] = &[(ACAO, ADMIN), (ACAC, "true"), (ACEH, "x-app-hits")];
    let public: &[(&str, &str)] = &[(ACAO, "*")];
    let ok = || Expected::from_handler(200);
    let mut cases = Vec::new();
    for (path, origin, expected) in [
        ("/login", APP, ok().cors(default).vary(ORIGIN)),
        ("/login", ADMIN, ok().vary(ORIGIN)),
        ("/echo", ADMIN, ok().cors(echo).vary(ORIGIN)),
        ("/echo", APP, ok().vary(ORIGIN)),
        ("/vary", EVIL, ok().cors(public).vary(&["accept-encoding"])),
        (
            "/vary",
            "null",
            ok().cors(public).vary(&["accept-encoding"]),
        ),
        (
            "/nowhere",
            APP,
            Expected::from_framework(404).cors(default).vary(ORIGIN),
        ),
        (
            "/nowhere",
            ADMIN,
            Expected::from_framework(404).vary(ORIGIN),
        ),
    ] {
        cases.push(case(
            format!("paths: GET {path} from {origin}"),
            PATHS,
            get(path).line("Origin", origin),
            expected,
        ));
    }
    for (path, expected) in [
        ("/login", ok().vary(ORIGIN)),
        ("/echo", ok().vary(ORIGIN)),
        ("/echo?path=/vary", ok().vary(ORIGIN)),
        ("/vary", ok().cors(public).vary(&["accept-encoding"])),
    ] {
        cases.push(case(
            format!("paths: GET {path} from no origin"),
            PATHS,
            get(path),
            expected,
        ));
    }
    let allowed = |cors: &[(&'static str, &str)]| Expected::answer(204).cors(cors).vary(PREFLIGHT);
    let refused = || Expected::answer(403).vary(PREFLIGHT);
    let of = |origin, methods| {
        allowed(&[
            (ACAO, origin),
            (ACAC, "true"),
            (ACAM, methods),
            (ACAH, "content-type"),
            (ACMA, "600"),
        ])
    };
    for (path, origin, method, expected) in [
        ("/login", APP, "PUT", of(APP, "PUT")),
        ("/login", ADMIN, "PUT", refused()),
        ("/login", APP, "DELETE", refused()),
        ("/echo", ADMIN, "DELETE", of(ADMIN, "DELETE")),
        ("/echo", ADMIN, "PUT", refused()),
        ("/echo", APP, "DELETE", refused()),
        ("/echo?x=/login", APP, "PUT", refused()),
        ("/nowhere", APP, "PUT", of(APP, "PUT")),
        (
            "/vary",
            EVIL,
            "PUT",
            Expected::answer(204)
                .cors(&[
                    (ACAO, "*"),
                    (ACAM, "PUT"),
                    (ACAH, "content-type"),
                    (ACMA, "600"),
                ])
                .vary(PREFLIGHT_OF_ANY_ORIGIN),
        ),
        (
            "/vary",
            EVIL,
            "DELETE",
            Expected::answer(403).vary(PREFLIGHT_OF_ANY_ORIGIN),
        ),
    ] {
        cases.push(case(
            format!("paths: preflight for {method} {path} from {origin}"),
            PATHS,
            preflight_request(path, origin, method),
            expected,
        ));
    }
    cases
}

/// Returns cases for paths that are disabled: the app responds to everything itself.
fn switched_off() -> Vec<Case> {
    let own: &[(&str, &str)] = &[(ACAO, "*"), (ACAC, "true")];
    let mut cases = Vec::new();
    for origin in [APP, ADMIN, EVIL] {
        cases.extend([
            case(
                format!("disabled: the app's own headers stay, from {origin}"),
                PATHS,
                get("/own-cors").line("Origin", origin),
                Expected::from_handler(200).cors(own),
            ),
            case(
                format!("disabled: a preflight reaches the app, from {origin}"),
                PATHS,
                preflight_request("/own-cors", origin, "PUT"),
                Expected::from_handler(200).cors(own),
            ),
            case(
                format!("disabled: an error of the app, from {origin}"),
                PATHS,
                get("/boom").line("Origin", origin),
                Expected::from_handler(500),
            ),
            case(
                format!("disabled: a preflight where there is no OPTIONS, from {origin}"),
                PATHS,
                preflight_request("/only-get", origin, "PUT"),
                Expected::method_not_allowed(),
            ),
        ]);
    }
    cases.push(case(
        "disabled: no origin",
        PATHS,
        get("/own-cors"),
        Expected::from_handler(200).cors(own),
    ));
    cases
}

/// Returns cases for the most specific pattern, which counts in any order of patterns.
fn specific() -> Vec<Case> {
    let tables = [
        ("/{*rest}", "https://rest.example"),
        ("/ec{end}", "https://end.example"),
        ("/echo", "https://echo.example"),
        ("/echo/{*rest}", "https://below.example"),
    ];
    let file = |reversed: bool| -> &'static str {
        let mut tables: Vec<_> = tables
            .iter()
            .map(|(path, origin)| {
                format!("[[paths]]\npath = \"{path}\"\nallow_origins = [\"{origin}\"]\n")
            })
            .collect();
        if reversed {
            tables.reverse();
        }
        // Cases live as long as the program.
        tables.concat().leak()
    };
    let mut cases = Vec::new();
    for (order, policy) in [("as written", file(false)), ("reversed", file(true))] {
        for (path, expected) in [
            ("/echo", "https://echo.example"),
            ("/ech", "https://end.example"),
            ("/ec", "https://rest.example"),
            ("/echoxyz", "https://end.example"),
            ("/vary", "https://rest.example"),
            ("/echo/1", "https://below.example"),
            ("/echo/1/2", "https://below.example"),
            ("/echo/", "https://rest.example"),
            ("/vary/1", "https://rest.example"),
        ] {
            for (_, origin) in tables {
                let allowed = origin == expected;
                let expected = Expected::answer(if allowed { 204 } else { 403 }).vary(PREFLIGHT);
                cases.push(case(
                    format!("most specific, {order}: {path} from {origin}"),
                    policy,
                    preflight_request(path, origin, "GET"),
                    if allowed {
                        expected.cors(&[(ACAO, origin)])
                    } else {
                        expected
                    },
                ));
            }
        }
    }
    cases
}

/// One path, and nothing for any other.
const ECHO_ALONE: &str = r#"
[[paths]]
path = "/echo"
allow_origins = ["https://app.example.com"]

[[paths]]
path = "/echo/{id}/end"
allow_origins = ["https://app.example.com"]
"#;

/// The same, in an app with a default that allows another origin.
const ECHO_AND_DEFAULT: &str = r#"
allow_origins = ["https://admin.example.com"]

[[paths]]
path = "/echo"
allow_origins = ["https://app.example.com"]
"#;

/// Spellings that one router or another takes for `/echo`, or that look like it.
const TRICKS: [&str; 22] = [
    "/ECHO",
    "/Echo",
    "/echo/",
    "//echo",
    "/echo//",
    "/./echo",
    "/echo/.",
    "/x/../echo",
    "/echo/..",
    "/x/%2e%2e/echo",
    "/%2E/echo",
    "/%65cho",
    "/%2565cho",
    "/echo%2F",
    "/echo%2f..",
    "/x%2f..%2fecho",
    "/echo%20",
    "/echo+",
    "/echo;x=1",
    "/echoxyz",
    "/ech",
    "/x/echo",
];

fn tricks() -> Vec<Case> {
    let mut cases = Vec::new();
    for path in TRICKS {
        cases.extend([
            case(
                format!("path tricks: GET {path} has no policy"),
                ECHO_ALONE,
                get(path).line("Origin", APP),
                Expected::without_cors(),
            ),
            case(
                format!("path tricks: a preflight for {path} has no policy"),
                ECHO_ALONE,
                preflight_request(path, APP, "GET"),
                Expected::without_cors(),
            ),
            case(
                format!("path tricks: a preflight for {path} has the default policy"),
                ECHO_AND_DEFAULT,
                preflight_request(path, ADMIN, "GET"),
                Expected::answer(204).cors(&[(ACAO, ADMIN)]).vary(PREFLIGHT),
            ),
            case(
                format!("path tricks: a preflight for {path} has not the other policy"),
                ECHO_AND_DEFAULT,
                preflight_request(path, APP, "GET"),
                Expected::answer(403).vary(PREFLIGHT),
            ),
        ]);
    }
    for target in [
        "/echo?",
        "/echo?/",
        "/echo?x=%2F..%2F",
        "http://app.example.com/echo",
    ] {
        cases.extend([
            case(
                format!("the path of {target} is /echo"),
                ECHO_ALONE,
                get(target).line("Origin", APP),
                Expected::from_handler(200)
                    .cors(&[(ACAO, APP)])
                    .vary(ORIGIN),
            ),
            case(
                format!("a preflight: the path of {target} is /echo"),
                ECHO_ALONE,
                preflight_request(target, APP, "GET"),
                Expected::answer(204).cors(&[(ACAO, APP)]).vary(PREFLIGHT),
            ),
        ]);
    }
    for target in ["/echo/a%2Fb/c/end", "http://app.example.com//echo"] {
        cases.push(case(
            format!("path tricks: {target} is not a path with a policy"),
            ECHO_ALONE,
            preflight_request(target, APP, "GET"),
            Expected::without_cors(),
        ));
    }
    cases.extend([
        case(
            "an encoded slash is not the end of a segment",
            ECHO_ALONE,
            preflight_request("/echo/a%2Fb/end", APP, "GET"),
            Expected::answer(204).cors(&[(ACAO, APP)]).vary(PREFLIGHT),
        ),
        // As axum's router has it, which would reach the route.
        case(
            "an empty segment between slashes is a segment",
            ECHO_ALONE,
            preflight_request("/echo//end", APP, "GET"),
            Expected::answer(204).cors(&[(ACAO, APP)]).vary(PREFLIGHT),
        ),
        case(
            "OPTIONS * has no path",
            ECHO_ALONE,
            Request::new("OPTIONS", "*")
                .line("Origin", APP)
                .line("Access-Control-Request-Method", "GET"),
            Expected::without_cors(),
        ),
    ]);
    cases
}
