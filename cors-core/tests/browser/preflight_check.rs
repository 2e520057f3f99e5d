//! Tests which answers to a preflight let the request go out.
//!
//! [CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch-0)

use cors_core::browser::Credentials::{Include, Omit, SameOrigin};
use cors_core::browser::{
    CorsCheckError, HeaderList, PreflightCheckError, Request, preflight_check, preflight_max_age,
};

use crate::support::{
    ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, MAX_AGE, ORIGIN, answer, request,
};

/// Checks an [`answer`] with these lines. Returns its maximum age in seconds if it passes.
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
    // In the first row, no step passes. Each later row repairs the step that fails in the row
    // before it.
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
    // Takes cases from fetch/api/cors/cors-preflight-star.any.js of web-platform-tests, and adds
    // more.
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
                // The malformed list also fails a request that needs no entry of it.
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
