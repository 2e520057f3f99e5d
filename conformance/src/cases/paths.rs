//! Policies by path: the most specific pattern's policy replaces every other one, and a path that
//! is disabled has no CORS.

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
    cases
}

pub(super) const ADMIN: &str = "https://admin.example.com";

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
        ("/login", APP, "DELETE", of(APP, "PUT")),
        ("/echo", ADMIN, "DELETE", of(ADMIN, "DELETE")),
        ("/echo", ADMIN, "PUT", of(ADMIN, "DELETE")),
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
            Expected::answer(204)
                .cors(&[
                    (ACAO, "*"),
                    (ACAM, "PUT"),
                    (ACAH, "content-type"),
                    (ACMA, "600"),
                ])
                .vary(PREFLIGHT_OF_ANY_ORIGIN),
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
        ("/{page}", "https://page.example"),
        ("/echo", "https://echo.example"),
        ("/echo/{*rest}", "https://below.example"),
        ("/{page}/end", "https://end.example"),
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
            ("/echo/", "https://echo.example"),
            ("/ech", "https://page.example"),
            ("/echoxyz", "https://page.example"),
            ("/vary/", "https://page.example"),
            ("/echo/1", "https://below.example"),
            ("/echo/1/2", "https://below.example"),
            ("/echo/end", "https://below.example"),
            ("/vary/end", "https://end.example"),
            ("/vary/1", "https://rest.example"),
            ("/vary/end/2", "https://rest.example"),
            ("/", "https://rest.example"),
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
