//! Section 3: the app's response, whatever it is, with the fields of CORS.

use super::policies::{ACTUAL, BARE, CREDENTIALS, Row, actual_cases};
use super::{ACAC, ACAO, ACEH, APP, Answer, Case, ORIGIN, case, get, not_that_method};
use conformance_client::raw::Request;
use conformance_servers::test_app::{CHUNKS, COOKIES};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = actual_cases(&rows());
    cases.push(case(
        "every response header exposed",
        r#"
        allow_origins = ["https://app.example.com"]
        expose_headers = ["*"]
        "#,
        get("/echo").line("Origin", APP),
        Answer::app(200)
            .cors(&[(ACAO, APP), (ACEH, "*")])
            .vary(ORIGIN),
    ));
    cases.push(case(
        "the fields of preflights are never on an actual response",
        r#"
        allow_origins = ["https://app.example.com"]
        allow_methods = ["PUT", "DELETE"]
        allow_headers = ["content-type"]
        max_age = 600
        allow_private_network = true
        "#,
        Request::new("PUT", "/echo")
            .line("Origin", APP)
            .line("Access-Control-Request-Method", "PUT")
            .line("Access-Control-Request-Headers", "content-type")
            .line("Access-Control-Request-Private-Network", "true"),
        Answer::app(200).cors(&[(ACAO, APP)]).vary(ORIGIN),
    ));
    for actual in ACTUAL {
        let (cors, vary) = (actual.allowed, actual.vary);
        cases.push(case(
            format!("{}: the app gets the request as it came", actual.name),
            actual.policy,
            Request::new("POST", "/echo")
                .line("Origin", APP)
                .line("X-Echo", "hello")
                .line("Cookie", "a=b; c=d")
                .body("12345"),
            Answer::app(200)
                .cors(cors)
                .vary(vary)
                .text(r#"{"method":"POST","body_length":5,"x_echo":"hello","cookie":"a=b; c=d"}"#),
        ));
    }
    // Whether a browser sent cookies does not matter: the policy alone says whether it may.
    cases.push(case(
        "credentials are allowed whether or not there are any",
        CREDENTIALS,
        get("/echo").line("Origin", APP).line("Cookie", "a=b"),
        Answer::app(200)
            .cors(&[(ACAO, APP), (ACAC, "true"), (ACEH, "x-app-hits")])
            .vary(ORIGIN),
    ));
    cases.push(case(
        "credentials are not allowed by sending some",
        BARE,
        get("/echo")
            .line("Origin", APP)
            .line("Cookie", "a=b")
            .line("Authorization", "Basic YTpi"),
        Answer::app(200).cors(&[(ACAO, APP)]).vary(ORIGIN),
    ));
    cases
}

/// Every path of the test app but those that are about Vary and the app's own CORS headers.
fn rows() -> Vec<Row> {
    let mut rows = vec![
        ("GET", "/only-get", Answer::app(200)),
        (
            "HEAD",
            "/only-get",
            // Some answer HEAD by the route for GET.
            Answer::framework(405)
                .on("axum", Answer::app(200))
                .on("rocket", Answer::app(200)),
        ),
        ("POST", "/only-get", not_that_method()),
        ("OPTIONS", "/only-get", not_that_method()),
        ("GET", "/boom", Answer::app(500)),
        ("POST", "/boom", Answer::app(500)),
        ("GET", "/panic", Answer::panicked()),
        ("GET", "/guarded", Answer::framework(401)),
        ("OPTIONS", "/guarded", Answer::framework(401)),
        (
            "GET",
            "/redirect",
            Answer::app(302).lines("location", &["/echo"]),
        ),
        (
            "GET",
            "/login",
            Answer::app(200).lines("set-cookie", &COOKIES),
        ),
        ("GET", "/stream", Answer::app(200).chunks(&CHUNKS)),
        ("GET", "/nowhere", Answer::framework(404)),
        ("OPTIONS", "/nowhere", Answer::framework(404)),
        ("GET", "/", Answer::framework(404)),
    ];
    // The list of methods is about preflights; an actual request is answered whatever its method.
    for method in [
        "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND",
    ] {
        rows.push((method, "/echo", Answer::app(200)));
    }
    rows
}
