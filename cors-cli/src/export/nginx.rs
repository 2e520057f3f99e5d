//! nginx: maps that find the policy and judge the request, and the lines of a server or a location
//! that use them.

mod headers;
mod map;
mod maps;
mod paths;

use std::collections::BTreeSet;

use cors_core::Setting;

use self::map::Map;
use super::Written;
use super::difference::{Differences, Effect};
use super::origins::escaped;
use super::plan::{Notes, Plan, hosts};
use crate::place::Places;

/// What nginx does in its own manner. None of it changes a permission for the wider.
pub(super) const MANNER: &[&str] = &[
    "A refused preflight and a rejected request have nginx's own error page for a body.",
    "A preflight with an empty Access-Control-Request-Method reaches the app. No browser \
     sends one.",
    "A path with \";\", with \"\\\", with dot segments, or with an escaped \"/\", \"\\\", \
     \";\" or \"%\" has no permissions, where there are several policies, and is answered \
     with 403 if one of them has allow_hosts or reject_disallowed_origins.",
    "Its regular expressions backtrack: one of the policy's with repetitions inside of \
     repetitions may be slow on a long Origin.",
    "A location with an add_header of its own needs the lines of the server too: it takes \
     none over.",
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

/// Writes the maps and the lines of a server.
pub(super) fn write(plan: &Plan, places: &Places<'_>) -> Written {
    let mut differences = Differences::default();
    for (index, policy) in plan.policies() {
        let mut notes = Notes::new(index, places, &mut differences);
        if policy.config.keep_app_headers {
            let what = "nginx replaces the app's CORS headers by its own";
            notes.add(
                (Setting::KeepAppHeaders, None),
                Effect::Wider,
                what.to_owned(),
            );
        }
        for (item, host) in hosts(&policy.config).iter().enumerate() {
            if self::host(host).is_none() {
                let what = "nginx can't tell a host's default port; the item is left out";
                let place = (Setting::AllowHosts, Some(item));
                notes.add(place, Effect::Narrower, what.to_owned());
            }
        }
    }
    let maps = maps::of(plan);
    let mut text = "# In http { .. }\n".to_owned();
    if maps.iter().any(Map::has_dollar) {
        text += "\n# A variable for the sign that begins the name of one.\n";
        text += "geo $cors_dollar {\n    default \"$\";\n}\n";
    }
    for map in &maps {
        text.push('\n');
        text += &map.text();
    }
    text += "\n# In server { .. }, or in each location { .. }\n\n";
    for status in statuses(plan) {
        text += &format!("if ($cors_status = {status}) {{\n    return {status};\n}}\n");
    }
    for (name, variable) in HEADERS {
        text += &format!("proxy_hide_header {name};\n");
        text += &format!("add_header {name} ${variable} always;\n");
    }
    text += "add_header Vary $cors_vary always;\n";
    text += "add_header Cache-Control $cors_cache_control always;\n";
    Written { text, differences }
}

/// The statuses that nginx answers with.
fn statuses(plan: &Plan) -> impl Iterator<Item = u16> {
    let policies = plan.policies().map(|(_, policy)| &policy.config);
    let of = policies.flat_map(|config| [config.preflight_status, config.preflight_refusal_status]);
    let statuses: BTreeSet<_> = of.chain([403]).collect();
    statuses.into_iter()
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
        Some(base) => format!("[^ ]+\\.{}", escaped(base)),
        None => escaped(&written),
    })
}
