//! Where nobody asks for the decision, most requests go a shorter way. The responses are the same.

#![cfg(all(feature = "http", feature = "regex", feature = "serde"))]

mod support;

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::Arc;

use cors_core::adapter::{
    AdapterOptions, Begun, BoundDecision, Exchange, HeaderTypes, Http1, InstalledPolicy, Prepared,
    PreparedPolicies, RequestParts, RequestView, ResponseParts,
};
use cors_core::{PolicyMap, PolicyMapConfig};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use support::unprepared::Unprepared;

type Policies<H> = PreparedPolicies<Arc<Prepared<H>>>;
type Began<H> = ControlFlow<Response<()>, Exchange<H, Arc<Prepared<H>>>>;

/// The status of an answer, or none where the app was called, and all headers.
type Responded = (Option<u16>, HeaderMap);

fn empty_response(status: u16) -> Response<()> {
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response
}

fn respond<H>(began: Began<H>, of_app: &HeaderMap) -> Responded
where
    H: HeaderTypes,
    Response<()>: ResponseParts<H>,
{
    match began {
        ControlFlow::Break(answer) => {
            let (head, ()) = answer.into_parts();
            (Some(head.status.as_u16()), head.headers)
        }
        ControlFlow::Continue(mut exchange) => {
            let mut response = Response::new(());
            *response.headers_mut() = of_app.clone();
            exchange.finish(&mut response);
            (None, response.into_parts().0.headers)
        }
    }
}

/// What the listener needs is decided in full.
fn listening() -> AdapterOptions {
    let mut options = AdapterOptions::default();
    options.listeners.add(|_| ());
    options
}

/// Files in which any setting may be written, at the top or in a path.
fn policies() -> impl Strategy<Value = PolicyMap> {
    let path = (select(vec!["/a", "/a/{*rest}", "/{name}"]), settings());
    let file = (settings(), prop::option::of(path));
    file.prop_filter_map("it can be built", |(mut text, path)| {
        if let Some((path, settings)) = path {
            let _ = write!(text, "[[paths]]\npath = \"{path}\"\n{settings}");
        }
        toml::from_str::<PolicyMapConfig>(&text).ok()?.build().ok()
    })
}

fn settings() -> impl Strategy<Value = String> {
    let origins = vec![
        "https://app.example.com",
        "https://*.example.net",
        "http://*.example.org",
        "https://*.example.net:8443",
        "http://localhost:*",
        "http://127.0.0.1:3000-3010",
        "http://192.168.*.*",
        "app://*",
        "app://*.a.com",
        "file://",
        "*",
        "https://a.example",
        "https://b.example",
        "https://c.example",
        "https://d.example",
    ];
    let origins = prop_oneof![
        6 => subsequence(origins[..3].to_vec(), 0..=3),
        3 => subsequence(origins.clone(), 0..=2),
        1 => subsequence(origins, 0..=15),
        1 => Just(vec!["*"]),
    ];
    let switches = vec![
        "allow_null_origin = true",
        "allow_origin_regexes = ['https://pr-[0-9]+\\.example\\.com']",
        "allow_credentials_from = [\"https://app.example.com\"]",
        "allow_methods = [\"PUT\"]",
        "allow_methods = [\"*\"]",
        "allow_headers = [\"x-a\"]",
        "allow_headers = [\"*\"]",
        "allow_headers = [\"x-a-*\"]",
        "expose_headers = [\"x-id\"]",
        "expose_headers = [\"x-i*\"]",
        "expose_headers = [\"*\"]",
        "allow_hosts = [\"api.example.com\"]",
        "max_age = 600",
        "allow_private_network = true",
        "preflight_status = 200",
        "preflight_refusal_status = 400",
        "preflight_passthrough = true",
        "keep_app_headers = true",
        "reject_disallowed_origins = true",
    ];
    let switches = prop_oneof![
        3 => subsequence(switches.clone(), 0..=3),
        1 => subsequence(switches, 0..=8),
    ];
    let with_credentials = "allow_credentials = true\n\
        dangerously_allow_any_origin_with_credentials = true\n\
        dangerously_allow_null_origin_with_credentials = true\n\
        dangerously_allow_insecure_origins_with_credentials = true\n";
    let credentials = select(vec!["", "", with_credentials, "allow_credentials = true\n"]);
    (origins, switches, credentials).prop_map(|(origins, switches, credentials)| {
        let origins: Vec<_> = origins.iter().map(|origin| format!("{origin:?}")).collect();
        let origins = origins.join(", ");
        format!(
            "allow_origins = [{origins}]\n{}\n{credentials}",
            switches.join("\n")
        )
    })
}

fn requests() -> impl Strategy<Value = Request<()>> {
    let method = select(vec!["GET", "OPTIONS", "OPTIONS", "PUT", "options"]);
    let path = select(vec!["/", "/a", "/a/b", "/%61", "/b/../a", "*"]);
    let host = select(vec!["api.example.com", "other.example"]);
    (method, path, host, lines()).prop_map(|(method, path, host, lines)| {
        let mut request = Request::new(());
        *request.method_mut() = Method::from_bytes(method.as_bytes()).expect("a token");
        *request.uri_mut() = path.parse().expect("a path");
        let host = HeaderValue::from_static(host);
        request.headers_mut().insert("host", host);
        for (name, value) in lines {
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
            request
                .headers_mut()
                .append(HeaderName::from_static(name), value);
        }
        request
    })
}

fn lines() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let listed = select(vec![
        "https://app.example.com",
        "https://x.example.net",
        "https://x.y.example.net",
        "http://x.example.org",
        "https://x.example.net:8443",
        "http://localhost:3000",
        "http://127.0.0.1:3005",
        "http://192.168.1.7",
        "app://x",
        "app://x.a.com",
        "null",
        "file://",
        "https://a.example",
        "https://pr-7.example.com",
        "https://stranger.example",
        "",
        "https://.example.net",
        "https://x..example.net",
        "https://example.net",
        "https://X.example.net",
        "https://x.example.net/",
        "https://x.example.net:443",
        "https://evilexample.net",
        "https://x.example.net.evil.test",
        "https://1.2.3.4",
    ]);
    let label = "[a-z0-9_.-]{0,70}";
    let origin = prop_oneof![
        8 => listed.prop_map(str::to_owned),
        2 => label.prop_map(|labels| format!("https://{labels}.example.net")),
        1 => (120_usize..130).prop_map(|count| format!("https://{}.example.net", "a.".repeat(count))),
        1 => (1_usize..400).prop_map(|count| format!("https://{}example.net", "a.".repeat(count))),
    ];
    let origins = prop_oneof![
        1 => vec(origin.clone(), 0..1),
        8 => vec(origin.clone(), 1..2),
        1 => vec(origin, 2..3),
    ];
    let method = select(vec!["PUT", "GET", "DELETE", "TRACE", "put", "P UT", "*"]);
    let names = select(vec![
        "x-a",
        "X-A, x-a",
        "x-b",
        "x-a,,",
        "x-a-b",
        "a b",
        "*",
        "authorization",
        ",",
    ]);
    let private_network = select(vec!["true", "false"]);
    (
        origins,
        vec(method, 0..3),
        vec(names, 0..3),
        vec(private_network, 0..2),
    )
        .prop_map(|(origins, methods, names, private_network)| {
            let origins = origins.into_iter().map(|line| ("origin", line));
            let with = |name, lines: Vec<&str>| {
                let lines = lines.into_iter().map(str::to_owned);
                lines.map(move |line| (name, line)).collect::<Vec<_>>()
            };
            origins
                .chain(with("access-control-request-method", methods))
                .chain(with("access-control-request-headers", names))
                .chain(with(
                    "access-control-request-private-network",
                    private_network,
                ))
                .collect()
        })
}

fn apps() -> impl Strategy<Value = HeaderMap> {
    let lines = vec![
        ("access-control-allow-origin", "*"),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "PATCH"),
        ("access-control-expose-headers", "x-other"),
        ("access-control-max-age", "5"),
        ("vary", "accept"),
        ("vary", "ORIGIN, cookie"),
        ("vary", "*"),
        ("cache-control", "no-cache"),
        ("x-id", "7"),
    ];
    let lines = prop_oneof![Just(Vec::new()), subsequence(lines, 0..=4)];
    lines.prop_map(|lines| {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    })
}

/// Returns the cases of each property: they are quick, so that there are ten times as many as of
/// others, and no fewer than these.
fn cases() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: default.cases.saturating_mul(10).max(10_000),
        ..default
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_responses_are_those_of_a_decision_in_full(
        policies in policies(),
        request in requests(),
        of_app in apps(),
    ) {
        all_ways_are_one::<Http1>(&policies, &request, &of_app)?;
        all_ways_are_one::<Unprepared>(&policies, &request, &of_app)?;
    }
}

proptest! {
    #![proptest_config(cases())]

    /// The decision is that on every request without `Origin`, made ahead of requests.
    #[test]
    fn the_decision_without_an_origin_is_that_on_the_request(
        policies in policies(),
        mut request in requests(),
    ) {
        request.headers_mut().remove("origin");
        let policies = PreparedPolicies::new(policies, InstalledPolicy::clone);
        let view = RequestView::<Http1, _>::new(&request);
        let ahead = policies.of_every_path().cloned();
        if let Some(ahead) = ahead.and_then(BoundDecision::without_origin) {
            let decision = policies.get(&view).map(|policy| policy.decide(&view));
            prop_assert_eq!(Some(ahead.decision()), decision);
        }
    }
}

fn all_ways_are_one<H>(
    policies: &PolicyMap,
    request: &Request<()>,
    of_app: &HeaderMap,
) -> Result<(), TestCaseError>
where
    H: HeaderTypes,
    Request<()>: RequestParts<H>,
    Response<()>: ResponseParts<H>,
{
    let policies: Policies<H> = PreparedPolicies::prepare(policies.clone(), Arc::new);
    let options = AdapterOptions::default();
    let in_full = policies.begin_without_waiting(&listening(), request, empty_response);
    let in_full = respond(in_full, of_app);
    let began = policies.begin_without_waiting(&options, request, empty_response);
    prop_assert_eq!(&respond(began, of_app), &in_full);
    let begun: Begun<_, H, _> = policies.begin(&options, request, empty_response);
    prop_assert_eq!(&respond(support::block_on(begun.wait()), of_app), &in_full);
    if let Some(began) = policies.begin_plain(&options, request, empty_response) {
        prop_assert_eq!(&respond(began, of_app), &in_full);
    }
    Ok(())
}

/// Without it the test above would compare a thing with itself.
#[test]
fn most_requests_go_the_shorter_way() -> Result<(), Box<dyn std::error::Error>> {
    assert_most_go_the_shorter_way::<Http1>()?;
    assert_most_go_the_shorter_way::<Unprepared>()
}

fn assert_most_go_the_shorter_way<H>() -> Result<(), Box<dyn std::error::Error>>
where
    H: HeaderTypes,
    Request<()>: RequestParts<H>,
    Response<()>: ResponseParts<H>,
{
    let short = |text: &str, method: &str, options: &AdapterOptions| {
        let policies = toml::from_str::<PolicyMapConfig>(text)?.build()?;
        let policies: Policies<H> = PreparedPolicies::prepare(policies, Arc::new);
        let request = Request::builder()
            .method(method)
            .header("origin", "https://app.example.com")
            .header("access-control-request-method", "DELETE")
            .body(())?;
        let began: Option<Began<H>> = policies.begin_plain(options, &request, empty_response);
        Ok::<_, Box<dyn std::error::Error>>(began.is_some())
    };
    let options = AdapterOptions::default();
    let preflight = "allow_origins = [\"https://app.example.com\"]\nallow_methods = [\"PUT\"]";
    assert!(short(preflight, "OPTIONS", &options)?);
    for text in [
        "allow_origins = [\"https://app.example.com\"]\nallow_credentials = true",
        "allow_origins = [\"*\"]\nexpose_headers = [\"x-id\"]",
        "allow_origin_regexes = ['https://pr-[0-9]+\\.example\\.com']",
        "allow_origins = []\n[[paths]]\npath = \"/{*rest}\"\nallow_origins = [\"*\"]",
    ] {
        assert!(short(text, "GET", &options)?, "{text}");
        assert!(!short(text, "GET", &listening())?, "{text}");
    }
    Ok(())
}

#[test]
fn the_decision_without_an_origin_is_made_ahead_where_nothing_else_counts()
-> Result<(), Box<dyn std::error::Error>> {
    let listed = "allow_origins = [\"https://app.example.com\"]\n";
    for (rest, expected) in [
        ("", true),
        ("allow_methods = [\"PUT\"]\nallow_credentials = true", true),
        ("allow_hosts = [\"api.example.com\"]", false),
        (
            "[[paths]]\npath = \"/{*rest}\"\nallow_origins = [\"*\"]",
            false,
        ),
    ] {
        let text = format!("{listed}{rest}");
        let policies = toml::from_str::<PolicyMapConfig>(&text)?.build()?;
        let policies = PreparedPolicies::new(policies, InstalledPolicy::clone);
        let ahead = policies.of_every_path().cloned();
        let ahead = ahead.and_then(BoundDecision::without_origin);
        assert_eq!(ahead.is_some(), expected, "{text}");
    }
    Ok(())
}
