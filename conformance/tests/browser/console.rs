//! What the console says of a refused preflight, on every framework: what was refused, and not that
//! it was the origin whatever it was.

use std::time::Duration;

use conformance_browsers::{Call, Chromium, Seen};
use conformance_servers::Framework;
use conformance_servers::policy_file::Format;
use conformance_servers::serve::Server;
use cors_core::PolicyMap;
use cors_core::browser::{Browser, NetworkError, PreflightCheckError, Response};

use crate::expected;
use crate::pages::Pages;

const LISTS: &str = r#"
allow_origins = ["http://app.localhost:*"]
allow_methods = ["PUT"]
allow_headers = ["x-one"]
"#;

/// Nothing but the origin: GET, HEAD and POST with safelisted headers.
const NO_LISTS: &str = r#"
allow_origins = ["http://app.localhost:*"]
"#;

/// A host of a page, a method, a header, and what the console says.
type Row = (&'static str, &'static str, &'static str, &'static str);

const METHOD: &str = "Method DELETE is not allowed by Access-Control-Allow-Methods in preflight \
                      response.";
const HEADER: &str = "Request header field x-two is not allowed by Access-Control-Allow-Headers in \
                      preflight response.";
const ORIGIN: &str = "Response to preflight request doesn't pass access control check: No \
                      'Access-Control-Allow-Origin' header is present on the requested resource.";

const ROWS: [Row; 4] = [
    ("admin.localhost", "PUT", "x-one", ORIGIN),
    ("app.localhost", "DELETE", "x-one", METHOD),
    ("app.localhost", "POST", "x-two", HEADER),
    // The method comes first.
    ("app.localhost", "DELETE", "x-two", METHOD),
];

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn the_console_names_what_was_refused() {
    let pages = Pages::start();
    let chromium = Chromium::start().await;
    let mut differences = Vec::new();
    for framework in Framework::ALL {
        for text in [LISTS, NO_LISTS] {
            let server = Server::start(framework, policies(text)).expect("there is a port");
            for (host, method, header, expected) in ROWS {
                let page = pages.of(host);
                let call = call(server.address().port(), method, header);
                let seen = chromium.send(&page.url, std::slice::from_ref(&call)).await;
                assert_eq!(seen, [Seen(None)], "{}: {call:?}", framework.name());
                let console = chromium.take_console().await;
                if !console.iter().any(|message| message.contains(expected)) {
                    differences.push(format!(
                        "{}: {method} with {header} from {host}: expected {expected:?}, found \
                         {console:?}",
                        framework.name()
                    ));
                }
            }
        }
    }
    chromium.end().await;
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// The guide quotes the three, with `…` in the place of what differs.
#[test]
fn the_guide_has_what_the_console_says() {
    let guide = include_str!("../../../cors-core/src/guide/browser_messages.md");
    let origin = ORIGIN.split_inclusive(": ").collect::<Vec<_>>();
    for message in [METHOD.replace("DELETE", "…"), HEADER.replace("x-two", "…")] {
        assert!(guide.contains(&format!("`{message}`")), "{message}");
    }
    for part in origin {
        assert!(guide.contains(part), "{part}");
    }
}

/// The model tells the same three apart.
#[test]
fn the_model_names_what_was_refused() {
    for text in [LISTS, NO_LISTS] {
        let policies = policies(text);
        let policy = policies.policy("/echo").expect("the file has one");
        for (host, method, header, expected) in ROWS {
            let call = call(80, method, header);
            let origin = format!("http://{host}:1");
            let request = expected::request(&call);
            let mut browser = Browser::new();
            let outcome = browser.fetch(Duration::ZERO, &origin, &call.url, &request, |sent| {
                sent.respond(policy, |_| Response::new(200))
            });
            let Err(NetworkError::Preflight(error)) = outcome else {
                panic!("{host}: {method}: {outcome:?}");
            };
            let named = match error {
                PreflightCheckError::Cors(_) => ORIGIN,
                PreflightCheckError::Method { method } if method == "DELETE" => METHOD,
                PreflightCheckError::Header { name } if name == "x-two" => HEADER,
                other => panic!("{host}: {method}: {other}"),
            };
            assert_eq!(named, expected, "{host}: {method} with {header}");
        }
    }
}

fn call(port: u16, method: &str, header: &str) -> Call {
    Call {
        url: format!("http://127.0.0.1:{port}/echo"),
        method: method.to_owned(),
        headers: vec![(header.to_owned(), "1".to_owned())],
        credentials: "omit",
        body: None,
        upload_listener: false,
        cache: "default",
    }
}

fn policies(text: &str) -> PolicyMap {
    let config = Format::Toml.read(text).expect("it can be read");
    config.build().expect("it is valid")
}
