//! Reads policies from files. Everything that is wrong with one becomes lines for a terminal.

use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use cors_core::{PolicyMap, PolicyMapConfig};

/// Reads and builds a policy, or policies by path; the extension tells the format. It blocks on
/// nothing and never panics, so that a server can read the file again while it serves.
///
/// # Errors
///
/// Fails with every problem, one a line: what [`PolicyMapConfig::build`] finds, or why the file
/// can't be read as a policy, with key, line and column. A panic of the builder is such a line, too.
pub fn load(path: &Path) -> Result<PolicyMap, Vec<String>> {
    let located = |text: &dyn fmt::Display| vec![format!("{}: {text}", path.display())];
    let format = Format::of(path).map_err(|error| located(&error))?;
    let text = read_bounded(path).map_err(|error| located(&error))?;
    let loaded = unless_panicked(|| {
        let config = format.read(&text).map_err(|mistake| located(&mistake))?;
        config.build().map_err(|errors| {
            let problems = errors.problems();
            problems.iter().map(ToString::to_string).collect()
        })
    });
    loaded.map_err(|panicked| located(&panicked))?
}

fn read_bounded(path: &Path) -> io::Result<String> {
    // Before it is opened: to open a pipe waits for somebody who writes into it.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut text = String::new();
    File::open(path)?
        .take(MOST_BYTES + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(io::Error::other("it is longer than 1 MB"));
    }
    Ok(text)
}

/// A hundred times what a long policy needs.
const MOST_BYTES: u64 = 1_000_000;

/// Runs code that makes a policy, and ends a panic here: the policy before it stays.
///
/// # Errors
///
/// Fails with words for the one who wrote the policy. The panic's own are on stderr.
pub fn unless_panicked<T>(build: impl FnOnce() -> T) -> Result<T, &'static str> {
    catch_unwind(AssertUnwindSafe(build)).map_err(|_| "building it panicked, which is a bug")
}

/// A format of policy files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new one is to be met wherever they are told apart"
)]
pub enum Format {
    /// `.json`
    Json,
    /// `.toml`
    Toml,
}

impl Format {
    fn of(path: &Path) -> Result<Self, &'static str> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Ok(Self::Json),
            Some("toml") => Ok(Self::Toml),
            _ => Err("a policy file ends in .toml or .json"),
        }
    }

    /// Reads a policy's settings, without building it.
    ///
    /// # Errors
    ///
    /// Fails with the first mistake.
    pub fn read(self, text: &str) -> Result<PolicyMapConfig, Mistake> {
        match self {
            Self::Json => read_json(text),
            Self::Toml => read_toml(text),
        }
    }
}

/// The reason why a text can't be read as a policy. `Display` writes one line, such as `line 2,
/// column 21: allow_credentials: "yes": it is true or false, ..`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The key; `None` for bad syntax.
    pub key: Option<String>,
    /// What is wrong, on one line.
    pub message: String,
    /// The line of the text, which most often holds the key that is not known.
    source: String,
}

impl Mistake {
    fn new(text: &str, key: &str, (line, column): (usize, usize), message: &str) -> Self {
        let source = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        // A message that begins with the key itself would name it twice.
        let last = key.rsplit('.').next().unwrap_or(key);
        let rest = message
            .strip_prefix(last)
            .and_then(|rest| rest.strip_prefix(": "));
        let message = rest.unwrap_or(message);
        Self {
            line,
            column,
            key: (!matches!(key, "" | "." | "?")).then(|| key.to_owned()),
            message: message.split_whitespace().collect::<Vec<_>>().join(" "),
            source: source.trim().to_owned(),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        match &self.key {
            Some(key) => f.write_str(key)?,
            None => write!(f, "in {:?}", self.source)?,
        }
        write!(f, ": {}", self.message)
    }
}

impl Error for Mistake {}

fn read_toml(text: &str) -> Result<PolicyMapConfig, Mistake> {
    let mistake = |key: &str, error: &toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start);
        Mistake::new(text, key, position(text, start), error.message())
    };
    let deserializer = toml::Deserializer::parse(text).map_err(|error| mistake("", &error))?;
    serde_path_to_error::deserialize(deserializer)
        .map_err(|error| mistake(&error.path().to_string(), error.inner()))
}

fn read_json(text: &str) -> Result<PolicyMapConfig, Mistake> {
    let mistake = |key: &str, error: &serde_json::Error| {
        let (line, column) = (error.line(), error.column());
        let message = error.to_string();
        let position = format!(" at line {line} column {column}");
        let message = message.strip_suffix(&position).unwrap_or(&message);
        Mistake::new(text, key, (line, column), message)
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let config = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| mistake(&error.path().to_string(), error.inner()))?;
    deserializer.end().map_err(|error| mistake("", &error))?;
    Ok(config)
}

/// Returns the line and the column of a byte. Both count from 1, the column in characters.
#[must_use]
pub fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    (line, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::Format::{Json, Toml};

    #[test]
    fn a_panic_is_words() {
        assert!(super::unless_panicked(|| -> () { panic!("a bug") }).is_err());
        assert_eq!(super::unless_panicked(|| 7), Ok(7));
    }

    #[test]
    fn a_mistake_has_key_line_and_column_on_one_line() {
        for (format, text, start) in [
            (
                Toml,
                "allow_methods = []\nallow_orgins = []\n",
                "line 2, column 1: allow_orgins: unknown field",
            ),
            (
                Toml,
                "\nallow_credentials = \"yes\"\n",
                "line 2, column 21: allow_credentials: \"yes\": it is true or false",
            ),
            (
                Toml,
                "allow_origins = [\n  7,\n]\n",
                "line 2, column 3: allow_origins[0]: 7: each item is a text",
            ),
            (
                Toml,
                "[[paths]]\npath = \"/\"\n\n[[paths]]\npath = \"/x\"\nallow_orgins = []\n",
                "line 6, column 1: paths[1].allow_orgins: unknown field",
            ),
            (
                Toml,
                "[[paths]]\npath = \"/\"\nallow_methods = [\"PUT\", 7]\n",
                "line 3, column 25: paths[0].allow_methods[1]: 7: each item is a text",
            ),
            (
                Toml,
                "[[paths]]\npath = 7\n",
                "line 2, column 8: paths[0].path: 7: it is a text",
            ),
            (
                Toml,
                "[[paths]]\nenabled = true\n",
                "line 1, column 1: paths[0]: missing field `path`",
            ),
            (
                Json,
                "{\"paths\": [], \"paths\": []}",
                "line 1, column 21: in \"{\\\"paths\\\": [], \\\"paths\\\": []}\": duplicate field `paths`",
            ),
            (
                Toml,
                "max_age = -1",
                "line 1, column 11: max_age: -1: it is a whole number of seconds",
            ),
            (Toml, "allow_methods = [\"PUT\"\n", "line 1, column 23: in "),
            (
                Toml,
                "max_age = \n",
                "line 1, column 11: in \"max_age =\": ",
            ),
            (
                Toml,
                "max_age = 1\nmax_age = 2\n",
                "line 2, column 1: in \"max_age = 2\": duplicate key",
            ),
            (
                Json,
                "{\n  \"allow_orgins\": []\n}",
                "line 2, column 16: allow_orgins: unknown field",
            ),
            (
                Json,
                "{\"allow_credentials\": \"yes\"}",
                "line 1, column 27: allow_credentials: \"yes\": it is true or false",
            ),
            (
                Json,
                "{\"allow_methods\": [\"PUT\", 7]}",
                "line 1, column 27: allow_methods[1]: 7: each item is a text",
            ),
            (
                Json,
                "{\"max_age\": }",
                "line 1, column 13: max_age: expected value",
            ),
            (
                Json,
                "{}}",
                "line 1, column 3: in \"{}}\": trailing characters",
            ),
            (Json, "", "line 1, column 0: in \"\": EOF"),
        ] {
            let mistake = format.read(text).expect_err(text).to_string();
            assert!(mistake.starts_with(start), "{text:?}: {mistake}");
            assert!(!mistake.contains('\n'), "{text:?}: {mistake}");
        }
    }
}
