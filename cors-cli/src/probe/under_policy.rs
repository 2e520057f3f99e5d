//! The probe of `cors_core` over the network.

use std::collections::BTreeSet;
use std::time::Duration;

use cors_core::browser::{Browser, Request, Response};
use cors_core::probe::{FindingKind, Probe, ProbeError, ProbeRequest, sample_origins};
use cors_core::{Origin, Policy, PolicyMap, Refusal};
use percent_encoding::percent_decode_str;

use super::call::{Call, Role, Seen};
use super::finding::{Finding, Writer};
use super::judge;
use super::kind::Kind;
use super::own_lines::OwnLines;
use super::plan;
use super::target::Target;
use super::told::Told;
use crate::shown;

/// The requests that show whether a server keeps its policy.
#[derive(Debug)]
pub(crate) struct UnderPolicy {
    requests: Vec<ProbeRequest>,
    policies: PolicyMap,
    /// How many paths of the file are not probed.
    pub(crate) left_out: usize,
}

impl UnderPolicy {
    /// Makes the requests that are to be sent. An error is a sentence.
    pub(crate) fn plan(
        target: &Target,
        policies: &PolicyMap,
        origins: &[String],
        own_lines: &OwnLines,
        may_change: bool,
        only_named: bool,
    ) -> Result<(Self, Vec<Call>), String> {
        let host = own_lines.host().unwrap_or(&target.authority);
        let mut probe = Probe::of(policies.clone()).host(host);
        for path in &target.paths {
            probe = probe.route("GET", path);
            if may_change {
                // Pages of refused origins send it, too: without a preflight.
                probe = probe.route("POST", path);
            }
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
        let mut left_out = BTreeSet::new();
        if only_named {
            requests.retain(|request| {
                let is_named = is_named(request.path(), target);
                if !is_named {
                    left_out.insert(request.path().to_owned());
                }
                is_named
            });
        }
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
            call.is_refused = !allows(policies, &call);
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
        let plan = Self {
            requests,
            policies: policies.clone(),
            left_out: left_out.len(),
        };
        Ok((plan, calls))
    }

    /// Judges what came back.
    pub(crate) fn judge(&self, seen: &[Seen], writer: &Writer<'_>) -> Vec<Finding> {
        let beside = judge::judge_beside_policy(seen);
        let has = |kind| beside.iter().any(|(found, _)| *found == kind);
        let mut found = Vec::new();
        let is_steady = !has(Kind::AnswersDiffer);
        // What a cache gives is no response of the server.
        let is_cached = has(Kind::Cached) || has(Kind::VaryLacking);
        let asked = seen.iter();
        for seen in asked.filter(|seen| !is_cached || seen.call.is_preflight()) {
            let Role::OfPolicy(number) = seen.call.role else {
                continue;
            };
            let Some(request) = self.requests.get(number) else {
                continue;
            };
            let headers = seen.response.headers().iter();
            let findings = request.judge(seen.response.status(), headers);
            // Where responses change by themselves, what is refused once says nothing; whoever is
            // allowed once is allowed as often as one tries.
            let findings = findings.into_iter();
            let findings = findings.filter(|finding| is_steady || allows_more(finding.kind()));
            found.extend(findings.map(|finding| (seen, finding)));
        }
        let told: BTreeSet<_> = found
            .iter()
            .map(|(seen, finding)| Told::of(seen, finding.kind()))
            .collect();
        let mut unnoticed = BTreeSet::new();
        found.retain(|(seen, finding)| {
            // It does no harm, so that one of a path says enough.
            if finding.kind() == FindingKind::Unnoticed && !unnoticed.insert(&seen.call.place) {
                return false;
            }
            let is_told = has(Kind::ServerErrorOnForeignOrigin)
                && finding.kind() == FindingKind::ServerError
                && !allows(&self.policies, &seen.call);
            !is_told && !Told::follows(seen, finding.kind(), &told)
        });
        let beside = beside.iter().map(|found| writer.of_battery(found));
        let found = found
            .iter()
            .map(|(seen, finding)| writer.of_policy(seen, finding));
        beside.chain(found).collect()
    }
}

/// Returns whether a page reads what the policy refuses.
const fn allows_more(kind: FindingKind) -> bool {
    matches!(
        kind,
        FindingKind::RefusedOriginAllowed | FindingKind::NullAllowed
    )
}

/// Returns whether the policy of a request's path allows its page, if it has one.
fn allows(policies: &PolicyMap, call: &Call) -> bool {
    let Some(page) = &call.page else {
        return true;
    };
    let path = call.path.split('?').next().unwrap_or_default();
    let policy = policies.policy(path);
    policy.is_none_or(|policy| policy.allows_origin(page))
}

/// Returns whether a path is one of the target's, in another spelling maybe, or one that no app
/// has.
fn is_named(path: &str, target: &Target) -> bool {
    let decoded = |path: &str| percent_decode_str(path).collect::<Vec<_>>();
    let path = decoded(path);
    let mut paths = target.paths.iter();
    path.ends_with(b"/no-such-route") || paths.any(|named| decoded(named) == path)
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
