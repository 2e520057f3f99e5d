//! Section 3: the app's response, whatever it is, with the fields of CORS.

use conformance_client::raw::Request;
use conformance_servers::Framework;
use conformance_servers::test_app::{CHUNKS, COOKIES};

use super::case::{Case, case};
use super::expected::Expected;
use super::policies::{ACTUAL, BARE, CREDENTIALS, Row, actual_cases};
use super::request::get;
use super::words::{ACAC, ACAO, ACEH, APP, ORIGIN};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = actual_cases(&rows());
    cases.push(case(
        "every response header exposed",
        r#"
        allow_origins = ["https://app.example.com"]
        expose_headers = ["*"]
        "#,
        get("/echo").line("Origin", APP),
        Expected::from_handler(200)
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
        Expected::from_handler(200)
            .cors(&[(ACAO, APP)])
            .vary(ORIGIN),
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
            Expected::from_handler(200)
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
        Expected::from_handler(200)
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
        Expected::from_handler(200)
            .cors(&[(ACAO, APP)])
            .vary(ORIGIN),
    ));
    cases
}

/// Returns every path of the test app but those for Vary and for the app's own CORS headers.
fn rows() -> Vec<Row> {
    let mut rows = vec![
        ("GET", "/only-get", Expected::from_handler(200)),
        (
            "HEAD",
            "/only-get",
            // These two respond to HEAD by the route for GET.
            Expected::from_framework(405)
                .on(Framework::Axum, Expected::from_handler(200))
                .on(Framework::Rocket, Expected::from_handler(200)),
        ),
        ("POST", "/only-get", Expected::method_not_allowed()),
        ("OPTIONS", "/only-get", Expected::method_not_allowed()),
        ("GET", "/boom", Expected::from_handler(500)),
        ("POST", "/boom", Expected::from_handler(500)),
        ("GET", "/panic", Expected::from_panic()),
        ("GET", "/guarded", Expected::from_framework(401)),
        ("OPTIONS", "/guarded", Expected::from_framework(401)),
        (
            "GET",
            "/redirect",
            Expected::from_handler(302).lines("location", &["/echo"]),
        ),
        (
            "GET",
            "/login",
            Expected::from_handler(200).lines("set-cookie", &COOKIES),
        ),
        (
            "GET",
            "/stream",
            Expected::from_handler(200).chunks(&CHUNKS),
        ),
        ("GET", "/nowhere", Expected::from_framework(404)),
        ("OPTIONS", "/nowhere", Expected::from_framework(404)),
        ("GET", "/", Expected::from_framework(404)),
    ];
    // The list of methods is about preflights; an actual request is answered whatever its method.
    for method in [
        "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND",
    ] {
        rows.push((method, "/echo", Expected::from_handler(200)));
    }
    rows
}
