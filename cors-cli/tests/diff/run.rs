//! The command, run on two texts.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

pub(crate) type Tested = Result<(), Box<dyn Error>>;

pub(crate) fn cors(arguments: &[&str], directory: &Path) -> Result<Output, Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cors"));
    Ok(command.args(arguments).current_dir(directory).output()?)
}

fn run(format: &str, old: &str, new: &str) -> Result<Output, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    fs::write(directory.path().join("old.toml"), old)?;
    fs::write(directory.path().join("new.toml"), new)?;
    let arguments = ["diff", "--format", format, "old.toml", "new.toml"];
    cors(&arguments, directory.path())
}

/// Returns the exit status, and what is written for people.
pub(crate) fn text(old: &str, new: &str) -> Result<(Option<i32>, String), Box<dyn Error>> {
    let output = run("text", old, new)?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), String::from_utf8(said)?))
}

/// What is said of two texts.
#[derive(Debug, PartialEq)]
pub(crate) struct Said(pub(crate) Value);

pub(crate) fn diff(old: &str, new: &str) -> Result<Said, Box<dyn Error>> {
    let output = run("json", old, new)?;
    let said: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let expected = if said["widens"] == true { 1 } else { 0 };
    assert_eq!(output.status.code(), Some(expected), "{said:#}");
    Ok(Said(said))
}

impl Said {
    pub(crate) fn widens(&self) -> bool {
        self.0["widens"] == true
    }

    pub(crate) fn is_empty(&self) -> bool {
        ["wider", "narrower", "left_out", "untried"]
            .iter()
            .all(|list| self.list(list).is_empty())
    }

    pub(crate) fn list(&self, name: &str) -> &[Value] {
        self.0[name].as_array().map_or(&[], Vec::as_slice)
    }

    /// Returns whether the lines of a list have one with these words for the path, for who, and for
    /// what they may do.
    pub(crate) fn has(&self, list: &str, [path, who, may]: [&str; 3]) -> bool {
        let has = |line: &Value, key: &str, word: &str| {
            let words = line[key].as_array().into_iter().flatten();
            words.filter_map(Value::as_str).any(|said| said == word)
        };
        let mut lines = self.list(list).iter();
        lines.any(|line| has(line, "path", path) && has(line, "who", who) && has(line, "may", may))
    }
}

/// Holds where a line is in `wider`, and in `narrower` with the files exchanged.
pub(crate) fn assert_wider(old: &str, new: &str, line: [&str; 3]) -> Tested {
    let said = diff(old, new)?;
    assert!(
        said.widens() && said.has("wider", line),
        "{line:?}\n{:#}",
        said.0
    );
    let back = diff(new, old)?;
    assert!(back.has("narrower", line), "{line:?}\n{:#}", back.0);
    Ok(())
}

/// Holds where nothing is wider, and something is with the files exchanged.
pub(crate) fn assert_narrower(old: &str, new: &str) -> Tested {
    let said = diff(old, new)?;
    assert!(
        !said.widens() && !said.list("narrower").is_empty(),
        "{:#}",
        said.0
    );
    assert!(diff(new, old)?.widens());
    Ok(())
}
