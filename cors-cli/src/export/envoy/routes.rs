//! The routes of a path, and the policies of the filter that they have.

use std::slice;

use cors_core::PolicyConfig;
use serde_json::{Map, Value, json};

use super::super::grant::{Grant, Listed, Texts};
use super::super::origins::OriginRule;
use super::super::plan::Exported;
use super::{TYPES, set};

/// The field of a route that has its policy.
pub(super) const PER_FILTER: &str = "typed_per_filter_config";

/// Some header name is `Authorization`.
const ASKS_AUTHORIZATION: &str = r"(?i)(?:.*,)?[ \t]*authorization[ \t]*(?:,.*)?";

/// Some header name is `*`.
const ASKS_STAR: &str = r"(?:.*,)?[ \t]*\*[ \t]*(?:,.*)?";

/// Methods that no policy allows where it lists none.
const FORBIDDEN: &str = r"\*|(?i:CONNECT|TRACE|TRACK)";

/// Returns the routes of one path. A route has one policy of the filter, so that what depends on
/// more than the path is a route of its own, before the others.
pub(super) fn of(path: &Value, exported: &Exported, cluster: &str) -> Vec<Value> {
    let mut routes = Vec::new();
    let with_headers = |headers: Vec<Value>| {
        let mut path = path.clone();
        set(&mut path, "headers", Value::Array(headers));
        path
    };
    let (last, before) = match exported.grants.split_last() {
        Some((last, before)) => (Some(last), before),
        None => (None, Default::default()),
    };
    for grant in before {
        for origin in &grant.origins {
            let origins = slice::from_ref(origin);
            let policy = policy(Some((origins, grant, &exported.config)));
            let named = json!({ "name": "origin", "string_match": matcher(origin) });
            for mut asking in refused_preflights(grant) {
                asking.insert(0, named.clone());
                routes.push(route(
                    &with_headers(asking),
                    cluster,
                    Some(self::policy(None)),
                ));
            }
            routes.push(route(&with_headers(vec![named]), cluster, Some(policy)));
        }
    }
    for asking in last.into_iter().flat_map(refused_preflights) {
        routes.push(route(&with_headers(asking), cluster, Some(policy(None))));
    }
    let last = policy(last.map(|grant| (&*grant.origins, grant, &exported.config)));
    routes.push(route(path, cluster, Some(last)));
    routes
}

/// Returns the headers of preflights that are refused although all that they ask for is allowed by
/// a list of `*`.
fn refused_preflights(grant: &Grant) -> Vec<Vec<Value>> {
    let Texts {
        methods, headers, ..
    } = &grant.texts;
    let of_headers = "access-control-request-headers";
    let refused = [
        (
            grant.texts.is_all_but_authorization(),
            of_headers,
            ASKS_AUTHORIZATION,
        ),
        (*headers == Listed::Asked, of_headers, ASKS_STAR),
        (
            *methods == Listed::Asked,
            "access-control-request-method",
            FORBIDDEN,
        ),
    ];
    let options = json!({ "name": ":method", "string_match": { "exact": "OPTIONS" } });
    let refused = refused.into_iter().filter(|(is_refused, ..)| *is_refused);
    let headers = refused.map(|(_, name, expression)| {
        let asks = json!({
            "name": name,
            "string_match": { "safe_regex": { "regex": expression } },
        });
        vec![options.clone(), asks]
    });
    headers.collect()
}

pub(super) fn route(matching: &Value, cluster: &str, policy: Option<Value>) -> Value {
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

fn matcher(origin: &OriginRule) -> Value {
    match origin {
        // The filter asks its matchers about "*" first.
        OriginRule::Any => json!({ "exact": "*" }),
        OriginRule::Exact(origin) => json!({ "exact": origin }),
        OriginRule::Matching(expression) => json!({ "safe_regex": { "regex": expression } }),
    }
}

/// Returns a policy of the filter; without a grant one that refuses everybody.
pub(super) fn policy(grant: Option<(&[OriginRule], &Grant, &PolicyConfig)>) -> Value {
    let mut policy = Map::new();
    let mut set = |name: &str, value: Value| policy.insert(name.to_owned(), value);
    set("@type", json!(format!("{TYPES}.cors.v3.CorsPolicy")));
    // Otherwise the app gets the preflights of origins that are not allowed.
    set("forward_not_matching_preflights", json!(false));
    let Some((origins, grant, config)) = grant else {
        return Value::Object(policy);
    };
    let origins: Vec<_> = origins.iter().map(matcher).collect();
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

/// Returns the text of a list. The filter reads a `*` alone as whatever is asked for,
/// `Authorization` too; a browser reads two of them as one.
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
