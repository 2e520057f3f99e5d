//! The maps of the values of headers.

use super::super::grant::{Grant, Listed};
use super::super::plan::Exported;
use super::HEADERS;
use super::map::{Map, Value, fits};
use super::maps::{NONE, Policies};

/// What a request is judged by.
const JUDGED: &str = "$cors_policy $cors_verdict $cors_grant";

/// Returns the maps of the values of headers.
pub(super) fn of(policies: &Policies<'_>) -> Vec<Map> {
    let method = "$http_access_control_request_method";
    let private = "$http_access_control_request_private_network";
    let more = [
        ("cors_allow_methods", method),
        ("cors_allow_private_network", private),
    ];
    let mut maps: Vec<_> = HEADERS
        .iter()
        .map(|(header, variable)| {
            let mut map = Map::new("A header.");
            let more = more.iter().find(|(name, _)| name == variable);
            match more {
                Some((_, more)) => map.of(&format!("{JUDGED} {more}"), variable),
                None => map.of(JUDGED, variable),
            }
            let upstream = header.to_ascii_lowercase().replace('-', "_");
            let upstream = Value::Variable(format!("upstream_http_{upstream}"));
            map.rule(format!("^{NONE} "), upstream);
            map
        })
        .collect();
    for (name, exported, grant) in policies.grants() {
        for map in &mut maps {
            header_rules(map, &name, exported, grant);
        }
    }
    maps
}

/// Adds the value that a header has for a grant.
fn header_rules(map: &mut Map, grant_name: &str, exported: &Exported, grant: &Grant) {
    let texts = &grant.texts;
    let either = format!("^[^ ]+ (?:actual|allowed) {grant_name}\\z");
    let actual = format!("^[^ ]+ actual {grant_name}\\z");
    let allowed = format!("^[^ ]+ allowed {grant_name}\\z");
    let and_more = format!("^[^ ]+ allowed {grant_name} ");
    let variable = map.variable().to_owned();
    let mut add = |expression, value: Value| {
        let is_written = match &value {
            Value::Text(text) => !text.is_empty() && fits(text),
            Value::Variable(_) => true,
        };
        if is_written {
            map.rule(expression, value);
        }
    };
    match &*variable {
        "cors_allow_origin" if grant.is_for_any() => add(either, Value::text("*")),
        "cors_allow_origin" => add(either, Value::Variable("http_origin".to_owned())),
        "cors_allow_credentials" if grant.credentials => add(either, Value::text("true")),
        "cors_expose_headers" => add(actual, Value::text(&texts.exposed)),
        "cors_allow_methods" => match &texts.methods {
            Listed::Asked => {
                let asked = "http_access_control_request_method";
                add(and_more, Value::Variable(asked.to_owned()));
            }
            // Without a list browsers take any method of a streamed request for allowed.
            Listed::Text(text) if text.is_empty() || !fits(text) => {
                let others = format!("{and_more}(?!(?:GET|HEAD|POST)\\z)");
                add(others, Value::text("GET, HEAD, POST"));
            }
            Listed::Text(text) => add(and_more, Value::text(text)),
        },
        "cors_allow_headers" => match &texts.headers {
            Listed::Asked => {
                let asked = "http_access_control_request_headers";
                add(allowed, Value::Variable(asked.to_owned()));
            }
            Listed::Text(text) => add(allowed, Value::text(text)),
        },
        "cors_max_age" => add(allowed, Value::text(&texts.max_age)),
        "cors_allow_private_network" if exported.config.allow_private_network => {
            add(format!("{and_more}true\\z"), Value::text("true"));
        }
        _ => {}
    }
}
