//! Tests what a preflight asks.
//!
//! [CORS-preflight request](https://fetch.spec.whatwg.org/#cors-preflight-request)

use crate::support::{reasons, request};

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
