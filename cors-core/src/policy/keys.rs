//! [`POLICY_KEYS`]: the keys of a policy; [`SettingValue`]: the value of one; [`Meant`]: what an
//! unknown key is meant to be.

use std::time::Duration;

use super::config::PolicyConfig;
use super::foreign_keys::{self, Meaning};
use super::map::config::with_settings;
use super::setting::Setting;

macro_rules! names {
    ($($key:ident: $setting:ident),*) => {
        &[$(stringify!($key)),*]
    };
}

/// The keys of a policy.
pub(crate) const POLICY_KEYS: &[&str] = with_settings!(names);

/// Returns the setting of a policy's key.
pub(crate) fn policy_setting(key: &str) -> Option<Setting> {
    macro_rules! find {
        ($($key:ident: $setting:ident),*) => {
            match key {
                $(stringify!($key) => Some(Setting::$setting),)*
                _ => None,
            }
        };
    }
    with_settings!(find)
}

/// The value of a setting, to be set.
#[derive(Debug)]
pub(crate) enum SettingValue<'a> {
    /// A list of texts.
    List(&'a mut Vec<String>),
    /// A switch.
    Switch(&'a mut bool),
    /// A status.
    Status(&'a mut u16),
    /// A time in whole seconds.
    Age(&'a mut Option<Duration>),
}

impl<'a> SettingValue<'a> {
    /// Returns the value of one of a policy's keys.
    pub(crate) fn of(config: &'a mut PolicyConfig, setting: Setting) -> Option<Self> {
        macro_rules! value {
            ($($key:ident: $setting:ident),*) => {
                match setting {
                    $(Setting::$setting => Some((&mut config.$key).into()),)*
                    _ => None,
                }
            };
        }
        with_settings!(value)
    }
}

macro_rules! from_value {
    ($type:ty, $variant:ident) => {
        impl<'a> From<&'a mut $type> for SettingValue<'a> {
            fn from(value: &'a mut $type) -> Self {
                Self::$variant(value)
            }
        }
    };
}

from_value!(Vec<String>, List);
from_value!(bool, Switch);
from_value!(u16, Status);
from_value!(Option<Duration>, Age);

/// What an unknown key is meant to be, as far as its letters tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// This key, spelt in another way.
    Known(&'static str),
    /// A setting of another library.
    Foreign(Meaning),
    /// Perhaps this key: no other one is as near.
    Nearest(&'static str),
}

impl Meant {
    /// Looks for the key among the keys of a policy, some `others`, and those of other libraries.
    pub(crate) fn by(key: &str, others: &[&'static str]) -> Option<Self> {
        if key.len() > MAX_KEY_BYTES {
            return None;
        }
        let name = normalized(key);
        let known = || POLICY_KEYS.iter().chain(others).copied();
        if let Some(known) = known().find(|known| *known == name) {
            return Some(Self::Known(known));
        }
        if let Some(meaning) = foreign_keys::meaning_of(&name) {
            return Some(Self::Foreign(meaning));
        }
        let near = |other: &&str| distance(&name, other);
        // Of names as near, the first: a key of ours.
        let nearest = known().chain(foreign_keys::names()).min_by_key(near)?;
        if distance(&name, nearest) > name.len().div_ceil(4) {
            return None;
        }
        Some(match foreign_keys::meaning_of(nearest) {
            Some(meaning) => Self::Foreign(meaning),
            None => Self::Nearest(nearest),
        })
    }
}

/// The most bytes of a key that is compared with others: more than any of them has, so that a key
/// of a megabyte costs nothing.
const MAX_KEY_BYTES: usize = 100;

/// Returns a key in the spelling of ours: `allowOrigins`, `Allow-Origins`, `CORS_ALLOW_ORIGINS` and
/// `Access-Control-Allow-Origins` are `allow_origins`.
pub(crate) fn normalized(key: &str) -> String {
    let mut name = String::with_capacity(key.len() + 8);
    let mut after_lower_case = false;
    for char in key.chars() {
        if char.is_ascii_uppercase() && after_lower_case {
            name.push('_');
        }
        after_lower_case = char.is_ascii_lowercase() || char.is_ascii_digit();
        name.push(match char {
            '-' | '.' | ' ' => '_',
            char => char.to_ascii_lowercase(),
        });
    }
    for prefix in ["cors_", "access_control_"] {
        if let Some(rest) = name.strip_prefix(prefix) {
            return rest.to_owned();
        }
    }
    name
}

/// Returns how many characters have to be put in, left out, replaced or swapped with the next one
/// to make one text of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    let mut last = None;
    for (index, char) in from.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(index + 1);
        let mut left = None;
        for (column, &other) in to.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let mut least = at(&row, column) + usize::from(char != other);
            least = least
                .min(at(&row, column + 1) + 1)
                .min(at(&next, column) + 1);
            if last == Some(other) && left == Some(char) && column > 0 {
                least = least.min(at(&before, column - 1).saturating_add(1));
            }
            next.push(least);
            left = Some(other);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(char);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_near_to_its_misspellings() {
        for (from, to, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("allow_orgins", "allow_origins", 1),
            ("allow_orignis", "allow_origins", 1),
            ("max_agee", "max_age", 1),
            ("kitten", "sitting", 3),
            ("b\u{fc}cher", "bucher", 1),
        ] {
            assert_eq!(distance(from, to), expected, "{from}, {to}");
            assert_eq!(distance(to, from), expected, "{to}, {from}");
        }
    }

    #[test]
    fn all_spellings_of_a_key_are_one() {
        for spelling in [
            "allow_origins",
            "allowOrigins",
            "AllowOrigins",
            "allow-origins",
            "ALLOW_ORIGINS",
            "CORS_ALLOW_ORIGINS",
            "corsAllowOrigins",
            "Access-Control-Allow-Origins",
        ] {
            assert_eq!(normalized(spelling), "allow_origins", "{spelling}");
            let meant = Meant::by(spelling, &[]);
            assert_eq!(meant, Some(Meant::Known("allow_origins")), "{spelling}");
        }
    }

    #[test]
    fn no_name_of_another_library_is_a_key_or_stands_twice() {
        let names: Vec<_> = foreign_keys::names().collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!POLICY_KEYS.contains(name), "{name}");
            assert!(!names[..index].contains(name), "{name}");
            assert_eq!(normalized(name), *name);
        }
    }

    #[test]
    fn what_is_near_to_nothing_means_nothing() {
        for key in ["", "x", "database", "listen_address", "\u{fc}", "log"] {
            assert_eq!(Meant::by(key, &["paths", "shadow"]), None, "{key}");
        }
        assert_eq!(Meant::by(&"allow_origins".repeat(100), &[]), None);
    }
}
