//! Tests which responses pass the CORS check.
//!
//! [CORS check](https://fetch.spec.whatwg.org/#concept-cors-check)

use cors_core::browser::Credentials::{Include, Omit, SameOrigin};
use cors_core::browser::{CorsCheckError, HeaderList, cors_check};

use crate::support::{ALLOW_CREDENTIALS, ALLOW_ORIGIN, ORIGIN};

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
        // Without credentials, the check does not read Access-Control-Allow-Credentials.
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
