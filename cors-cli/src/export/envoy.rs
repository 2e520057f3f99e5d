//! Envoy: the HTTP filter `envoy.filters.http.cors`, and a policy of it for each route.
//!
//! What the filter does is in its [source], which its documentation leaves out in part.
//!
//! [source]: https://github.com/envoyproxy/envoy/blob/main/source/extensions/filters/http/cors/cors_filter.cc

mod paths;
mod routes;

use std::collections::BTreeSet;
use std::error::Error;

use cors_core::{PolicyConfig, Setting};
use serde_json::{Value, json};

use self::routes::{PER_FILTER, policy, route};
use super::Written;
use super::difference::{Differences, Effect};
use super::plan::{Notes, Plan, hosts};
use crate::place::Places;

/// What Envoy does in its own manner. None of it changes a permission for the wider.
pub(super) const MANNER: &[&str] = &[
    "A preflight is answered with 200, a refused one too, without \
     Access-Control-Allow-Origin.",
    "The answer to a preflight has no Vary. No shared cache keeps it.",
    "Where the policy answers \"*\", the response names the origin, and has Vary: Origin; one \
     to a request without Origin has no CORS header.",
    "Where no method is listed, a preflight's answer names GET, HEAD and POST, since without \
     a list browsers take any method of a streamed request for allowed.",
    "A preflight with an empty Access-Control-Request-Method reaches the app. No browser \
     sends one.",
    "A request with a method that Envoy's parser does not know, one in lower case for instance, \
     gets 400 from Envoy itself, without a CORS header.",
    "Below *.name in allow_hosts Envoy takes any name, one with \"@\" or \",\" too. No browser \
     sends one.",
    "A request for a listed host with a dot at the end of its name gets 403.",
    "A path with \";\" or with an escaped \"/\", \"\\\", \";\" or \"%\" has no permissions, \
     where there are several policies. Requests are passed on with their paths normalised.",
    "Set re2.max_program_size.error_level to 10000 in the runtime of Envoy's bootstrap. As it is, \
     at 100, Envoy does not start with a larger expression, such as a range of ports or a count \
     as in [a-z0-9]{1,63} makes.",
];

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

/// Writes the fields of a connection manager.
pub(super) fn write(
    plan: &Plan,
    cluster: &str,
    places: &Places<'_>,
) -> Result<Written, Box<dyn Error>> {
    let mut differences = Differences::default();
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
        for path in paths::matches(&planned.path) {
            match &planned.policy {
                Some(exported) => routes.extend(routes::of(&path, exported, cluster)),
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
        virtual_hosts.push(other_hosts(plan, cluster));
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
        let names: BTreeSet<_> = hosts.iter().map(name).collect();
        names.into_iter().collect()
    })
}

/// Returns what a request for another host gets: 403, unless its path has no policy.
fn other_hosts(plan: &Plan, cluster: &str) -> Value {
    let rejected = |matching: Value| {
        json!({
            "match": matching,
            "direct_response": { "status": 403 },
            "response_headers_to_add": [
                header("cache-control", "no-store"),
                header("vary", "Origin"),
            ],
        })
    };
    let mut routes = Vec::new();
    if plan.routes.iter().any(|planned| planned.policy.is_none()) {
        routes.push(rejected(json!({ "safe_regex": { "regex": AMBIGUOUS } })));
        for planned in &plan.routes {
            let matches = paths::matches(&planned.path).into_iter();
            routes.extend(matches.map(|path| match planned.policy {
                Some(_) => rejected(path),
                None => route(&path, cluster, None),
            }));
        }
    } else {
        routes.push(rejected(json!({ "prefix": "/" })));
    }
    json!({ "name": "cors-other-hosts", "domains": ["*"], "routes": routes })
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
