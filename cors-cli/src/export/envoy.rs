//! Envoy: the HTTP filter `envoy.filters.http.cors`, and a policy of it for each route.
//!
//! What the filter does is in its [source], which its documentation leaves out in part.
//!
//! [source]: https://github.com/envoyproxy/envoy/blob/main/source/extensions/filters/http/cors/cors_filter.cc

use std::error::Error;

use cors_core::{PolicyConfig, Setting};
use serde_json::{Map, Value, json};

use super::Written;
use super::difference::Effect;
use super::grant::{Grant, Listed};
use super::origins::{OriginRule, escaped};
use super::paths::{Path, Segment};
use super::plan::{Exported, Notes, Plan, hosts};
use crate::place::Places;

pub(super) const MANNER: &[&str] = &[
    "A preflight is answered with 200, a refused one too, without Access-Control-Allow-Origin.",
    "The answer to a preflight has no Vary. No shared cache keeps it.",
    "Where the policy answers \"*\", the response names the origin, and has Vary: Origin; one to a",
    "  request without Origin has no CORS header.",
    "Where no method is listed, a preflight's answer names GET, HEAD and POST, since without a list",
    "  browsers take any method of a streamed request for allowed.",
    "A request for a host that is not listed gets 403 after a dot at the end of the name, too.",
    "A path with \";\" or with an escaped \"/\", \"\\\", \";\" or \"%\" has no permissions, where there",
    "  are several policies. Requests are passed on with their paths normalised.",
    "An expression of more than about 90 characters needs re2.max_program_size.error_level to be",
    "  raised, in the runtime of Envoy's bootstrap; without it Envoy does not start.",
];

/// The field of a route that has its policy.
const PER_FILTER: &str = "typed_per_filter_config";

const TYPES: &str = "type.googleapis.com/envoy.extensions.filters.http";

/// What an app may have set, and the filter leaves on the response to a refused origin.
const OF_THE_APP: [&str; 7] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-allow-private-network",
    "access-control-expose-headers",
    "access-control-max-age",
];

/// Paths that can be read in more ways than one, after Envoy has normalised them.
const AMBIGUOUS: &str = r".*(?:;|\\|%25|%2[fF]|%3[bB]|%5[cC]).*";

/// Some header name is `Authorization`.
const ASKS_AUTHORIZATION: &str = r"(?i)(?:.*,)?[ \t]*authorization[ \t]*(?:,.*)?";

/// Writes the fields of a connection manager.
pub(super) fn write(
    plan: &Plan,
    cluster: &str,
    places: &Places<'_>,
) -> Result<Written, Box<dyn Error>> {
    let mut differences = Vec::new();
    let domains = domains(plan);
    for (index, policy) in plan.policies() {
        let mut notes = Notes::new(index, places, &mut differences);
        if domains.is_none() && !hosts(&policy.config).is_empty() {
            let what = "Envoy has one list of hosts for all paths, without ports; every host is \
                        allowed";
            notes.add((Setting::AllowHosts, None), Effect::Wider, what.to_owned());
        }
        note(&policy.config, &mut notes);
    }
    let mut routes = Vec::new();
    if plan.has_paths() {
        let nobody = json!({ "safe_regex": { "regex": AMBIGUOUS } });
        routes.push(route(&nobody, cluster, Some(policy(None))));
    }
    for planned in &plan.routes {
        for path in paths(&planned.path) {
            match &planned.policy {
                Some(exported) => routes.extend(routes_of(&path, exported, cluster)),
                None => routes.push(route(&path, cluster, None)),
            }
        }
    }
    let mut virtual_host = json!({
        "name": "cors",
        "domains": domains.as_deref().unwrap_or(&["*".to_owned()]),
    });
    // Once, unless there are routes whose responses stay as they are.
    if plan.routes.iter().all(|planned| planned.policy.is_some()) {
        change_headers(&mut virtual_host);
    } else {
        let is_changed = |route: &&mut Value| route.get(PER_FILTER).is_some();
        routes
            .iter_mut()
            .filter(is_changed)
            .for_each(change_headers);
    }
    set(&mut virtual_host, "routes", Value::Array(routes));
    let filter = |name: &str, of: &str| {
        json!({
            "name": format!("envoy.filters.http.{name}"),
            "typed_config": { "@type": format!("{TYPES}.{name}.v3.{of}") },
        })
    };
    let mut virtual_hosts = vec![virtual_host];
    if domains.is_some() {
        virtual_hosts.push(json!({
            "name": "cors-other-hosts",
            "domains": ["*"],
            "routes": [{ "match": { "prefix": "/" }, "direct_response": { "status": 403 } }],
            "response_headers_to_add": [header("cache-control", "no-store")],
        }));
    }
    let manager = json!({
        "http_filters": [filter("cors", "Cors"), filter("router", "Router")],
        "merge_slashes": plan.has_paths(),
        "normalize_path": plan.has_paths(),
        "route_config": {
            "name": "cors",
            "ignore_port_in_host_matching": domains.is_some(),
            "virtual_hosts": virtual_hosts,
        },
    });
    Ok(Written {
        text: format!(
            "# Fields of envoy.filters.network.http_connection_manager.\n{}",
            serde_saphyr::to_string(&manager)?
        ),
        differences,
    })
}

/// Notes what a policy of the filter has no field for.
fn note(config: &PolicyConfig, notes: &mut Notes<'_>) {
    let statuses = [
        (Setting::PreflightStatus, config.preflight_status, 204),
        (
            Setting::PreflightRefusalStatus,
            config.preflight_refusal_status,
            403,
        ),
    ];
    for (setting, status, default) in statuses {
        if status != default && status != 200 {
            let what = "Envoy answers every preflight with 200";
            notes.add((setting, None), Effect::Other, what.to_owned());
        }
    }
    if config.preflight_passthrough {
        let what = "Envoy answers preflights itself; the app is not called";
        notes.add(
            (Setting::PreflightPassthrough, None),
            Effect::Other,
            what.to_owned(),
        );
    }
    if config.keep_app_headers {
        let what = "Envoy replaces the app's CORS headers by its own";
        notes.add(
            (Setting::KeepAppHeaders, None),
            Effect::Wider,
            what.to_owned(),
        );
    }
    if config.reject_disallowed_origins {
        let what = "Envoy rejects no request for its origin; the app is called";
        notes.add(
            (Setting::RejectDisallowedOrigins, None),
            Effect::Wider,
            what.to_owned(),
        );
    }
}

/// Returns the domains of the virtual host, where one list says who is allowed everywhere.
fn domains(plan: &Plan) -> Option<Vec<String>> {
    let hosts = plan.common_hosts()?;
    let has_port = |host: &String| {
        host.rsplit_once(':')
            .is_some_and(|(_, port)| !port.contains(']'))
    };
    let name = |host: &String| host.trim_end_matches('.').to_ascii_lowercase();
    (!hosts.iter().any(has_port)).then(|| {
        let names: std::collections::BTreeSet<_> = hosts.iter().map(name).collect();
        names.into_iter().collect()
    })
}

/// Returns what matches the paths of a pattern.
fn paths(path: &Path) -> Vec<Value> {
    let (segments, has_rest) = path.split_rest();
    let plain = Path::literals(segments).and_then(|texts| {
        let texts = texts.into_iter().map(plain_text);
        texts.collect::<Option<Vec<_>>>()
    });
    match (plain, has_rest) {
        (Some(texts), true) if texts.is_empty() => vec![json!({ "prefix": "/" })],
        (Some(texts), false) if texts.is_empty() => vec![json!({ "path": "/" })],
        (Some(texts), true) => {
            vec![json!({ "path_separated_prefix": format!("/{}", texts.join("/")) })]
        }
        (Some(texts), false) => {
            let path = format!("/{}", texts.join("/"));
            vec![
                json!({ "path": path }),
                json!({ "path": format!("{path}/") }),
            ]
        }
        (None, has_rest) => {
            let mut expression = String::new();
            for segment in segments {
                expression.push('/');
                match segment {
                    Segment::Literal(text) => expression.extend(text.iter().copied().map(spelled)),
                    Segment::Name | Segment::Rest => expression += "[^/]+",
                }
            }
            expression += if has_rest { "(?:/.*)?" } else { "/?" };
            vec![json!({ "safe_regex": { "regex": expression } })]
        }
    }
}

/// Returns a text that a normalised path has in one spelling alone.
fn plain_text(text: &[u8]) -> Option<String> {
    let is_plain = text.iter().all(|byte| is_unreserved(*byte));
    is_plain.then(|| String::from_utf8_lossy(text).into_owned())
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Returns an expression for a byte of a normalised path. Of bytes that need no escape Envoy decodes
/// the unreserved ones alone.
fn spelled(byte: u8) -> String {
    let (high, low) = (byte >> 4, byte & 15);
    let digit = |value: u8| match value {
        0..=9 => value.to_string(),
        _ => format!("[{value:x}{value:X}]"),
    };
    let escape = format!("%{}{}", digit(high), digit(low));
    if is_unreserved(byte) {
        escaped(&char::from(byte).to_string())
    } else if byte.is_ascii_graphic() {
        format!("(?:{}|{escape})", escaped(&char::from(byte).to_string()))
    } else {
        escape
    }
}

/// Returns the routes of one path. A route has one policy of the filter, so that what depends on
/// more than the path is a route of its own, before the others.
fn routes_of(path: &Value, exported: &Exported, cluster: &str) -> Vec<Value> {
    let mut routes = Vec::new();
    let with_headers = |headers: Vec<Value>| {
        let mut path = path.clone();
        set(&mut path, "headers", Value::Array(headers));
        path
    };
    let grant_policy = |grant| policy(Some((grant, &exported.config)));
    let (last, before) = match exported.grants.split_last() {
        Some((last, before)) => (Some(last), before),
        None => (None, Default::default()),
    };
    for grant in before {
        for origin in &grant.origins {
            let named = json!({ "name": "origin", "string_match": matcher(origin) });
            routes.push(route(
                &with_headers(vec![named]),
                cluster,
                Some(grant_policy(grant)),
            ));
        }
    }
    if last.is_some_and(|grant| grant.texts.is_all_but_authorization()) {
        let asks = json!({
            "name": "access-control-request-headers",
            "string_match": { "safe_regex": { "regex": ASKS_AUTHORIZATION } },
        });
        let options = json!({ "name": ":method", "string_match": { "exact": "OPTIONS" } });
        routes.push(route(
            &with_headers(vec![options, asks]),
            cluster,
            Some(policy(None)),
        ));
    }
    let last = last.map_or_else(|| policy(None), grant_policy);
    routes.push(route(path, cluster, Some(last)));
    routes
}

fn route(matching: &Value, cluster: &str, policy: Option<Value>) -> Value {
    let mut route = json!({ "match": matching, "route": { "cluster": cluster } });
    if let Some(policy) = policy {
        set(
            &mut route,
            PER_FILTER,
            json!({ "envoy.filters.http.cors": policy }),
        );
    }
    route
}

/// Removes the app's CORS headers and adds Vary, before the filter adds its own headers.
fn change_headers(target: &mut Value) {
    set(target, "response_headers_to_remove", json!(OF_THE_APP));
    let vary = json!([header("vary", "Origin")]);
    set(target, "response_headers_to_add", vary);
}

fn set(object: &mut Value, field: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(field.to_owned(), value);
    }
}

fn header(name: &str, value: &str) -> Value {
    json!({
        "header": { "key": name, "value": value },
        "append_action": "APPEND_IF_EXISTS_OR_ADD",
    })
}

fn matcher(origin: &OriginRule) -> Value {
    match origin {
        // The filter asks its matchers about "*" first.
        OriginRule::Any => json!({ "exact": "*" }),
        OriginRule::Exact(origin) => json!({ "exact": origin }),
        OriginRule::Matching(expression) => json!({ "safe_regex": { "regex": expression } }),
    }
}

/// Returns a policy of the filter; without a grant one that refuses everybody.
fn policy(grant: Option<(&Grant, &PolicyConfig)>) -> Value {
    let mut policy = Map::new();
    let mut set = |name: &str, value: Value| policy.insert(name.to_owned(), value);
    set("@type", json!(format!("{TYPES}.cors.v3.CorsPolicy")));
    // Otherwise the app gets the preflights of origins that are not allowed.
    set("forward_not_matching_preflights", json!(false));
    let Some((grant, config)) = grant else {
        return Value::Object(policy);
    };
    let origins: Vec<_> = grant.origins.iter().map(matcher).collect();
    set("allow_origin_string_match", json!(origins));
    set("allow_credentials", json!(grant.credentials));
    set(
        "allow_private_network_access",
        json!(config.allow_private_network),
    );
    let texts = &grant.texts;
    set(
        "allow_methods",
        json!(list(&texts.methods, "GET, HEAD, POST")),
    );
    for (name, text) in [
        ("allow_headers", list(&texts.headers, "")),
        ("expose_headers", &texts.exposed),
        ("max_age", &texts.max_age),
    ] {
        if !text.is_empty() {
            set(name, json!(text));
        }
    }
    Value::Object(policy)
}

/// Returns the text of a list. The filter reads a `*` alone as whatever is asked for, `Authorization`
/// too; a browser reads two of them as one.
fn list<'a>(listed: &'a Listed, none: &'a str) -> &'a str {
    match listed {
        Listed::Asked => "*",
        Listed::Text(text) => match &**text {
            "" => none,
            "*" => "*, *",
            text => text,
        },
    }
}
