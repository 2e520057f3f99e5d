//! Responses that no policy of ours makes, well-formed and not. Both browsers judge them as the
//! model does, but for the deviations that the model's documentation lists.

use conformance_browsers::{Browser, Call, Kind};

use crate::api::Api;
use crate::expected;
use crate::ledger::{Deviation, Ledger};
use crate::pages::Pages;

pub(crate) const ACAO: &str = "access-control-allow-origin";
const ACAC: &str = "access-control-allow-credentials";
pub(crate) const ACAM: &str = "access-control-allow-methods";
pub(crate) const ACAH: &str = "access-control-allow-headers";
const ACEH: &str = "access-control-expose-headers";

/// Stands for the page's origin in a response.
const PAGE: &str = "{page}";

/// Header lines. A preflight's response and the actual response have the same.
type Lines = &'static [(&'static str, &'static str)];

/// Responses to [`CALLS`].
const RESPONSES: [Lines; 58] = [
    &[],
    &[(ACAO, "*")],
    &[(ACAO, PAGE)],
    &[(ACAO, "null")],
    &[(ACAO, "")],
    &[(ACAO, "http://app.localhost")],
    &[(ACAO, "HTTP://app.localhost")],
    &[(ACAO, "{page}/")],
    &[(ACAO, "{page}, {page}")],
    &[(ACAO, "{page}"), (ACAO, "{page}")],
    &[(ACAO, "*"), (ACAO, "{page}")],
    &[(ACAO, "*, {page}")],
    &[(ACAO, " {page} ")],
    &[(ACAO, "*"), (ACAC, "true")],
    &[(ACAO, PAGE), (ACAC, "true")],
    &[(ACAO, PAGE), (ACAC, "TRUE")],
    &[(ACAO, PAGE), (ACAC, "false")],
    &[(ACAO, PAGE), (ACAC, " true")],
    &[(ACAO, PAGE), (ACAC, "true, true")],
    &[(ACAO, PAGE), (ACAC, "true"), (ACAC, "true")],
    &[(ACAO, "*"), (ACAM, "*")],
    &[(ACAO, "*"), (ACAM, "PUT")],
    &[(ACAO, "*"), (ACAM, "put")],
    &[(ACAO, "*"), (ACAM, "PUT, PATCH,DELETE")],
    &[(ACAO, "*"), (ACAM, "PUT"), (ACAM, "DELETE")],
    &[(ACAO, "*"), (ACAM, ",PUT ,, DELETE,")],
    &[(ACAO, "*"), (ACAM, "PUT DELETE")],
    &[(ACAO, "*"), (ACAM, "PUT, *")],
    &[(ACAO, "*"), (ACAM, "\"PUT\"")],
    &[(ACAO, PAGE), (ACAC, "true"), (ACAM, "*")],
    &[(ACAO, PAGE), (ACAC, "true"), (ACAM, "*, PUT")],
    &[(ACAO, PAGE), (ACAC, "true"), (ACAM, "PUT, DELETE")],
    &[(ACAO, "*"), (ACAH, "*")],
    &[(ACAO, "*"), (ACAH, "x-one")],
    &[(ACAO, "*"), (ACAH, "X-ONE")],
    &[(ACAO, "*"), (ACAH, "x-one, x-two")],
    &[(ACAO, "*"), (ACAH, "x-one"), (ACAH, "x-two")],
    &[(ACAO, "*"), (ACAH, "x-one x-two")],
    &[(ACAO, "*"), (ACAH, "x-one;x-two")],
    &[(ACAO, "*"), (ACAH, "x one, x-one")],
    &[(ACAO, "*"), (ACAH, "*, authorization")],
    &[(ACAO, "*"), (ACAH, "Authorization")],
    &[(ACAO, PAGE), (ACAC, "true"), (ACAH, "*")],
    &[
        (ACAO, PAGE),
        (ACAC, "true"),
        (ACAH, "x-one, x-two, authorization"),
    ],
    &[(ACAO, "*"), (ACAM, "*"), (ACAH, "*"), ("status", "204")],
    &[(ACAO, "*"), (ACAM, "*"), (ACAH, "*"), ("status", "299")],
    &[
        (ACAO, "*"),
        (ACAM, "*"),
        (ACAH, "*"),
        ("status", "302"),
        ("location", "/"),
    ],
    &[(ACAO, "*"), (ACAM, "*"), (ACAH, "*"), ("status", "304")],
    &[(ACAO, "*"), (ACAM, "*"), (ACAH, "*"), ("status", "403")],
    &[(ACAO, "*"), (ACAM, "*"), (ACAH, "*"), ("status", "500")],
    &[
        (ACAO, "*"),
        (ACEH, "x-one, X-Two"),
        ("x-one", "1"),
        ("x-two", "2"),
        ("x-three", "3"),
    ],
    &[
        (ACAO, "*"),
        (ACEH, "*"),
        ("x-one", "1"),
        ("set-cookie", "a=b"),
        ("authorization", "x"),
    ],
    &[
        (ACAO, "*"),
        (ACEH, "*, x-one"),
        ("x-one", "1"),
        ("x-two", "2"),
    ],
    &[
        (ACAO, "*"),
        (ACEH, "x one, x-one"),
        ("x-one", "1"),
        ("x-two", "2"),
    ],
    &[
        (ACAO, "*"),
        (ACEH, "x-one"),
        (ACEH, "x-two"),
        ("x-one", "1"),
        ("x-two", "2"),
    ],
    &[
        (ACAO, PAGE),
        (ACAC, "true"),
        (ACEH, "*"),
        ("x-one", "1"),
        ("*", "star"),
    ],
    &[
        (ACAO, PAGE),
        (ACAC, "true"),
        (ACEH, "x-one, set-cookie"),
        ("x-one", "1"),
        ("set-cookie", "a=b"),
    ],
    &[
        (ACAO, "*"),
        ("cache-control", "no-store"),
        ("expires", "0"),
        ("pragma", "no-cache"),
        ("last-modified", "x"),
        ("content-language", "de"),
        ("etag", "x"),
    ],
];

/// Method, headers, credentials.
const CALLS: [(&str, Lines, &str); 10] = [
    ("GET", &[], "same-origin"),
    ("GET", &[], "include"),
    ("PUT", &[], "same-origin"),
    ("PUT", &[], "include"),
    ("PATCH", &[], "omit"),
    ("GET", &[("x-one", "1")], "same-origin"),
    ("GET", &[("x-two", "2"), ("x-one", "1")], "same-origin"),
    ("GET", &[("x-one", "1")], "include"),
    ("GET", &[("authorization", "x")], "same-origin"),
    ("GET", &[("authorization", "x")], "include"),
];

/// What the model's documentation lists.
static DEVIATIONS: [Deviation; 1] = [Deviation {
    why: "`*` in Access-Control-Allow-Headers covers Authorization, as it does in today's engines \
          (https://github.com/whatwg/fetch/issues/1919)",
    of: &[Kind::Chromium, Kind::Firefox],
    cases: &[
        &[
            "GET authorization same-origin",
            "[(\"access-control-allow-origin\", \"*\"), (\"access-control-allow-headers\", \"*\")]",
        ],
        &[
            "GET authorization same-origin",
            "\"*\"), (\"status\", \"204\")",
        ],
        &[
            "GET authorization same-origin",
            "\"*\"), (\"status\", \"299\")",
        ],
        &[
            "GET authorization same-origin",
            "\"true\"), (\"access-control-allow-headers\", \"*\")]",
        ],
    ],
    found: "Seen(Some((200, [",
}];

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn chromium_judges_every_response_as_the_model_does_but_where_listed() {
    judge(Kind::Chromium).await;
}

#[tokio::test]
#[ignore = "needs Firefox: apt-get install firefox-esr, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn firefox_judges_every_response_as_the_model_does_but_where_listed() {
    judge(Kind::Firefox).await;
}

async fn judge(kind: Kind) {
    let pages = Pages::start();
    let api = Api::start(pages.address());
    let mut browser = Browser::start(kind).await;
    let mut ledger = Ledger::new(kind, &DEVIATIONS);
    for page in [pages.of("app.localhost"), pages.secure("app.localhost")] {
        let server = api.origin_for(&page.origin);
        for (number, response) in RESPONSES.into_iter().enumerate() {
            let calls = CALLS.map(|(method, headers, credentials)| Call {
                url: url(
                    &server,
                    response,
                    &page.origin,
                    &format!("{number}-{method}"),
                ),
                method: method.to_owned(),
                headers: headers
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
                credentials,
                body: None,
                upload_listener: false,
                cache: "default",
            });
            let seen = browser.send(&page.url, &calls).await;
            assert_eq!(seen.len(), calls.len());
            for (call, found) in calls.iter().zip(seen) {
                let (expected, _) = expected::of(call, &page.origin, pages.address());
                let names: Vec<_> = call.headers.iter().map(|(name, _)| name.as_str()).collect();
                let (method, names) = (&call.method, names.join(" "));
                let case = format!("{method} {names} {}: {response:?}", call.credentials);
                ledger.compare(&case, &found, &expected);
            }
        }
    }
    browser.end().await;
    ledger.end();
}

static UPLOAD_DEVIATIONS: [Deviation; 1] = [Deviation {
    why: "by the XMLHttpRequest standard the listener alone makes a browser ask \
          (https://xhr.spec.whatwg.org/#the-send()-method). Chromium asks where there is a body",
    of: &[Kind::Chromium],
    cases: &[&["GET None"], &["POST None"]],
    found: "0",
}];

#[tokio::test]
#[ignore = "needs Chromium: apt-get install chromium chromium-driver, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn chromium_does_not_ask_for_an_upload_listener_without_a_body() {
    upload(Kind::Chromium).await;
}

#[tokio::test]
#[ignore = "needs Firefox: apt-get install firefox-esr, \
            then cargo test -p conformance --test browser -- --ignored"]
async fn firefox_asks_for_an_upload_listener_as_the_model_does() {
    upload(Kind::Firefox).await;
}

async fn upload(kind: Kind) {
    let pages = Pages::start();
    let page = pages.of("app.localhost");
    let api = Api::start(pages.address());
    let server = api.origin_for(&page.origin);
    let mut browser = Browser::start(kind).await;
    let mut ledger = Ledger::new(kind, &UPLOAD_DEVIATIONS);
    let rows = [("GET", None), ("POST", None), ("POST", Some("text"))];
    for (number, (method, body)) in rows.into_iter().enumerate() {
        let call = Call {
            url: url(&server, &[(ACAO, "*")], &page.origin, &number.to_string()),
            method: method.to_owned(),
            headers: Vec::new(),
            credentials: "same-origin",
            body: body.map(str::to_owned),
            upload_listener: true,
            cache: "default",
        };
        let expected = expected::request(&call).needs_preflight().len();
        assert_eq!(expected, 1);
        api.clear();
        let seen = browser.send(&page.url, std::slice::from_ref(&call)).await;
        assert!(seen[0].0.is_some(), "{method} {body:?} gets a response");
        ledger.compare(
            &format!("{method} {body:?}"),
            &api.preflights(""),
            &expected,
        );
    }
    browser.end().await;
    ledger.end();
}

/// Returns a URL whose response has these lines, with the page's origin filled in.
pub(crate) fn url(server: &str, response: &[(&str, &str)], page: &str, number: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in response {
        query.append_pair(name, &value.replace(PAGE, page));
    }
    query.append_pair("call", number);
    format!("{server}/response?{}", query.finish())
}
