//! [`unknown_key`]: what is said to a key that a table does not have.

use crate::policy::foreign_keys::Meaning;
use crate::policy::keys::{Meant, POLICY_KEYS, normalized};
use crate::protocol::escape::ForeignText;

/// Says of a key that a table does not have what it is meant to be, or which keys there are: those
/// of a policy, and the table's `others`.
pub(super) fn unknown_key(key: &str, others: &[&'static str]) -> String {
    let shown = ForeignText::new(key.as_bytes());
    let meant = match Meant::by(key, others) {
        _ if AROUND.contains(&normalized(key).as_str()) => {
            "the keys of a policy stand at the top, in no table around them; leave it out"
                .to_owned()
        }
        Some(Meant::Known(known)) => format!("write `{known}`"),
        Some(Meant::Nearest(known)) => format!("the nearest key is `{known}`"),
        Some(Meant::Foreign(meaning)) => in_our_words(meaning),
        None => return format!("unknown field `{shown}`, expected one of {}", all(others)),
    };
    format!("unknown field `{shown}`: {meant}")
}

/// Says of a key of another table where it stands.
pub(super) fn misplaced_key(key: &str) -> Option<String> {
    let place = match key {
        "path" | "enabled" => {
            "it is a key of the tables `paths`, each of which begins with `[[paths]]`"
        }
        "paths" => "it stands at the top of the file, or in `shadow`",
        "shadow" => "it stands at the top of the file",
        _ => return None,
    };
    Some(format!("unknown field `{key}`: {place}"))
}

/// The names of tables that people put around a policy, [`normalized`].
const AROUND: [&str; 8] = [
    "cors",
    "policy",
    "policies",
    "cors_policy",
    "config",
    "configuration",
    "settings",
    "default",
];

fn in_our_words(meaning: Meaning) -> String {
    match meaning {
        Meaning::Key(setting) => format!("it is `{setting}` here"),
        // The key is read before its value.
        Meaning::AnyOf(setting) => format!(
            "it is `{setting}` here, with the value [\"*\"] if it is true; leave it out if it is false"
        ),
        Meaning::Opposite(setting) => format!("it is `{setting}` here, with the opposite value"),
        Meaning::Paths => {
            "policies by path are tables here, each of which begins with `[[paths]]`".to_owned()
        }
        Meaning::Nothing(reason) => format!("{reason}; leave it out"),
    }
}

fn all(others: &[&'static str]) -> String {
    let keys = POLICY_KEYS.iter().chain(others);
    let keys: Vec<_> = keys.map(|key| format!("`{key}`")).collect();
    keys.join(", ")
}
