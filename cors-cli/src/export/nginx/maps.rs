//! The maps of a configuration, from a request to the values of its headers.

use super::super::grant::{Grant, Listed};
use super::super::origins::OriginRule;
use super::super::plan::{Exported, Plan, hosts};
use super::headers;
use super::map::{Map, Value, fits};
use super::paths;

/// The policy of paths that have none, of those that have no single one, and of requests that are
/// rejected for their host.
pub(super) const NONE: &str = "none";
const REFUSED: &str = "refused";
const REJECTED: &str = "rejected";

/// What a path can be read in more ways by, in a target as it was sent.
const AMBIGUOUS: &str = r"^[^?]*(?:;|\\|%(?:25|2[fF]|3[bB]|5[cC])|/(?:\.|%2[eE]){1,2}(?:[/?]|\z))";

/// The name of `Authorization` in a list of names.
const ASKS_AUTHORIZATION: &str = r"(?:.*,)?[ \t]*(?i:authorization)[ \t]*(?:,|\z)";

/// The name `*` in a list of names.
const ASKS_STAR: &str = r"(?:.*,)?[ \t]*\*[ \t]*(?:,|\z)";

/// Methods that no policy allows.
const FORBIDDEN: &str = r"(?:\*|(?i:CONNECT|TRACE|TRACK)) ";

/// Returns the maps, each after those that it reads.
pub(super) fn of(plan: &Plan) -> Vec<Map> {
    let routes = plan.routes.iter().enumerate();
    let policies =
        routes.filter_map(|(number, route)| Some((name(number), route.policy.as_ref()?)));
    let policies = Policies(policies.collect());
    let mut maps = policies.found(plan);
    maps.extend([policies.grant(), policies.preflight(), policies.verdict()]);
    maps.extend([policies.rejects(), policies.status()]);
    maps.extend(headers::of(&policies));
    maps.extend([policies.vary(), policies.cache_control()]);
    maps
}

/// Returns the name of a policy.
fn name(number: usize) -> String {
    format!("p{number}")
}

/// The policies, each with its name.
pub(super) struct Policies<'a>(Vec<(String, &'a Exported)>);

impl Policies<'_> {
    /// Returns the maps from a path and a host to the policy.
    fn found(&self, plan: &Plan) -> Vec<Map> {
        let mut maps = Vec::new();
        let is_strict = |exported: &&Exported| {
            let config = &exported.config;
            config.reject_disallowed_origins || !hosts(config).is_empty()
        };
        let mut of_path = if plan.has_paths() {
            let mut ambiguous = Map::new("Paths that can be read in more ways than one.");
            ambiguous.of("$request_uri", "cors_ambiguous");
            ambiguous.rule(AMBIGUOUS, Value::text("1"));
            maps.push(ambiguous);
            let mut map = Map::new("The policy of the path.");
            map.of("$cors_ambiguous $uri", "cors_path");
            map.default(Value::text(NONE));
            let any_strict = self.0.iter().any(|(_, exported)| is_strict(exported));
            let refused = if any_strict { REJECTED } else { REFUSED };
            map.rule("^1 ", Value::text(refused));
            map
        } else {
            let mut map = Map::new("The policy of every path.");
            map.of("$uri", "cors_path");
            map.default(Value::text(NONE));
            map
        };
        for (number, route) in plan.routes.iter().enumerate() {
            let policy = match route.policy {
                Some(_) => name(number),
                None => NONE.to_owned(),
            };
            let separator = if plan.has_paths() { " " } else { "" };
            let expression = paths::expression(&route.path);
            if fits(&expression) {
                of_path.rule(format!("^{separator}{expression}"), Value::Text(policy));
            }
        }
        maps.push(of_path);
        let mut of_host = Map::new("The same, for one of the hosts that it allows.");
        of_host.of("$cors_path $host", "cors_policy");
        of_host.default(Value::Variable("cors_path".to_owned()));
        for (name, exported) in &self.0 {
            let hosts = hosts(&exported.config);
            for host in hosts.iter().filter_map(|host| super::host(host)) {
                of_host.rule(format!("^{name} {host}\\z"), Value::text(name));
            }
            if !hosts.is_empty() {
                of_host.rule(format!("^{name} "), Value::text(REJECTED));
            }
        }
        maps.push(of_host);
        maps
    }

    /// Returns the grants, each with its name.
    pub(super) fn grants(&self) -> impl Iterator<Item = (String, &Exported, &Grant)> {
        self.0.iter().flat_map(|(policy, exported)| {
            let grants = exported.grants.iter().enumerate();
            grants.map(move |(number, grant)| (format!("{policy}/{number}"), *exported, grant))
        })
    }

    fn grant(&self) -> Map {
        let mut map = Map::new("What the policy grants to the origin.");
        map.of("$cors_policy $http_origin", "cors_grant");
        for (policy, exported) in &self.0 {
            for (number, grant) in exported.grants.iter().enumerate() {
                let is_written = |origin: &&OriginRule| fits(&origin.expression());
                for origin in grant.origins.iter().filter(is_written) {
                    let expression = match origin {
                        // A request without an origin is answered alike, unless that depends on it.
                        OriginRule::Any if number == 0 => String::new(),
                        OriginRule::Any => ".".to_owned(),
                        origin => format!("(?:{})\\z", origin.expression()),
                    };
                    let grant = Value::Text(format!("{policy}/{number}"));
                    map.rule(format!("^{policy} {expression}"), grant);
                }
            }
        }
        map
    }

    fn preflight(&self) -> Map {
        let mut map = Map::new("Whether the request is a preflight.");
        let key = "$request_method $http_access_control_request_method $http_origin";
        map.of(key, "cors_preflight");
        map.rule(r"^OPTIONS .+ .", Value::text("1"));
        map
    }

    fn verdict(&self) -> Map {
        let mut map = Map::new("The verdict: nothing for an actual request that is refused.");
        let key = "$cors_preflight $cors_grant $http_access_control_request_method \
                   $http_access_control_request_headers";
        map.of(key, "cors_verdict");
        let refused = || Value::text("refused");
        for (name, _, grant) in self.grants() {
            let texts = &grant.texts;
            if texts.is_all_but_authorization() {
                let expression = format!("^1 {name} [^ ]* {ASKS_AUTHORIZATION}");
                map.rule(expression, refused());
            }
            if texts.headers == Listed::Asked {
                map.rule(format!("^1 {name} [^ ]* {ASKS_STAR}"), refused());
            }
            if texts.methods == Listed::Asked {
                map.rule(format!("^1 {name} {FORBIDDEN}"), refused());
            }
        }
        map.rule("^1 p", Value::text("allowed"));
        map.rule("^1 ", refused());
        map.rule("^ p", Value::text("actual"));
        map
    }

    fn rejects(&self) -> Map {
        let mut map = Map::new("Whether an actual request is rejected for its origin.");
        let key = "$cors_policy $cors_verdict $http_sec_fetch_site $http_origin $http_host";
        map.of(key, "cors_rejects");
        for (name, exported) in &self.0 {
            if exported.config.reject_disallowed_origins {
                for own in [
                    "(?:same-origin|none) ",
                    r" (?i:[a-z][a-z0-9+.-]*://([^ ]+) \1)\z",
                ] {
                    map.rule(format!("^{name}  {own}"), Value::text(""));
                }
                map.rule(format!("^{name}  [^ ]* [^ ]"), Value::text("1"));
            }
        }
        map
    }

    fn status(&self) -> Map {
        let mut map = Map::new("The status, where the app is not called.");
        map.of("$cors_rejects $cors_policy $cors_verdict", "cors_status");
        map.rule("^1 ", Value::text("403"));
        map.rule(format!("^ {REJECTED} "), Value::text("403"));
        map.rule(format!("^ {REFUSED} refused"), Value::text("403"));
        for (name, exported) in &self.0 {
            let config = &exported.config;
            if config.preflight_passthrough {
                continue;
            }
            for (verdict, status) in [
                ("allowed", config.preflight_status),
                ("refused", super::returned(config.preflight_refusal_status)),
            ] {
                map.rule(
                    format!("^ {name} {verdict}"),
                    Value::Text(status.to_string()),
                );
            }
        }
        map
    }

    fn vary(&self) -> Map {
        const ASKED: &str = "Access-Control-Request-Method, Access-Control-Request-Headers";
        let mut map = Map::new("What the response depends on.");
        map.of("$cors_preflight $cors_policy", "cors_vary");
        for (name, exported) in &self.0 {
            let is_same_for_all = exported.grants.first().is_some_and(Grant::is_for_any);
            let origin = if is_same_for_all { "" } else { "Origin, " };
            let private = if exported.config.allow_private_network {
                ", Access-Control-Request-Private-Network"
            } else {
                ""
            };
            let preflight = format!("{origin}{ASKED}{private}");
            map.rule(format!("^1 {name}\\z"), Value::Text(preflight));
            let actual = origin.trim_end_matches(", ");
            map.rule(format!("^ {name}\\z"), Value::text(actual));
        }
        map.rule(
            format!("^1 {REFUSED}\\z"),
            Value::Text(format!("Origin, {ASKED}")),
        );
        for name in [REFUSED, REJECTED] {
            map.rule(format!("^1? {name}\\z"), Value::text("Origin"));
        }
        map
    }

    fn cache_control(&self) -> Map {
        let mut map = Map::new("No cache keeps the answer to a rejected request.");
        map.of("$cors_rejects $cors_policy", "cors_cache_control");
        map.rule("^1 ", Value::text("no-store"));
        map.rule(format!("^ {REJECTED}\\z"), Value::text("no-store"));
        map
    }
}
