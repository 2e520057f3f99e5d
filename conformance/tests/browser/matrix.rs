//! Policies by page origins by requests, on every framework.

use conformance_browsers::{Browser, Call, Kind};
use conformance_servers::Framework;
use conformance_servers::policy_file::Format;
use conformance_servers::serve::Server;
use cors_core::{PolicyMap, SharedPolicy};

use crate::api::Api;
use crate::expected;
use crate::ledger::{Deviation, Ledger};
use crate::pages::Pages;

const POLICIES: [(&str, &str); 15] = [
    ("nobody", ""),
    (
        "one name, any port",
        r#"
        allow_origins = ["http://app.localhost:*"]
        allow_methods = ["PUT", "PATCH"]
        allow_headers = ["content-type", "x-one"]
        expose_headers = ["x-app-hits", "x-custom-one"]
        "#,
    ),
    (
        "one name with credentials",
        r#"
        allow_origins = ["http://app.localhost:*"]
        allow_methods = ["PUT", "DELETE"]
        allow_headers = ["content-type", "authorization", "x-one"]
        expose_headers = ["x-app-hits"]
        allow_credentials = true
        max_age = 0
        "#,
    ),
    (
        "subdomains",
        r#"
        allow_origins = ["http://*.localhost:*"]
        allow_methods = ["*"]
        allow_headers = ["x-one", "x-two"]
        "#,
    ),
    (
        "header names by prefix, with credentials",
        r#"
        allow_origins = ["http://app.localhost:*"]
        allow_methods = ["PUT"]
        allow_headers = ["content-type", "x-*"]
        expose_headers = ["x-app-hits", "x-custom-*"]
        allow_credentials = true
        max_age = 60
        "#,
    ),
    (
        "an address",
        r#"
        allow_origins = ["http://127.0.0.1:*"]
        allow_methods = ["PATCH"]
        allow_credentials = true
        "#,
    ),
    (
        "everything",
        r#"
        allow_origins = ["*"]
        allow_methods = ["*"]
        allow_headers = ["*"]
        expose_headers = ["*"]
        "#,
    ),
    (
        "everything, Authorization too",
        r#"
        allow_origins = ["*"]
        allow_methods = ["*"]
        allow_headers = ["*", "authorization"]
        max_age = 600
        "#,
    ),
    (
        "everything with credentials",
        r#"
        allow_origins = ["*"]
        allow_methods = ["*"]
        allow_headers = ["*"]
        expose_headers = ["x-app-hits"]
        allow_credentials = true
        dangerously_allow_any_origin_with_credentials = true
        "#,
    ),
    (
        "the null origin",
        r#"
        allow_origins = ["http://app.localhost:*"]
        allow_null_origin = true
        allow_methods = ["DELETE"]
        allow_headers = ["content-type"]
        "#,
    ),
    (
        "others are rejected",
        r#"
        allow_origins = ["http://admin.localhost:*"]
        allow_methods = ["PUT"]
        reject_disallowed_origins = true
        preflight_refusal_status = 200
        "#,
    ),
    (
        "preflights reach the app",
        r#"
        allow_origins = ["http://*.localhost:*"]
        allow_methods = ["PUT"]
        allow_headers = ["content-type"]
        preflight_passthrough = true
        "#,
    ),
    (
        "a regular expression",
        r#"
        allow_origin_regexes = ['http://(app|a\.b)\.localhost:[0-9]+']
        allow_methods = ["PUT", "DELETE", "PATCH"]
        allow_headers = ["content-type", "x-one", "x-two", "authorization", "range", "accept"]
        expose_headers = ["x-custom-two"]
        "#,
    ),
    (
        "the app's own headers",
        r#"
        allow_origins = ["http://app.localhost:*"]
        keep_app_headers = true
        "#,
    ),
    (
        "by path",
        r#"
        allow_origins = ["http://app.localhost:*"]
        allow_methods = ["PUT"]
        allow_headers = ["content-type"]

        [[paths]]
        path = "/echo"
        allow_origins = ["http://admin.localhost:*"]
        allow_credentials = true

        [[paths]]
        path = "/own-cors"
        enabled = false
        "#,
    ),
];

/// Path, method, headers, credentials, body, and whether there is a listener for the upload.
type Row = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    Option<&'static str>,
    bool,
);

const JSON: (&str, &str) = ("Content-Type", "application/json");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

const ROWS: [Row; 26] = [
    ("/echo", "GET", &[], "same-origin", None, false),
    ("/echo", "GET", &[], "include", None, false),
    ("/echo", "HEAD", &[], "omit", None, false),
    ("/echo", "POST", &[], "same-origin", Some("text"), false),
    ("/echo", "POST", &[FORM], "include", Some("a=b"), false),
    ("/echo", "POST", &[JSON], "same-origin", Some("{}"), false),
    ("/echo", "POST", &[JSON], "include", Some("{}"), false),
    ("/echo", "POST", &[], "same-origin", Some("text"), true),
    ("/echo", "POST", &[], "include", Some("text"), true),
    ("/echo", "put", &[], "same-origin", Some("text"), false),
    ("/echo", "PUT", &[JSON], "include", Some("{}"), false),
    ("/echo", "DELETE", &[], "include", None, false),
    ("/echo", "PATCH", &[], "same-origin", Some("text"), false),
    ("/echo", "patch", &[], "same-origin", Some("text"), false),
    (
        "/echo",
        "GET",
        &[("X-One", "1")],
        "same-origin",
        None,
        false,
    ),
    (
        "/echo",
        "GET",
        &[("x-two", "2"), ("X-One", "1")],
        "include",
        None,
        false,
    ),
    (
        "/echo",
        "GET",
        &[("Authorization", "Bearer x")],
        "same-origin",
        None,
        false,
    ),
    (
        "/echo",
        "GET",
        &[("Authorization", "Bearer x")],
        "include",
        None,
        false,
    ),
    (
        "/echo",
        "GET",
        &[("Accept", "text/html"), ("Accept-Language", "de")],
        "omit",
        None,
        false,
    ),
    (
        "/echo",
        "GET",
        &[("Accept", "text/\"html\"")],
        "omit",
        None,
        false,
    ),
    (
        "/echo",
        "GET",
        &[("Range", "bytes=0-10")],
        "omit",
        None,
        false,
    ),
    (
        "/echo",
        "GET",
        &[("Range", "bytes=-10")],
        "omit",
        None,
        false,
    ),
    ("/boom", "POST", &[], "include", Some("text"), false),
    (
        "/nowhere",
        "GET",
        &[("X-One", "1")],
        "same-origin",
        None,
        false,
    ),
    ("/guarded", "GET", &[], "same-origin", None, false),
    ("/own-cors", "GET", &[], "include", None, false),
];

/// Returns whether the framework knows the method. Rocket rejects unknown ones before any fairing.
fn is_known(framework: Framework, row: &Row) -> bool {
    framework != Framework::Rocket || row.1 != "patch"
}

static DEVIATIONS: [Deviation; 0] = [];

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn chromium_does_what_the_model_says() {
    compare(Kind::Chromium).await;
}

#[tokio::test]
#[ignore = "needs Firefox: apt-get install firefox-esr, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn firefox_does_what_the_model_says() {
    compare(Kind::Firefox).await;
}

async fn compare(kind: Kind) {
    let pages = Pages::start();
    let origins = [
        pages.of("app.localhost"),
        pages.of("admin.localhost"),
        pages.of("a.b.localhost"),
        pages.of("127.0.0.1"),
        pages.secure("app.localhost"),
        pages.opaque(),
    ];
    let mut browser = Browser::start(kind).await;
    let mut ledger = Ledger::new(kind, &DEVIATIONS);
    let mut count = 0;
    for framework in Framework::ALL {
        let shared = SharedPolicy::new(policies(""));
        let server = Server::start(framework, shared.clone()).expect("there is a port");
        let api = Api::start(server.address());
        for (policy, text) in POLICIES {
            for page in &origins {
                let secure = page.origin.starts_with("https:");
                let secure = secure.then(|| text.replace("http://", "https://"));
                shared.replace(policies(secure.as_deref().unwrap_or(text)));
                let rows = ROWS.iter().filter(|row| is_known(framework, row));
                let calls: Vec<_> = rows
                    .map(|row| {
                        count += 1;
                        call(row, &api.origin_for(&page.origin), count)
                    })
                    .collect();
                let seen = browser.send(&page.url, &calls).await;
                assert_eq!(seen.len(), calls.len());
                for (call, seen) in calls.iter().zip(seen) {
                    let (_, query) = call.url.split_once('?').expect("a call has a query");
                    let found = (seen, api.preflights(&format!("?{query}")));
                    let expected = expected::of(call, &page.origin, server.address());
                    let (framework, origin) = (framework.name(), &page.origin);
                    let case = format!("{framework}: {policy}: {} from {origin}", text_of(call));
                    ledger.compare(&case, &found, &expected);
                }
                api.clear();
            }
        }
    }
    browser.end().await;
    ledger.end();
}

fn policies(text: &str) -> PolicyMap {
    let config = Format::Toml
        .read(text)
        .expect("a policy of the matrix can be read");
    config.build().expect("a policy of the matrix is valid")
}

/// Returns the call of a row. Each has a URL of its own, so that no remembered preflight covers
/// another call.
fn call(row: &Row, server: &str, number: usize) -> Call {
    let (path, method, headers, credentials, body, upload_listener) = *row;
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Call {
        url: format!("{server}{path}?call={number}"),
        method: method.to_owned(),
        headers: headers.collect(),
        credentials,
        body: body.map(str::to_owned),
        upload_listener,
        cache: "default",
    }
}

fn text_of(call: &Call) -> String {
    let listener = if call.upload_listener {
        " with an upload listener"
    } else {
        ""
    };
    format!(
        "{} {} {:?} {}{listener}",
        call.method, call.url, call.headers, call.credentials
    )
}
