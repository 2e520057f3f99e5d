//! The requests, with the recorded response of a library and with ours.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::body::Body;
use axum::http;
use cors_axum::{CorsLayer, Policy};
use cors_core::browser::{self, Credentials, HeaderList, cors_check, preflight_check};
use cors_core::{Origin, PolicyConfig};
use serde::Deserialize;
use tower_service::Service as _;

use crate::differences::{
    ALLOW_HEADERS, ALLOW_METHODS, DJANGO, Difference, EXPOSE_HEADERS, FASTAPI, FLASK, STATUS, VARY,
    django, fastapi, flask,
};

pub(crate) const REQUESTS: &str = include_str!("requests.json");

pub(crate) const LIBRARIES: [Library; 3] = [
    Library {
        name: DJANGO,
        policy: include_str!("../../../examples/from-python/django.toml"),
        recorded: include_str!("django.json"),
        differences: django::DIFFERENCES,
    },
    Library {
        name: FASTAPI,
        policy: include_str!("../../../examples/from-python/fastapi.toml"),
        recorded: include_str!("fastapi.json"),
        differences: fastapi::DIFFERENCES,
    },
    Library {
        name: FLASK,
        policy: include_str!("../../../examples/from-python/flask.toml"),
        recorded: include_str!("flask.json"),
        differences: flask::DIFFERENCES,
    },
];

pub(crate) struct Library {
    pub(crate) name: &'static str,
    pub(crate) policy: &'static str,
    pub(crate) recorded: &'static str,
    pub(crate) differences: &'static [Difference],
}

#[derive(Deserialize)]
pub(crate) struct Recorded {
    #[serde(rename = "answers")]
    responses: BTreeMap<String, Outcome>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Outcome {
    status: u16,
    /// `name: value`
    lines: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) name: String,
    method: String,
    headers: Vec<(String, String)>,
}

pub(crate) fn policy(text: &str) -> PolicyConfig {
    toml::from_str(text).expect("an example is a policy file")
}

/// Returns every request with the library's response and ours.
pub(crate) async fn exchanges(library: &Library) -> Vec<(Request, Outcome, Outcome)> {
    let requests: Vec<Request> = serde_json::from_str(REQUESTS).expect("requests are JSON");
    let recorded: Recorded = serde_json::from_str(library.recorded).expect("responses are JSON");
    let mut responses = recorded.responses;
    let policy = policy(library.policy).build().expect("an example is valid");
    let mut exchanges = Vec::new();
    for request in requests {
        let theirs = responses
            .remove(&request.name)
            .expect("every request was recorded");
        let ours = respond(policy.clone(), &request).await;
        exchanges.push((request, theirs, ours));
    }
    assert!(
        responses.is_empty(),
        "{responses:?} are of requests that are gone"
    );
    exchanges
}

pub(crate) async fn respond(policy: Policy, request: &Request) -> Outcome {
    let mut app = Router::new()
        .fallback(async || "notes")
        .layer(CorsLayer::new(policy));
    let mut sent = http::Request::builder().method(request.method.as_str());
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    let sent = sent.body(Body::empty()).expect("requests are well-formed");
    let Ok(response) = app.call(sent).await;
    let lines = response
        .headers()
        .iter()
        .filter(|(name, _)| is_of_cors(name.as_str()));
    Outcome {
        status: response.status().as_u16(),
        lines: lines
            .map(|(name, value)| format!("{name}: {}", value.to_str().expect("values are text")))
            .collect(),
    }
}

pub(crate) fn is_of_cors(name: &str) -> bool {
    name.starts_with("access-control-") || name == VARY
}

impl Outcome {
    /// Returns what the test compares, by name: the status, and each field in its canonical form.
    pub(crate) fn fields(&self) -> BTreeMap<String, String> {
        let mut fields = BTreeMap::from([(STATUS.to_owned(), vec![self.status.to_string()])]);
        for (name, value) in self.header_lines() {
            fields
                .entry(name.to_owned())
                .or_default()
                .push(value.to_owned());
        }
        let canonical = |(name, lines): (String, Vec<String>)| {
            let value = canonical(&name, &lines);
            (name, value)
        };
        fields.into_iter().map(canonical).collect()
    }

    fn header_lines(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.lines.iter();
        lines.map(|line| line.split_once(": ").expect("a line has a name"))
    }
}

/// Lists in order and without repeats or empty elements, header names in lower case.
pub(crate) fn canonical(field: &str, lines: &[String]) -> String {
    let whole = lines.join(", ");
    let whole = match field {
        ALLOW_HEADERS | EXPOSE_HEADERS | VARY => whole.to_ascii_lowercase(),
        ALLOW_METHODS => whole,
        _ => return whole,
    };
    let elements: BTreeSet<_> = whole
        .split(',')
        .map(str::trim)
        .filter(|element| !element.is_empty())
        .collect();
    Vec::from_iter(elements).join(", ")
}

impl Request {
    /// Returns whether a browser lets the page read the response; `None` if no browser sends the
    /// request.
    pub(crate) fn gets_through(
        &self,
        credentials: Credentials,
        response: &Outcome,
    ) -> Option<bool> {
        let value = |name| {
            let mut lines = self.headers.iter();
            lines
                .find(|(line, _)| line == name)
                .map(|(_, value)| value.as_str())
        };
        let origin = value("Origin")?;
        Origin::parse(origin.as_bytes()).ok()?;
        let headers: HeaderList = response.header_lines().collect();
        let Some(method) = value("Access-Control-Request-Method") else {
            return Some(cors_check(origin, credentials, &headers).is_ok());
        };
        let mut request = browser::Request::new(method).ok()?.credentials(credentials);
        let names = value("Access-Control-Request-Headers").unwrap_or_default();
        let names = names.split(',').map(str::trim);
        for name in names.filter(|name| !name.is_empty()) {
            let set = request.headers().iter().count();
            request = request.header(name, "value").ok()?;
            // Left out by the browser, and so not asked for.
            if request.headers().iter().count() == set {
                return None;
            }
        }
        Some(preflight_check(origin, &request, response.status, &headers).is_ok())
    }
}
