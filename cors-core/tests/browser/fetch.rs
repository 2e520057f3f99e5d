//! Tests whole fetches: what they send, and what the script can read of the response.
//!
//! [HTTP fetch](https://fetch.spec.whatwg.org/#concept-http-fetch)

use std::time::Duration;

use cors_core::adapter::RequestHead;
use cors_core::browser::Credentials::Include;
use cors_core::browser::{
    Browser, CorsCheckError, FilteredResponse, HeaderList, NetworkError, PreflightCache,
    PreflightCheckError, Request, Response, SentRequest,
};

use crate::support::{
    ALLOW_CREDENTIALS, ALLOW_HEADERS, ALLOW_METHODS, ALLOW_ORIGIN, EXPOSE_HEADERS, ORIGIN, URL,
    request, seconds,
};

/// Answers as a server that allows every origin to PUT with X-A. Its response to an actual request
/// has the status 404.
fn lenient(sent: &SentRequest) -> Response {
    let mut response = Response::new(if sent.is_preflight() { 204 } else { 404 });
    let headers = response.headers_mut();
    headers.append(ALLOW_ORIGIN, "*");
    if sent.is_preflight() {
        headers.append(ALLOW_METHODS, "PUT");
        headers.append(ALLOW_HEADERS, "x-a");
    } else {
        headers.append(EXPOSE_HEADERS, "etag");
        headers.append("ETag", "1");
        headers.append("etag", "2");
        headers.append("X-Secret", "3");
        headers.append("Set-Cookie", "4");
    }
    response
}

/// Runs one fetch. Returns its outcome and every request that it sent.
fn fetch(
    browser: &mut Browser,
    at: u64,
    request: &Request,
    server: impl Fn(&SentRequest) -> Response,
) -> (Result<FilteredResponse, NetworkError>, Vec<SentRequest>) {
    let mut sent = Vec::new();
    let outcome = browser.fetch(seconds(at), ORIGIN, URL, request, |request| {
        sent.push(request.clone());
        server(request)
    });
    (outcome, sent)
}

/// Runs one fetch against [`lenient`]. Returns the methods of the requests that it sent.
fn methods_sent(browser: &mut Browser, at: u64, request: &Request) -> Vec<String> {
    let (_, sent) = fetch(browser, at, request, lenient);
    sent.iter().map(|sent| sent.method().to_owned()).collect()
}

#[test]
fn a_fetch_sends_the_preflight_and_the_request() {
    let put = request("PUT", &[("X-A", b"1"), ("x-a", b"2"), ("Accept", b"a/b")]);
    let (outcome, sent) = fetch(&mut Browser::new(), 0, &put, lenient);
    let [preflight, actual] = &sent[..] else {
        panic!("{sent:?}");
    };

    assert!(preflight.is_preflight() && !preflight.has_credentials());
    assert_eq!((preflight.method(), preflight.url()), ("OPTIONS", URL));
    let lines: HeaderList = [
        ("Accept", "*/*"),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "x-a"),
        ("Origin", ORIGIN),
    ]
    .into_iter()
    .collect();
    assert_eq!(preflight.headers(), &lines);

    assert!(!actual.is_preflight() && !actual.has_credentials());
    assert_eq!((actual.method(), actual.url()), ("PUT", URL));
    let lines: HeaderList = [
        ("X-A", "1"),
        ("X-A", "2"),
        ("Accept", "a/b"),
        ("Origin", ORIGIN),
    ]
    .into_iter()
    .collect();
    assert_eq!(actual.headers(), &lines);

    let readable = outcome.unwrap();
    assert_eq!(readable.status(), 404);
    let exposed = HeaderList::from_iter([("ETag", "1"), ("ETag", "2")]);
    assert_eq!(readable.headers(), &exposed);
}

#[test]
fn a_simple_request_is_sent_at_once() {
    let get = request("GET", &[("Accept-Language", b"de")]);
    let (outcome, sent) = fetch(&mut Browser::new(), 0, &get, lenient);
    assert!(outcome.is_ok());
    assert_eq!(sent.len(), 1);
    assert!(!sent[0].is_preflight());
}

#[test]
fn only_the_request_itself_carries_credentials() {
    let server = |sent: &SentRequest| {
        let mut response = Response::new(200);
        response.headers_mut().extend([
            (ALLOW_ORIGIN, ORIGIN),
            (ALLOW_CREDENTIALS, "true"),
            (ALLOW_METHODS, sent.method()),
        ]);
        response
    };
    let post = request("POST", &[]).stream_body(true).credentials(Include);
    let (outcome, sent) = fetch(&mut Browser::new(), 0, &post, server);
    assert!(outcome.is_ok());
    let credentials: Vec<_> = sent.iter().map(SentRequest::has_credentials).collect();
    assert_eq!(credentials, [false, true]);
}

#[test]
fn a_remembered_preflight_is_not_sent_again() {
    let mut browser = Browser::new();
    let put = request("PUT", &[("X-A", b"1")]);
    assert_eq!(methods_sent(&mut browser, 0, &put), ["OPTIONS", "PUT"]);
    assert_eq!(methods_sent(&mut browser, 4, &put), ["PUT"]);
    assert_eq!(methods_sent(&mut browser, 5, &put), ["OPTIONS", "PUT"]);
    // A header that is not remembered needs a new preflight.
    let get = request("GET", &[("X-B", b"1")]);
    assert_eq!(methods_sent(&mut browser, 5, &get), ["OPTIONS"]);

    let mut forgetful = Browser::with_cache(PreflightCache::new().with_max_age_cap(0));
    for _ in 0..2 {
        assert_eq!(methods_sent(&mut forgetful, 0, &put), ["OPTIONS", "PUT"]);
    }
}

#[test]
fn a_refused_preflight_keeps_the_request_from_being_sent() {
    let delete = request("DELETE", &[]);
    let (outcome, sent) = fetch(&mut Browser::new(), 0, &delete, lenient);
    let error = PreflightCheckError::Method {
        method: "DELETE".to_owned(),
    };
    assert_eq!(outcome, Err(NetworkError::Preflight(error)));
    assert_eq!(sent.len(), 1);
}

#[test]
fn a_failure_forgets_the_answer_unless_the_request_is_simple() {
    let put = request("PUT", &[]);
    let get = request("GET", &[]);
    let delete = request("DELETE", &[]);
    let closed = |_: &SentRequest| Response::new(200);
    for (failing, forgets) in [(&put, true), (&delete, true), (&get, false)] {
        let mut browser = Browser::new();
        assert_eq!(methods_sent(&mut browser, 0, &put), ["OPTIONS", "PUT"]);
        let (outcome, sent) = fetch(&mut browser, 1, failing, closed);
        assert_eq!(sent.len(), 1);
        assert!(outcome.is_err());
        let expected = if forgets {
            &["OPTIONS", "PUT"][..]
        } else {
            &["PUT"]
        };
        assert_eq!(methods_sent(&mut browser, 1, &put), expected);
    }
}

#[test]
fn a_response_without_permission_is_blocked() {
    let (outcome, _) = fetch(&mut Browser::new(), 0, &request("GET", &[]), |_| {
        Response::new(200)
    });
    let blocked = outcome.unwrap_err();
    assert_eq!(
        blocked,
        NetworkError::Response(CorsCheckError::MissingAllowOrigin)
    );
    assert_eq!(
        blocked.to_string(),
        "the response can't be read: the response has no Access-Control-Allow-Origin"
    );
}

#[test]
fn a_redirect_ends_the_model() {
    for (status, location, readable) in [
        (301, true, false),
        (302, true, false),
        (303, true, false),
        (307, true, false),
        (308, true, false),
        (304, true, true),
        (300, true, true),
        (201, true, true),
        (302, false, true),
    ] {
        let redirect = |_: &SentRequest| {
            let mut response = Response::new(status);
            response.headers_mut().append(ALLOW_ORIGIN, "*");
            if location {
                response.headers_mut().append("Location", "/");
            }
            response
        };
        let (outcome, _) = fetch(&mut Browser::new(), 0, &request("GET", &[]), redirect);
        if readable {
            assert_eq!(outcome.map(|it| it.status()), Ok(status));
        } else {
            assert_eq!(outcome, Err(NetworkError::Redirect { status }));
        }
        // A browser does not follow the redirect of a preflight: the preflight fails.
        let (outcome, _) = fetch(&mut Browser::new(), 0, &request("PUT", &[]), redirect);
        assert!(matches!(outcome, Err(NetworkError::Preflight(_))));
    }
}

#[test]
fn the_path_of_a_sent_request_ends_before_query_and_fragment() {
    for (url, path) in [
        ("https://api.example.net", "/"),
        ("https://api.example.net/a/b?next=/admin#/x", "/a/b"),
        ("https://api.example.net?next=/admin", "/"),
        ("https://api.example.net#/x", "/"),
    ] {
        let mut seen = None;
        let _ = Browser::new().fetch(Duration::ZERO, ORIGIN, url, &request("GET", &[]), |sent| {
            seen = Some(RequestHead::path(sent).to_owned());
            Response::new(200)
        });
        assert_eq!(seen.as_deref(), Some(path), "{url}");
    }
}
