//! Sections 1, 2 and 4: what no browser sends never fails with a 5xx, hangs or is let in.
//!
//! A framework may reject such a request itself.

use conformance_client::raw::Request;

use super::case::{Case, case};
use super::expected::Expected;
use super::policies::{LIST, LIST_EXPOSED, LIST_HEADERS, LIST_METHODS, PUBLIC};
use super::request::{get, preflight_for_headers, preflight_request};
use super::words::{
    ACAC, ACAH, ACAM, ACAO, ACEH, ACRPN, APP, ORIGIN, PREFLIGHT, PREFLIGHT_OF_ANY_ORIGIN,
};

pub(super) fn cases() -> Vec<Case> {
    [origins(), methods(), headers(), other_fields()].concat()
}

fn origins() -> Vec<Case> {
    let mut cases = Vec::new();
    let large = 65_536;
    for (what, origin) in [
        ("64 KiB of a", vec![b'a'; large]),
        ("64 KiB of slashes", vec![b'/'; large]),
        ("64 KiB of colons", vec![b':'; large]),
        ("64 KiB of bytes 0xff", vec![0xff; large]),
        ("64 KiB of a host", long(b"https://", b"a", b"", large)),
        (
            "64 KiB of labels",
            long(b"https://", b"a.", b"example.com", large),
        ),
        (
            "64 KiB of dots",
            long(b"https://", b".", b"example.com", large),
        ),
        (
            "64 KiB of a port",
            long(b"https://app.example.com:", b"1", b"", large),
        ),
        (
            "64 KiB of an IPv6 address",
            long(b"https://[", b"0:", b"1]", large),
        ),
        (
            "64 KiB of a scheme",
            long(b"", b"a", b"://app.example.com", large),
        ),
        (
            "64 KiB of an allowed origin",
            long(b"", b"https://app.example.com,", b"", large),
        ),
        (
            "64 KiB after an allowed origin",
            long(b"https://app.example.com", b" ", b"x", large),
        ),
        ("an open bracket", b"https://[".to_vec()),
        ("an empty bracket", b"https://[]".to_vec()),
        ("a closed bracket", b"https://]".to_vec()),
        ("a lone colon", b":".to_vec()),
        ("a percent sign", b"https://%".to_vec()),
        ("NUL", b"https://app.example.com\0".to_vec()),
        (
            "a control character",
            b"https://app.example.com\x01".to_vec(),
        ),
        ("DEL", b"https://app.example.com\x7f".to_vec()),
        (
            "a carriage return",
            b"https://app.example.com\r.evil.net".to_vec(),
        ),
        (
            "a folded line",
            b"https://app.example.com\r\n .evil.net".to_vec(),
        ),
    ] {
        cases.extend([
            case(
                format!("hostile Origin: {what} is refused"),
                LIST,
                get("/echo").line("Origin", &origin),
                Expected::from_handler(200)
                    .vary(ORIGIN)
                    .or_rejected_by_framework(),
            ),
            case(
                format!("hostile Origin: {what} is refused a preflight"),
                LIST,
                preflight_request("/echo", &origin, "PUT"),
                refused().on_rocket_unless_text(&origin, Expected::from_handler(200).vary(ORIGIN)),
            ),
            case(
                format!("hostile Origin: {what} is refused where any has credentials"),
                ANY_ORIGIN_WITH_CREDENTIALS,
                get("/echo").line("Origin", &origin),
                Expected::from_handler(200)
                    .vary(ORIGIN)
                    .or_rejected_by_framework(),
            ),
            case(
                format!("hostile Origin: {what} does not matter to any origin"),
                PUBLIC,
                get("/echo").line("Origin", &origin),
                Expected::from_handler(200)
                    .cors(&[(ACAO, "*"), (ACEH, "x-app-hits")])
                    .or_rejected_by_framework(),
            ),
            case(
                format!("hostile Origin: {what} does not matter to any origin's preflight"),
                PUBLIC,
                preflight_request("/echo", &origin, "PUT"),
                Expected::answer(204)
                    .cors(&[(ACAO, "*"), (ACAM, "PUT"), (ACAH, "content-type")])
                    .vary(PREFLIGHT_OF_ANY_ORIGIN)
                    .or_rejected_by_framework()
                    .on_rocket_unless_text(
                        &origin,
                        Expected::from_handler(200).cors(&[(ACAO, "*"), (ACEH, "x-app-hits")]),
                    ),
            ),
        ]);
    }
    for lines in [64, 1000] {
        let many =
            |request: Request| (0..lines).fold(request, |request, _| request.line("Origin", APP));
        cases.extend([
            case(
                format!("hostile Origin: {lines} lines are refused"),
                LIST,
                many(get("/echo")),
                Expected::from_handler(200)
                    .vary(ORIGIN)
                    .or_rejected_by_framework(),
            ),
            case(
                format!("hostile Origin: {lines} lines are refused a preflight"),
                LIST,
                many(Request::new("OPTIONS", "/echo").line("Access-Control-Request-Method", "PUT")),
                refused(),
            ),
        ]);
    }
    // Whitespace around a field value is not a part of it (RFC 9110, 5.5).
    cases.push(case(
        "whitespace around Origin is HTTP's own",
        LIST,
        get("/echo").line("Origin", "\t  https://app.example.com \t"),
        Expected::from_handler(200)
            .cors(&[(ACAO, APP), (ACEH, LIST_EXPOSED)])
            .vary(ORIGIN),
    ));
    cases
}

fn methods() -> Vec<Case> {
    [
        ("64 KiB of a token", vec![b'A'; 65_536]),
        ("64 KiB of PUT", long(b"", b"PUT,", b"", 65_536)),
        ("bytes that are not text", b"P\xff\xfeT".to_vec()),
        ("NUL", b"PUT\0".to_vec()),
        ("DEL", b"PUT\x7f".to_vec()),
        ("a folded line", b"PUT\r\n GET".to_vec()),
    ]
    .into_iter()
    .flat_map(|(what, method)| {
        let is_token = method.iter().all(u8::is_ascii_alphabetic);
        let expected = if is_token {
            Expected::answer(204).cors(&LISTED).vary(PREFLIGHT)
        } else {
            refused().on_rocket_unless_text(
                &method,
                Expected::from_handler(200)
                    .cors(&[(ACAO, APP), (ACEH, LIST_EXPOSED)])
                    .vary(ORIGIN),
            )
        };
        let refused_anyway = case(
            format!("hostile requested method: {what} is refused"),
            LIST,
            preflight_request("/echo", APP, &method),
            expected,
        );
        let never_echoed = (!is_token).then(|| {
            case(
                format!("hostile requested method: {what} is never echoed"),
                ANY_METHOD_AND_HEADER_WITH_CREDENTIALS,
                preflight_request("/echo", APP, &method),
                refused().on_rocket_unless_text(
                    &method,
                    Expected::from_handler(200)
                        .cors(&[(ACAO, APP), (ACAC, "true")])
                        .vary(ORIGIN),
                ),
            )
        });
        [Some(refused_anyway), never_echoed].into_iter().flatten()
    })
    .collect()
}

fn headers() -> Vec<Case> {
    let large = 65_536;
    let mut cases = Vec::new();
    for (what, line) in [
        ("64 KiB of commas", vec![b','; large]),
        ("64 KiB of one name", vec![b'x'; large]),
        (
            "64 KiB of a listed name",
            long(b"", b"content-type,", b"", large),
        ),
        ("64 KiB of short names", long(b"", b"a,", b"", large)),
        (
            "64 KiB of whitespace",
            long(b"content-type,", b" ", b"content-type", large),
        ),
        (
            "64 KiB of whitespace and commas",
            long(b"content-type", b" ,\t", b"", large),
        ),
        ("64 KiB of bytes that are not text", vec![0xff; large]),
        ("a byte that is not text", b"content-type,\xff".to_vec()),
        (
            "a byte that is not text within a name",
            b"content\xc3\xa4type".to_vec(),
        ),
        ("NUL", b"content-type\0".to_vec()),
        ("DEL", b"content-type\x7f".to_vec()),
        ("a carriage return", b"content-type\rx".to_vec()),
    ] {
        for (name, policy, without) in [
            ("listed", LIST, LISTED.as_slice()),
            ("echoed", ANY_METHOD_AND_HEADER_WITH_CREDENTIALS, &ECHOED),
        ] {
            cases.push(case(
                format!("hostile requested headers, {name}: {what} is refused"),
                policy,
                preflight_for_headers([&line]),
                refused().on_rocket_unless_text(
                    &line,
                    Expected::answer(204).cors(without).vary(PREFLIGHT),
                ),
            ));
        }
    }
    let lines = |count| vec!["content-type"; count];
    cases.extend([
        case(
            "hostile requested headers: 64 lines of a listed name are read",
            CONTENT_TYPE,
            preflight_for_headers(lines(64)),
            Expected::answer(204)
                .cors(&[(ACAO, APP), (ACAM, "PUT"), (ACAH, "content-type")])
                .vary(PREFLIGHT),
        ),
        case(
            "hostile requested headers: 1000 lines of a listed name are refused",
            CONTENT_TYPE,
            preflight_for_headers(lines(1000)),
            refused(),
        ),
        case(
            "hostile requested headers: 64 lines are echoed",
            ANY_METHOD_AND_HEADER_WITH_CREDENTIALS,
            preflight_for_headers(lines(64)),
            Expected::answer(204)
                .cors(&[
                    (ACAO, APP),
                    (ACAC, "true"),
                    (ACAM, "PUT"),
                    (ACAH, &lines(64).join(",")),
                ])
                .vary(PREFLIGHT),
        ),
    ]);
    cases
}

/// Returns cases for fields that matter under some policies only.
fn other_fields() -> Vec<Case> {
    vec![
        case(
            "hostile Access-Control-Request-Private-Network",
            r#"
            allow_origins = ["https://app.example.com"]
            allow_private_network = true
            "#,
            preflight_request("/echo", APP, "GET")
                .line("Access-Control-Request-Private-Network", b"\xff"),
            Expected::answer(204)
                .cors(&[(ACAO, APP)])
                .vary(PREFLIGHT)
                .vary(ACRPN),
        ),
        case(
            "hostile Sec-Fetch-Site",
            REJECT,
            get("/echo")
                .line("Origin", "https://evil.example.net")
                .line("Sec-Fetch-Site", b"same-origin\xff"),
            Expected::answer(403).vary(ORIGIN),
        ),
        case(
            "hostile Host",
            REJECT,
            get("/echo")
                .line("Host", b"evil.example.net\xff")
                .line("Origin", "https://evil.example.net"),
            Expected::answer(403)
                .vary(ORIGIN)
                .or_rejected_by_framework(),
        ),
    ]
}

/// The answer of `LIST` to a preflight for PUT.
const LISTED: [(&str, &str); 3] = [(ACAO, APP), (ACAM, LIST_METHODS), (ACAH, LIST_HEADERS)];

/// The answer of [`ANY_METHOD_AND_HEADER_WITH_CREDENTIALS`] to a preflight for PUT without headers.
const ECHOED: [(&str, &str); 3] = [(ACAO, APP), (ACAC, "true"), (ACAM, "PUT")];

fn refused() -> Expected {
    Expected::answer(403)
        .vary(PREFLIGHT)
        .or_rejected_by_framework()
}

/// Returns `start` and `end` with as many of `middle` between them as `length` allows.
fn long(start: &[u8], middle: &[u8], end: &[u8], length: usize) -> Vec<u8> {
    let times = (length - start.len() - end.len()) / middle.len();
    [start, &middle.repeat(times), end].concat()
}

const ANY_ORIGIN_WITH_CREDENTIALS: &str = r#"
allow_origins = ["*"]
allow_credentials = true
dangerously_allow_any_origin_with_credentials = true
"#;

const ANY_METHOD_AND_HEADER_WITH_CREDENTIALS: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["*"]
allow_headers = ["*"]
allow_credentials = true
"#;

const CONTENT_TYPE: &str = r#"
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]
allow_headers = ["content-type"]
"#;

const REJECT: &str = r#"
allow_origins = ["https://app.example.com"]
reject_disallowed_origins = true
"#;
