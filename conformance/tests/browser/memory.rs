//! The memory that spares preflights: that of a browser is the model's, but for the deviations that
//! are listed here. The caps on an age (7,200 seconds in Chromium, 86,400 in Firefox) have no
//! test: it would take as long, and neither browser starts under libfaketime 0.9.10, which puts a
//! clock forward.

use conformance_browsers::{Browser, Call, Kind};

use crate::api::Api;
use crate::expected;
use crate::ledger::{Deviation, Ledger};
use crate::pages::{Page, Pages};
use crate::responses::{ACAH, ACAM, ACAO, url};

const ACMA: &str = "access-control-max-age";

/// A page, a server of another origin, and a browser.
struct Session {
    pages: Pages,
    page: Page,
    api: Api,
    browser: Browser,
    ledger: Ledger,
}

impl Session {
    async fn start(kind: Kind, deviations: &'static [Deviation]) -> Self {
        let pages = Pages::start();
        Self {
            page: pages.of("app.localhost"),
            api: Api::start(pages.address()),
            pages,
            browser: Browser::start(kind).await,
            ledger: Ledger::new(kind, deviations),
        }
    }

    fn url(&self, response: &[(&str, &str)], number: &str) -> String {
        let server = self.api.origin_for(&self.page.origin);
        url(&server, response, &self.page.origin, number)
    }

    /// Makes the calls, which are all to one URL, and compares how many preflights they cost.
    async fn compare(&mut self, case: &str, calls: &[Call]) {
        let url = calls.first().map_or("", |call| &call.url);
        let (_, end) = url.rsplit_once('/').unwrap_or_default();
        self.api.clear();
        self.browser.send(&self.page.url, calls).await;
        let found = self.api.preflights(end);
        let model = expected::preflights(calls, &self.page.origin, self.pages.address());
        self.ledger.compare(case, &found, &model);
    }

    async fn end(self) {
        self.browser.end().await;
        self.ledger.end();
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

static OF_AGES: [Deviation; 3] = [
    Deviation {
        why: "a negative age is taken for 0, where the standard has it unreadable",
        of: &[Kind::Chromium],
        cases: &[&["Some(\"-1\")"]],
        found: "3",
    },
    Deviation {
        why: "with an age that is unreadable nothing is remembered: the standard has 5 seconds",
        of: &[Kind::Firefox],
        cases: &[&["Some(\"-1\")"], &["Some(\"soon\")"], &["Some(\"1.5\")"]],
        found: "3",
    },
    Deviation {
        why: "what `*` allows is not remembered, but names alone",
        of: &[Kind::Firefox],
        cases: &[&["* for None"], &["* for Some(\"600\")"]],
        found: "3",
    },
];

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn chromium_remembers_preflights_as_the_model_does() {
    remember(Kind::Chromium).await;
}

#[tokio::test]
#[ignore = "needs Firefox: apt-get install firefox-esr, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn firefox_remembers_preflights_as_the_model_does() {
    remember(Kind::Firefox).await;
}

async fn remember(kind: Kind) {
    let mut session = Session::start(kind, &OF_AGES).await;
    let all = [(ACAO, "*"), (ACAM, "*"), (ACAH, "*")];
    let put = [(ACAO, "*"), (ACAM, "PUT")];
    let both = [(ACAO, "*"), (ACAM, "PUT, DELETE")];
    for (number, (response, max_age, methods)) in [
        (&all[..], None, ["PUT", "PUT", "DELETE"]),
        (&all, Some("600"), ["PUT", "PUT", "DELETE"]),
        (&all, Some("0"), ["PUT", "PUT", "DELETE"]),
        (&both, None, ["PUT", "PUT", "DELETE"]),
        (&both, Some("600"), ["PUT", "PUT", "DELETE"]),
        (&both, Some("-1"), ["PUT", "PUT", "PUT"]),
        (&both, Some("soon"), ["PUT", "PUT", "PUT"]),
        (&both, Some("1.5"), ["PUT", "PUT", "PUT"]),
        (&put, Some("600"), ["PUT", "PUT", "DELETE"]),
        (&put, Some("600"), ["PUT", "DELETE", "PUT"]),
    ]
    .into_iter()
    .enumerate()
    {
        let mut lines = response.to_vec();
        lines.extend(max_age.map(|age| (ACMA, age)));
        let url = session.url(&lines, &number.to_string());
        let calls = methods.map(|method| call(&url, method));
        let allowed = response.iter().find(|(name, _)| *name == ACAM);
        let allowed = allowed.map_or("", |(_, value)| value);
        let case = format!("{allowed} for {max_age:?}: {}", methods.join(" "));
        session.compare(&case, &calls).await;
    }
    session.end().await;
}

static OF_MIRRORS: [Deviation; 1] = [Deviation {
    why: "only the last response of a URL is remembered; the standard adds each one to those \
          before",
    of: &[Kind::Chromium],
    cases: &[&["PUT DELETE PUT"]],
    found: "3",
}];

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn chromium_remembers_the_last_response_of_a_url_alone() {
    mirror(Kind::Chromium).await;
}

#[tokio::test]
#[ignore = "needs Firefox: apt-get install firefox-esr, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn firefox_remembers_every_response_of_a_url() {
    mirror(Kind::Firefox).await;
}

async fn mirror(kind: Kind) {
    let mut session = Session::start(kind, &OF_MIRRORS).await;
    let url = format!("{}/mirror", session.api.origin_for(&session.page.origin));
    let methods = ["PUT", "DELETE", "PUT"];
    let calls = methods.map(|method| call(&url, method));
    session.compare(&methods.join(" "), &calls).await;
    session.end().await;
}

static OF_BYPASSES: [Deviation; 2] = [
    Deviation {
        why: "by the standard, preflights do not depend on whether a request bypasses the HTTP \
              cache, by its cache mode or by a header that sets one \
              (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch). Chromium asks each \
              time",
        of: &[Kind::Chromium],
        cases: &[
            &["x-match, no-cache"],
            &["x-match, no-store"],
            &["x-match, reload"],
            &["if-match, "],
            &["if-modified-since, "],
            &["if-none-match, "],
            &["if-range, "],
            &["if-unmodified-since, "],
        ],
        found: "2",
    },
    Deviation {
        why: "the same, but for the cache mode `no-cache`",
        of: &[Kind::Firefox],
        cases: &[
            &["x-match, no-store"],
            &["x-match, reload"],
            &["if-match, "],
            &["if-modified-since, "],
            &["if-none-match, "],
            &["if-range, "],
            &["if-unmodified-since, "],
        ],
        found: "2",
    },
];

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn chromium_asks_before_every_request_that_bypasses_the_http_cache() {
    bypass(Kind::Chromium).await;
}

#[tokio::test]
#[ignore = "needs Firefox: apt-get install firefox-esr, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn firefox_asks_before_most_requests_that_bypass_the_http_cache() {
    bypass(Kind::Firefox).await;
}

async fn bypass(kind: Kind) {
    let mut session = Session::start(kind, &OF_BYPASSES).await;
    let names = "x-match, if-match, if-modified-since, if-none-match, if-range, \
                 if-unmodified-since";
    let lines = [(ACAO, "*"), (ACAM, "PUT"), (ACAH, names), (ACMA, "600")];
    for (header, cache) in [
        ("x-match", "default"),
        ("x-match", "force-cache"),
        ("x-match", "no-cache"),
        ("x-match", "no-store"),
        ("x-match", "reload"),
        ("if-match", "default"),
        ("if-modified-since", "default"),
        ("if-none-match", "default"),
        ("if-range", "default"),
        ("if-unmodified-since", "default"),
    ] {
        let url = session.url(&lines, &format!("{header}-{cache}"));
        let twice = vec![
            Call {
                headers: vec![(header.to_owned(), "x".to_owned())],
                cache,
                ..call(&url, "PUT")
            };
            2
        ];
        session.compare(&format!("{header}, {cache}"), &twice).await;
    }
    session.end().await;
}
