//! Methods and header names: tokens, safelisted names, and names that browsers forbid.

/// Returns whether `text` is a token, the form of every method and field name.
///
/// [RFC 9110, 5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2)
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().copied().all(is_token_byte)
}

/// Returns whether `byte` may stand in a token.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    TOKEN_BYTES[usize::from(byte)]
}

/// One entry per byte, made at compile time, since a request's lists are checked byte by byte.
const TOKEN_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = matches!(byte as u8,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_'
            | b'`' | b'|' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z');
        byte += 1;
    }
    table
};

/// Returns whether the method is
/// [CORS-safelisted](https://fetch.spec.whatwg.org/#cors-safelisted-method): a browser never needs
/// the server's word for it.
pub(crate) fn is_safelisted_method(method: &[u8]) -> bool {
    matches!(method, b"GET" | b"HEAD" | b"POST")
}

/// Returns whether the method is a
/// [forbidden method](https://fetch.spec.whatwg.org/#forbidden-method), which no script can use.
pub(crate) fn is_forbidden_method(method: &[u8]) -> bool {
    is_one_of(method, &["CONNECT", "TRACE", "TRACK"])
}

/// Returns the method as a browser sends it: six names are upper-cased, every other spelling stays.
///
/// [Normalize a method](https://fetch.spec.whatwg.org/#concept-method-normalize)
pub(crate) fn normalize_method(method: &str) -> &str {
    ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(method))
        .unwrap_or(method)
}

/// Returns the registered method of this name, in whatever case it is written.
///
/// [The registry](https://www.iana.org/assignments/http-methods/http-methods.xhtml), and `QUERY`.
pub(crate) fn registered_method(method: &str) -> Option<&'static str> {
    const REGISTERED: [&str; 40] = [
        "ACL",
        "BASELINE-CONTROL",
        "BIND",
        "CHECKIN",
        "CHECKOUT",
        "CONNECT",
        "COPY",
        "DELETE",
        "GET",
        "HEAD",
        "LABEL",
        "LINK",
        "LOCK",
        "MERGE",
        "MKACTIVITY",
        "MKCALENDAR",
        "MKCOL",
        "MKREDIRECTREF",
        "MKWORKSPACE",
        "MOVE",
        "OPTIONS",
        "ORDERPATCH",
        "PATCH",
        "POST",
        "PRI",
        "PROPFIND",
        "PROPPATCH",
        "PUT",
        "QUERY",
        "REBIND",
        "REPORT",
        "SEARCH",
        "TRACE",
        "UNBIND",
        "UNCHECKOUT",
        "UNLINK",
        "UNLOCK",
        "UPDATE",
        "UPDATEREDIRECTREF",
        "VERSION-CONTROL",
    ];
    let is_it = |registered: &&str| registered.eq_ignore_ascii_case(method);
    REGISTERED.into_iter().find(is_it)
}

/// Returns whether its name alone makes a header a
/// [forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header).
pub(crate) fn is_forbidden_request_header_name(name: &[u8]) -> bool {
    has_prefix(name, "proxy-")
        || has_prefix(name, "sec-")
        || is_one_of(
            name,
            &[
                "accept-charset",
                "accept-encoding",
                "access-control-request-headers",
                "access-control-request-method",
                "connection",
                "content-length",
                "cookie",
                "cookie2",
                "date",
                "dnt",
                "expect",
                "host",
                "keep-alive",
                "origin",
                "referer",
                "set-cookie",
                "te",
                "trailer",
                "transfer-encoding",
                "upgrade",
                "via",
            ],
        )
}

/// Returns whether the name is a
/// [forbidden response-header name](https://fetch.spec.whatwg.org/#forbidden-response-header-name):
/// no script can read it, whatever is exposed.
pub(crate) fn is_forbidden_response_header_name(name: &[u8]) -> bool {
    is_one_of(name, &["set-cookie", "set-cookie2"])
}

/// Returns whether the name is a
/// [CORS-safelisted response-header name](https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name):
/// every script can read it, whatever is exposed.
pub(crate) fn is_safelisted_response_header_name(name: &[u8]) -> bool {
    is_one_of(
        name,
        &[
            "cache-control",
            "content-language",
            "content-length",
            "content-type",
            "expires",
            "last-modified",
            "pragma",
        ],
    )
}

/// Returns whether the name is a
/// [CORS non-wildcard request-header name](https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name):
/// `*` never covers it.
pub(crate) fn is_non_wildcard_request_header_name(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"authorization")
}

fn is_one_of(text: &[u8], names: &[&str]) -> bool {
    names
        .iter()
        .any(|name| text.eq_ignore_ascii_case(name.as_bytes()))
}

fn has_prefix(text: &[u8], prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_visible_ascii_without_delimiters() {
        for byte in 0..=255u8 {
            let delimiter = b"\"(),/:;<=>?@[\\]{}".contains(&byte);
            let expected = byte.is_ascii_graphic() && !delimiter;
            assert_eq!(is_token(&[byte]), expected, "byte {byte:#04x}");
        }
        assert!(!is_token(b""));
        assert!(!is_token(b"a b"));
    }

    #[test]
    fn only_six_methods_are_upper_cased() {
        assert_eq!(normalize_method("delete"), "DELETE");
        assert_eq!(normalize_method("oPtIoNs"), "OPTIONS");
        assert_eq!(normalize_method("patch"), "patch");
        assert_eq!(normalize_method("query"), "query");
    }

    #[test]
    fn registered_methods_are_found_in_any_case() {
        assert_eq!(registered_method("patch"), Some("PATCH"));
        assert_eq!(
            registered_method("Version-Control"),
            Some("VERSION-CONTROL")
        );
        assert_eq!(registered_method("x-method"), None);
    }

    #[test]
    fn forbidden_names_are_found_in_any_case() {
        assert!(is_forbidden_method(b"trace") && is_forbidden_method(b"CONNECT"));
        assert!(!is_forbidden_method(b"OPTIONS"));
        for name in [
            "Sec-Fetch-Site",
            "PROXY-Authorization",
            "Cookie",
            "dnt",
            "Origin",
        ] {
            assert!(is_forbidden_request_header_name(name.as_bytes()), "{name}");
        }
        for name in ["authorization", "secret", "proxy", "x-http-method-override"] {
            assert!(!is_forbidden_request_header_name(name.as_bytes()), "{name}");
        }
        assert!(is_forbidden_response_header_name(b"Set-Cookie2"));
        assert!(!is_forbidden_response_header_name(b"etag"));
    }
}
