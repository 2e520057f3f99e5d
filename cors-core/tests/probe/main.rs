//! A probe finds what is wrong with an app, and nothing in a right one.

mod broken;
mod outside;
mod refused;
mod requests;
mod right;
mod words;

#[path = "../support/mod.rs"]
mod support;

#[path = "../meaning/mod.rs"]
mod meaning;

use std::collections::BTreeSet;
use std::error::Error;
use std::time::Duration;

use cors_core::probe::{Finding, FindingKind, Probe, ProbeRequest, Report};
use cors_core::{PolicyConfig, PolicyMap};
use support::{Request, apply};

const APP: &str = "https://app.example.com";

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

#[derive(Clone, Debug)]
struct Response {
    status: u16,
    lines: Vec<(String, String)>,
}

impl Response {
    fn new(status: u16) -> Self {
        let lines = Vec::new();
        Self { status, lines }
    }

    fn has(&self, name: &str) -> bool {
        self.lines.iter().any(|(known, _)| known == name)
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.lines.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, start: &str) -> Self {
        self.lines.retain(|(name, _)| !name.starts_with(start));
        self
    }

    fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

fn config() -> PolicyConfig {
    let mut config = PolicyConfig::default();
    config.allow_origins = vec![APP.to_owned(), "https://*.example.org".to_owned()];
    config.allow_methods = vec!["PUT".to_owned()];
    config.allow_headers = vec!["content-type".to_owned()];
    config.expose_headers = vec!["x-id".to_owned()];
    config.allow_credentials = true;
    config.max_age = Some(Duration::from_secs(600));
    config
}

fn probe(policies: impl Into<PolicyMap>) -> Probe {
    Probe::of(policies)
        .route("GET", "/notes?page=2")
        .route("PUT", "/notes/1")
        .route("GET", "/account")
        .route("GET", "/moved")
        .route("POST", "/upload")
}

/// What the app responds by itself.
fn app(request: &ProbeRequest) -> Response {
    let known = match request.path() {
        "/notes?page=2" => ("GET", 200),
        "/notes/1" => ("PUT", 204),
        "/account" => ("GET", 401),
        "/moved" => ("GET", 302),
        "/upload" => ("POST", 413),
        _ => return Response::new(404),
    };
    let (method, status) = known;
    Response::new(if request.method() == method {
        status
    } else {
        405
    })
    .with("x-id", "7")
}

/// What the app responds inside of a right layer.
fn right(policies: &PolicyMap, request: &ProbeRequest) -> Response {
    let path = request.path().split('?').next().unwrap_or_default();
    let Some(policy) = policies.policy(path) else {
        return app(request);
    };
    let mut head = Request::new(request.method());
    head.path = path.to_owned();
    for (name, value) in request.headers() {
        head = head.with(name, value);
    }
    let (status, lines) = match policy.decide(&head).status() {
        Some(status) => (status, Vec::new()),
        None => (app(request).status, app(request).lines),
    };
    let lines: Vec<_> = lines
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let (_, lines) = apply(policy, &head, &lines);
    Response { status, lines }
}

fn is_preflight(request: &ProbeRequest) -> bool {
    let mut headers = request.headers();
    headers.any(|(name, _)| name == "Access-Control-Request-Method")
}

fn origin(request: &ProbeRequest) -> &str {
    let mut headers = request.headers();
    headers
        .find(|(name, _)| *name == "Origin")
        .map_or("", |(_, value)| value)
}

/// Sends every request to an app, which is given the right response too.
fn run(
    policies: &PolicyMap,
    serve: impl Fn(&ProbeRequest, Response) -> Response,
) -> Result<Report> {
    let mut report = Report::default();
    for request in probe(policies.clone()).requests()? {
        let response = serve(&request, right(policies, &request));
        report.extend(request.judge(response.status, response.lines));
    }
    Ok(report)
}

fn kinds(report: &Report) -> BTreeSet<FindingKind> {
    report.iter().map(Finding::kind).collect()
}

/// Breaks an app in one way.
type Break = fn(&ProbeRequest, Response) -> Response;
