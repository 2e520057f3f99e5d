//! The command `cors`: checks policy files, shows and explains what they allow, and probes servers.
//!
//! The library is the command itself, for its binary, and [`place`], which finds the settings of a
//! policy in the text of its file.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod args;
mod check;
mod diff;
mod exchange;
mod explain;
mod export;
mod finding;
mod generate;
mod input;
mod lines;
pub mod place;
mod probe;
mod report;
mod show;
mod source;
mod warnings;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use serde_json::Value;

use crate::args::{Args, Command};

/// Runs the command with the arguments of the process, and returns its exit status.
#[must_use]
pub fn run() -> ExitCode {
    match Args::parse().command {
        Command::Check(check) => check::run(&check),
        Command::Diff(diff) => diff::run(&diff),
        Command::Explain(explain) => explain::run(&explain),
        Command::Export(export) => export::run(&export),
        Command::Probe(probe) => probe::run(&probe),
        Command::Show(show) => show::run(&show),
        Command::Completions(completions) => generate::completions(&completions),
        Command::Man(man) => generate::man(&man),
    }
}

/// Writes a text to stdout, and returns the exit status: the given one, or 2 where the text can't be
/// written. Whoever reads it may have seen enough, as `head` has.
fn write(text: &str, status: ExitCode) -> ExitCode {
    let mut stdout = io::stdout();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("stdout: {error}");
            ExitCode::from(2)
        }
        Ok(()) | Err(_) => status,
    }
}

/// Returns a text as a terminal can show it: letters stay, and what controls the terminal, turns
/// text around or is not seen is escaped.
fn shown(text: &str) -> String {
    let escaped = text.chars().map(|char| {
        if is_shown(char) {
            char.to_string()
        } else {
            char.escape_unicode().to_string()
        }
    });
    escaped.collect()
}

fn is_shown(char: char) -> bool {
    !char.is_control()
        && !matches!(
            char,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Returns a document of JSON that a terminal can show.
fn in_json(document: &Value) -> String {
    let mut text = String::new();
    for char in format!("{document:#}\n").chars() {
        // JSON itself has line ends, and all others only within texts.
        if char == '\n' || is_shown(char) {
            text.push(char);
        } else {
            let mut units = [0; 2];
            let units = char.encode_utf16(&mut units).iter();
            text.extend(units.map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

/// Returns a word of a shell.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
