//! The contract floor is compared with this library: whatever a client and an app send, both give
//! the same response.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use cors_axum::CorsLayer;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use tower_layer::Layer;
use tower_service::Service;

use super::MAX_LINES;
use crate::case::now;
use crate::contender::Contender;
use crate::places::contract_tower::{self, Contract, WithContract};
use crate::policy::policy;
use crate::scenario::{APP, HEADERS, LAST, METHODS, Origins, Rules};

/// Six policies get as many each.
const EXCHANGES: u32 = 100_000;

#[test]
fn the_floor_answers_as_this_library_does() {
    let listed = || Origins::Listed(vec![APP.into()]);
    let many = Origins::Listed(vec![
        APP.into(),
        "http://localhost:3000".into(),
        LAST.into(),
    ]);
    for (contender, origins) in [
        (Contender::Contract, listed()),
        (Contender::RunTimeContract, listed()),
        (Contender::Contract, many),
        (Contender::Contract, Origins::Any),
        (Contender::Contract, Origins::AnyWithCredentials),
        (Contender::Contract, Origins::Subdomains),
    ] {
        let rules = Rules {
            origins,
            preflights: true,
            hosts: false,
        };
        let ours = CorsLayer::new(policy(&rules));
        // Whatever the environment says about other tests.
        let config = Config {
            cases: EXCHANGES,
            ..Config::default()
        };
        let compared = TestRunner::new(config).run(&exchanges(), |exchange| {
            let app = App(exchange.app.clone());
            let floor = Floor(exchange.request(), app.clone());
            let floor = contract_tower::with(&rules, contender, floor);
            let response = now(ours.layer(app).call(exchange.request()));
            prop_assert_eq!(floor, seen(response), "{:?}", rules);
            Ok(())
        });
        compared.expect("floor and library answer alike");
    }
}

/// A request, and what the app puts on its response.
#[derive(Clone, Debug)]
struct Exchange {
    method: String,
    headers: HeaderMap,
    app: HeaderMap,
}

impl Exchange {
    fn request(&self) -> Request<()> {
        let mut request = Request::new(());
        *request.method_mut() = Method::from_bytes(self.method.as_bytes()).expect("a token");
        *request.headers_mut() = self.headers.clone();
        request
    }
}

#[derive(Clone)]
struct App(HeaderMap);

impl Service<Request<()>> for App {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let mut response = Response::new(());
        *response.headers_mut() = self.0.clone();
        // A mark that the app was called.
        let called = HeaderName::from_static("x-called");
        response
            .headers_mut()
            .insert(called, HeaderValue::from_static("yes"));
        ready(Ok(response))
    }
}

struct Floor(Request<()>, App);

impl WithContract for Floor {
    type Made = Seen;

    fn with<O: contract_tower::Origins>(self, contract: Contract<O>) -> Seen {
        let response = now(contract.layer(self.1).call(self.0));
        seen(response)
    }
}

/// The status, the lines of all headers but Vary, and the elements of Vary. Lists are without the
/// spaces that nobody reads.
type Seen = (u16, Vec<(String, String)>, Vec<String>);

fn seen(response: Result<Response<()>, Infallible>) -> Seen {
    let response = match response {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let (vary, others): (Vec<_>, Vec<_>) = response
        .headers()
        .iter()
        .partition(|(name, _)| **name == header::VARY);
    let elements = |line: &HeaderValue| {
        let line = text(line).to_lowercase();
        line.split(',')
            .map(|element| element.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let mut vary: Vec<_> = vary
        .into_iter()
        .flat_map(|(_, line)| elements(line))
        .collect();
    vary.sort();
    let mut others: Vec<_> = others
        .into_iter()
        .map(|(name, value)| {
            let is_list = [
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                header::ACCESS_CONTROL_ALLOW_METHODS,
            ]
            .contains(name);
            let value = match is_list {
                true => {
                    let mut items: Vec<_> = text(value)
                        .split(',')
                        .map(|item| item.trim().to_owned())
                        .filter(|item| !["GET", "HEAD", "POST"].contains(&&**item))
                        .collect();
                    items.sort();
                    items.join(",")
                }
                false => text(value),
            };
            (name.as_str().to_owned(), value)
        })
        .collect();
    others.sort();
    (response.status().as_u16(), others, vary)
}

fn exchanges() -> impl Strategy<Value = Exchange> {
    let method = prop_oneof![
        6 => Just("OPTIONS".to_owned()),
        2 => Just("GET".to_owned()),
        1 => Just("PUT".to_owned()),
    ];
    let request = (
        lines(origin()),
        lines(asked_method()),
        prop_oneof![
            24 => vec(asked_headers(), 0..3),
            1 => vec(asked_headers(), MAX_LINES - 2..MAX_LINES + 3),
        ],
    );
    (method, request, vec(of_app(), 0..4)).prop_map(|(method, (origins, methods, names), app)| {
        let mut headers = HeaderMap::new();
        for (name, lines) in [
            (header::ORIGIN, origins),
            (header::ACCESS_CONTROL_REQUEST_METHOD, methods),
            (header::ACCESS_CONTROL_REQUEST_HEADERS, names),
        ] {
            for line in lines {
                let line = HeaderValue::from_bytes(&line).expect("no control characters");
                headers.append(&name, line);
            }
        }
        let mut of_app = HeaderMap::new();
        for (name, value) in app {
            of_app.append(name, HeaderValue::from_static(value));
        }
        Exchange {
            method,
            headers,
            app: of_app,
        }
    })
}

/// One line, as a rule.
fn lines<S: Strategy<Value = Vec<u8>> + Clone>(line: S) -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop_oneof![1 => vec(line.clone(), 0..1), 8 => vec(line.clone(), 1..2), 1 => vec(line, 2..3)]
}

fn origin() -> impl Strategy<Value = Vec<u8>> + Clone {
    let label = "[a-z0-9_-]{0,4}|[a-z]{60,66}";
    prop_oneof![
        4 => Just(APP.as_bytes().to_vec()),
        2 => select(vec![
            "http://localhost:3000", LAST, "null", "file://", "", "*", "https://example.com",
            "https://a.example.com", "https://a.example.com:8443", "http://a.example.com",
            "https://.example.com", "https://a..example.com", "https://1.2.3.4", "https://[::1]",
            "https://1.2.3", "https://a.1", "tauri://localhost", "app://.", "HTTPS://app.example.com",
            "https://app.example.com/", "https://app.example.com:443", "https://xample.com",
            "https://A.example.com", "https://a.example.com.",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        3 => (vec(label, 1..5), select(vec![".example.com", "", ".test", ".example.con", ":80"]))
            .prop_map(|(labels, end)| format!("https://{}{end}", labels.join(".")).into_bytes()),
        1 => (1_usize..140).prop_map(|count| {
            format!("https://{}example.com", "a.".repeat(count)).into_bytes()
        }),
        1 => vec(0x20_u8..=0x7e, 0..20),
        1 => vec(0x80_u8..=0xff, 1..5),
    ]
}

fn asked_method() -> impl Strategy<Value = Vec<u8>> + Clone {
    let words = [
        "PUT", "DELETE", "GET", "patch", "PURGE", "TRACE", "connect", "*", "", "P UT", "a,b",
    ];
    prop_oneof![
        4 => select(METHODS.to_vec()),
        2 => select(words.to_vec()),
    ]
    .prop_map(|text| text.as_bytes().to_vec())
}

fn asked_headers() -> impl Strategy<Value = Vec<u8>> {
    let listed = || select(HEADERS.to_vec()).prop_map(str::to_owned);
    let name = prop_oneof![
        12 => listed(),
        3 => listed().prop_map(|name| format!(" {name}\t")),
        3 => listed().prop_map(|name| name.to_uppercase()),
        2 => select(vec!["", " ", "\t"]).prop_map(str::to_owned),
        2 => select(vec!["x-unknown", "cookie", "*", "accept", "x-ab", "x"]).prop_map(str::to_owned),
        1 => select(vec!["a b", "\"", "x-\u{e4}", "a:b", "@"]).prop_map(str::to_owned),
    ];
    let few = || vec(name.clone(), 0..6).prop_map(|names| names.join(",").into_bytes());
    let much = (
        select(vec!["x-a", "", "x-unknown", "authorization"]),
        60_usize..800,
    )
        .prop_map(|(name, count)| vec![name; count].join(",").into_bytes());
    let near_bound = (0_usize..4).prop_map(|more| {
        let long = "x".repeat(8 * 1024 - 6 + more);
        format!("x-a,{long}").into_bytes()
    });
    prop_oneof![16 => few(), 2 => much, 1 => near_bound]
}

fn of_app() -> impl Strategy<Value = (HeaderName, &'static str)> {
    let cors = (
        select(vec![
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            header::ACCESS_CONTROL_ALLOW_METHODS,
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderName::from_static("access-control-allow-private-network"),
        ]),
        select(vec!["*", "true", "https://other.example"]),
    );
    let vary = select(vec![
        "Origin",
        "accept, ORIGIN",
        "*",
        "cookie",
        "accept-encoding, *",
        "",
        "x-origin",
    ]);
    let vary = vary.prop_map(|value| (header::VARY, value));
    let other = select(vec![
        (header::CONTENT_TYPE, "text/plain"),
        (header::ACCEPT_RANGES, "bytes"),
        (HeaderName::from_static("access-control"), "x"),
        (HeaderName::from_static("varying"), "x"),
    ]);
    prop_oneof![2 => cors, 2 => vary, 1 => other]
}
