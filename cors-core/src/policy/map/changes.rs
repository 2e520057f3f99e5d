//! What differs between two maps of policies, in a line.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use foldhash::fast::RandomState;

use super::PolicyMap;
use super::config::{Overrides, PathConfig, PolicyMapConfig, with_settings};
use crate::policy::config::PolicyConfig;
use crate::policy::setting::Setting;
use crate::protocol::escape::Shortened;

/// The most items of a list that are shown.
const SHOWN_ITEMS: usize = 3;

impl PolicyMap {
    /// Returns what this map has changed, in a line of bounded length: the settings of the default
    /// policy, and the paths. A predicate can't be compared, only counted.
    pub(crate) fn changes_from(&self, old: &Self) -> String {
        if self.is_same(old) {
            return NOTHING.to_owned();
        }
        let (before, now) = (old.config(), self.config());
        let mut changes = Vec::new();
        default_changes(&before, &now, &mut changes);
        let count = (old.predicates_of_default(), self.predicates_of_default());
        if let (Some(before), Some(now)) = count
            && before != now
        {
            changes.push(format!("predicates ({before} -> {now})"));
        }
        path_changes(&before, &now, &mut changes);
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

    fn predicates_of_default(&self) -> Option<usize> {
        let policy = self.policies().get(self.default_index()?)?;
        let origins = &policy.compiled().origins;
        Some(origins.predicates.len() + usize::from(origins.async_predicate.is_some()))
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

fn path_changes(old: &PolicyMapConfig, new: &PolicyMapConfig, changes: &mut Vec<String>) {
    let known = old.paths.iter().map(|path| (path.pattern.as_str(), path));
    let known: HashMap<_, _, RandomState> = known.collect();
    let kept = new.paths.iter().map(|path| path.pattern.as_str());
    let kept: HashSet<_, RandomState> = kept.collect();
    let added = new
        .paths
        .iter()
        .filter(|path| !known.contains_key(path.pattern.as_str()));
    let removed = old
        .paths
        .iter()
        .filter(|path| !kept.contains(path.pattern.as_str()));
    let shown = |path: &PathConfig| Shortened(path.pattern.as_bytes()).to_string();
    push_list(changes, "paths added: ", added.map(shown));
    push_list(changes, "paths removed: ", removed.map(shown));
    let defaults = PolicyConfig::default();
    let tops = (
        old.default.as_ref().unwrap_or(&defaults),
        new.default.as_ref().unwrap_or(&defaults),
    );
    let changed = new.paths.iter().filter_map(|path| {
        let change = path_change(known.get(path.pattern.as_str())?, path, tops)?;
        Some(format!("{} ({change})", shown(path)))
    });
    push_list(changes, "paths changed: ", changed);
}

/// Returns the settings in which a path has changed, other than by what it inherits.
fn path_change(
    old: &PathConfig,
    new: &PathConfig,
    tops: (&PolicyConfig, &PolicyConfig),
) -> Option<String> {
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
                    changed.push(setting.name());
                }
            })*
        };
    }
    with_settings!(compare);
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
