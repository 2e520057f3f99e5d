//! The browser model judges policies that nobody wrote: what a policy means goes through, what it
//! does not mean is blocked, and a cache in between changes nothing.
//!
//! `PROPTEST_CASES=10000 cargo test -p cors-core --features browser --test properties` runs more cases.

mod meaning;
mod support;

use std::time::Duration;

use cors_core::browser::{
    Browser, Credentials, Request, Response, cors_check, exposed_header_names, preflight_check,
};
use cors_core::{Policy, PolicyBuilder, PolicyConfig, Predicate};
use meaning::{
    EXPOSED, HEADERS, METHODS, ORIGINS, PAGES, means_exposed, means_origin, means_request,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const URL: &str = "https://api.example.net/notes";

/// The headers of the app's responses; the model shows a script some of them.
const APP_HEADERS: [(&str, &str); 8] = [
    ("Content-Type", "text/plain"),
    ("X-Id", "7"),
    ("X-Acme-Two", "8"),
    ("x-acme-one", "9"),
    ("ETag", "\"1\""),
    ("Set-Cookie", "a=b"),
    ("Vary", "Accept-Encoding"),
    ("Access-Control-Allow-Origin", "https://left-over.example"),
];

/// A subset of a list, in any order.
fn some(all: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    subsequence(all, 0..=all.len().min(5))
        .prop_shuffle()
        .prop_map(|items| items.into_iter().map(str::to_owned).collect())
}

/// Policies that can be built: every dangerous switch is on.
fn policies() -> impl Strategy<Value = PolicyConfig> {
    let lists = (some(ORIGINS), some(METHODS), some(HEADERS), some(EXPOSED));
    let switches = (any::<[bool; 4]>(), select(vec![None, Some(0), Some(600)]));
    let lists = (lists, prop_oneof![Just(Vec::new()), some(ORIGINS)]);
    (
        lists,
        switches,
        select(vec![200, 204, 299]),
        select(vec![200, 204, 403, 404]),
    )
        .prop_map(
            |((lists, with_credentials), (switches, max_age), status, refusal)| {
                let (origins, methods, headers, exposed) = lists;
                let [null, credentials, network, reject] = switches;
                let mut config = PolicyConfig::default();
                config.allow_origins = origins;
                config.allow_null_origin = null;
                config.allow_methods = methods;
                config.allow_headers = headers;
                config.expose_headers = exposed;
                config.allow_credentials = credentials;
                config.max_age = max_age.map(Duration::from_secs);
                config.allow_private_network = network;
                config.preflight_status = status;
                config.preflight_refusal_status = refusal;
                let is_for_all = config.allow_origins.iter().any(|origin| origin == "*");
                config.reject_disallowed_origins = reject && (credentials || !is_for_all);
                config.dangerously_allow_any_origin_with_credentials = true;
                config.dangerously_allow_null_origin_with_credentials = true;
                config.dangerously_allow_insecure_origins_with_credentials = true;
                config.dangerously_allow_private_networks_with_credentials = true;
                if !credentials {
                    config.allow_credentials_from = with_credentials;
                    config.allow_credentials_from.retain(|origin| origin != "*");
                }
                if credentials || !config.allow_credentials_from.is_empty() {
                    config.expose_headers.retain(|name| name != "*");
                }
                config
            },
        )
}

fn requests() -> impl Strategy<Value = Request> {
    let method = select(vec![
        "GET", "HEAD", "POST", "PUT", "put", "DELETE", "PATCH", "patch", "OPTIONS", "QUERY",
    ]);
    let header = select(vec![
        ("Accept", "text/html"),
        ("Accept", "\u{1}"),
        ("Content-Type", "text/plain"),
        ("Content-Type", "application/json"),
        ("content-type", "application/json; charset=utf-8"),
        ("Authorization", "Bearer t"),
        ("X-A", "1"),
        ("x-a", "2"),
        ("X-B", "1"),
        ("X-Requested-With", "XMLHttpRequest"),
        ("X-Acme-Id", "1"),
        ("x-acme-", "1"),
        ("Range", "bytes=0-"),
        ("Range", "bytes=-5"),
    ]);
    let credentials = select(vec![
        Credentials::Omit,
        Credentials::SameOrigin,
        Credentials::Include,
    ]);
    let body = (prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    (method, vec(header, 0..4), credentials, body).prop_map(
        |(method, headers, credentials, (listener, stream))| {
            let request = Request::new(method).expect("the method is one that scripts may use");
            headers
                .into_iter()
                .fold(request, |request, (name, value)| {
                    request
                        .header(name, value)
                        .expect("the header is one that scripts may set")
                })
                .credentials(credentials)
                .upload_listener(listener)
                .stream_body(stream)
        },
    )
}

fn build(config: &PolicyConfig) -> Policy {
    config
        .build()
        .expect("the strategy makes policies that can be built")
}

fn app(status: u16) -> Response {
    let mut response = Response::new(status);
    response.headers_mut().extend(APP_HEADERS);
    response
}

proptest! {
    #[test]
    fn what_a_policy_means_goes_through_and_nothing_else(
        config in policies(),
        page in select(PAGES),
        request in requests(),
        status in select(vec![200, 204, 401, 404, 500]),
    ) {
        let policy = build(&config);
        let outcome = Browser::new().fetch(Duration::ZERO, page, URL, &request, |sent| {
            sent.respond(&policy, |_| app(status))
        });
        let meant = means_request(&config, page, &request);
        prop_assert_eq!(outcome.is_ok(), meant, "{:?}", outcome);
        if let Ok(readable) = outcome {
            prop_assert_eq!(readable.status(), status);
            let names: Vec<String> =
                readable.headers().iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
            for (name, _) in APP_HEADERS {
                let name = name.to_ascii_lowercase();
                // Ours takes the place of the app's own.
                if name == "access-control-allow-origin" {
                    continue;
                }
                prop_assert_eq!(
                    names.contains(&name),
                    means_exposed(&config, &name),
                    "{} among {:?}", name, names
                );
            }
        }
    }

    #[test]
    fn the_bare_question_has_the_same_answer(config in policies(), page in select(PAGES)) {
        prop_assert_eq!(build(&config).allows_origin(page), means_origin(&config, page));
    }

    /// Safety does not hang on the list of pages: whatever is sent as Origin.
    #[test]
    fn no_other_text_than_a_meant_origin_is_allowed(
        mut config in policies(),
        origin in "(https?|tauri|file|HTTPS)://[a-z.*@/:%\\[\\] ,E0-9-]{0,30}|.{0,40}",
    ) {
        config.allow_origins.retain(|written| written != "*");
        let policy = build(&config);
        if policy.allows_origin(&origin) {
            prop_assert!(means_origin(&config, &origin), "{}", origin);
        }
    }

    #[test]
    fn what_a_cache_replays_under_vary_changes_no_verdict(
        mut config in policies(),
        apart in any::<bool>(),
        tenant_predicate in any::<bool>(),
        one in sent_requests(),
        other in sent_requests(),
    ) {
        if apart {
            // Few random policies have one page with credentials and `*` for another.
            config.allow_origins.push("*".to_owned());
            config.allow_credentials = false;
            config.reject_disallowed_origins = false;
            config.allow_credentials_from.push("https://app.example.com".to_owned());
            config.expose_headers.retain(|name| name != "*");
        }
        let builder = PolicyBuilder::from(config);
        let builder = if tenant_predicate {
            builder.allow_origin_predicate(Predicate::new(|query| query.header("x-a") == Some(b"1")).reads(["x-a"]))
        } else {
            builder
        };
        let policy = builder.build().expect("the strategy makes policies that can be built");
        let stored = answer(&policy, &one.sent);
        // OPTIONS is not cacheable (RFC 9110, 9.3.7). A cache that is told to keep preflights all
        // the same must at least know them from an app's own OPTIONS.
        let same_kind = one.sent.method == other.sent.method && one.is_preflight == other.is_preflight;
        if same_kind && same_under_vary(&stored, &one.sent, &other.sent) {
            let fresh = answer(&policy, &other.sent);
            prop_assert_eq!(other.verdict(&stored), other.verdict(&fresh), "{:?}", stored);
        }
    }

    /// The scan that allocates nothing finds what splitting and collecting finds.
    #[test]
    fn requested_headers_are_read_as_a_list(
        lines in vec("[xXaAbB, \t:\u{e9}-]{0,12}|x-a|X-B", 0..4),
        any_header in any::<bool>(),
    ) {
        let allowed = if any_header { vec!["*"] } else { vec!["x-a", "x-b", "x"] };
        let policy = Policy::builder().allow_origins(["*"]).allow_headers(&allowed).build();
        let policy = policy.expect("these names are fine");
        let request = support::Request::preflight("https://a.example", "GET");
        let request = lines.iter().fold(request, support::Request::asking_for);
        let list = lines.join(",");
        let names = list.split(',').map(|name| name.trim_matches([' ', '\t']));
        let meant = names.filter(|name| !name.is_empty()).all(|name| {
            let token = name.chars().all(|char| char.is_ascii_alphabetic() || char == '-');
            token && (any_header || allowed.contains(&&*name.to_ascii_lowercase()))
        });
        prop_assert_eq!(policy.decide(&request).is_allowed(), meant, "{:?}", lines);
    }

    #[test]
    fn explain_decides_as_decide_does(config in policies(), asked in sent_requests()) {
        let policy = build(&config);
        let explanation = policy.explain(&asked.sent);
        prop_assert_eq!(explanation.decision(), policy.decide(&asked.sent));
        prop_assert!(!explanation.to_string().is_empty());
    }
}

/// A request as it leaves a browser, and what the browser will judge the response by.
#[derive(Clone, Debug)]
struct Asked {
    page: &'static str,
    request: Request,
    is_preflight: bool,
    sent: support::Request,
}

impl Asked {
    /// What the response is worth to the page: nothing, or the names that its script may read.
    fn verdict(&self, response: &Response) -> Option<Vec<String>> {
        let headers = response.headers();
        let mode = self.request.credentials_mode();
        if lines(&self.sent, "origin").is_empty() {
            // A page of the server itself: the browser checks nothing.
            return Some(Vec::new());
        }
        if self.is_preflight {
            preflight_check(self.page, &self.request, response.status(), headers).ok()?;
            return Some(Vec::new());
        }
        cors_check(self.page, mode, headers).ok()?;
        Some(exposed_header_names(mode, headers))
    }
}

/// Every request that a browser sends for a fetch: the preflight and the request itself; and the
/// latter also as a page of the server itself sends it, without `Origin`.
fn sent_requests() -> impl Strategy<Value = Asked> {
    // Few pages and few headers, so that two requests are often alike.
    let pages = select(vec![
        "https://app.example.com",
        "https://other.example",
        "null",
    ]);
    (pages, requests(), select(vec![0, 1, 2])).prop_map(|(page, request, which)| {
        let mut all = Vec::new();
        let open = open_policy();
        let _ = Browser::new().fetch(Duration::ZERO, page, URL, &request, |sent| {
            all.push(sent.clone());
            sent.respond(&open, |_| Response::new(200))
        });
        let sent = if which == 0 { all.first() } else { all.last() };
        let sent = sent.expect("a browser sends one request at least");
        let mut plain = support::Request::new(sent.method());
        for (name, value) in sent.headers().iter() {
            if which < 2 || name != "Origin" {
                plain = plain.with(name, value);
            }
        }
        Asked {
            page,
            request,
            is_preflight: sent.is_preflight(),
            sent: plain,
        }
    })
}

/// Allows everything, so that everything is sent.
fn open_policy() -> Policy {
    Policy::builder()
        .allow_origins(["*"])
        .allow_null_origin(true)
        .allow_methods(["*"])
        .allow_headers(["*"])
        .allow_credentials(true)
        .dangerously_allow_any_origin_with_credentials(true)
        .dangerously_allow_null_origin_with_credentials(true)
        .build()
        .expect("every switch that this needs is on")
}

fn answer(policy: &Policy, request: &support::Request) -> Response {
    let from_app = if policy.decide(request).status().is_some() {
        &[]
    } else {
        &APP_HEADERS[..]
    };
    let (decision, lines) = support::apply(policy, request, from_app);
    let mut response = Response::new(decision.status().unwrap_or(200));
    response.headers_mut().extend(lines);
    response
}

fn lines<'a>(request: &'a support::Request, name: &str) -> Vec<&'a [u8]> {
    let named = request
        .lines
        .iter()
        .filter(|(other, _)| other.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_slice()).collect()
}

/// Whether a cache that stored the response to `one` may give it to `other`
/// ([RFC 9111, 4.1](https://www.rfc-editor.org/rfc/rfc9111#section-4.1)).
fn same_under_vary(stored: &Response, one: &support::Request, other: &support::Request) -> bool {
    let vary = stored.headers().get("vary").unwrap_or_default();
    let vary = String::from_utf8(vary).expect("the policy and the app write ASCII");
    vary.split(',')
        .map(str::trim)
        .all(|name| lines(one, name) == lines(other, name))
}
