//! Every case of the contract, on every framework, over a real socket.

use std::io;

use conformance::cases::{self, Case};
use conformance_client::http2;
use conformance_client::raw::{self, Connection, Request, Response};
use conformance_servers::Framework;
use conformance_servers::serve::{self, Server};
use conformance_servers::test_app::HITS;

#[test]
fn every_case_holds_on_a_connection_of_its_own() {
    judge(cases::all(), Connections::OneEach);
}

/// Shows that refused requests and answers without a body leave nothing behind on the connection.
#[test]
fn every_case_holds_on_a_connection_that_is_kept_alive() {
    let mut cases = cases::all();
    cases.retain(|case| !case.expected.framework_may_reject());
    judge(cases, Connections::OneForAll);
}

#[test]
fn every_case_holds_over_http2() {
    let mut cases = cases::all();
    cases.retain(|case| !case.expected.framework_may_reject());
    judge(cases, Connections::Http2);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Connections {
    OneEach,
    /// One for all cases of a policy.
    OneForAll,
    /// Likewise.
    Http2,
}

/// Every framework with its test app, and those apps whose adapter waits for asynchronous
/// predicates: the policies of the cases have none, so that makes no difference.
fn apps() -> impl Iterator<Item = (Framework, serve::App)> {
    let plain = Framework::ALL.map(|framework| (framework, framework.app()));
    let awaiting = [Framework::Axum, Framework::Warp];
    let awaiting = awaiting.map(|framework| (framework, framework.awaiting_app()));
    plain.into_iter().chain(awaiting)
}

/// Runs all cases before it fails, one policy after the other.
fn judge(mut cases: Vec<Case>, connections: Connections) {
    cases.sort_by_key(|case| case.policy);
    let mut failures = Vec::new();
    for (framework, served) in apps() {
        for cases in cases.chunk_by(|one, other| one.policy == other.policy) {
            let mut app = App::start(framework, served, cases[0].policy);
            for case in cases {
                let differences = app.differences(case, connections);
                if !differences.is_empty() {
                    failures.push(format!(
                        "{}: {}\n    {:?}\n    {}",
                        served.name,
                        case.name,
                        case.request,
                        differences.join("\n    ")
                    ));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases fail:\n{}",
        failures.len(),
        cases.len() * apps().count(),
        failures.join("\n")
    );
}

/// A server under one policy.
struct App {
    framework: Framework,
    server: Server,
    connection: Option<Connection>,
    http2: Option<http2::Connection>,
    /// The number of handler calls so far.
    hits: u64,
}

impl App {
    fn start(framework: Framework, served: serve::App, policy: &str) -> Self {
        let server = Server::start_toml(served, policy).expect("a case's policy is valid");
        Self {
            framework,
            server,
            connection: None,
            http2: None,
            hits: 0,
        }
    }

    fn differences(&mut self, case: &Case, connections: Connections) -> Vec<String> {
        let Some(response) = self.exchange(&case.request, connections) else {
            return Vec::new();
        };
        let calls = self.handler_calls();
        match response {
            Ok(response) => {
                let expected = &case.expected;
                expected.differences(self.framework, &response, calls)
            }
            Err(error) => vec![format!("no response: {error}")],
        }
    }

    /// Sends the request and returns the response; `None` if HTTP/2 can't express the request.
    fn exchange(
        &mut self,
        request: &Request,
        connections: Connections,
    ) -> Option<io::Result<Response>> {
        let address = self.server.address();
        if connections == Connections::Http2 {
            let open = || http2::Connection::open(address).expect("the server speaks HTTP/2");
            return self.http2.get_or_insert_with(open).exchange(request);
        }
        let open = || Connection::open(address).expect("the server listens");
        let response = self.connection.get_or_insert_with(open).exchange(request);
        let closed = response.as_ref().is_ok_and(Response::closes);
        if response.is_err() || closed || connections == Connections::OneEach {
            self.connection = None;
        }
        Some(response)
    }

    /// Returns how many handlers have been called since the last call. The response to a case does
    /// not show a handler that was called in vain.
    fn handler_calls(&mut self) -> u64 {
        let probe = Request::new("GET", "/echo");
        let response = raw::exchange(self.server.address(), &probe).expect("the server lives on");
        let hits = hits(&response).expect("a handler answers a request without Origin");
        let calls = hits - self.hits - 1;
        self.hits = hits;
        calls
    }
}

fn hits(response: &Response) -> Option<u64> {
    std::str::from_utf8(response.value(HITS)?)
        .ok()?
        .parse()
        .ok()
}
