//! Policies are replaced while requests run: each response is wholly of one policy.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use conformance::cases;
use conformance_client::raw::{Connection, Request};
use conformance_servers::Framework;
use conformance_servers::serve::{App, Server};
use cors_core::{Policy, PolicyMap, SharedPolicy};

const ORIGIN: &str = "https://app.example.com";

/// The responses of a policy to a GET and to a preflight from [`ORIGIN`].
struct Expected {
    policies: PolicyMap,
    actual: Fields,
    preflight: (u16, Fields),
}

type Fields = (Vec<(String, String)>, Vec<String>);

fn fields(cors: &[(&str, &str)], vary: &[&str]) -> Fields {
    let cors = cors
        .iter()
        .map(|(name, value)| (format!("access-control-{name}"), (*value).to_owned()));
    (
        cors.collect(),
        vary.iter().map(|name| (*name).to_owned()).collect(),
    )
}

/// Returns two policies that have nothing in common, one of them in a map.
fn both() -> [Expected; 2] {
    let named = Policy::builder()
        .allow_origins([ORIGIN])
        .allow_methods(["PUT"])
        .allow_headers(["x-one"])
        .expose_headers(["x-app-hits"])
        .allow_credentials(true)
        .max_age(std::time::Duration::from_secs(1))
        .preflight_status(200);
    let public = Policy::builder()
        .allow_origins(["*"])
        .allow_methods(["DELETE"])
        .allow_headers(["x-two"])
        .expose_headers(["x-custom-two"])
        .max_age(std::time::Duration::from_secs(2));
    let map = PolicyMap::builder()
        .path("/echo", public.build().expect("the policy is valid"))
        .disable_path("/boom");
    [
        Expected {
            policies: named.build().expect("the policy is valid").into(),
            actual: fields(
                &[
                    ("allow-credentials", "true"),
                    ("allow-origin", ORIGIN),
                    ("expose-headers", "x-app-hits"),
                ],
                &["origin"],
            ),
            preflight: (
                200,
                fields(
                    &[
                        ("allow-credentials", "true"),
                        ("allow-headers", "x-one"),
                        ("allow-methods", "PUT"),
                        ("allow-origin", ORIGIN),
                        ("max-age", "1"),
                    ],
                    &[
                        "access-control-request-headers",
                        "access-control-request-method",
                        "origin",
                    ],
                ),
            ),
        },
        Expected {
            policies: map.build().expect("the map is valid"),
            actual: fields(
                &[("allow-origin", "*"), ("expose-headers", "x-custom-two")],
                &[],
            ),
            preflight: (
                204,
                fields(
                    &[
                        ("allow-headers", "x-two"),
                        ("allow-methods", "DELETE"),
                        ("allow-origin", "*"),
                        ("max-age", "2"),
                    ],
                    &[
                        "access-control-request-headers",
                        "access-control-request-method",
                    ],
                ),
            ),
        },
    ]
}

/// A connection that asks for the two responses.
struct Client(Connection);

impl Client {
    fn of(server: &Server) -> Self {
        Self(Connection::open(server.address()).expect("the server listens"))
    }

    fn actual(&mut self) -> Fields {
        let request = Request::new("GET", "/echo").line("Origin", ORIGIN);
        let response = self.0.exchange(&request).expect("the server answers");
        cases::fields_of(&response)
    }

    fn preflight(&mut self) -> (u16, Fields) {
        let request = Request::new("OPTIONS", "/echo")
            .line("Origin", ORIGIN)
            .line("Access-Control-Request-Method", "GET");
        let response = self.0.exchange(&request).expect("the server answers");
        (response.status, cases::fields_of(&response))
    }
}

/// Returns the app of every framework, and those of the layers that wait for predicates.
fn apps() -> impl Iterator<Item = App> {
    let awaiting = [Framework::Axum, Framework::Warp];
    Framework::ALL
        .map(Framework::app)
        .into_iter()
        .chain(awaiting.map(Framework::awaiting_app))
}

/// Starts a server of every app under one handle.
fn servers(shared: &SharedPolicy) -> Vec<Server> {
    apps()
        .map(|app| Server::start(app, shared.clone()).expect("there is a port"))
        .collect()
}

#[test]
fn one_handle_replaces_the_policy_of_every_server_from_the_next_request_on() {
    let both = both();
    let shared = SharedPolicy::new(both[0].policies.clone());
    let servers = servers(&shared);
    let mut clients: Vec<_> = servers.iter().map(Client::of).collect();
    for expected in both.iter().cycle().take(6) {
        shared.replace(expected.policies.clone());
        for (client, app) in clients.iter_mut().zip(apps()) {
            let name = app.name;
            assert_eq!(client.preflight(), expected.preflight, "{name}");
            assert_eq!(client.actual(), expected.actual, "{name}");
        }
    }
}

#[test]
fn each_response_is_wholly_of_one_policy_while_they_are_replaced() {
    let both = both();
    let shared = SharedPolicy::new(both[0].policies.clone());
    let servers = servers(&shared);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for expected in &both {
                    shared.replace(expected.policies.clone());
                    thread::yield_now();
                }
            }
        });
        let clients: Vec<_> = servers
            .iter()
            .zip(apps())
            .map(|(server, app)| {
                let both = &both;
                scope.spawn(move || stress(Client::of(server), both, app.name))
            })
            .collect();
        let outcomes: Vec<_> = clients
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        done.store(true, Ordering::Relaxed);
        for outcome in outcomes {
            outcome.expect("every response was of one policy");
        }
    });
}

/// Sends at least so many requests of each kind, until each kind has met both policies.
fn stress(mut client: Client, both: &[Expected; 2], name: &str) {
    let mut seen = [[false; 2]; 2];
    let mut rounds = 0;
    while rounds < ROUNDS || seen != [[true; 2]; 2] {
        rounds += 1;
        assert!(rounds < MOST_ROUNDS, "{name}: {seen:?}");
        let actual = client.actual();
        let of = both.iter().position(|policy| policy.actual == actual);
        seen[0][of.ok_or((name, actual)).expect(WHOLE)] = true;
        let preflight = client.preflight();
        let of = both.iter().position(|policy| policy.preflight == preflight);
        seen[1][of.ok_or((name, preflight)).expect(WHOLE)] = true;
    }
}

const ROUNDS: u64 = 1_000;
const MOST_ROUNDS: u64 = 50_000;
const WHOLE: &str = "every response is of one policy";
