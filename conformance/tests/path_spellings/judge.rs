//! The judge: what a response may grant, given whose handler answers.

use conformance_client::raw::{Request, Response};
use conformance_servers::serve::{App, Server};
use cors_core::SharedPolicy;

use crate::client::Client;
use crate::rules::{self, FOREIGN_HOST, ORIGINS, Rule, TARGET_HOST};
use crate::spellings::Spelling;

/// A server, whose policies are replaced, and how its responses show who answered.
pub(crate) struct Site {
    name: &'static str,
    shared: SharedPolicy,
    _server: Server,
    client: Client,
    /// Returns the path of the handler that a response shows.
    answered_by: AnsweredBy,
    /// Returns how many handlers have been called, if the server can be asked.
    calls: Option<fn(&mut Client) -> u64>,
}

pub(crate) type AnsweredBy = fn(&Response) -> Option<&'static str>;

/// A spelling that a server has a handler for.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(crate) spelling: Spelling,
    /// The path of the handler.
    pub(crate) handler: &'static str,
}

impl Site {
    pub(crate) fn start(app: App, answered_by: AnsweredBy) -> Self {
        let shared = SharedPolicy::new(rules::policies(&[]));
        let server = Server::start(app, shared.clone()).expect("there is a port");
        Self {
            name: app.name,
            shared,
            client: Client::new(server.address()),
            _server: server,
            answered_by,
            calls: None,
        }
    }

    /// Counts the handlers' calls, which a response in their stead does not show.
    pub(crate) fn count_calls(mut self, calls: fn(&mut Client) -> u64) -> Self {
        self.calls = Some(calls);
        self
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the spellings that have a handler, by requests that no policy touches.
    pub(crate) fn reached(
        &mut self,
        spellings: impl IntoIterator<Item = Spelling>,
    ) -> Vec<Reached> {
        self.shared.replace(rules::policies(&[]));
        let mut reached = Vec::new();
        for spelling in spellings {
            let request = Request::new("GET", &spelling.target);
            let response = self.client.exchange(&request);
            if let Some(handler) = response.and_then(|response| (self.answered_by)(&response)) {
                reached.push(Reached { spelling, handler });
            }
        }
        reached
    }

    /// Returns all that is wrong with the responses to these spellings under these rules.
    pub(crate) fn judge(&mut self, rules: &[Rule], reached: &[Reached]) -> Vec<String> {
        self.shared.replace(rules::policies(rules));
        let mut wrong = Vec::new();
        for reached in reached {
            let rule = rules::of_path(rules, reached.handler);
            // An absolute target names the host, whatever Host says.
            if rule.keeps_out_foreign_host() && reached.spelling.target.starts_with('/') {
                wrong.extend(self.let_in_for_foreign_host(reached));
            }
            for origin in ORIGINS {
                for method in ["GET", "DELETE", "OPTIONS"] {
                    let found = self.exchange(reached, &rule, origin, method);
                    wrong.extend(found.into_iter().map(|found| {
                        let name = self.name;
                        let target = &reached.spelling.target;
                        format!("{name}: {method} {target} from {origin}: {found}; {rule:?}")
                    }));
                }
            }
        }
        wrong
    }

    /// Returns the requests to a foreign host that are not rejected, without an origin too.
    fn let_in_for_foreign_host(&mut self, reached: &Reached) -> Vec<String> {
        let target = &reached.spelling.target;
        let new = |method| Request::new(method, target).line("Host", FOREIGN_HOST);
        let requests = [
            new("GET"),
            new("OPTIONS"),
            new("DELETE").line("Origin", ORIGINS[0]),
            new("OPTIONS")
                .line("Origin", ORIGINS[1])
                .line("Access-Control-Request-Method", "DELETE"),
        ];
        let mut wrong = Vec::new();
        for request in requests {
            let before = self.calls();
            let response = self.client.exchange(&request);
            let status = response.map(|response| response.status);
            let called = before.is_some_and(|before| self.calls() != Some(before + 1));
            if status != Some(403) || called {
                wrong.push(format!(
                    "{}: {request:?} is not rejected: {status:?}",
                    self.name
                ));
            }
        }
        wrong
    }

    /// Sends one request; OPTIONS is a preflight for DELETE.
    fn exchange(
        &mut self,
        reached: &Reached,
        rule: &Rule,
        origin: &'static str,
        method: &str,
    ) -> Vec<String> {
        let request = Request::new(method, &reached.spelling.target).line("Origin", origin);
        let request = match method {
            "OPTIONS" => request.line("Access-Control-Request-Method", "DELETE"),
            _ => request,
        };
        // warp's filters know no host where Host contradicts the target.
        let request = if reached.spelling.target.starts_with('/') {
            request
        } else {
            request.line("Host", TARGET_HOST)
        };
        let keeps_out = method != "OPTIONS" && rule.keeps_out(origin);
        let before = if keeps_out { self.calls() } else { None };
        let Some(response) = self.client.exchange(&request) else {
            return vec!["no response".to_owned()];
        };
        let mut wrong = too_much(&response, rule, origin);
        if keeps_out {
            let called = before.is_some_and(|before| self.calls() != Some(before + 1));
            if response.status != 403 || (self.answered_by)(&response).is_some() || called {
                wrong.push(format!("not rejected: {}", response.status));
            }
        } else if reached.spelling.is_plain && (method != "OPTIONS" || rule.allows_delete()) {
            wrong.extend(too_little(&response, rule, origin));
        }
        wrong
    }

    /// Returns the number of handler calls, if it can be told.
    fn calls(&mut self) -> Option<u64> {
        self.calls.map(|calls| calls(&mut self.client))
    }
}

/// Fails with the first of all that is wrong.
pub(crate) fn nothing_is(wrong: &[String]) {
    const SHOWN: usize = 50;
    let shown = &wrong[..wrong.len().min(SHOWN)];
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), shown.join("\n"));
}

/// Returns what a response grants and the rule does not.
fn too_much(response: &Response, rule: &Rule, origin: &'static str) -> Vec<String> {
    let mut wrong = Vec::new();
    let allowed = rule.allowed_origin(origin);
    for value in response.values(ACAO) {
        if allowed.map(str::as_bytes) != Some(value) {
            wrong.push(format!("allows {}", value.escape_ascii()));
        }
    }
    if response.values(ACAC).count() > 0 && !rule.allows_credentials() {
        wrong.push("allows credentials".to_owned());
    }
    let methods = response.values(ACAM);
    if methods
        .flat_map(|methods| methods.windows(6))
        .any(|name| name == b"DELETE")
        && !rule.allows_delete()
    {
        wrong.push("allows DELETE".to_owned());
    }
    wrong
}

/// Returns what the rule grants and a response does not.
fn too_little(response: &Response, rule: &Rule, origin: &'static str) -> Option<String> {
    let allowed = rule.allowed_origin(origin)?;
    let is_granted = response.value(ACAO) == Some(allowed.as_bytes());
    (!is_granted).then(|| format!("{allowed} is not allowed"))
}

const ACAO: &str = "access-control-allow-origin";
const ACAC: &str = "access-control-allow-credentials";
const ACAM: &str = "access-control-allow-methods";
