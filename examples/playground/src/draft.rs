//! A policy's text while it is edited, and its form.

use std::panic::{AssertUnwindSafe, catch_unwind};

use cors_core::{PolicyConfig, PolicyMap, PolicyMapConfig};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::faults::Faults;

/// What the page wants converted: a form to text, or a text to a form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conversion {
    /// The text; beside a form, the one that it comes from.
    text: String,
    form: Option<Value>,
}

/// The same policy in both ways of writing.
#[derive(Debug, Serialize)]
pub(crate) struct Converted {
    text: Option<String>,
    form: Option<PolicyConfig>,
    /// Why there is no form.
    no_form: Option<&'static str>,
    #[serde(flatten)]
    faults: Faults,
}

/// Reads and builds a text.
///
/// # Errors
///
/// Everything that is wrong with it, on a line each.
pub(crate) fn build(text: &str) -> Result<PolicyMap, String> {
    let config: PolicyMapConfig = toml::from_str(text).map_err(|error| error.to_string())?;
    config.build().map_err(|errors| errors.to_string())
}

/// Builds a policy as [`build`] does. Returns the faults for the page, a panic among them: the
/// policy that is served stays, and the page hears of it.
pub(crate) fn check(text: &str) -> Result<PolicyMap, Faults> {
    answered(|| {
        let config = read(text)?;
        config.build().map_err(|errors| Faults::of(&errors, text))
    })
}

fn read(text: &str) -> Result<PolicyMapConfig, Faults> {
    let file = toml::Deserializer::parse(text).map_err(|e| Faults::unreadable(text, None, &e))?;
    serde_path_to_error::deserialize(file).map_err(|error| {
        let key = error.path().to_string();
        let key = (!matches!(key.as_str(), "." | "?")).then_some(key);
        Faults::unreadable(text, key, error.inner())
    })
}

fn answered<T>(check: impl FnOnce() -> Result<T, Faults>) -> Result<T, Faults> {
    let checked = catch_unwind(AssertUnwindSafe(check));
    checked.unwrap_or_else(|_| Err(Faults::panicked()))
}

impl Conversion {
    pub(crate) fn convert(self) -> Converted {
        let Some(form) = self.form else {
            return Converted::of_text(&self.text);
        };
        match serde_path_to_error::deserialize::<_, PolicyConfig>(&form) {
            Ok(config) => Converted::of_form(config, &self.text),
            Err(error) => Converted {
                text: None,
                form: None,
                no_form: None,
                faults: Faults::of_field(&error.path().to_string(), &form, error.inner()),
            },
        }
    }
}

impl Converted {
    fn of_text(text: &str) -> Self {
        let faults = check(text).err().unwrap_or_default();
        let (form, no_form) = match (&faults.unreadable, toml::from_str(text)) {
            (None, Ok(form)) => (Some(form), None),
            (None, Err(_)) => (None, Some(POLICIES_BY_PATH)),
            (Some(_), _) => (None, Some(UNREADABLE)),
        };
        Self {
            text: None,
            form,
            no_form,
            faults,
        }
    }

    fn of_form(config: PolicyConfig, before: &str) -> Self {
        let text = format!("{}{}", opening_comment(before), to_toml(&config));
        Self {
            faults: check(&text).err().unwrap_or_default(),
            text: Some(text),
            form: Some(config),
            no_form: None,
        }
    }
}

/// Returns the comment above a text's first key or empty line, with the end of its line.
fn opening_comment(text: &str) -> String {
    let comment: String = text
        .split_inclusive('\n')
        .take_while(|line| line.starts_with('#'))
        .collect();
    if comment.is_empty() {
        comment
    } else {
        format!("{}\n\n", comment.trim_end())
    }
}

/// Writes the settings that differ from their defaults, in their order.
fn to_toml(config: &PolicyConfig) -> String {
    let written = |config: &PolicyConfig| toml::to_string(config).unwrap_or_default();
    let (default, text) = (written(&PolicyConfig::default()), written(config));
    let default: Vec<&str> = default.lines().collect();
    let changed = text.lines().filter(|line| !default.contains(line));
    changed.map(wrapped).collect()
}

/// Returns a line, or a line for each item if it is a long list.
fn wrapped(line: &str) -> String {
    let items = line
        .split_once(" = [")
        .filter(|_| line.len() > LONGEST_LINE);
    let table = items.and_then(|_| line.parse::<toml::Table>().ok());
    match (items, table) {
        (Some((key, _)), Some(table)) => {
            let items = table.get(key).and_then(toml::Value::as_array);
            let items: String = items
                .into_iter()
                .flatten()
                .map(|item| format!("    {item},\n"))
                .collect();
            format!("{key} = [\n{items}]\n")
        }
        _ => format!("{line}\n"),
    }
}

const LONGEST_LINE: usize = 72;

const POLICIES_BY_PATH: &str =
    "The text has [[paths]], policies by path, which the form can't show. Edit them as text.";

const UNREADABLE: &str = "The text can't be read yet. Correct it, and the form is back.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Problem;

    fn lines(text: &str) -> Vec<(String, Option<usize>)> {
        let faults = check(text).expect_err(text);
        let of = |problem: &Problem| (problem.place.clone(), problem.line);
        faults.problems.iter().map(of).collect()
    }

    #[test]
    fn a_problem_stands_at_its_line() {
        let text = "allow_credentials = true\nallow_origins = [\n  \"https://a.example/\",\n  \
                    \"*\",\n]\nmax_age = 90000\n\n[[paths]]\npath = \"x\"\n\
                    allow_methods = [\"PUT\", \"TRACE\"]\n";
        assert_eq!(
            lines(text),
            [
                ("allow_origins[0]".to_owned(), Some(3)),
                ("allow_origins[1]".to_owned(), Some(4)),
                ("max_age".to_owned(), Some(6)),
                ("paths[0].allow_methods[1]".to_owned(), Some(10)),
                ("paths[0].path".to_owned(), Some(9)),
            ]
        );
    }

    /// One in the shadow stands where the shadow has the setting from.
    #[test]
    fn a_problem_of_the_shadow_stands_at_its_line() {
        let text = "allow_origins = [\"http://a.example\"]\n\n[shadow]\nallow_credentials = true\n\
                    max_age = 90000\n\n[[shadow.paths]]\npath = \"/x\"\n\
                    allow_methods = [\"TRACE\"]\n";
        assert_eq!(
            lines(text),
            [
                ("shadow.allow_origins[0]".to_owned(), Some(1)),
                ("shadow.max_age".to_owned(), Some(5)),
                ("shadow.paths[0].allow_methods[0]".to_owned(), Some(9)),
            ]
        );
        let text = "[[paths]]\npath = \"/x\"\nallow_origins = [\"http://a.example\"]\n\n[shadow]\n\
                    allow_credentials = true\n";
        assert_eq!(
            lines(text),
            [("shadow.paths[0].allow_origins[0]".to_owned(), Some(3))]
        );
    }

    #[test]
    fn a_panic_is_a_fault() {
        let faults = answered(|| -> Result<(), Faults> { panic!("a bug") });
        let faults = faults.expect_err("it panicked");
        assert!(faults.unreadable.is_some(), "{faults:?}");
    }

    #[test]
    fn a_form_and_a_text_are_the_same_policy() {
        let text = "# For the app.\n\nallow_origins = [\"https://a.example\"]\nmax_age = 600\n";
        let form = Converted::of_text(text).form.expect("it has a form");
        let back = Converted::of_form(form, text);
        assert_eq!(back.text.as_deref(), Some(text));
        assert!(back.faults.problems.is_empty());
    }

    #[test]
    fn a_long_list_has_a_line_for_each_item() {
        let mut config = PolicyConfig::default();
        config.allow_origins = (0..4)
            .map(|n| format!("https://app-{n}.example.com"))
            .collect();
        let text = to_toml(&config);
        assert_eq!(text.lines().count(), 6, "{text}");
        assert_eq!(
            toml::from_str::<PolicyConfig>(&text).expect("it is read"),
            config
        );
    }

    #[test]
    fn policies_by_path_have_no_form() {
        let converted = Converted::of_text("[[paths]]\npath = \"/feeds\"\n");
        assert!(converted.form.is_none());
        assert_eq!(converted.no_form, Some(POLICIES_BY_PATH));
    }
}
