//! Tests which headers of a response a script can read.
//!
//! [CORS filtered response](https://fetch.spec.whatwg.org/#concept-filtered-response-cors)

use cors_core::browser::Credentials::{Include, Omit, SameOrigin};
use cors_core::browser::{HeaderList, exposed_header_names};

use crate::support::EXPOSE_HEADERS;

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
