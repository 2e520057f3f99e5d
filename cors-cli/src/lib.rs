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
mod item;
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
            // What Unicode calls default-ignorable, which fonts show nothing for.
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fff8}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
                // Ends of lines and of paragraphs, and what annotates a text.
                | '\u{2028}'..='\u{2029}'
                | '\u{fff9}'..='\u{fffb}'
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
