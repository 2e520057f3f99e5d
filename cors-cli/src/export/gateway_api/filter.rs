//! The CORS filter of a rule.

use std::collections::BTreeSet;

use cors_core::{PolicyConfig, Setting};
use serde_json::{Map, Value, json};

use super::super::difference::Effect;
use super::super::plan::{Exported, Notes};
use crate::item::normalized;

/// The most items of a list in a filter.
const MAX_ITEMS: usize = 64;

/// The most bytes of an origin.
const MAX_ORIGIN_BYTES: usize = 253;

/// The most bytes of a header name.
const MAX_NAME_BYTES: usize = 256;

/// The methods that the schema has.
const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
];

/// Returns the filter; `None` where nobody is allowed.
pub(super) fn of(exported: &Exported, notes: &mut Notes<'_>) -> Option<Value> {
    let config = &exported.config;
    let origins = origins(config, notes);
    if origins.is_empty() {
        return None;
    }
    let mut filter = Map::new();
    let mut set = |name: &str, value| filter.insert(name.to_owned(), value);
    set("allowOrigins", json!(origins));
    set("allowCredentials", json!(config.allow_credentials));
    set("allowMethods", json!(methods(config, notes)));
    let lists = [
        ("allowHeaders", Setting::AllowHeaders, &config.allow_headers),
        (
            "exposeHeaders",
            Setting::ExposeHeaders,
            &config.expose_headers,
        ),
    ];
    for (field, setting, list) in lists {
        let names = names(config, setting, list, notes);
        if !names.is_empty() {
            set(field, json!(names));
        }
    }
    if let Some(age) = config.max_age {
        if age.is_zero() {
            let what = "an answer is kept for a second at least";
            notes.add((Setting::MaxAge, None), Effect::Wider, what.to_owned());
        }
        set("maxAge", json!(age.as_secs().max(1)));
    }
    Some(Value::Object(filter))
}

fn origins(config: &PolicyConfig, notes: &mut Notes<'_>) -> Vec<String> {
    let credentials = config.allow_credentials;
    if let Some(item) = config.allow_origins.iter().position(|item| item == "*") {
        if !credentials {
            return vec!["*".to_owned()];
        }
        // The gateway then names whatever origin asks.
        let what = "\"*\" with credentials is for null and file:// too; it is left out";
        notes.add(
            (Setting::AllowOrigins, Some(item)),
            Effect::Narrower,
            what.to_owned(),
        );
    }
    let mut origins = BTreeSet::new();
    for (index, item) in config
        .allow_origins
        .iter()
        .enumerate()
        .filter(|(_, item)| *item != "*")
    {
        let written = web_origin(item);
        let Some(written) = written else {
            let what = format!(
                "{item:?} is no http or https origin of one port and a plain name; it is left out"
            );
            notes.add((Setting::AllowOrigins, Some(index)), Effect::Narrower, what);
            continue;
        };
        if origins.len() == MAX_ITEMS && !origins.contains(&written) {
            let what = format!("a filter has {MAX_ITEMS} origins at most; {item:?} is left out");
            notes.add((Setting::AllowOrigins, Some(index)), Effect::Narrower, what);
            continue;
        }
        origins.insert(written);
    }
    origins.into_iter().collect()
}

/// Returns an item as the filter has it.
fn web_origin(item: &str) -> Option<String> {
    let item = normalized(item);
    let (scheme, authority) = item.split_once("://")?;
    let is_web = matches!(scheme, "http" | "https");
    let rest = authority.strip_prefix("*.").unwrap_or(authority);
    let (name, port) = rest.split_once(':').unwrap_or((rest, ""));
    // No underscore, no dot at the end, no IPv6 address.
    let is_inner = |char: char| char.is_ascii_alphanumeric() || char == '-';
    let is_label = |label: &str| !label.is_empty() && label.chars().all(is_inner);
    let is_written = is_web
        && item.len() <= MAX_ORIGIN_BYTES
        && name.split('.').all(is_label)
        && port.bytes().all(|byte| byte.is_ascii_digit());
    is_written.then(|| item.clone())
}

fn methods(config: &PolicyConfig, notes: &mut Notes<'_>) -> Vec<String> {
    let list = &config.allow_methods;
    if list.iter().any(|item| item == "*") {
        return vec!["*".to_owned()];
    }
    let mut methods = BTreeSet::new();
    for (index, item) in list.iter().enumerate() {
        // Browsers write these in upper case themselves.
        let upper = item.to_ascii_uppercase();
        if METHODS.contains(&&*upper) {
            methods.insert(upper);
        } else {
            let what = format!("the method {item} can't be written; it is left out");
            notes.add((Setting::AllowMethods, Some(index)), Effect::Narrower, what);
        }
    }
    if methods.is_empty() {
        methods.extend(["GET", "HEAD", "POST"].map(str::to_owned));
    }
    methods.into_iter().collect()
}

fn names(
    config: &PolicyConfig,
    setting: Setting,
    list: &[String],
    notes: &mut Notes<'_>,
) -> Vec<String> {
    let mut names = BTreeSet::new();
    let is_request = setting == Setting::AllowHeaders;
    if let Some(item) = list.iter().position(|item| item == "*") {
        let is_told = !is_request || config.allow_credentials;
        if is_told {
            return vec!["*".to_owned()];
        }
        let what = "\"*\" may be answered with whatever is asked for, Authorization too, and \
                    stands beside no name; it is left out";
        notes.add((setting, Some(item)), Effect::Narrower, what.to_owned());
    }
    for (index, item) in list
        .iter()
        .enumerate()
        .filter(|(_, item)| !item.ends_with('*'))
    {
        let name = item.to_ascii_lowercase();
        if name.len() > MAX_NAME_BYTES || names.len() == MAX_ITEMS && !names.contains(&name) {
            let what = format!(
                "a list has {MAX_ITEMS} names of {MAX_NAME_BYTES} bytes at most; it is left out"
            );
            notes.add((setting, Some(index)), Effect::Narrower, what);
        } else {
            names.insert(name);
        }
    }
    names.into_iter().collect()
}
