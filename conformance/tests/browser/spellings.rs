//! Spellings of a path that a page sends as they are: none gets it past the path's policy.

use conformance_servers::Framework;
use conformance_servers::serve::Server;
use example_recorder::Recorder;

use crate::pages::Pages;
use conformance_browsers::{Call, Chromium, Seen};

/// A partner may do much, but not at `/echo` and `/login`.
const POLICIES: &str = r#"
[[paths]]
path = "/{*rest}"
allow_origins = ["http://partner.localhost:*"]
allow_methods = ["DELETE"]
allow_credentials = true

[[paths]]
path = "/echo"
allow_origins = ["http://app.localhost:*"]
allow_credentials = true

[[paths]]
path = "/login"
enabled = false
"#;

/// Paths that Chromium does not change. Some of them lead to the handlers of `/echo` and `/login`,
/// by one router or another.
const SPELLINGS: [&str; 20] = [
    "/echo",
    "/echo/",
    "//echo",
    "///echo//",
    "/%65cho",
    "/ech%6F",
    "//%65cho/",
    "/login",
    "/login/",
    "//login",
    "/%6cogin",
    "/echo;x=1",
    "/x/..;/echo",
    "/echo%2F",
    "/%2fecho",
    "/x%2f..%2fecho",
    "/%5cecho",
    "/%2565cho",
    "/%252fecho",
    "/x/%252e%252e/echo",
];

fn calls(path: &str, port: u16) -> [Call; 2] {
    ["GET", "DELETE"].map(|method| Call {
        url: format!("http://127.0.0.1:{port}{path}"),
        method: method.to_owned(),
        headers: Vec::new(),
        credentials: "include",
        body: None,
        upload_listener: false,
        cache: "no-store",
    })
}

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn no_spelling_gets_a_page_past_the_policy_of_a_path() {
    let pages = Pages::start();
    let partner = pages.of("partner.localhost");
    let own = pages.of("app.localhost");
    let chromium = Chromium::start().await;
    let mut wrong = Vec::new();
    for framework in Framework::ALL {
        let mut expect = |what: &str, found: Vec<Option<u16>>, expected: [Option<u16>; 2]| {
            if found != expected {
                let name = framework.name();
                wrong.push(format!("{name}: {what}: {found:?}, not {expected:?}"));
            }
        };
        let server = Server::start_toml(framework, POLICIES).expect("the policies are valid");
        let recorder = Recorder::start(0, server.address()).expect("there is a port");
        let port = recorder.address().port();

        // What each page may do.
        let seen = chromium.send(&partner.url, &calls("/boom", port)).await;
        expect("/boom", statuses(&seen), [Some(500), Some(500)]);
        let seen = chromium.send(&own.url, &calls("/echo", port)).await;
        expect("/echo, own", statuses(&seen), [Some(200), None]);
        recorder.clear();

        for path in SPELLINGS {
            let seen = chromium.send(&partner.url, &calls(path, port)).await;
            expect(path, statuses(&seen), [None, None]);
        }
        let asked = recorder.exchanges(|_| true);
        for path in SPELLINGS {
            // GET, as it is spelled here, and no DELETE.
            let sent = ["GET", "DELETE"].map(|method| {
                let mut of_path = asked.iter().filter(|exchange| exchange.target == path);
                of_path.any(|exchange| exchange.method == method)
            });
            if sent != [true, false] {
                wrong.push(format!("{}: {path}: sent {sent:?}", framework.name()));
            }
        }
    }
    chromium.end().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the statuses that the page may read.
fn statuses(seen: &[Seen]) -> Vec<Option<u16>> {
    let statuses = seen.iter().map(|seen| seen.0.as_ref());
    statuses
        .map(|seen| seen.map(|(status, _)| *status))
        .collect()
}
