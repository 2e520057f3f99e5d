//! Tests which headers a script cannot set.
//!
//! [Forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header)

use cors_core::browser::HeaderList;

use crate::support::{is_unsafe, request};

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
