//! Tests which requests a script can make, and which of them need a preflight.
//!
//! [The `Request` constructor](https://fetch.spec.whatwg.org/#dom-request)

use cors_core::browser::{Request, RequestError};

use crate::support::{reasons, request};

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
    // Whitespace at both ends, newlines included, is removed before the check. Only NUL, CR and
    // LF are refused.
    let headers = get().header("x-a", b"\r\n \t\x01\x7F\xFF b\n").unwrap();
    assert_eq!(
        headers.headers().get("x-a").as_deref(),
        Some(&b"\x01\x7F\xFF b"[..])
    );
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
