//! Header names by their beginning, `x-acme-*`: what such an item covers, and what the responses
//! say.

mod support;

use std::time::Duration;

use cors_core::browser::{Browser, Request as Fetch, Response, SentRequest};
use cors_core::{Policy, PolicyConfig, PolicyErrors, ProblemKind, Refusal};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use support::{Request, answer, apply};

const APP: &str = "https://app.example.com";
const URL: &str = "https://api.example.net/";
const ACAH: &str = "access-control-allow-headers";
const ACEH: &str = "access-control-expose-headers";

type Result = std::result::Result<(), PolicyErrors>;

fn allowing(items: &[&str]) -> std::result::Result<Policy, PolicyErrors> {
    let builder = Policy::builder().allow_origins([APP]);
    builder.allow_headers(items).build()
}

fn exposing(items: &[&str]) -> std::result::Result<Policy, PolicyErrors> {
    let builder = Policy::builder().allow_origins([APP]);
    builder.expose_headers(items).build()
}

fn field<'a>(lines: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut found = lines.iter().filter(|(found, _)| found == name);
    let value = found.next().map(|(_, value)| value.as_str());
    assert_eq!(found.next(), None, "{name} twice");
    value
}

#[test]
fn a_prefix_allows_the_names_that_begin_so_and_are_longer() -> Result {
    for (items, asked, allowed) in [
        (&["x-acme-*"][..], "x-acme-id", true),
        (&["x-acme-*"], "X-ACME-ID", true),
        (&["X-Acme-*"], "x-acme-id", true),
        (&["x-acme-*"], "x-acme--", true),
        (&["x-acme-*"], "x-acme-a-b-c", true),
        (&["x-acme-*"], "x-acme-id,x-acme-no", true),
        (&["x-acme-*"], "x-acme-", false),
        (&["x-acme-*"], "x-acme", false),
        (&["x-acme-*"], "x-acm", false),
        (&["x-acme-*"], "x-acmex", false),
        (&["x-acme-*"], "x-acmex-id", false),
        (&["x-acme-*"], "y-x-acme-id", false),
        (&["x-acme-*"], "x-acme-id,x-other", false),
        (&["x-acme-*"], "x-other,x-acme-id", false),
        (&["x-acme-*", "x-acme-"], "x-acme-", true),
        (&["x-acme-*", "x-other"], "x-other,x-acme-id", true),
        (&["x-acme-beta-*", "x-acme-*"], "x-acme-id", true),
        (&["x-acme-beta-*", "x-other-*"], "x-acme-id", false),
        (&["x-a-*", "x-a-b-*", "x-b-*"], "x-a-c", true),
        (&["x-a-*", "x-a-b-*", "x-b-*"], "x-b-c", true),
        (&["x-*"], "authorization", false),
        // A prefix that holds forbidden names allows the others alone.
        (&["set-*"], "set-thing", true),
        (&["set-*"], "set-cookie", false),
        (&["access-*"], "access-token", true),
        (&["access-*"], "access-control-request-method", false),
        (&["keep-*"], "Keep-Alive", false),
        // Beside `*` it is redundant.
        (&["x-acme-*", "*"], "x-other", true),
        (&["x-acme-*", "*"], "authorization", false),
    ] {
        let request = Request::preflight(APP, "GET").asking_for(asked);
        let decision = allowing(items)?.decide(&request);
        let refusal = (!allowed).then_some(Refusal::HeaderNotAllowed);
        assert_eq!(decision.refusal(), refusal, "{items:?}: {asked}");
    }
    Ok(())
}

#[test]
fn what_is_no_prefix_is_a_problem_with_what_to_write() {
    use ProblemKind as P;

    let prefix = |text: &str| P::HeaderPrefixInvalid(vec![text.to_owned()]);
    let none = P::HeaderPrefixInvalid(Vec::new());
    for (item, expected) in [
        ("x*", prefix("x-*")),
        ("x-acme*", prefix("x-acme-*")),
        ("x-**", prefix("x-*")),
        ("x-acme-.*", prefix("x-acme-*")),
        ("^x-acme-.*", prefix("x-acme-*")),
        ("x_acme_*", none.clone()),
        ("x-acme_*", none.clone()),
        ("*-x", none.clone()),
        ("x-*-y", none.clone()),
        ("x-*-*", none.clone()),
        ("**", none.clone()),
        // In an expression the dot is any sign, and after a name it may be the name's.
        ("x-acme.*", none.clone()),
        // The prefix that is meant could hold nothing that is not forbidden.
        ("sec*", none.clone()),
        ("sec-*", P::RequestHeaderForbidden),
        ("Sec-Fetch-*", P::RequestHeaderForbidden),
        ("proxy-*", P::RequestHeaderForbidden),
        ("x acme-*", P::HeaderNameNotToken(Vec::new())),
        (
            "x-a-*, x-b-*",
            P::SeveralInItem(vec!["x-a-*".to_owned(), "x-b-*".to_owned()]),
        ),
    ] {
        let kinds = |policy: std::result::Result<Policy, PolicyErrors>| {
            let errors = policy.expect_err(item);
            errors
                .into_iter()
                .map(|problem| problem.kind().clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            kinds(allowing(&[item])),
            std::slice::from_ref(&expected),
            "{item}"
        );
        if expected != P::RequestHeaderForbidden && item != "sec*" {
            assert_eq!(kinds(exposing(&[item])), [expected], "{item}");
        }
    }
    assert!(exposing(&["sec-*"]).is_ok());
    assert!(allowing(&["x-a-*", "X-A-*", "x-a-b-*", "x-a-c"]).is_ok());
}

#[test]
fn the_response_to_a_preflight_names_what_is_listed_and_what_is_asked_for() -> Result {
    for (items, asked, expected) in [
        (&["x-acme-*"][..], &["x-acme-id"][..], Some("x-acme-id")),
        (&["x-acme-*"], &[], None),
        (&["x-acme-*", "x-a"], &[], Some("x-a")),
        (&["x-acme-*", "x-a"], &["x-a"], Some("x-a")),
        (&["x-acme-*", "x-a"], &["x-acme-id"], Some("x-a, x-acme-id")),
        (
            &["x-acme-*", "x-acme-id"],
            &["x-acme-id,x-acme-no"],
            Some("x-acme-id, x-acme-no"),
        ),
        (
            &["x-acme-*"],
            &["x-acme-b,, x-acme-a ,", "x-acme-c"],
            Some("x-acme-b, x-acme-a, x-acme-c"),
        ),
        // The browser finds what is missing beside what is not.
        (
            &["x-acme-*", "x-a"],
            &["x-acme-id,x-b"],
            Some("x-a, x-acme-id"),
        ),
        (&["set-*"], &["set-cookie,set-thing"], Some("set-thing")),
        (&["x-acme-*", "*"], &["x-acme-id"], Some("*")),
    ] {
        let request = Request::preflight(APP, "GET");
        let request = asked.iter().fold(request, Request::asking_for);
        let lines = answer(&allowing(items)?, &request);
        assert_eq!(field(&lines, ACAH), expected, "{items:?}: {asked:?}");
        let vary = field(&lines, "vary").expect("a preflight's answer has Vary");
        assert!(vary.contains("Access-Control-Request-Headers"), "{vary}");
    }
    // A method that is refused leaves the names as they are.
    let request = Request::preflight(APP, "PUT").asking_for("x-acme-id");
    let lines = answer(&allowing(&["x-acme-*"])?, &request);
    assert_eq!(field(&lines, ACAH), Some("x-acme-id"));
    // To other origins, and to what is no list of names, nothing is told.
    for request in [
        Request::preflight("https://evil.example", "GET").asking_for("x-acme-id"),
        Request::preflight(APP, "GET").asking_for("x-acme-id,x acme"),
        Request::preflight(APP, "GET").asking_for("x-acme-\u{e9}"),
        Request::preflight(APP, "GET").asking_for("x-acme-i,".repeat(300)),
        Request::preflight(APP, "GET").asking_for(format!("x-acme-{}", "i".repeat(9_000))),
    ] {
        let lines = answer(&allowing(&["x-acme-*"])?, &request);
        assert_eq!(field(&lines, ACAH), None, "{request:?}");
    }
    Ok(())
}

#[test]
fn an_actual_response_exposes_the_names_that_it_has() -> Result {
    const OF_APP: [(&str, &str); 9] = [
        ("X-Acme-Two", "2"),
        ("x-acme-one", "1"),
        ("X-ACME-Two", "3"),
        ("x-acme-", "4"),
        ("x-other", "5"),
        ("Set-Cookie", "a=b"),
        ("Content-Type", "text/plain"),
        ("Content-Encoding", "br"),
        ("Access-Control-Expose-Headers", "x-of-app"),
    ];
    for (items, expected) in [
        (&["x-acme-*"][..], Some("x-acme-one, x-acme-two")),
        (&["x-id", "x-acme-*"], Some("x-id, x-acme-one, x-acme-two")),
        (&["X-Acme-Two", "x-acme-*"], Some("x-acme-two, x-acme-one")),
        (&["x-acme-*", "x-acme-t-*"], Some("x-acme-one, x-acme-two")),
        (&["x-acm-*"], None),
        (&["x-acm-*", "x-id"], Some("x-id")),
        (&["set-*"], None),
        // Every script can read the safelisted ones.
        (&["content-*"], Some("content-encoding")),
        // Ours are not the app's, and the app's are replaced.
        (&["access-*"], None),
    ] {
        let policy = exposing(items)?;
        let (_, lines) = apply(&policy, &Request::get(APP), &OF_APP);
        assert_eq!(field(&lines, ACEH), expected, "{items:?}");
        let of_evil = Request::get("https://evil.example");
        for request in [of_evil, Request::new("GET")] {
            let (_, lines) = apply(&policy, &request, &OF_APP);
            assert_eq!(field(&lines, ACEH), None, "{items:?}: {request:?}");
        }
    }
    let public = Policy::builder().allow_origins(["*"]);
    let public = public.expose_headers(["x-acme-*"]).build()?;
    let (_, lines) = apply(&public, &Request::new("GET"), &OF_APP);
    assert_eq!(field(&lines, ACEH), Some("x-acme-one, x-acme-two"));
    let preflight = Request::preflight(APP, "GET");
    assert_eq!(field(&answer(&public, &preflight), ACEH), None);
    Ok(())
}

#[test]
fn explanations_name_the_prefix() -> Result {
    let policy = allowing(&["x-a", "x-acme-*", "set-*"])?;
    let words = |asked| {
        let request = Request::preflight(APP, "GET").asking_for(asked);
        policy.explain(&request).to_string()
    };
    assert_eq!(
        words("x-a,x-acme-id"),
        "preflight allowed: allow_origins lists \"https://app.example.com\", and allow_headers \
         has \"x-acme-*\" for \"x-acme-id\"."
    );
    assert_eq!(
        words("x-a"),
        "preflight allowed: allow_origins lists \"https://app.example.com\"."
    );
    assert_eq!(
        words("x-acmex"),
        "preflight refused: the policy does not allow the request header \"x-acmex\" (it lists \
         \"x-a, set-*, x-acme-*\"). To allow it, add \"x-acmex\" to allow_headers."
    );
    assert_eq!(
        words("set-cookie"),
        "preflight refused: the policy does not allow the request header \"set-cookie\" (it lists \
         \"x-a, set-*, x-acme-*\"). Browsers never ask for this header; correct the client."
    );
    Ok(())
}

/// Items of lists, and names that they cover or nearly do.
const ITEMS: [&str; 12] = [
    "x-*",
    "x-a-*",
    "X-A-b-*",
    "x-a",
    "x-a-",
    "x-ab-*",
    "set-*",
    "access-*",
    "content-*",
    "keep-*",
    "x-a-b-c",
    "-*",
];
const NAMES: [&str; 20] = [
    "x-",
    "x-a",
    "X-A-",
    "x-a-b",
    "x-A-b-",
    "x-a-b-c",
    "x-ab",
    "x-ab-c",
    "xa-b",
    "y-x-a",
    "set-x",
    "set-cookie",
    "access-control-request-method",
    "access-x",
    "content-id",
    "content-type",
    "keep-alive",
    "--",
    "authorization",
    "cookie",
];

/// Whether a list covers a name: a loop over its items, and nothing else.
fn covers(items: &[String], name: &str, forbidden: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    let covers = |item: &String| {
        let item = item.to_ascii_lowercase();
        match item.strip_suffix('*') {
            None => item == name,
            Some(start) => name.starts_with(start) && name != start,
        }
    };
    items.iter().any(covers) && !forbidden.contains(&&*name)
}

/// The forbidden names among [`NAMES`], of requests and of responses.
const FORBIDDEN: [&str; 4] = [
    "set-cookie",
    "access-control-request-method",
    "keep-alive",
    "cookie",
];

fn lists() -> impl Strategy<Value = Vec<String>> {
    let items = subsequence(ITEMS.to_vec(), 0..=4).prop_shuffle();
    items.prop_map(|items| items.into_iter().map(str::to_owned).collect())
}

fn config(allowed: Vec<String>, exposed: Vec<String>) -> PolicyConfig {
    let mut config = PolicyConfig::default();
    config.allow_origins = vec![APP.to_owned()];
    config.allow_headers = allowed;
    config.expose_headers = exposed;
    config.max_age = Some(Duration::from_secs(600));
    config
}

fn fetch(names: &[&'static str]) -> Fetch {
    let fetch = Fetch::new("GET").expect("a method of scripts");
    names.iter().fold(fetch, |fetch, name| {
        fetch
            .header(name, "1")
            .expect("a header that scripts may name")
    })
}

proptest! {
    #[test]
    fn a_preflight_asks_for_names_that_a_list_covers(
        allowed in lists(),
        credentials in any::<bool>(),
        lines in vec(vec(select(NAMES.to_vec()), 0..4), 0..3),
    ) {
        let mut config = config(allowed.clone(), Vec::new());
        config.allow_credentials = credentials;
        let policy = config.build()?;
        let request = lines.iter().fold(Request::preflight(APP, "GET"), |request, names| {
            request.asking_for(names.join(","))
        });
        let names = || lines.iter().flatten();
        let meant = names().all(|name| covers(&allowed, name, &FORBIDDEN));
        prop_assert_eq!(policy.decide(&request).is_allowed(), meant);
        // No forbidden name is granted, nor one that no item covers.
        let lines = answer(&policy, &request);
        let granted = field(&lines, ACAH).unwrap_or_default();
        for name in granted.split(", ").filter(|name| !name.is_empty()) {
            prop_assert!(covers(&allowed, name, &FORBIDDEN), "{} in {}", name, granted);
        }
        for name in names().filter(|name| covers(&allowed, name, &FORBIDDEN)) {
            let mut granted = granted.split(", ");
            prop_assert!(granted.any(|granted| granted.eq_ignore_ascii_case(name)), "{}", name);
        }
    }

    /// The browser model asks, judges, and keeps what it was told: whatever it keeps, no fetch goes
    /// through that the policy refuses.
    #[test]
    fn a_browser_lets_through_what_a_list_covers_and_nothing_that_it_has_kept_beyond(
        allowed in lists(),
        exposed in lists(),
        fetches in vec(vec(select(NAMES.to_vec()), 0..3), 1..5),
        present in vec(select(NAMES.to_vec()), 0..6),
    ) {
        let policy = config(allowed.clone(), exposed.clone()).build()?;
        let send = |sent: &SentRequest| {
            sent.respond(&policy, |_| {
                let mut response = Response::new(200);
                let ours = present.iter().filter(|name| !name.starts_with("access-control-"));
                response.headers_mut().extend(ours.map(|name| (*name, "1")));
                response
            })
        };
        let mut browser = Browser::new();
        for names in fetches {
            let request = fetch(&names);
            let outcome = browser.fetch(Duration::ZERO, APP, URL, &request, send);
            let asked = request.needs_preflight();
            let mut asked = asked.iter().filter_map(|reason| reason.header());
            let meant = asked.all(|name| covers(&allowed, name, &FORBIDDEN));
            prop_assert_eq!(outcome.is_ok(), meant, "{:?}: {:?}", names, outcome);
            let Ok(readable) = outcome else { continue };
            for name in &present {
                let folded = name.to_ascii_lowercase();
                let mut lines = readable.headers().iter();
                let read = lines.any(|(read, _)| read.eq_ignore_ascii_case(name));
                let is_safelisted = folded == "content-type";
                let meant = is_safelisted || covers(&exposed, name, &["set-cookie"]);
                prop_assert_eq!(
                    read,
                    meant && !folded.starts_with("access-control-"),
                    "{}", name
                );
            }
        }
    }

    /// A response that a policy has been applied to stays as it is.
    #[test]
    fn a_second_application_changes_nothing(
        exposed in lists(),
        present in vec(select(NAMES.to_vec()), 0..6),
    ) {
        let policy = config(Vec::new(), exposed).build()?;
        let of_app: Vec<_> = present.iter().map(|name| (*name, "1")).collect();
        let (_, once) = apply(&policy, &Request::get(APP), &of_app);
        let again: Vec<_> = once.iter().map(|(name, value)| (&**name, &**value)).collect();
        let (_, twice) = apply(&policy, &Request::get(APP), &again);
        let sorted = |mut lines: Vec<_>| { lines.sort(); lines };
        prop_assert_eq!(sorted(once), sorted(twice));
    }
}

#[test]
fn many_prefixes_and_long_names_are_read() -> Result {
    let mut items: Vec<_> = (0..5_000).map(|index| format!("x-{index}-*")).collect();
    items.push("x-acme-*".to_owned());
    let policy = Policy::builder()
        .allow_origins([APP])
        .allow_headers(&items)
        .build()?;
    let hyphens = format!("x-acme-{}", "-".repeat(7_000));
    let request = |name: &str| Request::preflight(APP, "GET").asking_for(name);
    let lines = answer(&policy, &request(&hyphens));
    assert_eq!(field(&lines, ACAH), Some(&*hyphens));
    assert!(policy.decide(&request("x-4999-a")).is_allowed());
    assert!(!policy.decide(&request("x-5000-a")).is_allowed());
    assert!(!policy.decide(&request(&"-".repeat(8_000))).is_allowed());
    Ok(())
}
