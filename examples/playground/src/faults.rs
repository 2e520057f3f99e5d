//! [`Faults`]: what is wrong with a policy's text, and where in it.

use conformance_servers::policy_file::{Mistake, position};
use cors_core::{PolicyErrors, SettingLocation};
use serde::Serialize;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What keeps a text from being applied; empty where nothing does.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Faults {
    pub(crate) problems: Vec<Problem>,
    pub(crate) unreadable: Option<Unreadable>,
}

/// A problem that the core found, at its place.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    /// As a policy file would have it: `paths[0].allow_origins[1]`.
    pub(crate) place: String,
    setting: String,
    /// Which of the `[[paths]]`, if in any.
    path: Option<usize>,
    index: Option<usize>,
    value: String,
    message: String,
    pub(crate) line: Option<usize>,
}

/// Why a text is not a policy at all.
#[derive(Debug, Serialize)]
pub(crate) struct Unreadable {
    line: usize,
    column: usize,
    key: Option<String>,
    message: String,
}

impl Faults {
    pub(crate) fn unreadable(mistake: Mistake) -> Self {
        Self {
            problems: Vec::new(),
            unreadable: Some(Unreadable {
                line: mistake.line,
                column: mistake.column,
                key: mistake.key,
                message: mistake.message,
            }),
        }
    }

    /// Says that the text made the program panic, wherever in it.
    pub(crate) fn panicked(words: &str) -> Self {
        Self {
            problems: Vec::new(),
            unreadable: Some(Unreadable {
                line: 1,
                column: 1,
                key: None,
                message: words.to_owned(),
            }),
        }
    }

    pub(crate) fn of(errors: &PolicyErrors, text: &str) -> Self {
        let table = DeTable::parse(text).ok();
        let root = table.map(|table| DeValue::Table(table.into_inner()));
        let of = |problem: &cors_core::Problem| {
            let location = problem.location();
            let setting = location.setting().name();
            Problem {
                place: location.to_string(),
                setting: setting.to_owned(),
                path: location.path(),
                index: location.item(),
                value: problem.value().to_owned(),
                message: problem.kind().to_string(),
                line: root
                    .as_ref()
                    .and_then(|root| start(root, location))
                    .map(|byte| position(text, byte).0),
            }
        };
        Self {
            problems: errors.problems().iter().map(of).collect(),
            unreadable: None,
        }
    }

    /// Returns the problem of a form's value that its setting can't have. It is a number: lists and
    /// switches can't be wrong in this way.
    pub(crate) fn of_field(place: &str, form: &Value, error: &serde_json::Error) -> Self {
        let setting = place.split(['[', '.']).next().unwrap_or_default();
        let value = match form.get(setting) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        };
        Self {
            problems: vec![Problem {
                place: place.to_owned(),
                setting: setting.to_owned(),
                path: None,
                index: None,
                value,
                message: format!("write a whole number ({error})"),
                line: None,
            }],
            unreadable: None,
        }
    }
}

/// Returns the first byte of the text that a problem is about, or of the table around it if that
/// takes the setting over from another one.
fn start(root: &DeValue<'_>, location: SettingLocation) -> Option<usize> {
    let tables = tables(root, location);
    let setting = location.setting().name();
    let mut values = tables
        .iter()
        .filter_map(|table| table.get_ref().get(setting));
    let top = location
        .path()
        .is_none()
        .then(|| root.get(setting))
        .flatten();
    let Some(value) = values.next().or(top) else {
        return tables.first().map(|table| table.span().start);
    };
    let item = location.item().and_then(|item| value.get_ref().get(item));
    Some(item.unwrap_or(value).span().start)
}

/// Returns the tables that may have a setting, the top of the file left out: the nearest first.
fn tables<'r, 'de>(
    root: &'r DeValue<'de>,
    location: SettingLocation,
) -> Vec<&'r Spanned<DeValue<'de>>> {
    let shadow = location
        .is_in_shadow()
        .then(|| root.get("shadow"))
        .flatten();
    let of_shadow = shadow.and_then(|shadow| shadow.get_ref().get("paths"));
    let paths = of_shadow.or_else(|| root.get("paths"));
    let path = location.path();
    let table = path
        .zip(paths)
        .and_then(|(path, paths)| paths.get_ref().get(path));
    table.into_iter().chain(shadow).collect()
}
