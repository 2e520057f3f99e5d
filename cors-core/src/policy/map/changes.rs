//! What differs between two maps of policies, in a line.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use foldhash::fast::RandomState;

use super::PolicyMap;
use super::config::{Overrides, PathConfig, PolicyMapConfig, with_settings};
use crate::policy::Policy;
use crate::policy::config::PolicyConfig;
use crate::policy::setting::Setting;
use crate::protocol::escape::Shortened;

/// The most items of a list that are shown.
const SHOWN_ITEMS: usize = 3;

impl PolicyMap {
    /// Returns what this map has changed, in a line of bounded length: the settings of the default
    /// policy, and the paths. Predicates can't be compared, only counted.
    pub(crate) fn changes_from(&self, old: &Self) -> String {
        if self.is_same(old) {
            return NOTHING.to_owned();
        }
        let (before, now) = (old.config(), self.config());
        let mut changes = Vec::new();
        default_changes(&before, &now, &mut changes);
        let predicates = predicate_change(old.default_policy(), self.default_policy());
        changes.extend(predicates);
        path_changes((old, &before), (self, &now), &mut changes);
        match (&before.shadow, &now.shadow) {
            (None, Some(_)) => changes.push("shadow added".to_owned()),
            (Some(_), None) => changes.push("shadow removed".to_owned()),
            (Some(before), Some(now)) if before != now => changes.push("shadow changed".to_owned()),
            (None, None) | (Some(_), Some(_)) => {}
        }
        if changes.is_empty() {
            NOTHING.to_owned()
        } else {
            changes.join("; ")
        }
    }
}

const NOTHING: &str = "nothing";

fn default_changes(old: &PolicyMapConfig, new: &PolicyMapConfig, changes: &mut Vec<String>) {
    let (old, new) = match (&old.default, &new.default) {
        (Some(old), Some(new)) => (old, new),
        (None, None) => return,
        (None, Some(_)) => return changes.push("default policy added".to_owned()),
        (Some(_), None) => return changes.push("default policy removed".to_owned()),
    };
    macro_rules! compare {
        ($($key:ident: $setting:ident),*) => {
            $(if old.$key != new.$key {
                let change = new.$key.change_from(&old.$key);
                changes.push(format!("{} ({change})", Setting::$setting));
            })*
        };
    }
    with_settings!(compare);
}

/// Returns what is known of a change of a policy's predicates. They can't be compared, so those of
/// another policy may be others.
fn predicate_change(old: Option<&Policy>, new: Option<&Policy>) -> Option<String> {
    let (old, new) = old.zip(new).filter(|(old, new)| !old.is_same(new))?;
    match (old.predicate_count(), new.predicate_count()) {
        (0, 0) => None,
        (before, now) if before != now => Some(format!("predicates ({before} -> {now})")),
        (_, now) => Some(format!("predicates ({now}, which can't be compared)")),
    }
}

/// A path of a map.
struct Path<'m> {
    config: &'m PathConfig,
    policy: Option<&'m Policy>,
    /// Whether it has the very policy that other paths have.
    is_default: bool,
}

impl<'m> Path<'m> {
    /// Returns the paths of a map, which has this configuration.
    fn all(map: &'m PolicyMap, config: &'m PolicyMapConfig) -> impl Iterator<Item = Self> + Clone {
        let default = map.default_policy();
        let policies = map.0.patterns.iter();
        let policies = policies.map(|(_, index)| map.policy_at(*index));
        config
            .paths
            .iter()
            .zip(policies)
            .map(move |(config, policy)| Self {
                config,
                policy,
                is_default: policy
                    .zip(default)
                    .is_some_and(|(policy, default)| policy.is_same(default)),
            })
    }

    fn pattern(&self) -> &'m str {
        &self.config.pattern
    }

    fn shown(&self) -> String {
        Shortened(self.pattern().as_bytes()).to_string()
    }
}

fn path_changes(
    (old_map, old): (&PolicyMap, &PolicyMapConfig),
    (new_map, new): (&PolicyMap, &PolicyMapConfig),
    changes: &mut Vec<String>,
) {
    let (before, now) = (Path::all(old_map, old), Path::all(new_map, new));
    let known: HashMap<_, _, RandomState> =
        before.clone().map(|path| (path.pattern(), path)).collect();
    let kept: HashSet<_, RandomState> = now.clone().map(|path| path.pattern()).collect();
    let added = now.clone();
    let added = added.filter(|path| !known.contains_key(path.pattern()));
    let removed = before.filter(|path| !kept.contains(path.pattern()));
    push_list(changes, "paths added: ", added.map(|path| path.shown()));
    push_list(changes, "paths removed: ", removed.map(|path| path.shown()));
    let defaults = PolicyConfig::default();
    let tops = (
        old.default.as_ref().unwrap_or(&defaults),
        new.default.as_ref().unwrap_or(&defaults),
    );
    let changed = now.filter_map(|path| {
        let change = path_change(known.get(path.pattern())?, &path, tops)?;
        Some(format!("{} ({change})", path.shown()))
    });
    push_list(changes, "paths changed: ", changed);
}

/// Returns the settings in which a path has changed, other than by what it inherits.
fn path_change(
    old: &Path<'_>,
    new: &Path<'_>,
    tops: (&PolicyConfig, &PolicyConfig),
) -> Option<String> {
    let predicates = if old.is_default && new.is_default {
        None
    } else {
        predicate_change(old.policy, new.policy)
    };
    let (old, new) = (old.config, new.config);
    match (old.enabled, new.enabled) {
        (true, false) => return Some("disabled".to_owned()),
        (false, true) => return Some("enabled".to_owned()),
        (false, false) | (true, true) => {}
    }
    let mut changed = Vec::new();
    macro_rules! compare {
        ($($key:ident: $setting:ident),*) => {
            $({
                let setting = Setting::$setting;
                let is_own = old.overrides.writes(setting) || new.overrides.writes(setting);
                let before = &effective(&old.overrides, setting, tops.0).$key;
                let now = &effective(&new.overrides, setting, tops.1).$key;
                if is_own && before != now {
                    changed.push(setting.name().to_owned());
                }
            })*
        };
    }
    with_settings!(compare);
    changed.extend(predicates);
    (!changed.is_empty()).then(|| changed.join(", "))
}

/// Returns the settings that have the value of a setting of a path.
fn effective<'c>(path: &'c Overrides, setting: Setting, top: &'c PolicyConfig) -> &'c PolicyConfig {
    if path.writes(setting) {
        &path.config
    } else {
        top
    }
}

/// Adds a list to what has changed, unless it is empty.
fn push_list(changes: &mut Vec<String>, name: &str, items: impl Iterator<Item = String>) {
    let items = shortened(items);
    if !items.is_empty() {
        changes.push(format!("{name}{items}"));
    }
}

/// Returns the first items, and how many more there are.
fn shortened(mut items: impl Iterator<Item = String>) -> String {
    let shown: Vec<_> = items.by_ref().take(SHOWN_ITEMS).collect();
    match items.count() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// A type of settings whose values are compared.
trait SettingValue {
    /// Returns what has changed, in a few words.
    fn change_from(&self, old: &Self) -> String;
}

impl SettingValue for bool {
    fn change_from(&self, old: &Self) -> String {
        format!("{old} -> {self}")
    }
}

impl SettingValue for u16 {
    fn change_from(&self, old: &Self) -> String {
        format!("{old} -> {self}")
    }
}

impl SettingValue for Option<Duration> {
    fn change_from(&self, old: &Self) -> String {
        let shown = |age: Self| match age {
            Some(age) => format!("{age:?}"),
            None => "none".to_owned(),
        };
        format!("{} -> {}", shown(*old), shown(*self))
    }
}

impl SettingValue for Vec<String> {
    fn change_from(&self, old: &Self) -> String {
        let beyond = |items: &Self, others: &Self| {
            let others: HashSet<_, RandomState> = others.iter().collect();
            let items = items.iter().filter(|item| !others.contains(item));
            shortened(items.map(|item| Shortened(item.as_bytes()).to_string()))
        };
        let (added, removed) = (beyond(self, old), beyond(old, self));
        match (added.as_str(), removed.as_str()) {
            ("", "") => "another order".to_owned(),
            (added, "") => format!("added {added}"),
            ("", removed) => format!("removed {removed}"),
            (added, removed) => format!("added {added}; removed {removed}"),
        }
    }
}
