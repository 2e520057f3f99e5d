//! The memory that spares preflights: Chromium's is the model's, but for the deviations that the
//! model's documentation lists. The cap on a maximum age (7,200 seconds) has no test: it would take
//! as long.

use example_recorder::Recorder;

use crate::expected;
use crate::pages::{Page, Pages};
use crate::responses::{ACAH, ACAM, ACAO, url};
use conformance_browsers::{Call, Chromium};

const ACMA: &str = "access-control-max-age";

/// A page, a server of another origin, and Chromium.
struct Session {
    pages: Pages,
    page: Page,
    recorder: Recorder,
    chromium: Chromium,
}

/// How many preflights some calls cost.
#[derive(Debug, PartialEq, Eq)]
struct Preflights {
    chromium: usize,
    model: usize,
}

impl Session {
    async fn start() -> Self {
        let pages = Pages::start();
        Self {
            page: pages.of("app.localhost"),
            recorder: Recorder::start(0, pages.address()).expect("there is a port"),
            pages,
            chromium: Chromium::start().await,
        }
    }

    /// Makes the calls, which are all to one URL.
    async fn preflights(&self, calls: &[Call]) -> Preflights {
        let url = calls.first().map_or("", |call| &call.url);
        self.recorder.clear();
        self.chromium.send(&self.page.url, calls).await;
        let asked = self.recorder.exchanges(|target| url.ends_with(target));
        let preflights = asked.iter().filter(|asked| asked.method == "OPTIONS");
        Preflights {
            chromium: preflights.count(),
            model: expected::preflights(calls, &self.page.origin, self.pages.address()),
        }
    }
}

fn call(url: &str, method: &str) -> Call {
    Call {
        url: url.to_owned(),
        method: method.to_owned(),
        headers: Vec::new(),
        credentials: "omit",
        body: None,
        upload_listener: false,
        cache: "default",
    }
}

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn chromium_remembers_preflights_as_the_model_does() {
    let session = Session::start().await;
    let all = [(ACAO, "*"), (ACAM, "*"), (ACAH, "*")];
    let put = [(ACAO, "*"), (ACAM, "PUT")];
    for (number, (response, max_age, methods)) in [
        (&all[..], None, ["PUT", "PUT", "DELETE"]),
        (&all, Some("600"), ["PUT", "PUT", "DELETE"]),
        (&all, Some("0"), ["PUT", "PUT", "DELETE"]),
        (&all, Some("-1"), ["PUT", "PUT", "PUT"]),
        (&all, Some("soon"), ["PUT", "PUT", "PUT"]),
        (&all, Some("1.5"), ["PUT", "PUT", "PUT"]),
        (&put, Some("600"), ["PUT", "PUT", "DELETE"]),
        (&put, Some("600"), ["PUT", "DELETE", "PUT"]),
    ]
    .into_iter()
    .enumerate()
    {
        let mut lines = response.to_vec();
        lines.extend(max_age.map(|age| (ACMA, age)));
        let Session { recorder, page, .. } = &session;
        let url = url(recorder, &lines, &page.origin, &number.to_string());
        let calls = methods.map(|method| call(&url, method));
        let found = session.preflights(&calls).await;
        // Chromium takes a negative age for 0, where the standard has it unreadable.
        let chromium = if max_age == Some("-1") {
            assert_eq!(found.model, 1, "what the standard says");
            methods.len()
        } else {
            found.model
        };
        assert_eq!(found.chromium, chromium, "{lines:?} {methods:?}");
    }
    session.chromium.end().await;
}

/// The standard adds each response to those that it remembers.
#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn chromium_remembers_the_last_response_of_a_url_alone() {
    let session = Session::start().await;
    let url = format!("http://{}/mirror", session.recorder.address());
    let calls = ["PUT", "DELETE", "PUT"].map(|method| call(&url, method));
    let found = session.preflights(&calls).await;
    let expected = Preflights {
        chromium: 3,
        model: 2,
    };
    assert_eq!(found, expected);
    session.chromium.end().await;
}

/// By the standard, preflights do not depend on whether a request bypasses the HTTP cache, by its
/// cache mode or by a header that sets one
/// ([HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#http-network-or-cache-fetch)).
#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn chromium_asks_before_every_request_that_bypasses_the_http_cache() {
    let session = Session::start().await;
    let lines = [(ACAO, "*"), (ACAM, "*"), (ACAH, "*"), (ACMA, "600")];
    for (header, cache, chromium) in [
        ("x-match", "default", 1),
        ("x-match", "force-cache", 1),
        ("x-match", "no-cache", 2),
        ("x-match", "no-store", 2),
        ("x-match", "reload", 2),
        ("if-match", "default", 2),
        ("if-modified-since", "default", 2),
        ("if-none-match", "default", 2),
        ("if-range", "default", 2),
        ("if-unmodified-since", "default", 2),
    ] {
        let Session { recorder, page, .. } = &session;
        let url = url(recorder, &lines, &page.origin, &format!("{header}-{cache}"));
        let twice = vec![
            Call {
                headers: vec![(header.to_owned(), "x".to_owned())],
                cache,
                ..call(&url, "PUT")
            };
            2
        ];
        let found = session.preflights(&twice).await;
        let expected = Preflights { chromium, model: 1 };
        assert_eq!(found, expected, "{header}, {cache}");
    }
    session.chromium.end().await;
}
