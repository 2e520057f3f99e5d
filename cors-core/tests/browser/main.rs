//! The browser model against the Fetch standard, and against what web-platform-tests ask of
//! browsers.

use std::time::Duration;

use cors_core::RequestHead;
use cors_core::browser::Credentials::{Include, Omit, SameOrigin};
use cors_core::browser::{
    Blocked, Browser, CorsCheckError, HeaderList, PreflightCache, PreflightCheckError,
    PreflightReason, Readable, Request, RequestError, Response, SentRequest, cors_check,
    exposed_header_names, preflight_check, preflight_max_age,
};

const ORIGIN: &str = "https://app.example.com";
const URL: &str = "https://api.example.net/notes";

const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";
const ALLOW_METHODS: &str = "Access-Control-Allow-Methods";
const ALLOW_HEADERS: &str = "Access-Control-Allow-Headers";
const EXPOSE_HEADERS: &str = "Access-Control-Expose-Headers";
const MAX_AGE: &str = "Access-Control-Max-Age";

fn request(method: &str, headers: &[(&str, &[u8])]) -> Request {
    let request = Request::new(method).expect("scripts can use the method");
    headers.iter().fold(request, |request, (name, value)| {
        request
            .header(name, value)
            .expect("scripts can write the header")
    })
}

fn reasons(request: &Request) -> Vec<String> {
    let reasons = request.needs_preflight();
    assert_eq!(
        request.preflight().map(|it| it.reasons().to_vec()),
        (!reasons.is_empty()).then(|| reasons.clone()),
    );
    reasons.iter().map(ToString::to_string).collect()
}

/// Whether one header line makes a POST ask first.
fn is_unsafe(name: &str, value: &[u8]) -> bool {
    let reasons = reasons(&request("POST", &[(name, value)]));
    let expected = [format!("header {}", name.to_ascii_lowercase())];
    assert!(reasons.is_empty() || reasons == expected, "{reasons:?}");
    !reasons.is_empty()
}

// Which requests a script can make: https://fetch.spec.whatwg.org/#dom-request

#[test]
fn six_methods_are_normalized() {
    for (method, sent) in [
        ("get", "GET"),
        ("Head", "HEAD"),
        ("pOST", "POST"),
        ("delete", "DELETE"),
        ("options", "OPTIONS"),
        ("put", "PUT"),
        ("patch", "patch"),
        ("PATCH", "PATCH"),
        ("chicken", "chicken"),
        ("*", "*"),
    ] {
        assert_eq!(request(method, &[]).method(), sent);
    }
}

#[test]
fn a_script_can_not_use_every_method() {
    for method in ["CONNECT", "trace", "TrAcK"] {
        assert!(matches!(
            Request::new(method),
            Err(RequestError::ForbiddenMethod { .. })
        ));
    }
    for method in ["", "GE T", "G\u{c9}T", "GET\0", "a,b", "PUT\n"] {
        assert!(matches!(
            Request::new(method),
            Err(RequestError::Method { .. })
        ));
    }
}

#[test]
fn a_script_can_not_write_every_header() {
    let get = || Request::new("GET").unwrap();
    for name in ["", "x a", "x-a:", "\u{e9}", "a\n"] {
        assert!(matches!(
            get().header(name, "1"),
            Err(RequestError::HeaderName { .. })
        ));
    }
    for (value, byte) in [(&b"a\0b"[..], 0), (b"a\rb", b'\r'), (b"a\nb", b'\n')] {
        for name in ["x-a", "cookie"] {
            assert_eq!(
                get().header(name, value),
                Err(RequestError::HeaderValue {
                    name: name.to_owned(),
                    byte
                })
            );
        }
    }
    // Whitespace at the ends is removed first, newlines too; no other byte is refused.
    let headers = get().header("x-a", b"\r\n \t\x01\x7F\xFF b\n").unwrap();
    assert_eq!(
        headers.headers().get("x-a").as_deref(),
        Some(&b"\x01\x7F\xFF b"[..])
    );
}

#[test]
fn forbidden_request_headers_are_dropped() {
    for (name, value) in [
        ("Cookie", "a"),
        ("ORIGIN", "https://evil.example"),
        ("Access-Control-Request-Method", "PUT"),
        ("Sec-Fetch-Site", "none"),
        ("proxy-authorization", "x"),
        ("Set-Cookie", "a"),
        ("X-HTTP-Method", "trace"),
        ("X-HTTP-Method-Override", "PUT, Connect"),
        ("x-method-override", "TRACK"),
    ] {
        let request = request("GET", &[(name, value.as_bytes())]);
        assert_eq!(request.headers(), &HeaderList::new(), "{name}: {value}");
        assert_eq!(request.preflight(), None, "{name}: {value}");
    }
    for (name, value) in [
        ("X-HTTP-Method-Override", "PUT"),
        ("X-HTTP-Method-Override", "\"TRACE\""),
        ("User-Agent", "me"),
        ("Authorization", "x"),
        ("Set-Cookie2", "x"),
    ] {
        assert!(is_unsafe(name, value.as_bytes()), "{name}: {value}");
    }
}

#[test]
fn request_errors_say_what_to_write() {
    for (error, text) in [
        (
            Request::new("G\u{1b}T").unwrap_err(),
            r#""G\u{1b}T" is not a method; write a token such as GET"#,
        ),
        (
            Request::new("trace").unwrap_err(),
            "\"trace\" is a method that no script can use; write any but CONNECT, TRACE and TRACK",
        ),
        (
            request("GET", &[]).header("x a", "").unwrap_err(),
            "\"x a\" is not a header name; write a token such as X-Request-Id",
        ),
        (
            request("GET", &[]).header("x-a", "1\n2").unwrap_err(),
            "the value of the header \"x-a\" has the byte 0x0A; write it without NUL, CR and LF",
        ),
    ] {
        assert_eq!(error.to_string(), text);
    }
    let long = Request::new(&" ".repeat(10_000)).unwrap_err().to_string();
    assert!(long.len() < 250, "{long}");
}

// When a browser asks first: https://fetch.spec.whatwg.org/#cors-safelisted-request-header

#[test]
fn only_three_methods_are_safelisted() {
    for method in ["GET", "head", "Post"] {
        assert_eq!(reasons(&request(method, &[])), [""; 0]);
    }
    for (method, reason) in [
        ("put", "method PUT"),
        ("DELETE", "method DELETE"),
        ("options", "method OPTIONS"),
        ("patch", "method patch"),
        ("PATCH", "method PATCH"),
        ("QUERY", "method QUERY"),
        ("GETS", "method GETS"),
    ] {
        assert_eq!(reasons(&request(method, &[])), [reason]);
    }
}

#[test]
fn other_header_names_are_unsafe_whatever_the_value() {
    for name in [
        "X-A",
        "Authorization",
        "Last-Event-ID",
        "DPR",
        "Accept-",
        "If-Range",
        "*",
        "X-Requested-With",
    ] {
        assert!(is_unsafe(name, b"1") && is_unsafe(name, b""), "{name}");
    }
}

#[test]
fn accept_refuses_its_unsafe_bytes() {
    for byte in 1..=255u8 {
        if matches!(byte, b'\r' | b'\n') {
            continue;
        }
        let expected = (byte < 0x20 && byte != b'\t') || b"\"():<>?@[\\]{}\x7F".contains(&byte);
        let value = [b'a', byte, b'b'];
        assert_eq!(is_unsafe("Accept", &value), expected, "byte {byte:#04x}");
        // Behind a semicolon, no byte but these changes a content type.
        let value = [b"text/plain;a", &value[..]].concat();
        assert_eq!(is_unsafe("content-type", &value), expected, "{byte:#04x}");
    }
}

#[test]
fn languages_take_few_bytes() {
    for byte in 1..=255u8 {
        if matches!(byte, b'\r' | b'\n') {
            continue;
        }
        let expected = !(byte.is_ascii_alphanumeric() || b" *,-.;=".contains(&byte));
        for name in ["Accept-Language", "content-language"] {
            let value = [b'a', byte, b'b'];
            assert_eq!(is_unsafe(name, &value), expected, "{name} {byte:#04x}");
        }
    }
    assert!(!is_unsafe("Accept-Language", b""));
    assert!(is_unsafe("Accept-Language", b"de\tfr"));
    assert!(!is_unsafe("Accept-Language", b" de, fr;q=0.5\t"));
}

#[test]
fn content_type_is_one_of_three() {
    let safe = [
        "text/plain",
        "Text/PLAIN",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded;charset=UTF-8",
        "text/plain;",
        "text/plain;garbage",
        "text/plain;;=,;",
        "text/plain;a/b",
        "text/plain; charset=utf-8, text/html",
        "text/plain ;charset=utf-8",
        "text/plain\t \t;charset=utf-8",
        " \r\n\ttext/plain \r\n",
    ];
    for value in safe {
        assert!(!is_unsafe("Content-Type", value.as_bytes()), "{value:?}");
    }
    // What the browser sees of each, or nothing where it is no MIME type.
    let unsafe_values = [
        ("application/json", Some("application/json")),
        ("Text/HTML; charset=utf-8", Some("text/html")),
        (
            "application/www-form-urlencoded",
            Some("application/www-form-urlencoded"),
        ),
        ("text/plain1", Some("text/plain1")),
        ("", None),
        ("text", None),
        ("/", None),
        ("/plain", None),
        ("text/", None),
        ("text/;charset=utf-8", None),
        ("text/ ;a", None),
        (";text/plain", None),
        ("text;/plain", None),
        ("text/plain,", None),
        (",text/plain", None),
        ("text/plain,text/plain", None),
        ("text/plain, text/plain", None),
        ("text/plain,x/x", None),
        ("text /plain", None),
        ("text/ plain", None),
        ("text\t/\tplain", None),
        ("text/plain/x", None),
        ("text/pl\u{e9}in", None),
        ("text/plain a", None),
    ];
    for (value, essence) in unsafe_values {
        let request = request("POST", &[("Content-Type", value.as_bytes())]);
        assert_eq!(
            request.needs_preflight(),
            [PreflightReason::ContentType {
                essence: essence.map(str::to_owned)
            }],
            "{value:?}"
        );
    }
    for value in [
        "text/plain\x0B",
        "text/plain\x0C",
        "text/plain;\"",
        "multipart/form-data;a=\"b\"",
    ] {
        assert!(is_unsafe("Content-Type", value.as_bytes()), "{value:?}");
    }
}

#[test]
fn range_is_one_simple_range() {
    for value in [
        "bytes=0-",
        "bytes=200-",
        "bytes=100-200",
        "bytes=5-5",
        "bytes=007-8",
        "bytes=9-010",
        // Beyond any machine's integers: 41 digits against 42.
        "bytes=99999999999999999999999999999999999999999-100000000000000000000000000000000000000000",
        "bytes=18446744073709551616-18446744073709551617",
    ] {
        assert!(!is_unsafe("Range", value.as_bytes()), "{value}");
    }
    for value in [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=-200",
        "bytes=5",
        "bytes=200-100",
        "bytes=010-9",
        "bytes=18446744073709551617-18446744073709551616",
        "100-200",
        "MB=100-200",
        "Bytes=100-200",
        "bytes =100-200",
        "bytes\t=100-200",
        "bytes=  100-200",
        "bytes=\t\t100-200",
        "bytes=100 -200",
        "bytes=100- 200",
        "bytes=100-200hello",
        "bytes=abc-def",
        "bytes=100-200,300-400",
        "bytes=100-200-300",
        "bytes=+1-2",
        "bytes 100-200",
        "bytes = 100-200",
        ",bytes=100-200",
        "bytes=,100-200",
        "bytes=100-200,",
    ] {
        let request = request("GET", &[("Range", value.as_bytes())]);
        assert_eq!(
            request.needs_preflight(),
            [PreflightReason::Range {
                value: value.as_bytes().to_vec()
            }],
            "{value}"
        );
    }
}

#[test]
fn a_safelisted_value_has_128_bytes_at_most() {
    for (name, start) in [
        ("accept", "a"),
        ("accept-language", "a"),
        ("content-language", "a"),
        ("content-type", "text/plain;"),
        ("range", "bytes=1-1"),
    ] {
        let value = |length: usize| format!("{start:0<length$}");
        assert!(!is_unsafe(name, value(128).as_bytes()), "{name}");
        assert_eq!(
            request("POST", &[(name, value(129).as_bytes())]).needs_preflight(),
            [PreflightReason::ValueTooLong {
                name: name.to_owned(),
                bytes: 129
            }]
        );
    }
    // Blanks at the ends are no part of a value.
    let padded = format!("  {}  ", "a".repeat(128));
    assert!(!is_unsafe("accept", padded.as_bytes()));
}

#[test]
fn safelisted_values_have_1024_bytes_together() {
    let full = [b'a'; 128];
    let eight = [("Accept", &full[..]); 8];
    assert_eq!(reasons(&request("GET", &eight)), [""; 0]);

    let mut past = eight.to_vec();
    past.push(("Content-Language", b"a"));
    past.push(("Range", b""));
    let names = ["header accept", "header content-language", "header range"];
    assert_eq!(reasons(&request("GET", &past)), names);
    assert_eq!(
        request("GET", &past).needs_preflight()[1],
        PreflightReason::ValuesTooLong {
            name: "content-language".to_owned(),
            bytes: 1025
        }
    );

    // An unsafe value does not count.
    let mut unsafe_too = eight.to_vec();
    unsafe_too.push(("Content-Language", b"@"));
    unsafe_too.push(("X-A", &full));
    let names = ["header content-language", "header x-a"];
    assert_eq!(reasons(&request("GET", &unsafe_too)), names);
}

#[test]
fn a_repeated_name_is_unsafe_once_any_line_is() {
    let lines: [(&str, &[u8]); 3] = [
        ("Content-Type", b"text/plain"),
        ("content-type", b"application/json"),
        ("CONTENT-TYPE", b"@"),
    ];
    let request = request("POST", &lines);
    assert_eq!(
        request.needs_preflight(),
        [PreflightReason::ContentType {
            essence: Some("application/json".to_owned())
        }]
    );
}

#[test]
fn upload_listener_and_stream_ask_first() {
    let get = || request("GET", &[]);
    assert_eq!(reasons(&get().upload_listener(true)), ["upload listener"]);
    assert_eq!(reasons(&get().stream_body(true)), ["stream body"]);
    assert_eq!(
        reasons(&get().upload_listener(true).upload_listener(false)),
        [""; 0]
    );
    let preflight = get().stream_body(true).preflight().unwrap();
    assert_eq!(preflight.request_method(), "GET");
    assert_eq!(preflight.request_headers(), None);
}

#[test]
fn preflight_lists_sorted_lower_case_names_once() {
    let request = request(
        "put",
        &[
            ("X-B", b"1"),
            ("x_a", b"2"),
            ("Accept", b"*/*"),
            ("x-b", b"3"),
            ("X-A", b"4"),
            ("Range", b"bytes=0-1"),
            ("Content-Type", b"application/json"),
            ("X~", b""),
            ("~X", b""),
            ("!", b""),
        ],
    )
    .stream_body(true)
    .upload_listener(true);
    let preflight = request.preflight().unwrap();
    assert_eq!(preflight.request_method(), "PUT");
    assert_eq!(
        preflight.request_headers(),
        Some("!,content-type,x-a,x-b,x_a,x~,~x")
    );
    assert_eq!(
        reasons(&request),
        [
            "method PUT",
            "header !",
            "header content-type",
            "header x-a",
            "header x-b",
            "header x_a",
            "header x~",
            "header ~x",
            "upload listener",
            "stream body",
        ]
    );
}

#[test]
fn each_reason_is_explained() {
    let long = [b'a'; 129];
    let many = [("accept", &long[..128]); 9];
    for (request, part) in [
        (request("PUT", &[]), "\"PUT\" is not CORS-safelisted"),
        (
            request("GET", &[("X-A", b"")]),
            "\"x-a\" is not CORS-safelisted",
        ),
        (request("GET", &[("Accept", b"(")]), "has the byte 0x28"),
        (request("GET", &[("Accept", &long)]), "has 129 bytes"),
        (request("GET", &many), "1152 bytes together; past 1024"),
        (
            request("GET", &[("Range", b"x\xFF")]),
            r#"The range "x\xff""#,
        ),
        (request("GET", &[("content-type", b"a")]), "not a MIME type"),
        (request("GET", &[("content-type", b"A/b")]), "is \"a/b\""),
        (
            request("GET", &[]).upload_listener(true),
            "XMLHttpRequest.upload",
        ),
        (request("GET", &[]).stream_body(true), "ReadableStream"),
    ] {
        let text = request.needs_preflight()[0].explanation();
        assert!(text.contains(part) && text.ends_with('.'), "{text}");
    }
}

// The CORS check: https://fetch.spec.whatwg.org/#concept-cors-check

#[test]
fn allow_origin_is_the_origin_or_star() {
    let check = |value: &[u8]| {
        let response = HeaderList::from_iter([(ALLOW_ORIGIN, value)]);
        cors_check(ORIGIN, Omit, &response)
    };
    for value in [
        "*",
        " *  ",
        "\t*",
        ORIGIN,
        " https://app.example.com",
        "https://app.example.com   \t ",
        "\thttps://app.example.com",
    ] {
        assert_eq!(check(value.as_bytes()), Ok(()), "{value:?}");
    }
    for value in [
        "",
        "-",
        "**",
        "\0*",
        "*\0",
        "\x0B*",
        "*\n",
        "'*'",
        "\"*\"",
        "* *",
        "*, *",
        "* null",
        "null",
        "null *",
        "null https://app.example.com",
        "*https://*",
        "*https://app.example.com",
        "* https://app.example.com",
        "*, https://app.example.com",
        "https://app.example.com, *",
        "https://app.example.com,",
        "https://app.example.com https://app.example.com",
        "https://app.example.com/",
        "https://app.example.com /",
        "https://app.example.com?",
        "https://app.example.com#",
        "https://app.example.com%23",
        "https://app.example.com:443",
        "https://app.example.com.",
        "https://app.example.com\0",
        "\0https://app.example.com",
        "https://app.example.com\u{a0}",
        "https://user@app.example.com",
        "HTTPS://APP.EXAMPLE.COM",
        "HTTPS://app.example.com",
        "https://App.example.com",
        "http://app.example.com",
        "https:://app.example.com",
        "https:/app.example.com",
        "https:app.example.com",
        "://app.example.com",
        "//app.example.com",
        "app.example.com",
        "example.com",
        ".example.com",
        "*.example.com",
        "https://example.com",
        "https://.example.com",
        "https://*.example.com",
        "https://www.app.example.com",
        "https://app.example.com.evil.example",
    ] {
        assert!(
            matches!(
                check(value.as_bytes()),
                Err(CorsCheckError::OtherAllowOrigin { .. })
            ),
            "{value:?}"
        );
    }
}

#[test]
fn two_lines_of_allow_origin_fail() {
    for (one, two) in [
        ("", "*"),
        ("*", ""),
        ("*", "*"),
        ("", ORIGIN),
        ("*", ORIGIN),
        (ORIGIN, ORIGIN),
    ] {
        for credentials in [Omit, Include] {
            let response = HeaderList::from_iter([
                (ALLOW_ORIGIN, one),
                ("access-control-allow-ORIGIN", two),
                (ALLOW_CREDENTIALS, "true"),
            ]);
            assert_eq!(
                cors_check(ORIGIN, credentials, &response),
                Err(CorsCheckError::OtherAllowOrigin {
                    got: format!("{one}, {two}").into_bytes(),
                    expected: ORIGIN.to_owned(),
                })
            );
        }
    }
}

#[test]
fn null_is_an_origin_like_any_other() {
    let response =
        |value| HeaderList::from_iter([(ALLOW_ORIGIN, value), (ALLOW_CREDENTIALS, "true")]);
    for credentials in [Omit, SameOrigin, Include] {
        assert_eq!(cors_check("null", credentials, &response("null")), Ok(()));
        assert!(cors_check("null", credentials, &response("NULL")).is_err());
        assert!(cors_check(ORIGIN, credentials, &response("null")).is_err());
        assert_eq!(
            cors_check("null", credentials, &HeaderList::new()),
            Err(CorsCheckError::MissingAllowOrigin)
        );
    }
    assert_eq!(cors_check("null", Omit, &response("*")), Ok(()));
}

#[test]
fn credentials_need_the_origin_and_exactly_true() {
    let check = |credentials, origin: &str, lines: &[&str]| {
        let mut response = HeaderList::from_iter([(ALLOW_ORIGIN, origin)]);
        response.extend(lines.iter().map(|&value| (ALLOW_CREDENTIALS, value)));
        cors_check(ORIGIN, credentials, &response)
    };
    assert_eq!(check(Include, ORIGIN, &["true"]), Ok(()));
    assert_eq!(check(Include, ORIGIN, &[" true\t"]), Ok(()));
    assert_eq!(
        check(Include, "*", &["true"]),
        Err(CorsCheckError::WildcardWithCredentials)
    );
    assert_eq!(
        check(Include, ORIGIN, &[]),
        Err(CorsCheckError::MissingAllowCredentials)
    );
    for lines in [
        &["True"][..],
        &["TRUE"],
        &["false"],
        &[""],
        &["1"],
        &["true,"],
        &["\"true\""],
        &["true\0"],
        &["true", "true"],
        &["true", ""],
    ] {
        assert_eq!(
            check(Include, ORIGIN, lines),
            Err(CorsCheckError::AllowCredentialsNotTrue {
                got: lines.join(", ").into_bytes()
            })
        );
        // Without credentials the line is never looked at.
        for credentials in [Omit, SameOrigin] {
            assert_eq!(check(credentials, ORIGIN, lines), Ok(()));
            assert_eq!(check(credentials, "*", lines), Ok(()));
        }
    }
}

#[test]
fn cors_check_errors_say_what_was_found() {
    let text = |lines: &[(&str, &[u8])]| {
        let response = lines.iter().copied().collect();
        cors_check(ORIGIN, Include, &response)
            .unwrap_err()
            .to_string()
    };
    let same = (ALLOW_ORIGIN, ORIGIN.as_bytes());
    assert_eq!(text(&[]), "the response has no Access-Control-Allow-Origin");
    assert_eq!(
        text(&[(ALLOW_ORIGIN, b"*")]),
        "Access-Control-Allow-Origin is *, which allows no request with credentials"
    );
    assert_eq!(
        text(&[(ALLOW_ORIGIN, b"a\x1B\xFF")]),
        r#"Access-Control-Allow-Origin is "a\u{1b}\xff", not the page's origin "https://app.example.com""#
    );
    assert_eq!(
        text(&[same]),
        "the request has credentials, the response no Access-Control-Allow-Credentials"
    );
    assert_eq!(
        text(&[same, (ALLOW_CREDENTIALS, b"True")]),
        "the request has credentials, but Access-Control-Allow-Credentials is \"True\", not \
         exactly true"
    );
}

// The answer to a preflight: https://fetch.spec.whatwg.org/#cors-preflight-fetch-0

/// An answer that passes the CORS check in every credentials mode, with more lines.
fn answer(lines: &[(&str, &str)]) -> HeaderList {
    let mut answer = HeaderList::from_iter([(ALLOW_ORIGIN, ORIGIN), (ALLOW_CREDENTIALS, "true")]);
    answer.extend(lines.iter().copied());
    answer
}

fn judge(request: &Request, lines: &[(&str, &str)]) -> Result<u64, PreflightCheckError> {
    preflight_check(ORIGIN, request, 204, &answer(lines)).map(|pass| pass.max_age())
}

fn bad_method(method: &str) -> Result<u64, PreflightCheckError> {
    Err(PreflightCheckError::Method {
        method: method.to_owned(),
    })
}

fn bad_header(name: &str) -> Result<u64, PreflightCheckError> {
    Err(PreflightCheckError::Header {
        name: name.to_owned(),
    })
}

#[test]
fn only_2xx_passes_a_preflight() {
    let put = request("PUT", &[]);
    let answer = answer(&[(ALLOW_METHODS, "PUT")]);
    for status in 0..=999 {
        let expected = if (200..=299).contains(&status) {
            None
        } else {
            Some(PreflightCheckError::Status { status })
        };
        assert_eq!(
            preflight_check(ORIGIN, &put, status, &answer).err(),
            expected
        );
    }
}

#[test]
fn the_cors_check_comes_first_and_in_the_requests_own_mode() {
    let put = request("PUT", &[]);
    let star = HeaderList::from_iter([(ALLOW_ORIGIN, "*"), (ALLOW_METHODS, "PUT")]);
    assert!(preflight_check(ORIGIN, &put, 204, &star).is_ok());
    assert_eq!(
        preflight_check(ORIGIN, &put.clone().credentials(Include), 500, &star),
        Err(PreflightCheckError::Cors(
            CorsCheckError::WildcardWithCredentials
        ))
    );
    let bare = HeaderList::from_iter([(ALLOW_ORIGIN, ORIGIN), (ALLOW_METHODS, "PUT")]);
    assert!(preflight_check(ORIGIN, &put, 204, &bare).is_ok());
    assert_eq!(
        preflight_check(ORIGIN, &put.credentials(Include), 204, &bare),
        Err(PreflightCheckError::Cors(
            CorsCheckError::MissingAllowCredentials
        ))
    );
}

#[test]
fn steps_fail_in_the_standards_order() {
    // Every step would fail; each row repairs the one before it.
    let request = request("PUT", &[("Authorization", b"x"), ("X-A", b"1")]);
    let bad_list = |header, element: &[u8]| PreflightCheckError::MalformedList {
        header,
        element: element.to_vec(),
    };
    let cors = PreflightCheckError::Cors(CorsCheckError::MissingAllowOrigin);
    let method = PreflightCheckError::Method {
        method: "PUT".to_owned(),
    };
    let authorization = PreflightCheckError::NonWildcardHeader {
        name: "authorization".to_owned(),
    };
    let header = PreflightCheckError::Header {
        name: "x-a".to_owned(),
    };
    let origin = (ALLOW_ORIGIN, "*");
    let rows: [(u16, &[_], Option<PreflightCheckError>); 8] = [
        (
            500,
            &[(ALLOW_METHODS, "@"), (ALLOW_HEADERS, "@")],
            Some(cors),
        ),
        (
            500,
            &[origin, (ALLOW_METHODS, "@"), (ALLOW_HEADERS, "(")],
            Some(PreflightCheckError::Status { status: 500 }),
        ),
        (
            200,
            &[origin, (ALLOW_METHODS, "@"), (ALLOW_HEADERS, "(")],
            Some(bad_list(ALLOW_METHODS, b"@")),
        ),
        (
            200,
            &[origin, (ALLOW_METHODS, "GET"), (ALLOW_HEADERS, "(")],
            Some(bad_list(ALLOW_HEADERS, b"(")),
        ),
        (
            200,
            &[origin, (ALLOW_METHODS, "GET"), (ALLOW_HEADERS, "a")],
            Some(method),
        ),
        (
            200,
            &[origin, (ALLOW_METHODS, "PUT"), (ALLOW_HEADERS, "a")],
            Some(authorization),
        ),
        (
            200,
            &[
                origin,
                (ALLOW_METHODS, "PUT"),
                (ALLOW_HEADERS, "AUTHORIZATION"),
            ],
            Some(header),
        ),
        (
            200,
            &[
                origin,
                (ALLOW_METHODS, "PUT"),
                (ALLOW_HEADERS, "authorization,X-a"),
            ],
            None,
        ),
    ];
    for (status, lines, expected) in rows {
        let response = lines.iter().copied().collect();
        assert_eq!(
            preflight_check(ORIGIN, &request, status, &response).err(),
            expected
        );
    }
}

#[test]
fn star_covers_methods_and_headers_without_credentials_only() {
    // web-platform-tests, fetch/api/cors/cors-preflight-star.any.js, and more.
    let no_header: &[(&str, &[u8])] = &[];
    let x_test: &[(&str, &[u8])] = &[("X-Test", b"1")];
    let star: &[(&str, &[u8])] = &[("*", b"1")];
    for (credentials, methods, headers, method, sent, expected) in [
        (Omit, "get", "x-test", "GET", x_test, Ok(5)),
        (Omit, "*", "x-test", "SUPER", x_test, Ok(5)),
        (Omit, "*", "*", "OK", x_test, Ok(5)),
        (SameOrigin, "*", "*", "OK", x_test, Ok(5)),
        (Include, "*", "*", "OK", x_test, bad_method("OK")),
        (Include, "*", "", "PUT", no_header, bad_method("PUT")),
        (Include, "PUT", "*", "PUT", no_header, Ok(5)),
        (Include, "get", "*", "GET", x_test, bad_header("x-test")),
        (Include, "*", "*", "GET", x_test, bad_header("x-test")),
        (Include, "*", "*", "*", star, Ok(5)),
        (Omit, "*", "*", "*", star, Ok(5)),
        (Include, "put", "*", "PUT", no_header, bad_method("PUT")),
        (Omit, "put", "x-test", "PUT", no_header, bad_method("PUT")),
        (Omit, "put", "x", "put", no_header, bad_method("PUT")),
        (Omit, "PATCH", "x", "patch", no_header, bad_method("patch")),
        (Omit, "a, *,b", "a,*", "PUT", x_test, Ok(5)),
        (Include, "PUT,*", "*,x-test", "PUT", x_test, Ok(5)),
        (Omit, "**", "*", "PUT", x_test, bad_method("PUT")),
        (Omit, "*", "x-*", "PUT", x_test, bad_header("x-test")),
    ] {
        let request = request(method, sent).credentials(credentials);
        assert_eq!(
            judge(
                &request,
                &[(ALLOW_METHODS, methods), (ALLOW_HEADERS, headers)]
            ),
            expected,
            "{credentials:?} {methods} {headers} {method}"
        );
    }
}

#[test]
fn star_never_covers_authorization() {
    let refused = Err(PreflightCheckError::NonWildcardHeader {
        name: "authorization".to_owned(),
    });
    let request = request("GET", &[("AUTHORIZATION", b"x"), ("X-A", b"1")]);
    for credentials in [Omit, SameOrigin, Include] {
        let request = request.clone().credentials(credentials);
        assert_eq!(judge(&request, &[(ALLOW_HEADERS, "*")]), refused);
        assert_eq!(judge(&request, &[(ALLOW_HEADERS, "x-a")]), refused);
        assert_eq!(judge(&request, &[]), refused);
        let both = [(ALLOW_HEADERS, "Authorization, X-A")];
        assert_eq!(judge(&request, &both), Ok(5));
    }
    let star = [(ALLOW_HEADERS, "*,authorization")];
    assert_eq!(judge(&request, &star), Ok(5));
    assert_eq!(
        judge(&request.credentials(Include), &star),
        bad_header("x-a")
    );
}

#[test]
fn allow_lists_are_tokens_between_commas() {
    let request = request("PUT", &[("X-A", b"1"), ("X-B", b"1")]);
    for (methods, headers) in [
        ("PUT", "x-a,x-b"),
        (" PUT\t", " x-a \t,\t x-b "),
        (",,PUT,", ",x-a,, ,\t,x-b,"),
        ("GET,PUT,DELETE", "X-B,X-A,X-C,!#$%&'*+-.^_`|~"),
    ] {
        let lines = [(ALLOW_METHODS, methods), (ALLOW_HEADERS, headers)];
        assert_eq!(judge(&request, &lines), Ok(5), "{lines:?}");
    }
    let several = [
        (ALLOW_METHODS, "GET"),
        (ALLOW_HEADERS, "x-a"),
        (ALLOW_METHODS, ""),
        (ALLOW_METHODS, "PUT"),
        (ALLOW_HEADERS, "x-b"),
    ];
    assert_eq!(judge(&request, &several), Ok(5));
    assert_eq!(
        judge(&request, &[(ALLOW_METHODS, "PUT"), (ALLOW_HEADERS, "x-a")]),
        bad_header("x-b")
    );

    for bad in [
        "a b", "\"a\"", "a;b", "a/b", "a:", "(", "a\0", "a\x0Bb", "\x0C", "a\r", "\u{e9}", "[a]",
        "a=b",
    ] {
        for list in [
            bad.to_owned(),
            format!("PUT, x-a, x-b, {bad}"),
            format!("{bad},*"),
        ] {
            for header in [ALLOW_METHODS, ALLOW_HEADERS] {
                let good = [
                    (ALLOW_METHODS, "PUT"),
                    (ALLOW_HEADERS, "x-a,x-b"),
                    (header, &list),
                ];
                assert_eq!(
                    judge(&request, &good),
                    Err(PreflightCheckError::MalformedList {
                        header,
                        element: bad.as_bytes().to_vec()
                    }),
                    "{header}: {list:?}"
                );
                // It spoils the answer to a request that needs no entry, too.
                let get = Request::new("GET").unwrap().upload_listener(true);
                assert!(judge(&get, &good).is_err());
            }
        }
    }
}

#[test]
fn a_forced_preflight_allows_its_method_unless_methods_are_listed() {
    for listener in [true, false] {
        let forced = |method| {
            request(method, &[])
                .upload_listener(listener)
                .stream_body(!listener)
        };
        assert_eq!(judge(&forced("POST"), &[]), Ok(5));
        assert_eq!(judge(&forced("POST"), &[(ALLOW_METHODS, "PUT")]), Ok(5));
        assert_eq!(judge(&forced("PUT"), &[]), Ok(5));
        let empty = [(ALLOW_METHODS, "")];
        assert_eq!(judge(&forced("PUT"), &empty), bad_method("PUT"));
    }
    assert_eq!(judge(&request("PUT", &[]), &[]), bad_method("PUT"));
}

#[test]
fn max_age_is_one_line_of_digits_or_five() {
    let cases: [(&[&str], u64); 22] = [
        (&[], 5),
        (&["600"], 600),
        (&[" 600\t"], 600),
        (&["0"], 0),
        (&["000060"], 60),
        (&["86401"], 86_401),
        (&["18446744073709551615"], u64::MAX),
        (&["18446744073709551616"], u64::MAX),
        (&["99999999999999999999999999"], u64::MAX),
        (&[""], 5),
        (&["-1"], 5),
        (&["+1"], 5),
        (&["1.5"], 5),
        (&["1e3"], 5),
        (&["0x10"], 5),
        (&["1 0"], 5),
        (&["600,600"], 5),
        (&["600;"], 5),
        (&["\"600\""], 5),
        (&["\u{661}"], 5),
        (&["600", "600"], 5),
        (&["600", ""], 5),
    ];
    for (values, seconds) in cases {
        let lines: Vec<_> = values.iter().map(|&value| (MAX_AGE, value)).collect();
        assert_eq!(preflight_max_age(&answer(&lines)), seconds, "{values:?}");
        assert_eq!(judge(&request("GET", &[]), &lines), Ok(seconds));
    }
}

#[test]
fn preflight_check_errors_say_what_was_found() {
    let request = request("PUT", &[("X-A", b"1")]);
    let text = |status, lines: &[(&str, &str)]| {
        preflight_check(ORIGIN, &request, status, &answer(lines))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        text(302, &[]),
        "the status of the preflight is 302, not 200 to 299"
    );
    assert_eq!(
        text(200, &[(ALLOW_METHODS, "PUT;x")]),
        "Access-Control-Allow-Methods is not a list of tokens: it has the element \"PUT;x\""
    );
    assert_eq!(
        text(200, &[]),
        "Access-Control-Allow-Methods does not allow the method \"PUT\""
    );
    assert_eq!(
        text(200, &[(ALLOW_METHODS, "PUT")]),
        "Access-Control-Allow-Headers does not allow the header \"x-a\""
    );
}

// What a script may read: https://fetch.spec.whatwg.org/#concept-filtered-response-cors

#[test]
fn seven_names_are_always_exposed_and_two_never() {
    let names = [
        "Pragma",
        "X-Other",
        "Set-Cookie",
        "LAST-MODIFIED",
        "Expires",
        "Content-Type",
        "Content-Length",
        "set-cookie2",
        "Content-Language",
        "Cache-Control",
        "cache-control",
        "Content-Encoding",
        "ETag",
    ];
    let always = [
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    ];
    let mut response: HeaderList = names.iter().map(|&name| (name, "1")).collect();
    for credentials in [Omit, SameOrigin, Include] {
        assert_eq!(exposed_header_names(credentials, &response), always);
    }
    response.append(EXPOSE_HEADERS, "Set-Cookie, SET-COOKIE2, *");
    assert_eq!(
        exposed_header_names(Omit, &response),
        [
            "access-control-expose-headers",
            "cache-control",
            "content-encoding",
            "content-language",
            "content-length",
            "content-type",
            "etag",
            "expires",
            "last-modified",
            "pragma",
            "x-other",
        ]
    );
    assert_eq!(exposed_header_names(Include, &response), always);
}

#[test]
fn expose_headers_is_a_list_of_tokens() {
    let cases: [(&[&str], bool); 17] = [
        (&["bb-8"], true),
        (&["BB-8"], true),
        (&["  bb-8 \t"], true),
        (&["no,\tbb-8  ,no"], true),
        (&[",,bb-8,"], true),
        (&["", "bb-8"], true),
        (&["bb-8", "no"], true),
        (&["*"], true),
        (&[], false),
        (&[""], false),
        (&["bb"], false),
        (&["bb-8 no"], false),
        (&["bb-8,no no"], false),
        (&["bb-8", "no no"], false),
        (&["bb-8;no"], false),
        (&["\"bb-8\""], false),
        (&["bb-8,@#$#%%&^&^*()()11!"], false),
    ];
    for (values, exposed) in cases {
        let mut response = HeaderList::from_iter([("BB-8", "hey"), ("Content-Language", "mkay")]);
        response.extend(values.iter().map(|&value| (EXPOSE_HEADERS, value)));
        let names = exposed_header_names(Omit, &response);
        assert!(names.contains(&"content-language".to_owned()));
        assert_eq!(names.contains(&"bb-8".to_owned()), exposed, "{values:?}");
    }
}

#[test]
fn star_exposes_a_header_of_that_name_with_credentials() {
    let response = HeaderList::from_iter([("*", "1"), ("X-A", "2"), (EXPOSE_HEADERS, "*")]);
    assert_eq!(exposed_header_names(Include, &response), ["*"]);
    assert_eq!(
        exposed_header_names(SameOrigin, &response),
        ["*", "access-control-expose-headers", "x-a"]
    );
}

// The preflight cache: https://fetch.spec.whatwg.org/#concept-cache

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn store(cache: &mut PreflightCache, at: u64, request: &Request, lines: &[(&str, &str)]) {
    let pass = preflight_check(ORIGIN, request, 200, &answer(lines)).expect("the preflight passes");
    cache.store(seconds(at), URL, pass);
}

#[test]
fn an_answer_ages() {
    for (max_age, fresh_for) in [(Some("600"), 600), (None, 5), (Some("-1"), 5)] {
        let mut cache = PreflightCache::new();
        let put = request("PUT", &[("X-A", b"1")]);
        let mut lines = vec![(ALLOW_METHODS, "PUT"), (ALLOW_HEADERS, "x-a")];
        lines.extend(max_age.map(|value| (MAX_AGE, value)));
        assert!(!cache.covers(seconds(100), ORIGIN, URL, &put));
        store(&mut cache, 100, &put, &lines);
        for at in [100, 100 + fresh_for - 1] {
            assert!(cache.covers(seconds(at), ORIGIN, URL, &put));
        }
        assert!(!cache.covers(seconds(100 + fresh_for), ORIGIN, URL, &put));
        // Gone, not hidden.
        assert!(!cache.covers(seconds(100), ORIGIN, URL, &put));
    }
}

#[test]
fn max_age_zero_is_never_remembered_and_forgets_what_was() {
    let mut cache = PreflightCache::new();
    let put = request("PUT", &[]);
    store(
        &mut cache,
        0,
        &put,
        &[(ALLOW_METHODS, "PUT"), (MAX_AGE, "0")],
    );
    assert!(!cache.covers(seconds(0), ORIGIN, URL, &put));
    store(
        &mut cache,
        0,
        &put,
        &[(ALLOW_METHODS, "PUT"), (MAX_AGE, "9")],
    );
    assert!(cache.covers(seconds(0), ORIGIN, URL, &put));
    store(
        &mut cache,
        1,
        &put,
        &[(ALLOW_METHODS, "PUT"), (MAX_AGE, "0")],
    );
    assert!(!cache.covers(seconds(1), ORIGIN, URL, &put));
}

#[test]
fn a_new_answer_renews_the_age() {
    let mut cache = PreflightCache::new();
    let put = request("PUT", &[]);
    let lines = [(ALLOW_METHODS, "PUT"), (MAX_AGE, "10")];
    store(&mut cache, 0, &put, &lines);
    store(&mut cache, 8, &put, &lines);
    assert!(cache.covers(seconds(17), ORIGIN, URL, &put));
    assert!(!cache.covers(seconds(18), ORIGIN, URL, &put));
}

#[test]
fn a_cap_limits_the_age() {
    let put = request("PUT", &[]);
    for (max_age, cap, fresh_for) in [("9000", 7200, 7200), ("60", 7200, 60)] {
        let mut cache = PreflightCache::new().with_max_age_cap(cap);
        store(
            &mut cache,
            0,
            &put,
            &[(ALLOW_METHODS, "PUT"), (MAX_AGE, max_age)],
        );
        assert!(cache.covers(seconds(fresh_for - 1), ORIGIN, URL, &put));
        assert!(!cache.covers(seconds(fresh_for), ORIGIN, URL, &put));
    }
    let mut cache = PreflightCache::new();
    let forever = "99999999999999999999999";
    store(
        &mut cache,
        1,
        &put,
        &[(ALLOW_METHODS, "PUT"), (MAX_AGE, forever)],
    );
    assert!(cache.covers(seconds(u64::MAX - 1), ORIGIN, URL, &put));
}

#[test]
fn an_answer_serves_one_origin_and_one_url() {
    let mut cache = PreflightCache::new();
    let put = request("PUT", &[]);
    store(&mut cache, 0, &put, &[(ALLOW_METHODS, "PUT")]);
    assert!(cache.covers(seconds(0), ORIGIN, URL, &put));
    assert!(!cache.covers(seconds(0), "https://www.example.com", URL, &put));
    assert!(!cache.covers(seconds(0), "null", URL, &put));
    assert!(!cache.covers(seconds(0), ORIGIN, "https://api.example.net/notes?", &put));

    cache.clear(ORIGIN, "https://api.example.net/");
    cache.clear("null", URL);
    assert!(cache.covers(seconds(0), ORIGIN, URL, &put));
    cache.clear(ORIGIN, URL);
    assert!(!cache.covers(seconds(0), ORIGIN, URL, &put));
}

#[test]
fn an_answer_with_credentials_serves_both_modes() {
    let put = request("PUT", &[("X-A", b"1")]);
    let lines = [(ALLOW_METHODS, "PUT"), (ALLOW_HEADERS, "x-a")];
    for (stored, asked, covered) in [
        (Include, Include, true),
        (Include, Omit, true),
        (Include, SameOrigin, true),
        (Omit, Include, false),
        (SameOrigin, Include, false),
        (Omit, SameOrigin, true),
        (SameOrigin, Omit, true),
    ] {
        let mut cache = PreflightCache::new();
        store(&mut cache, 0, &put.clone().credentials(stored), &lines);
        assert_eq!(
            cache.covers(seconds(0), ORIGIN, URL, &put.clone().credentials(asked)),
            covered,
            "{stored:?} then {asked:?}"
        );
    }
}

#[test]
fn the_method_and_every_unsafe_header_must_be_remembered() {
    let get = |headers| request("GET", headers);
    let mut cache = PreflightCache::new();
    let lines = [(ALLOW_METHODS, "PUT, patch"), (ALLOW_HEADERS, "X-A, x-b")];
    store(&mut cache, 0, &get(&[]), &lines);
    for (request, covered) in [
        (get(&[]), true),
        (get(&[("X-a", b""), ("X-B", b"")]), true),
        (get(&[("X-A", b""), ("X-C", b"")]), false),
        (get(&[("Accept", b"*/*")]), true),
        (get(&[("Accept", b"(")]), false),
        (get(&[("Authorization", b"x")]), false),
        (request("PUT", &[("x-b", b"")]), true),
        (request("patch", &[]), true),
        (request("PATCH", &[]), false),
        (request("DELETE", &[]), false),
        // The flag has even a safelisted method looked up.
        (get(&[]).upload_listener(true), false),
        (get(&[]).stream_body(true), false),
        (request("PUT", &[]).stream_body(true), true),
    ] {
        assert_eq!(
            cache.covers(seconds(0), ORIGIN, URL, &request),
            covered,
            "{request:?}"
        );
    }
}

#[test]
fn a_forced_preflight_is_remembered() {
    let mut cache = PreflightCache::new();
    let post = request("POST", &[]).upload_listener(true);
    store(&mut cache, 0, &post, &[]);
    assert!(cache.covers(seconds(0), ORIGIN, URL, &post));
    cache.clear(ORIGIN, URL);
    store(&mut cache, 0, &post, &[(ALLOW_METHODS, "PUT")]);
    assert!(!cache.covers(seconds(0), ORIGIN, URL, &post));
}

#[test]
fn a_remembered_star_covers_all_but_authorization() {
    let mut cache = PreflightCache::new();
    let put = request("PUT", &[("X-A", b"1")]);
    store(
        &mut cache,
        0,
        &put,
        &[(ALLOW_METHODS, "*"), (ALLOW_HEADERS, "*")],
    );
    let covers = |cache: &mut PreflightCache, request: &Request| {
        cache.covers(seconds(0), ORIGIN, URL, request)
    };
    assert!(covers(&mut cache, &request("DELETE", &[("X-B", b"")])));
    assert!(!covers(
        &mut cache,
        &request("DELETE", &[]).credentials(Include)
    ));
    let authorized = request("PUT", &[("Authorization", b"x")]);
    assert!(!covers(&mut cache, &authorized));
    // The star that is there must not keep the name from being remembered.
    store(
        &mut cache,
        0,
        &authorized,
        &[(ALLOW_METHODS, "*"), (ALLOW_HEADERS, "authorization")],
    );
    assert!(covers(&mut cache, &authorized));
}

#[test]
fn a_star_remembered_with_credentials_covers_all_methods() {
    // By the letter of "method cache entry match", which asks for no mode. The star got in as
    // the name of a method, or beside the method that was asked for.
    let mut cache = PreflightCache::new();
    let put = request("PUT", &[]).credentials(Include);
    store(&mut cache, 0, &put, &[(ALLOW_METHODS, "PUT, *")]);
    let delete = request("DELETE", &[]).credentials(Include);
    assert!(cache.covers(seconds(0), ORIGIN, URL, &delete));
}

// From end to end: https://fetch.spec.whatwg.org/#concept-http-fetch

/// Allows every origin to PUT with X-A; the responses themselves are 404.
fn lenient(sent: &SentRequest) -> Response {
    let mut response = Response::new(if sent.is_preflight() { 204 } else { 404 });
    let headers = response.headers_mut();
    headers.append(ALLOW_ORIGIN, "*");
    if sent.is_preflight() {
        headers.append(ALLOW_METHODS, "PUT");
        headers.append(ALLOW_HEADERS, "x-a");
    } else {
        headers.append(EXPOSE_HEADERS, "etag");
        headers.append("ETag", "1");
        headers.append("etag", "2");
        headers.append("X-Secret", "3");
        headers.append("Set-Cookie", "4");
    }
    response
}

/// One fetch, with all that it sent.
fn fetch(
    browser: &mut Browser,
    at: u64,
    request: &Request,
    server: impl Fn(&SentRequest) -> Response,
) -> (Result<Readable, Blocked>, Vec<SentRequest>) {
    let mut sent = Vec::new();
    let outcome = browser.fetch(seconds(at), ORIGIN, URL, request, |request| {
        sent.push(request.clone());
        server(request)
    });
    (outcome, sent)
}

/// The methods that one fetch sends to a lenient server.
fn methods_sent(browser: &mut Browser, at: u64, request: &Request) -> Vec<String> {
    let (_, sent) = fetch(browser, at, request, lenient);
    sent.iter().map(|sent| sent.method().to_owned()).collect()
}

#[test]
fn a_fetch_sends_the_preflight_and_the_request() {
    let put = request("PUT", &[("X-A", b"1"), ("x-a", b"2"), ("Accept", b"a/b")]);
    let (outcome, sent) = fetch(&mut Browser::new(), 0, &put, lenient);
    let [preflight, actual] = &sent[..] else {
        panic!("{sent:?}");
    };

    assert!(preflight.is_preflight() && !preflight.has_credentials());
    assert_eq!((preflight.method(), preflight.url()), ("OPTIONS", URL));
    let lines: HeaderList = [
        ("Accept", "*/*"),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "x-a"),
        ("Origin", ORIGIN),
    ]
    .into_iter()
    .collect();
    assert_eq!(preflight.headers(), &lines);

    assert!(!actual.is_preflight() && !actual.has_credentials());
    assert_eq!((actual.method(), actual.url()), ("PUT", URL));
    let lines: HeaderList = [
        ("X-A", "1"),
        ("X-A", "2"),
        ("Accept", "a/b"),
        ("Origin", ORIGIN),
    ]
    .into_iter()
    .collect();
    assert_eq!(actual.headers(), &lines);

    let readable = outcome.unwrap();
    assert_eq!(readable.status(), 404);
    let exposed = HeaderList::from_iter([("ETag", "1"), ("ETag", "2")]);
    assert_eq!(readable.headers(), &exposed);
}

#[test]
fn a_simple_request_is_sent_at_once() {
    let get = request("GET", &[("Accept-Language", b"de")]);
    let (outcome, sent) = fetch(&mut Browser::new(), 0, &get, lenient);
    assert!(outcome.is_ok());
    assert_eq!(sent.len(), 1);
    assert!(!sent[0].is_preflight());
}

#[test]
fn only_the_request_itself_carries_credentials() {
    let server = |sent: &SentRequest| {
        let mut response = Response::new(200);
        response.headers_mut().extend([
            (ALLOW_ORIGIN, ORIGIN),
            (ALLOW_CREDENTIALS, "true"),
            (ALLOW_METHODS, sent.method()),
        ]);
        response
    };
    let post = request("POST", &[]).stream_body(true).credentials(Include);
    let (outcome, sent) = fetch(&mut Browser::new(), 0, &post, server);
    assert!(outcome.is_ok());
    let credentials: Vec<_> = sent.iter().map(SentRequest::has_credentials).collect();
    assert_eq!(credentials, [false, true]);
}

#[test]
fn a_remembered_preflight_is_not_sent_again() {
    let mut browser = Browser::new();
    let put = request("PUT", &[("X-A", b"1")]);
    assert_eq!(methods_sent(&mut browser, 0, &put), ["OPTIONS", "PUT"]);
    assert_eq!(methods_sent(&mut browser, 4, &put), ["PUT"]);
    assert_eq!(methods_sent(&mut browser, 5, &put), ["OPTIONS", "PUT"]);
    // What is not remembered asks again.
    let get = request("GET", &[("X-B", b"1")]);
    assert_eq!(methods_sent(&mut browser, 5, &get), ["OPTIONS"]);

    let mut forgetful = Browser::with_cache(PreflightCache::new().with_max_age_cap(0));
    for _ in 0..2 {
        assert_eq!(methods_sent(&mut forgetful, 0, &put), ["OPTIONS", "PUT"]);
    }
}

#[test]
fn a_refused_preflight_keeps_the_request_from_being_sent() {
    let delete = request("DELETE", &[]);
    let (outcome, sent) = fetch(&mut Browser::new(), 0, &delete, lenient);
    let error = PreflightCheckError::Method {
        method: "DELETE".to_owned(),
    };
    assert_eq!(outcome, Err(Blocked::Preflight(error)));
    assert_eq!(sent.len(), 1);
}

#[test]
fn a_failure_forgets_the_answer_unless_the_request_is_simple() {
    let put = request("PUT", &[]);
    let get = request("GET", &[]);
    let delete = request("DELETE", &[]);
    let closed = |_: &SentRequest| Response::new(200);
    for (failing, forgets) in [(&put, true), (&delete, true), (&get, false)] {
        let mut browser = Browser::new();
        assert_eq!(methods_sent(&mut browser, 0, &put), ["OPTIONS", "PUT"]);
        let (outcome, sent) = fetch(&mut browser, 1, failing, closed);
        assert_eq!(sent.len(), 1);
        assert!(outcome.is_err());
        let expected = if forgets {
            &["OPTIONS", "PUT"][..]
        } else {
            &["PUT"]
        };
        assert_eq!(methods_sent(&mut browser, 1, &put), expected);
    }
}

#[test]
fn a_response_without_permission_is_blocked() {
    let (outcome, _) = fetch(&mut Browser::new(), 0, &request("GET", &[]), |_| {
        Response::new(200)
    });
    let blocked = outcome.unwrap_err();
    assert_eq!(
        blocked,
        Blocked::Response(CorsCheckError::MissingAllowOrigin)
    );
    assert_eq!(
        blocked.to_string(),
        "the response can't be read: the response has no Access-Control-Allow-Origin"
    );
}

#[test]
fn a_redirect_ends_the_model() {
    for (status, location, readable) in [
        (301, true, false),
        (302, true, false),
        (303, true, false),
        (307, true, false),
        (308, true, false),
        (304, true, true),
        (300, true, true),
        (201, true, true),
        (302, false, true),
    ] {
        let redirect = |_: &SentRequest| {
            let mut response = Response::new(status);
            response.headers_mut().append(ALLOW_ORIGIN, "*");
            if location {
                response.headers_mut().append("Location", "/");
            }
            response
        };
        let (outcome, _) = fetch(&mut Browser::new(), 0, &request("GET", &[]), redirect);
        if readable {
            assert_eq!(outcome.map(|it| it.status()), Ok(status));
        } else {
            assert_eq!(outcome, Err(Blocked::Redirect { status }));
        }
        // A preflight is never redirected.
        let (outcome, _) = fetch(&mut Browser::new(), 0, &request("PUT", &[]), redirect);
        assert!(matches!(outcome, Err(Blocked::Preflight(_))));
    }
}

#[test]
fn the_path_of_a_sent_request_ends_before_query_and_fragment() {
    for (url, path) in [
        ("https://api.example.net", "/"),
        ("https://api.example.net/a/b?next=/admin#/x", "/a/b"),
        ("https://api.example.net?next=/admin", "/"),
        ("https://api.example.net#/x", "/"),
    ] {
        let mut seen = None;
        let _ = Browser::new().fetch(Duration::ZERO, ORIGIN, url, &request("GET", &[]), |sent| {
            seen = Some(RequestHead::path(sent).to_owned());
            Response::new(200)
        });
        assert_eq!(seen.as_deref(), Some(path), "{url}");
    }
}
