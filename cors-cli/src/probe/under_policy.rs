//! The probe of `cors_core` over the network.

use std::time::Duration;

use cors_core::browser::{Browser, Request, Response};
use cors_core::probe::{Probe, ProbeError, ProbeRequest, sample_origins};
use cors_core::{Origin, Policy, PolicyMap, Refusal};

use super::call::{Call, Role, Seen};
use super::finding::{Finding, Writer};
use super::judge;
use super::kind::Kind;
use super::own_lines::OwnLines;
use super::plan;
use super::target::Target;
use crate::shown;

/// The requests that show whether a server keeps its policy.
#[derive(Debug)]
pub(crate) struct UnderPolicy {
    requests: Vec<ProbeRequest>,
    pub(crate) calls: Vec<Call>,
}

impl UnderPolicy {
    /// Makes the requests. An error is a sentence.
    pub(crate) fn plan(
        target: &Target,
        policies: &PolicyMap,
        origins: &[String],
        own_lines: &OwnLines,
        may_change: bool,
    ) -> Result<Self, String> {
        let host = own_lines.host().unwrap_or(&target.authority);
        let mut probe = Probe::of(policies.clone()).host(host);
        for path in &target.paths {
            probe = probe.route("GET", path);
        }
        for origin in origins {
            if Origin::parse(origin.as_bytes()).is_err() {
                return Err(format!(
                    "--origin {}: it is no origin as browsers send it, such as \
                     https://app.example.com",
                    shown(origin)
                ));
            }
            probe = probe.origin(origin);
        }
        let mut requests = probe.requests().map_err(|error| match error {
            ProbeError::NoAllowedOrigin { path } => format!(
                "the policy of {} allows origins by a regular expression, which does not tell \
                 one; name one that it allows, with --origin",
                shown(&path)
            ),
            error => error.to_string(),
        })?;
        let is_safe = |method: &str| matches!(method, "GET" | "HEAD" | "OPTIONS");
        requests.retain(|request| may_change || is_safe(request.method()));
        if requests.is_empty() {
            return Err("the file has no policy for these paths".to_owned());
        }
        let plain = Request::new("GET").map_err(|error| error.to_string())?;
        let mut calls = Vec::new();
        for (number, request) in requests.iter().enumerate() {
            let mut call = Call::actual(Role::OfPolicy(number), request.path(), None, &plain);
            call.method = request.method().to_owned();
            for (name, value) in request.headers() {
                if name.eq_ignore_ascii_case("host") {
                    call.host = (value != host).then(|| value.to_owned());
                    continue;
                }
                if name.eq_ignore_ascii_case("origin") {
                    call.page = Some(value.to_owned());
                }
                call.lines.push((name.to_owned(), value.to_owned()));
            }
            call.has_own_lines = !call.is_preflight();
            calls.push(call);
        }
        for path in &target.paths {
            let plain_path = path.split('?').next().unwrap_or_default();
            let Some(policy) = policies.policy(plain_path) else {
                continue;
            };
            if rejects_host(policy, host, path) {
                return Err(format!(
                    "the policy of {} does not list the host {} in allow_hosts; name one that it \
                     lists, with --header 'Host: ..'",
                    shown(path),
                    shown(host)
                ));
            }
            if let Some(page) = allowed_page(policy, origins) {
                let more = plan::beside_policy(path, &page, own_lines, may_change);
                calls.extend(more.map_err(|error| error.to_string())?);
            }
        }
        Ok(Self { requests, calls })
    }

    /// Judges what came back.
    pub(crate) fn judge(&self, seen: &[Seen], writer: &Writer<'_>) -> Vec<Finding> {
        let beside = judge::judge_beside_policy(seen);
        let mut findings: Vec<_> = beside
            .iter()
            .map(|found| writer.of_battery(found))
            .collect();
        if beside.iter().any(|(kind, _)| *kind == Kind::AnswersDiffer) {
            return findings;
        }
        // What a cache gives says nothing about the server's policy.
        let is_told = |of_policy: &Seen| {
            let mut cached = beside.iter().filter(|(kind, _)| *kind == Kind::Cached);
            let is_here = |seen: &Seen| seen.call.place == of_policy.call.place;
            !of_policy.call.is_preflight() && cached.any(|(_, seen)| is_here(seen))
        };
        for seen in seen {
            let Role::OfPolicy(number) = seen.call.role else {
                continue;
            };
            let Some(request) = self.requests.get(number).filter(|_| !is_told(seen)) else {
                continue;
            };
            let headers = seen.response.headers().iter();
            let found = request.judge(seen.response.status(), headers);
            findings.extend(found.iter().map(|finding| writer.of_policy(seen, finding)));
        }
        findings
    }
}

/// Returns an origin that a policy allows.
fn allowed_page(policy: &Policy, origins: &[String]) -> Option<String> {
    let samples = sample_origins(policy);
    let mut origins = samples.iter().chain(origins);
    origins.find(|origin| policy.allows_origin(origin)).cloned()
}

/// Returns whether a policy allows other hosts alone.
fn rejects_host(policy: &Policy, host: &str, path: &str) -> bool {
    let Ok(request) = Request::new("GET") else {
        return false;
    };
    let mut refusal = None;
    let url = format!("https://{host}{path}");
    // The outcome is that of the response that is made up here.
    let _ = Browser::new().fetch(Duration::ZERO, "null", &url, &request, |sent| {
        refusal = policy.decide(sent).refusal();
        Response::new(200)
    });
    refusal == Some(Refusal::HostNotAllowed)
}
