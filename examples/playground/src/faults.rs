//! [`Faults`]: what is wrong with a policy's text, and where in it.

use cors_cli::place::{Places, position};
use cors_core::PolicyErrors;
use serde::Serialize;
use serde_json::Value;

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
    /// Says why a text is no policy; without a key where it is no TOML.
    pub(crate) fn unreadable(text: &str, key: Option<String>, error: &toml::de::Error) -> Self {
        let start = error.span().map_or(0, |span| span.start);
        let (line, column) = position(text, start);
        let message = error.message();
        // The page shows the key beside the message, which may begin with it.
        let named = key.as_deref().and_then(|key| key.rsplit('.').next());
        let rest = named.and_then(|name| message.strip_prefix(name)?.strip_prefix(": "));
        Self::only(Unreadable {
            line,
            column,
            key,
            message: rest.unwrap_or(message).to_owned(),
        })
    }

    /// Says that the text made the program panic, wherever in it.
    pub(crate) fn panicked() -> Self {
        Self::only(Unreadable {
            line: 1,
            column: 1,
            key: None,
            message: "building it panicked, which is a bug".to_owned(),
        })
    }

    fn only(unreadable: Unreadable) -> Self {
        Self {
            problems: Vec::new(),
            unreadable: Some(unreadable),
        }
    }

    pub(crate) fn of(errors: &PolicyErrors, text: &str) -> Self {
        let places = Places::of(text);
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
                line: places
                    .as_ref()
                    .and_then(|places| places.span(location.into()))
                    .map(|span| position(text, span.start).0),
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
