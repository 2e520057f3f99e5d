//! The settings that can't be tried, since what they do depends on the app or on the browser.

use cors_core::PolicyConfig;
use serde_json::{Map, Value};

/// What a setting does to what pages may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It shows where pages, methods, headers and hosts are tried.
    Tried,
    /// It is no permission.
    None,
    /// It may let pages do more where it is on, and less where it is off.
    MoreWhereOn,
    /// Each of its values may let pages do what another one does not, as the app may be.
    Unknown,
}

/// Returns the effect of a setting, which may depend on whether there are regular expressions.
fn effect(key: &str, has_regexes: bool) -> Effect {
    match key {
        "allow_origins"
        | "allow_origin_regexes"
        | "allow_null_origin"
        | "allow_methods"
        | "allow_headers"
        | "expose_headers"
        | "allow_credentials"
        | "allow_credentials_from"
        | "allow_hosts" => Effect::Tried,
        // A refused preflight has no headers, so that no browser takes it for an allowed one. What
        // is rejected is tried.
        "max_age"
        | "preflight_status"
        | "preflight_refusal_status"
        | "check_public_suffixes"
        | "reject_disallowed_origins" => Effect::None,
        "allow_private_network" => Effect::MoreWhereOn,
        // What these tolerate among the lists is tried.
        key if key.starts_with("dangerously_") => {
            if has_regexes {
                Effect::MoreWhereOn
            } else {
                Effect::None
            }
        }
        // `keep_app_headers` keeps an answer of the app that allows more, and one that allows less.
        // Under `preflight_passthrough` a preflight fails where the app fails it, and the app gets
        // those of every page. A setting that is not known here may do anything.
        _ => Effect::Unknown,
    }
}

/// What differs between two policies and can't be tried.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) wider: Vec<String>,
    pub(super) narrower: Vec<String>,
    /// Each with its value before and afterwards.
    pub(super) changed: Vec<String>,
}

impl Settings {
    pub(super) fn between(old: Option<&PolicyConfig>, new: Option<&PolicyConfig>) -> Self {
        let mut settings = Self::default();
        let (old, new) = match (old, new) {
            (Some(old), Some(new)) => (old, new),
            (None, None) => return settings,
            (old, _) => {
                let (before, after) = if old.is_some() {
                    ("a policy", "none: the app's own CORS headers stay")
                } else {
                    ("none", "a policy: it replaces the app's own CORS headers")
                };
                settings
                    .changed
                    .push(format!("policy: {before} -> {after}"));
                return settings;
            }
        };
        let has_regexes = [old, new].map(|config| !config.allow_origin_regexes.is_empty());
        let [old, new] = [old, new].map(values);
        let mut keys: Vec<_> = old.keys().chain(new.keys()).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let values = [&old, &new].map(|config| config.get(key).unwrap_or(&Value::Null));
            let effect = effect(key, has_regexes.contains(&true));
            let [before, after] = values;
            if before == after || effect == Effect::Tried {
                continue;
            }
            let words = values.map(|value| match value {
                Value::Null => "none".to_owned(),
                value => value.to_string(),
            });
            let lists = [&mut settings.narrower, &mut settings.wider];
            for ((list, value), words) in lists.into_iter().zip(values).zip(&words) {
                let counts = match effect {
                    Effect::Tried | Effect::None => false,
                    Effect::MoreWhereOn => *value == Value::Bool(true),
                    Effect::Unknown => true,
                };
                if counts {
                    let may = format!("do what {key} = {words} lets them, which can't be tried");
                    list.push(may);
                }
            }
            let [before, after] = words;
            settings.changed.push(format!("{key}: {before} -> {after}"));
        }
        settings
    }
}

fn values(config: &PolicyConfig) -> Map<String, Value> {
    match serde_json::to_value(config) {
        Ok(Value::Object(values)) => values,
        Ok(_) | Err(_) => Map::new(),
    }
}
