//! Section 4: how Access-Control-Request-Headers is read, bounded and echoed.

use cors_core::adapter::{
    MAX_REQUEST_HEADERS_BYTES, MAX_REQUEST_HEADERS_EMPTY, MAX_REQUEST_HEADERS_LINES,
    MAX_REQUEST_HEADERS_NAMES,
};

use super::case::{Case, case};
use super::expected::Expected;
use super::request::preflight_for_headers;
use super::words::{ACAC, ACAH, ACAM, ACAO, APP, PREFLIGHT};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for lines in READ {
        cases.extend([
            allowed(lines, LISTED, answer("x-a, x-b, x-c")),
            allowed(lines, ANY, answer("*")),
            allowed(lines, ECHOED, echoed(lines)),
        ]);
    }
    // Which of them are names is the same under every policy; whether they are allowed is not.
    for lines in UNLISTED {
        cases.extend([
            unlisted(lines, answer("x-a, x-b, x-c")),
            allowed(lines, ANY, answer("*")),
            allowed(lines, ECHOED, echoed(lines)),
        ]);
    }
    for lines in UNREADABLE {
        cases.extend([LISTED, ANY, ECHOED].map(|policy| refused(lines, policy)));
    }
    // A `*` in the response would be read as a wildcard.
    for lines in [&["*"][..], &["x-a,*"], &["*", "x-a"]] {
        cases.extend([
            unlisted(lines, answer("x-a, x-b, x-c")),
            allowed(lines, ANY, answer("*")),
            refused(lines, ECHOED),
        ]);
    }
    cases.extend([
        allowed(&["authorization"], ECHOED, echoed(&["authorization"])),
        allowed(&[], ECHOED, echoed(&[])),
        allowed(&[], LISTED, answer("x-a, x-b, x-c")),
    ]);
    cases.extend(bounds());
    cases
}

/// Returns cases clearly inside and clearly outside each bound.
fn bounds() -> Vec<Case> {
    let names = |count: usize| vec!["x-a"; count].join(",");
    let spaces = |count: usize| format!("x-a,{}x-b", " ".repeat(count));
    let empties = |count: usize| format!("x-a{}", ",".repeat(count));
    let long_names = |bytes: usize| vec!["x".repeat(63); bytes.div_ceil(64)].join(",");
    let mut cases = Vec::new();
    for (what, inside, outside) in [
        (
            "names",
            vec![names(MAX_REQUEST_HEADERS_NAMES / 2)],
            vec![names(MAX_REQUEST_HEADERS_NAMES * 2)],
        ),
        (
            "names over lines",
            vec![names(MAX_REQUEST_HEADERS_NAMES / 8); 4],
            vec![names(MAX_REQUEST_HEADERS_NAMES / 8); 16],
        ),
        (
            "bytes",
            vec![spaces(MAX_REQUEST_HEADERS_BYTES / 2)],
            vec![spaces(MAX_REQUEST_HEADERS_BYTES * 2)],
        ),
        (
            "bytes over lines",
            vec![spaces(MAX_REQUEST_HEADERS_BYTES / 8); 4],
            vec![spaces(MAX_REQUEST_HEADERS_BYTES / 8); 16],
        ),
        (
            "empty elements",
            vec![empties(MAX_REQUEST_HEADERS_EMPTY / 2)],
            vec![empties(MAX_REQUEST_HEADERS_EMPTY * 2)],
        ),
        (
            "empty elements over lines",
            vec![empties(MAX_REQUEST_HEADERS_EMPTY / 8); 4],
            vec![empties(MAX_REQUEST_HEADERS_EMPTY / 4); 16],
        ),
        (
            "lines",
            vec![names(1); MAX_REQUEST_HEADERS_LINES / 2],
            // Servers take no more than about a hundred lines of any name.
            vec![names(1); MAX_REQUEST_HEADERS_LINES + 1],
        ),
    ] {
        let inside: Vec<_> = inside.iter().map(String::as_str).collect();
        let outside: Vec<_> = outside.iter().map(String::as_str).collect();
        for (name, policy, expected) in [
            ("listed", LISTED, answer("x-a, x-b, x-c")),
            ("any", ANY, answer("*")),
            ("echoed", ECHOED, echoed(&inside)),
        ] {
            cases.extend([
                case(
                    format!("bounds, {name}: inside for {what}"),
                    policy,
                    preflight_for_headers(&inside),
                    expected,
                ),
                case(
                    format!("bounds, {name}: outside for {what}"),
                    policy,
                    preflight_for_headers(&outside),
                    Expected::answer(403).vary(PREFLIGHT),
                ),
            ]);
        }
    }
    let inside = long_names(4096);
    let outside = long_names(MAX_REQUEST_HEADERS_BYTES * 2);
    cases.extend([
        case(
            "bounds, echoed: 4 KiB of names are echoed whole",
            ECHOED,
            preflight_for_headers([&inside]),
            echoed(&[&inside]),
        ),
        case(
            "bounds, echoed: twice the bound of names are refused",
            ECHOED,
            preflight_for_headers([&outside]),
            Expected::answer(403).vary(PREFLIGHT),
        ),
    ]);
    cases
}

fn allowed(lines: &[&str], policy: &'static str, expected: Expected) -> Case {
    case(
        format!("requested headers, {}: {lines:?} is allowed", name(policy)),
        policy,
        preflight_for_headers(lines),
        expected,
    )
}

/// Returns a case of a list that lacks a name, where the browser gets the list.
fn unlisted(lines: &[&str], expected: Expected) -> Case {
    case(
        format!("requested headers: {lines:?} is refused by the list"),
        LISTED,
        preflight_for_headers(lines),
        expected,
    )
}

fn refused(lines: &[&str], policy: &'static str) -> Case {
    case(
        format!("requested headers, {}: {lines:?} is refused", name(policy)),
        policy,
        preflight_for_headers(lines),
        Expected::answer(403).vary(PREFLIGHT),
    )
}

fn answer(headers: &str) -> Expected {
    Expected::answer(204)
        .cors(&[(ACAO, APP), (ACAM, "PUT"), (ACAH, headers)])
        .vary(PREFLIGHT)
}

/// Expects the request's own lines, whose ends HTTP itself trims. Of a line with empty elements the
/// others are left.
fn echoed(lines: &[&str]) -> Expected {
    let line = |line: &str| {
        let elements = line.split(',').map(str::trim);
        let (empty, names): (Vec<_>, Vec<_>) = elements.partition(|element| element.is_empty());
        let is_honest = empty.is_empty();
        if is_honest {
            line.trim().to_owned()
        } else {
            names.join(",")
        }
    };
    let mut lines: Vec<_> = lines.iter().copied().map(line).collect();
    lines.retain(|line| !line.is_empty());
    let list = lines.join(",").escape_default().to_string();
    let expected = Expected::answer(204)
        .cors(&[(ACAO, APP), (ACAC, "true"), (ACAM, "PUT")])
        .vary(PREFLIGHT);
    if list.is_empty() {
        expected
    } else {
        expected.cors(&[(ACAH, &list)])
    }
}

fn name(policy: &str) -> &'static str {
    match policy {
        LISTED => "listed",
        ANY => "any",
        _ => "echoed",
    }
}

/// Lists of x-a, x-b and x-c, or of some of them.
const READ: &[&[&str]] = &[
    &["x-a"],
    &["x-a,x-b,x-c"],
    &["x-a, x-b, x-c"],
    &["x-a ,x-b"],
    &["x-a\t,\tx-b"],
    &["x-a \t , \t x-b"],
    &[" x-a "],
    &["\tx-a\t"],
    &["x-c,x-b,x-a"],
    &["x-a,x-a"],
    &["x-a,x-b,x-a"],
    &["X-A"],
    &["X-A,x-a"],
    &["x-A,X-b"],
    &["x-a,"],
    &[",x-a"],
    &[", x-a ,"],
    &["x-a,,x-b"],
    &["x-a, ,x-b"],
    &[",,x-a,,,x-b,,"],
    &["x-a", "x-b"],
    &["x-b", "x-a"],
    &["x-a", "x-a"],
    &["x-a,x-b", "x-c"],
    &["x-a,", ",x-b"],
    &["x-a", "", "x-b"],
    &["", "x-a"],
    &["x-a", ""],
    &["x-a", ", ,\t,", "x-b ,,x-c"],
    &[""],
    &[",", " , "],
];

/// Names, not all of which are listed.
const UNLISTED: &[&[&str]] = &[
    &["x-d"],
    &["x-a,x-d"],
    &["x-d,x-a"],
    &["x-a,x-d,x-b"],
    &["x-a", "x-d"],
    &["x-d", "x-a"],
    &["x-a,x-b,x-c", "x-a,x-b,x-d"],
    &["x"],
    &["x-"],
    &["x-aa"],
    &["ax-a"],
    &["x_a"],
    &["x-a."],
    &["!#$%&'*+-.^_`|~"],
];

/// Lists with an element that is not a name.
const UNREADABLE: &[&[&str]] = &[
    &["x-a x-b"],
    &["x-a\tx-b"],
    &["x-a;x-b"],
    &["x-a:"],
    &["x-a: 1"],
    &["\"x-a\""],
    &["(x-a)"],
    &["x-a/b"],
    &["x-a=b"],
    &["x@a"],
    &["[x-a]"],
    &["{x-a}"],
    &["x\\a"],
    &["x-\u{e4}"],
    &["x-a,x-\u{e4}"],
    &["x-a", "x-b x-c"],
    &["x-d,x b"],
    &["x-d", "x-a", "x b"],
    &["x-\u{a0}a"],
    &["x-a,\u{a0}"],
];

const LISTED: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["X-A", "x-b", "x-c"]
"#;

const ANY: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["*"]
"#;

const ECHOED: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["*"]
allow_credentials = true
"#;
