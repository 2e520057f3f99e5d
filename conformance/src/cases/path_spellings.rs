//! A path has its policy in every spelling. Where a spelling can be read as another path too, which
//! has another policy, it is refused.

use conformance_client::raw::Request;

use super::case::{Case, case};
use super::expected::Expected;
use super::paths::ADMIN;
use super::request::{get, preflight_request};
use super::words::{ACAO, APP, ORIGIN, PREFLIGHT};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for path in PLAIN {
        cases.extend(has_the_policy(path));
    }
    for path in AMBIGUOUS {
        cases.extend(is_refused(path));
    }
    for path in OTHERS {
        cases.extend(has_not_the_policy(path));
    }
    cases.extend(targets());
    cases.extend(segments());
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

/// Spellings whose plain path is `/echo`.
const PLAIN: [&str; 8] = [
    "/echo/",
    "//echo",
    "/echo//",
    "///echo//",
    "/%65cho",
    "/ech%6F/",
    "/%65%63%68%6f",
    "http://app.example.com//echo",
];

/// Spellings that some router, file handler or proxy takes for `/echo`, and others do not.
const AMBIGUOUS: [&str; 16] = [
    "/./echo",
    "/echo/.",
    "/x/../echo",
    "/x/%2e%2e/echo",
    "/%2E/echo",
    "/%2565cho",
    "/echo%2F",
    "/%2fecho",
    "/echo\\",
    "/%5Cecho",
    "/echo;x=1",
    "/echo%3Bx=1",
    // Each mixes several marks.
    "/echo%2f..",
    "/x%2f..%2fecho",
    "/%252fecho",
    "/x/..;/echo",
];

/// Paths that nobody takes for `/echo`.
const OTHERS: [&str; 12] = [
    "/ECHO", "/Echo", "/%45cho", "/echo/..", "/echo%20", "/echo%00", "/echo+", "/echoxyz", "/ech",
    "/x/echo", "/echo%", "/echo%6",
];

/// Returns the answer to a preflight for GET from an origin that the path's policy allows.
fn allows(origin: &'static str) -> Expected {
    Expected::answer(204)
        .cors(&[(ACAO, origin)])
        .vary(PREFLIGHT)
}

fn refuses() -> Expected {
    Expected::answer(403).vary(PREFLIGHT)
}

/// Whether a route is reached is the router's business; who may read the response is not.
fn has_the_policy(path: &str) -> [Case; 4] {
    [
        case(
            format!("path spellings: GET {path} has the policy"),
            ECHO_ALONE,
            get(path).line("Origin", APP),
            Expected::from_anyone().cors(&[(ACAO, APP)]).vary(ORIGIN),
        ),
        case(
            format!("path spellings: a preflight for {path} has the policy"),
            ECHO_ALONE,
            preflight_request(path, APP, "GET"),
            allows(APP),
        ),
        case(
            format!("path spellings: a preflight for {path} has not the default policy"),
            ECHO_AND_DEFAULT,
            preflight_request(path, ADMIN, "GET"),
            refuses(),
        ),
        case(
            format!("path spellings: a preflight for {path} has the policy, not the default one"),
            ECHO_AND_DEFAULT,
            preflight_request(path, APP, "GET"),
            allows(APP),
        ),
    ]
}

fn is_refused(path: &str) -> [Case; 4] {
    [
        case(
            format!("path spellings: GET {path} is refused"),
            ECHO_ALONE,
            get(path).line("Origin", APP),
            Expected::from_anyone().vary(ORIGIN),
        ),
        case(
            format!("path spellings: a preflight for {path} is refused"),
            ECHO_ALONE,
            preflight_request(path, APP, "GET"),
            refuses(),
        ),
        case(
            format!("path spellings: a preflight for {path} is refused to one origin"),
            ECHO_AND_DEFAULT,
            preflight_request(path, ADMIN, "GET"),
            refuses(),
        ),
        case(
            format!("path spellings: a preflight for {path} is refused to the other one"),
            ECHO_AND_DEFAULT,
            preflight_request(path, APP, "GET"),
            refuses(),
        ),
    ]
}

fn has_not_the_policy(path: &str) -> [Case; 4] {
    [
        case(
            format!("path spellings: GET {path} has no policy"),
            ECHO_ALONE,
            get(path).line("Origin", APP),
            Expected::from_anyone(),
        ),
        case(
            format!("path spellings: a preflight for {path} has no policy"),
            ECHO_ALONE,
            preflight_request(path, APP, "GET"),
            Expected::from_anyone(),
        ),
        case(
            format!("path spellings: a preflight for {path} has the default policy"),
            ECHO_AND_DEFAULT,
            preflight_request(path, ADMIN, "GET"),
            allows(ADMIN),
        ),
        case(
            format!("path spellings: a preflight for {path} has not the other policy"),
            ECHO_AND_DEFAULT,
            preflight_request(path, APP, "GET"),
            refuses(),
        ),
    ]
}

/// Returns cases for what of a request's target is its path.
fn targets() -> Vec<Case> {
    let mut cases = Vec::new();
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
                allows(APP),
            ),
        ]);
    }
    cases.push(case(
        "OPTIONS * has no path",
        ECHO_ALONE,
        Request::new("OPTIONS", "*")
            .line("Origin", APP)
            .line("Access-Control-Request-Method", "GET"),
        Expected::from_anyone(),
    ));
    cases
}

/// Returns cases for the segments that `{name}` matches.
fn segments() -> Vec<Case> {
    [
        ("/echo/a/end", allows(APP)),
        ("/echo//a/end/", allows(APP)),
        ("/echo/%61%20/end", allows(APP)),
        // An empty segment is none.
        ("/echo//end", Expected::from_anyone()),
        // One segment or two.
        ("/echo/a%2Fb/end", refuses()),
        ("/echo/a%2Fb/c/end", Expected::from_anyone()),
    ]
    .map(|(path, expected)| {
        case(
            format!("path segments: {path}"),
            ECHO_ALONE,
            preflight_request(path, APP, "GET"),
            expected,
        )
    })
    .into()
}
