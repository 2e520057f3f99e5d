//! The Kubernetes Gateway API: HTTPRoutes whose rules have a CORS filter.
//!
//! The rules are those of [`HTTPCORSFilter`] and of its schema. What implementations may choose
//! counts as the wider of the choices.
//!
//! [`HTTPCORSFilter`]: https://gateway-api.sigs.k8s.io/reference/spec/#httpcorsfilter

mod filter;

use std::collections::BTreeSet;
use std::error::Error;

use cors_core::{PolicyConfig, Setting};
use serde_json::{Map, Value, json};

use super::Written;
use super::difference::{Differences, Effect};
use super::paths::{Path, Segment};
use super::plan::{Notes, Plan, hosts};
use crate::place::Places;

/// What an implementation does in its own manner, or may do.
pub(super) const MANNER: &[&str] = &[
    "A preflight is answered with 200 or 204, a refused one also with 403, as the \
     implementation likes.",
    "Whether a response has Vary: Origin is up to the implementation, and so is whether the \
     app's own CORS headers stay on responses to others than allowed origins. Let it set none.",
    "Where the policy answers \"*\", the response may name the origin.",
    "Where no method is listed, GET, HEAD and POST are: without a list browsers take any \
     method of a streamed request for allowed.",
    "Without max_age the answer says 5 seconds, which is what browsers take.",
    "How a path is read that has escapes, dot segments, empty segments or \";\" is up to the \
     implementation, which finds the backend and the policy in the same way. Where the app reads \
     it otherwise, this may be wider than the policy.",
    "A request for a host that is not listed gets 404.",
    "Fill in parentRefs, and the port of backendRefs.",
];

/// The most rules of an HTTPRoute.
const MAX_RULES: usize = 16;

/// The most bytes of a path.
const MAX_PATH_BYTES: usize = 1024;

/// Writes the HTTPRoutes.
pub(super) fn write(
    plan: &Plan,
    service: &str,
    places: &Places<'_>,
) -> Result<Written, Box<dyn Error>> {
    let mut differences = Differences::default();
    let hostnames = hostnames(plan);
    let mut rules = Vec::new();
    for route in &plan.routes {
        let mut notes = Notes::new(route.index, places, &mut differences);
        let matches = matches(&route.path, &mut notes);
        if matches.iter().any(|one| path_bytes(one) > MAX_PATH_BYTES) {
            let what = "a path has 1024 bytes at most; it is left out, and has another's policy";
            notes.add((Setting::Path, None), Effect::Wider, what.to_owned());
            continue;
        }
        let mut rule = Map::new();
        let backend = json!([{ "name": service, "port": 80 }]);
        rule.insert("backendRefs".to_owned(), backend);
        rule.insert("matches".to_owned(), Value::Array(matches));
        if route.policy.is_none() && hostnames.is_some() {
            let what = "an HTTPRoute has its hosts for all of its paths, and no other host gets to \
                        this one";
            notes.add((Setting::Enabled, None), Effect::Narrower, what.to_owned());
        }
        if let Some(exported) = &route.policy {
            note(&exported.config, hostnames.is_some(), &mut notes);
            if let Some(filter) = filter::of(exported, &mut notes) {
                rule.insert(
                    "filters".to_owned(),
                    json!([{ "type": "CORS", "cors": filter }]),
                );
            }
        }
        rules.push(Value::Object(rule));
    }
    let mut texts = Vec::new();
    for (number, rules) in rules.chunks(MAX_RULES).enumerate() {
        let name = match number {
            0 => "cors".to_owned(),
            number => format!("cors-{number}"),
        };
        let mut spec = json!({ "parentRefs": [{ "name": "gateway" }], "rules": rules });
        if let (Some(hostnames), Some(spec)) = (&hostnames, spec.as_object_mut()) {
            spec.insert("hostnames".to_owned(), json!(hostnames));
        }
        texts.push(serde_saphyr::to_string(&json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "HTTPRoute",
            "metadata": { "name": name },
            "spec": spec,
        }))?);
    }
    Ok(Written {
        text: texts.join("---\n"),
        differences,
    })
}

/// Returns the hosts of the HTTPRoutes, where one list says who is allowed everywhere. They are
/// names without ports.
fn hostnames(plan: &Plan) -> Option<Vec<String>> {
    const MAX_HOSTNAMES: usize = 16;
    let hosts = plan.common_hosts()?;
    let name = |host: &String| host.trim_end_matches('.').to_ascii_lowercase();
    let names: BTreeSet<_> = hosts.iter().map(name).collect();
    let is_name = |host: &String| {
        let name = host.strip_prefix("*.").unwrap_or(host);
        let is_label = |label: &str| {
            let is_inner = |char: char| char.is_ascii_alphanumeric() || char == '-';
            !label.is_empty() && label.chars().all(is_inner) && label.trim_matches('-') == label
        };
        let has_letter = name
            .rsplit('.')
            .next()
            .is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()));
        name.split('.').all(is_label) && has_letter
    };
    let is_written = names.len() <= MAX_HOSTNAMES && names.iter().all(is_name);
    is_written.then(|| names.into_iter().collect())
}

/// Notes the settings that the filter has no field for.
fn note(config: &PolicyConfig, has_hostnames: bool, notes: &mut Notes<'_>) {
    let mut add = |setting, effect, what: &str| notes.add((setting, None), effect, what.to_owned());
    if !matches!(config.preflight_status, 200 | 204) {
        let what = "preflights are answered with 200 or 204";
        add(Setting::PreflightStatus, Effect::Other, what);
    }
    if !matches!(config.preflight_refusal_status, 200 | 204 | 403) {
        let what = "refused preflights are answered with 200, 204 or 403";
        add(Setting::PreflightRefusalStatus, Effect::Other, what);
    }
    if config.preflight_passthrough {
        let what = "the gateway answers preflights itself; the app is not called";
        add(Setting::PreflightPassthrough, Effect::Other, what);
    }
    if config.keep_app_headers {
        let what = "the gateway may replace the app's CORS headers by its own";
        add(Setting::KeepAppHeaders, Effect::Wider, what);
    }
    if config.reject_disallowed_origins {
        let what = "no request is rejected for its origin; the app is called";
        add(Setting::RejectDisallowedOrigins, Effect::Wider, what);
    }
    if config.allow_private_network {
        let what = "there is no field for it; private networks stay closed";
        add(Setting::AllowPrivateNetwork, Effect::Narrower, what);
    }
    if !has_hostnames && !hosts(config).is_empty() {
        let what = "an HTTPRoute has at most 16 hosts, names without ports, for all of its paths; \
                    every host is allowed";
        add(Setting::AllowHosts, Effect::Wider, what);
    }
    if !config.allow_credentials_from.is_empty() {
        let what = "credentials are for all origins of a filter or for none; these are left out";
        add(Setting::AllowCredentialsFrom, Effect::Narrower, what);
    }
    if config.allow_null_origin && !config.allow_origins.iter().any(|item| item == "*") {
        add(
            Setting::AllowNullOrigin,
            Effect::Narrower,
            "the origin null can't be written",
        );
    }
    for index in 0..config.allow_origin_regexes.len() {
        let place = (Setting::AllowOriginRegexes, Some(index));
        let what = "there are no regular expressions for origins; it is left out";
        notes.add(place, Effect::Narrower, what.to_owned());
    }
}

/// Returns what matches the paths of a pattern.
fn matches(path: &Path, notes: &mut Notes<'_>) -> Vec<Value> {
    let matching = |kind: &str, value: String| json!({ "path": { "type": kind, "value": value } });
    let (segments, has_rest) = path.split_rest();
    let Some(literals) = Path::literals(segments) else {
        let what = "parameters of paths are regular expressions, which implementations need not \
                    have; where there are none, the path has another rule's policy";
        notes.add((Setting::Path, None), Effect::Wider, what.to_owned());
        let segments = segments.iter().map(|segment| match segment {
            Segment::Literal(text) => format!("/{}", super::origins::escaped(&spelled(text))),
            Segment::Name | Segment::Rest => "/[^/]+".to_owned(),
        });
        let end = if has_rest { "(/.*)?" } else { "/?" };
        let expression = segments.collect::<String>() + end;
        return vec![matching("RegularExpression", expression)];
    };
    let segments = literals
        .into_iter()
        .map(|text| format!("/{}", spelled(text)));
    let text: String = segments.collect();
    match (text.is_empty(), has_rest) {
        (true, true) => vec![matching("PathPrefix", "/".to_owned())],
        (true, false) => vec![matching("Exact", "/".to_owned())],
        (false, true) => vec![matching("PathPrefix", text)],
        (false, false) => {
            let with_slash = format!("{text}/");
            vec![matching("Exact", text), matching("Exact", with_slash)]
        }
    }
}

fn path_bytes(matching: &Value) -> usize {
    let value = matching.pointer("/path/value").and_then(Value::as_str);
    value.map_or(0, str::len)
}

/// Returns a text of a path as the schema takes it.
fn spelled(text: &[u8]) -> String {
    let bytes = text.iter().map(|byte| {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(byte) {
            char::from(*byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    bytes.collect()
}
