//! nginx: maps that find the policy and judge the request, and the lines of a server that use them.

mod headers;
mod map;
mod maps;
mod paths;

use std::collections::BTreeSet;

use cors_core::Setting;

use self::map::{Map, fits};
use super::difference::{Differences, Effect};
use super::grant::Listed;
use super::origins::{OriginRule, escaped};
use super::plan::{Exported, Notes, Plan, hosts};
use super::{Part, Written};
use crate::place::Places;

/// What nginx does in its own manner. None of it changes a permission for the wider.
pub(super) const MANNER: &[&str] = &[
    "The lines of the server stand in server { .. } itself, before any rewrite: elsewhere one \
     changes the path that the policy is found by, or keeps preflights from being answered.",
    "A location or an if with an add_header of its own takes over none of the server's, and one \
     with a proxy_hide_header none of those: repeat all lines of that directive there.",
    "The expressions overwrite what server_name captured as $1: name it, as in (?<name>..).",
    "A refused preflight and a rejected request have nginx's own error page for a body.",
    "A preflight with an empty Access-Control-Request-Method reaches the app. No browser \
     sends one.",
    "A path with \";\", with \"\\\", with dot segments, or with an escaped \"/\", \"\\\", \
     \";\" or \"%\" has no permissions, where there are several policies, and is answered \
     with 403 if one of them has allow_hosts or reject_disallowed_origins.",
    "Its regular expressions backtrack: one of the policy's with repetitions inside of \
     repetitions may be slow on a long Origin.",
    "Of two Origin lines nginx before 1.23 reads the first. No browser sends two.",
    "A request of HTTP/1.0 without Host is taken for one of server_name.",
    "The app's own CORS headers are hidden from proxy_pass alone; fastcgi_pass, uwsgi_pass \
     and grpc_pass have directives of their own.",
];

/// The headers, each with the variable that has its value.
const HEADERS: [(&str, &str); 7] = [
    ("Access-Control-Allow-Origin", "cors_allow_origin"),
    ("Access-Control-Allow-Credentials", "cors_allow_credentials"),
    ("Access-Control-Expose-Headers", "cors_expose_headers"),
    ("Access-Control-Allow-Methods", "cors_allow_methods"),
    ("Access-Control-Allow-Headers", "cors_allow_headers"),
    ("Access-Control-Max-Age", "cors_max_age"),
    (
        "Access-Control-Allow-Private-Network",
        "cors_allow_private_network",
    ),
];

/// What a word is, of which nginx takes 4095 bytes.
const TOO_LONG: &str = "nginx takes no word of more than about 4000 bytes";

/// Writes the maps and the lines of a server.
pub(super) fn write(plan: &Plan, places: &Places<'_>, part: Option<Part>) -> Written {
    let mut differences = Differences::default();
    for route in &plan.routes {
        let mut notes = Notes::new(route.index, places, &mut differences);
        if !fits(&paths::expression(&route.path)) {
            let what = format!("{TOO_LONG}; the path is left out, and has another's policy");
            notes.add((Setting::Path, None), Effect::Wider, what);
        }
        let Some(policy) = &route.policy else {
            continue;
        };
        for setting in too_long(policy) {
            let what = format!("{TOO_LONG}; it is left out");
            notes.add((setting, None), Effect::Narrower, what);
        }
        if policy.config.keep_app_headers {
            let what = "nginx replaces the app's CORS headers by its own";
            notes.add(
                (Setting::KeepAppHeaders, None),
                Effect::Wider,
                what.to_owned(),
            );
        }
        let status = policy.config.preflight_refusal_status;
        if returned(status) != status {
            let what = "nginx has a meaning of its own for the status; refused preflights are \
                        answered with 403";
            let place = (Setting::PreflightRefusalStatus, None);
            notes.add(place, Effect::Other, what.to_owned());
        }
        for (item, host) in hosts(&policy.config).iter().enumerate() {
            if self::host(host).is_none() {
                let what = "nginx compares hosts without their ports; the item, which has one, \
                            is left out";
                let place = (Setting::AllowHosts, Some(item));
                notes.add(place, Effect::Narrower, what.to_owned());
            }
        }
    }
    let parts = [
        (Part::Http, in_http(&maps::of(plan))),
        (Part::Server, in_server(plan)),
    ];
    let parts = parts
        .iter()
        .filter(|(one, _)| part.is_none_or(|part| part == *one));
    let texts: Vec<_> = parts.map(|(_, text)| &**text).collect();
    Written {
        text: texts.join("\n"),
        differences,
    }
}

fn in_http(maps: &[Map]) -> String {
    let mut text = "# In http { .. }\n".to_owned();
    if maps.iter().any(Map::has_dollar) {
        text += "\n# A variable for the sign that begins the name of one.\n";
        text += "geo $cors_dollar {\n    default \"$\";\n}\n";
    }
    for map in maps {
        text.push('\n');
        text += &map.text();
    }
    text
}

fn in_server(plan: &Plan) -> String {
    let mut text = "# In server { .. }, before any rewrite\n\n".to_owned();
    for status in statuses(plan) {
        text += &format!("if ($cors_status = {status}) {{\n    return {status};\n}}\n");
    }
    for (name, variable) in HEADERS {
        text += &format!("proxy_hide_header {name};\n");
        text += &format!("add_header {name} ${variable} always;\n");
    }
    text += "add_header Vary $cors_vary always;\n";
    text += "add_header Cache-Control $cors_cache_control always;\n";
    text
}

/// Returns the settings with a text that is no word of nginx.
fn too_long(policy: &Exported) -> Vec<Setting> {
    let mut settings = Vec::new();
    for grant in &policy.grants {
        let texts = &grant.texts;
        let listed = |listed: &Listed| match listed {
            Listed::Text(text) => fits(text),
            Listed::Asked => true,
        };
        let mut expressions = grant.origins.iter().map(OriginRule::expression);
        let fitting = [
            (Setting::AllowMethods, listed(&texts.methods)),
            (Setting::AllowHeaders, listed(&texts.headers)),
            (Setting::ExposeHeaders, fits(&texts.exposed)),
            // An item of `allow_origins` is never that long.
            (
                Setting::AllowOriginRegexes,
                expressions.all(|one| fits(&one)),
            ),
        ];
        settings.extend(
            fitting
                .iter()
                .filter(|(_, fits)| !fits)
                .map(|(setting, _)| *setting),
        );
    }
    settings
}

/// The statuses that nginx answers with.
fn statuses(plan: &Plan) -> impl Iterator<Item = u16> {
    let policies = plan.policies().map(|(_, policy)| &policy.config);
    let of = policies.flat_map(|config| {
        let refusal = returned(config.preflight_refusal_status);
        [config.preflight_status, refusal]
    });
    let statuses: BTreeSet<_> = of.chain([403]).collect();
    statuses.into_iter()
}

/// Returns the status that nginx answers with in place of another. To return some of them it closes
/// the connection, and of others it makes 400.
const fn returned(status: u16) -> u16 {
    match status {
        408 | 444 | 494..=497 | 499 => 403,
        status => status,
    }
}

/// Returns an expression for a host; `None` for one with a port.
fn host(written: &str) -> Option<String> {
    let written = written.trim_end_matches('.').to_ascii_lowercase();
    let has_port = written
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.contains(']'));
    if has_port {
        return None;
    }
    Some(match written.strip_prefix("*.") {
        Some(base) => format!("(?:[a-z0-9_-]+\\.)+{}", escaped(base)),
        None => escaped(&written),
    })
}

#[cfg(test)]
mod tests {
    use super::super::automaton::matcher;
    use super::*;

    /// As `HostPattern` reads them: names below another one, and no text that is no name.
    #[test]
    fn below_a_name_are_names_alone() {
        let expression = host("*.Example.com.").expect("it has no port");
        let matches = matcher(&expression);
        for (name, expected) in [
            ("api.example.com", true),
            ("a_b.api-2.example.com", true),
            ("example.com", false),
            ("e@evil.example.com", false),
            ("e,evil.example.com", false),
            (".example.com", false),
            ("api.examplexcom", false),
        ] {
            assert_eq!(matches(name), expected, "{name}");
        }
        assert_eq!(host("api.example.com:8443"), None);
    }
}
