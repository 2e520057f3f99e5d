//! The same request gets the same response from every framework, whatever the request.

use std::cell::RefCell;

use conformance::cases;
use conformance_client::raw::{Connection, Request};
use conformance_servers::Framework;
use conformance_servers::serve::Server;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

#[test]
fn every_framework_gives_the_same_response() {
    let policies = cases::policies();
    let config = Config::default();
    let cases = u32::try_from(policies.len()).map_or(1, |count| config.cases.div_ceil(count));
    for policy in policies {
        let apps = Framework::ALL.map(|framework| App::start(framework, policy));
        let apps = RefCell::new(apps);
        let config = Config {
            cases: cases.max(FEWEST_CASES),
            failure_persistence: None,
            ..config.clone()
        };
        let result = TestRunner::new(config).run(&request(), |request| {
            let mut apps = apps.borrow_mut();
            let responses = apps
                .each_mut()
                .map(|app| (app.name, app.exchange(&request)));
            for pair in responses.windows(2) {
                prop_assert_eq!(&pair[0].1, &pair[1].1, "{} and {}", pair[0].0, pair[1].0);
            }
            Ok(())
        });
        if let Err(error) = result {
            panic!("{error}\nunder\n{policy}");
        }
    }
}

const FEWEST_CASES: u32 = 16;

struct App {
    name: &'static str,
    server: Server,
    connection: Option<Connection>,
}

/// The status, the fields of CORS, and the names in Vary.
type Outcome = (u16, (Vec<(String, String)>, Vec<String>));

impl App {
    fn start(framework: Framework, policy: &str) -> Self {
        Self {
            name: framework.name(),
            server: Server::start_toml(framework, policy).expect("a case's policy is valid"),
            connection: None,
        }
    }

    fn exchange(&mut self, request: &Request) -> Outcome {
        let connection = self.connection.get_or_insert_with(|| {
            Connection::open(self.server.address()).expect("the server listens")
        });
        let response = connection.exchange(request).expect("the server answers");
        if response.closes() {
            self.connection = None;
        }
        (response.status, cases::fields_of(&response))
    }
}

/// Generates requests that every framework hands to the app: methods that Rocket knows, paths that
/// respond to all of them, lines of text.
fn request() -> impl Strategy<Value = Request> {
    let method = select(vec!["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]);
    let method = prop_oneof![1 => Just("OPTIONS"), 1 => method];
    let path = select(vec![
        "/echo",
        "/boom",
        "/guarded",
        "/redirect",
        "/login",
        "/vary",
        "/vary-two",
        "/vary-origin",
        "/vary-star",
        "/own-cors",
        "/nowhere",
        "/echo?x=/login",
    ]);
    (method, path, lines()).prop_map(|(method, path, lines)| {
        let request = Request::new(method, path);
        lines
            .into_iter()
            .fold(request, |request, (name, value)| request.line(name, value))
    })
}

fn lines() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let some = |name: &'static str, value: BoxedStrategy<String>, most: usize| {
        vec(value.prop_map(move |value| (name, value)), 0..=most)
    };
    // Most requests have one Origin: more than one is refused whatever else there is.
    let origins = prop_oneof![
        6 => vec(origin().prop_map(|value| ("Origin", value)), 1),
        1 => some("Origin", origin(), 2),
    ];
    (
        origins,
        some("Access-Control-Request-Method", requested_method(), 1),
        some("Access-Control-Request-Headers", requested_headers(), 2),
        some("Access-Control-Request-Private-Network", flag(), 1),
        some("Sec-Fetch-Site", site(), 1),
        some("Host", host(), 1),
    )
        .prop_map(|(a, b, c, d, e, f)| [a, b, c, d, e, f].concat())
        .prop_shuffle()
}

fn text() -> BoxedStrategy<String> {
    "[ -~\té]{0,40}".boxed()
}

fn any_of(values: &'static [&'static str]) -> BoxedStrategy<String> {
    select(values).prop_map(str::to_owned).boxed()
}

fn origin() -> BoxedStrategy<String> {
    let known = any_of(&[
        "https://app.example.com",
        "https://admin.example.com",
        "https://a.b.example.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "http://localhost:5173",
        "http://127.0.0.1:3000",
        "http://[::1]:8080",
        "null",
        "file://",
        "tauri://localhost",
        "https://evil.example.net",
        "https://app.example.com.evil.net",
        "https://app.example.com/",
        "HTTPS://APP.EXAMPLE.COM",
        "https://app.example.com https://app.example.com",
    ]);
    let made = "(https?|tauri)://[a-z.-]{1,12}(\\.example\\.com)?(:[0-9]{1,5})?";
    prop_oneof![6 => known, 2 => made, 1 => text()].boxed()
}

fn requested_method() -> BoxedStrategy<String> {
    let known = any_of(&[
        "GET", "POST", "PUT", "DELETE", "PATCH", "patch", "put", "TRACE", "",
    ]);
    prop_oneof![6 => known, 1 => "[A-Z]{1,8}", 1 => text()].boxed()
}

fn requested_headers() -> BoxedStrategy<String> {
    let as_browsers_do = vec(
        any_of(&["authorization", "content-type", "x-custom-one", "x-acme-id"]),
        1..4,
    )
    .prop_map(|names| names.join(","));
    let name = any_of(&[
        "Content-Type",
        "x-custom-one",
        "X-Acme-",
        "x-unknown",
        "",
        "x y",
    ]);
    let otherwise = vec((name, any_of(&[",", ", ", " ,\t", ",,"])), 0..8)
        .prop_map(|names| names.into_iter().flat_map(<[String; 2]>::from).collect());
    prop_oneof![6 => as_browsers_do, 3 => otherwise, 1 => text()].boxed()
}

fn flag() -> BoxedStrategy<String> {
    any_of(&["true", "false", "", "True"])
}

fn site() -> BoxedStrategy<String> {
    any_of(&["same-origin", "same-site", "cross-site", "none", ""])
}

fn host() -> BoxedStrategy<String> {
    any_of(&[
        "app.example.com",
        "shop.example.com:8080",
        "localhost:5173",
        "evil.example.net",
    ])
}
