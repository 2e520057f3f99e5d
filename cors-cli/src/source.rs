//! [`Source`]: the text of a policy file.

use std::env;
use std::io;
use std::path::Path;

use cors_core::{PolicyMap, PolicyMapConfig};

use crate::finding::{Finding, Level};
use crate::input;
use crate::place::Places;
use crate::shown;

/// The text of a policy file.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Source {
    /// Reads a file, a pipe, or stdin where the path is `-`.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let text = input::read(path)?;
        let name = if input::is_stdin(path) {
            "stdin".to_owned()
        } else {
            shown(&path.display().to_string())
        };
        Ok(Self { name, text })
    }

    /// Builds the policies; fails with every problem.
    pub(crate) fn build(&self) -> Result<PolicyMap, Vec<Finding>> {
        self.build_with(None)
    }

    /// Builds the policies, with the variables of the environment that begin with a prefix.
    pub(crate) fn build_with(&self, prefix: Option<&str>) -> Result<PolicyMap, Vec<Finding>> {
        let config: PolicyMapConfig =
            toml::from_str(&self.text).map_err(|error| vec![unreadable(&error)])?;
        let config = match prefix {
            Some(prefix) => config.with_vars(prefix, env::vars_os()),
            None => Ok(config),
        };
        let built = config.and_then(|config| config.build());
        built.map_err(|errors| {
            let places = Places::of(&self.text);
            let of = |problem: &cors_core::Problem| {
                let kind = problem.kind();
                let location = problem.location();
                let span = places
                    .as_ref()
                    .and_then(|places| places.span(location.into()));
                // What a variable says stands nowhere in the file.
                let (place, span) = match problem.variable() {
                    Some(variable) => (variable.to_owned(), None),
                    None => (location.to_string(), span),
                };
                Finding {
                    level: Level::Problem,
                    kind: variant(&format!("{kind:?}")),
                    place,
                    span,
                    why: kind.reason(),
                    remedy: kind.remedy(),
                }
            };
            errors.problems().iter().map(of).collect()
        })
    }
}

/// Returns the problems of a file, each on a line.
pub(crate) fn in_words(name: &str, problems: &[Finding]) -> String {
    let lines: Vec<_> = problems
        .iter()
        .map(|problem| format!("{name}: {problem}"))
        .collect();
    lines.join("\n")
}

/// Returns the finding of a text that is no policy: bad syntax, a key that is not known, a value of
/// a wrong type.
fn unreadable(error: &toml::de::Error) -> Finding {
    let message = error.message().trim_end();
    let (why, remedy) = match message.rsplit_once("; write ") {
        Some((why, remedy)) => (why, format!("write {remedy}")),
        None => (message, String::new()),
    };
    Finding {
        level: Level::Problem,
        kind: "Unreadable".to_owned(),
        place: String::new(),
        span: error.span(),
        why: why.to_owned(),
        remedy,
    }
}

/// Returns the name of an enum's variant, of its `Debug`.
fn variant(debug: &str) -> String {
    let end = debug.find(|char: char| !char.is_ascii_alphanumeric());
    debug
        .get(..end.unwrap_or(debug.len()))
        .unwrap_or_default()
        .to_owned()
}
