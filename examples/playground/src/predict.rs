//! What the model of the browser says of a call, under the policy that is served.

use std::time::Duration;

use cors_core::PolicyMap;
use cors_core::adapter::RequestHead as _;
use cors_core::browser::{
    Browser, FilteredResponse, HeaderList, NetworkError, Preflight, PreflightReason, Request,
    Response, SentRequest,
};
use serde::Serialize;

use crate::advice;
use crate::app::{self, Framework};
use crate::call::{self, Body, Call};
use crate::console;
use crate::outcome::{Outcome, Stage, Step};
use crate::targets::{Target, Targets};

/// The prediction of a call.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Prediction {
    /// Why the script gets an exception before anything is sent.
    throws: Option<String>,
    reasons: Vec<Reason>,
    preflight: Option<Asked>,
    servers: Vec<OnServer>,
}

/// Why a preflight is sent.
#[derive(Debug, Serialize)]
struct Reason {
    short: String,
    explanation: String,
}

/// What a preflight asks.
#[derive(Debug, Serialize)]
struct Asked {
    method: String,
    headers: Option<String>,
}

/// What happens on one server.
#[derive(Debug, Serialize)]
struct OnServer {
    server: &'static str,
    outcome: Outcome,
    steps: Vec<Step>,
    /// What to change, or what to know.
    advice: Vec<String>,
    /// Where browsers are known to differ from the standard, and so from the model.
    known: Option<&'static str>,
}

impl Call {
    pub(crate) fn predict(&self, policies: &PolicyMap, targets: &Targets) -> Prediction {
        let request = match self.request() {
            Ok(request) => request,
            Err(error) => return Prediction::throws(error.to_string()),
        };
        if let Some(why) = self.throws(&request) {
            return Prediction::throws(why.to_owned());
        }
        let preflight = request.preflight();
        let reasons = preflight.as_ref().map_or(&[][..], Preflight::reasons);
        let wanted = |target: &&Target| {
            self.server
                .as_ref()
                .is_none_or(|name| name == target.framework.name())
        };
        let servers = targets.all().iter().filter(wanted);
        Prediction {
            throws: None,
            reasons: reasons.iter().map(Reason::from).collect(),
            preflight: preflight.as_ref().map(|preflight| Asked {
                method: preflight.request_method().to_owned(),
                headers: preflight.request_headers().map(str::to_owned),
            }),
            servers: servers
                .map(|target| self.on(target, policies, &request))
                .collect(),
        }
    }

    fn on(&self, target: &Target, policies: &PolicyMap, request: &Request) -> OnServer {
        let mut server = Server {
            framework: target.framework,
            policies,
            streamed: self.body == Body::Stream,
            steps: Vec::new(),
            status: 0,
            names: Vec::new(),
        };
        let url = |path: &str| format!("{}{path}", target.url());
        let (outcome, error) = match server.fetch(self, &url(&self.path), request) {
            Err(NetworkError::Redirect { .. }) if !server.streamed => {
                let followed = call::redirected(request);
                server.fetch_outcome(self, &url(app::REDIRECT.1), &followed)
            }
            first => server.outcome(first),
        };
        OnServer {
            server: target.framework.name(),
            advice: advice::of(&outcome, error.as_ref(), &server.steps),
            known: self.known_difference(request),
            outcome,
            steps: server.steps,
        }
    }
}

/// A server under the policies, and the requests to it.
struct Server<'a> {
    framework: Framework,
    policies: &'a PolicyMap,
    /// The body is a stream, which no browser sends over HTTP/1.
    streamed: bool,
    steps: Vec<Step>,
    /// The status of the last response.
    status: u16,
    /// Its header names.
    names: Vec<String>,
}

impl Server<'_> {
    fn fetch(
        &mut self,
        call: &Call,
        url: &str,
        request: &Request,
    ) -> Result<FilteredResponse, NetworkError> {
        Browser::new().fetch(Duration::ZERO, &call.origin, url, request, |sent| {
            self.serve(sent)
        })
    }

    fn fetch_outcome(
        &mut self,
        call: &Call,
        url: &str,
        request: &Request,
    ) -> (Outcome, Option<NetworkError>) {
        let fetched = self.fetch(call, url, request);
        self.outcome(fetched)
    }

    fn serve(&mut self, sent: &SentRequest) -> Response {
        if !is_well_formed(sent.headers()) {
            return Response::new(400);
        }
        let path = sent.path();
        let app = self.framework.respond(sent.method(), path);
        let policy = self.policies.policy(path);
        let (verdict, reason, remedy, rejected) = match policy {
            _ if app.unseen => (
                "unseen",
                "the framework knows no such method, and answers before anyone sees the request"
                    .to_owned(),
                None,
                false,
            ),
            None => (
                "unseen",
                "the policies leave this path alone, so the app answers as it likes".to_owned(),
                None,
                false,
            ),
            Some(policy) => {
                let explanation = policy.explain(sent);
                let decision = explanation.decision();
                let refused = decision.refusal().is_some() && !decision.is_same_origin();
                (
                    if refused { "refused" } else { "allowed" },
                    explanation.reason().to_owned(),
                    explanation.remedy().map(str::to_owned),
                    decision.is_rejected(),
                )
            }
        };
        self.steps.push(Step {
            method: sent.method().to_owned(),
            path: path.to_owned(),
            preflight: sent.is_preflight(),
            verdict,
            reason,
            remedy,
            rejected,
        });
        let response = match policy {
            Some(policy) if !app.unseen => sent.respond(policy, |_| app.response),
            _ => app.response,
        };
        self.status = response.status();
        let names = response.headers().iter().map(|(name, _)| name);
        self.names = unique(names);
        response
    }

    fn outcome(
        &mut self,
        fetched: Result<FilteredResponse, NetworkError>,
    ) -> (Outcome, Option<NetworkError>) {
        let sent = self.steps.last().is_some_and(|step| !step.preflight);
        if self.streamed && sent {
            // What the model sent next was never sent.
            self.steps.retain(|step| step.preflight);
            let outcome = Outcome::Blocked {
                at: Stage::Sending,
                why: NO_STREAM.to_owned(),
                console: None,
            };
            return (outcome, None);
        }
        match fetched {
            Ok(readable) => {
                let headers = unique(readable.headers().iter().map(|(name, _)| name));
                let mut hidden = std::mem::take(&mut self.names);
                hidden.retain(|name| !headers.contains(name));
                let outcome = Outcome::Readable {
                    status: readable.status(),
                    headers,
                    hidden,
                };
                (outcome, None)
            }
            Err(error) => {
                let at = match error {
                    NetworkError::Preflight(_) => Stage::Preflight,
                    _ => Stage::Response,
                };
                let why = match &error {
                    NetworkError::Preflight(error) => error.to_string(),
                    NetworkError::Response(error) => error.to_string(),
                    other => other.to_string(),
                };
                let console = console::text(&error, self.status);
                (Outcome::Blocked { at, why, console }, Some(error))
            }
        }
    }
}

/// Browsers send control characters in a value; servers take them for no HTTP, before anyone sees
/// the request.
fn is_well_formed(headers: &HeaderList) -> bool {
    let is_text = |byte: &u8| *byte == b'\t' || !byte.is_ascii_control();
    headers.iter().all(|(_, value)| value.iter().all(is_text))
}

fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = names.map(str::to_ascii_lowercase).collect();
    names.sort();
    names.dedup();
    names
}

impl Prediction {
    fn throws(why: String) -> Self {
        Self {
            throws: Some(why),
            ..Self::default()
        }
    }
}

impl From<&PreflightReason> for Reason {
    fn from(reason: &PreflightReason) -> Self {
        Self {
            short: reason.to_string(),
            explanation: reason.explanation(),
        }
    }
}

const NO_STREAM: &str =
    "browsers send a streamed body over HTTP/2 or later alone, and these servers speak HTTP/1.1";
