//! The check for forbidden request-headers: the lines that a script can't set.

use super::blank::{is_tab_or_space, trim};
use crate::protocol::token::{is_forbidden_method, is_forbidden_request_header_name};

/// Returns whether a line is a
/// [forbidden request-header](https://fetch.spec.whatwg.org/#forbidden-request-header): by its
/// name, or as a method override that names a forbidden method.
pub(super) fn is_forbidden_request_header(name: &str, value: &[u8]) -> bool {
    is_forbidden_request_header_name(name.as_bytes())
        || (METHOD_OVERRIDES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
            && split(value).any(is_forbidden_method))
}

/// Splits a value at its commas, except for those in quoted strings
/// ([get, decode, and split](https://fetch.spec.whatwg.org/#header-value-get-decode-and-split)).
fn split(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let mut escaped = false;
    value
        .split(move |&byte| {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = quoted,
                b'"' => quoted = !quoted,
                _ => {}
            }
            byte == b',' && !quoted
        })
        .map(|part| trim(part, is_tab_or_space))
}

const METHOD_OVERRIDES: [&str; 3] = [
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_in_quoted_strings_do_not_split() {
        // The standard's own table of examples, and escapes.
        let cases: [(&str, &[&str]); 10] = [
            ("nosniff, ", &["nosniff", ""]),
            ("", &[""]),
            (r#"text/html;", x/x"#, &[r#"text/html;", x/x"#]),
            (r#"x/x;test="hi",y/y"#, &[r#"x/x;test="hi""#, "y/y"]),
            ("x / x,,,1", &["x / x", "", "", "1"]),
            (r#""1,2", 3"#, &[r#""1,2""#, "3"]),
            (r#""a\",b",c"#, &[r#""a\",b""#, "c"]),
            (r#""a\\",b"#, &[r#""a\\""#, "b"]),
            (r"a\,b", &[r"a\", "b"]),
            (r#"a\",b"#, &[r#"a\",b"#]),
        ];
        for (value, expected) in cases {
            let parts: Vec<_> = split(value.as_bytes()).collect();
            let expected: Vec<_> = expected.iter().map(|part| part.as_bytes()).collect();
            assert_eq!(parts, expected, "{value}");
        }
    }

    #[test]
    fn a_method_override_is_forbidden_by_its_value() {
        let cases = [
            ("X-HTTP-Method", "TRACE", true),
            ("x-http-method-override", "get, \ttrack ", true),
            ("X-Method-Override", "connect,", true),
            ("X-HTTP-Method-Override", "PUT", false),
            ("X-HTTP-Method-Override", "TRACED", false),
            ("X-HTTP-Method-Override", "\"TRACE\"", false),
            ("X-HTTP-Method-Override", "\"a, TRACE\"", false),
            ("X-HTTP-Methods", "TRACE", false),
            ("Cookie", "", true),
        ];
        for (name, value, forbidden) in cases {
            assert_eq!(
                is_forbidden_request_header(name, value.as_bytes()),
                forbidden,
                "{name}: {value}"
            );
        }
    }
}
