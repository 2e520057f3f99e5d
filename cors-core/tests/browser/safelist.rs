//! Tests which headers a script can send without a preflight.
//!
//! [CORS-safelisted request-header](https://fetch.spec.whatwg.org/#cors-safelisted-request-header)

use cors_core::browser::PreflightReason;

use crate::support::{is_unsafe, reasons, request};

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
        // After its semicolon, a content type refuses the same bytes as Accept.
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
    // Each value with the MIME type essence that the browser reads from it, or `None` if the
    // value is not a MIME type.
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
        // Numbers too large for any integer type: 41 digits, then 42.
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
    // Spaces at both ends do not count towards the length.
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

    // The bytes of an unsafe value do not count towards the 1024.
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
