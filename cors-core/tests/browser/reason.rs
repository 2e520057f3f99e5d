//! Tests how each reason for a preflight is explained.

use crate::support::request;

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
