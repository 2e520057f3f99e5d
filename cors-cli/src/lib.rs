//! The command `cors`: checks policy files, shows and explains what they allow, and compares them.
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
mod finding;
mod generate;
pub mod place;
mod report;
mod show;
mod source;
mod warnings;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Args, Command};

/// Runs the command with the arguments of the process, and returns its exit status.
#[must_use]
pub fn run() -> ExitCode {
    match Args::parse().command {
        Command::Check(check) => check::run(&check),
        Command::Diff(diff) => diff::run(&diff),
        Command::Explain(explain) => explain::run(&explain),
        Command::Show(show) => show::run(&show),
        Command::Completions(completions) => generate::completions(&completions),
        Command::Man(man) => generate::man(&man),
    }
}

/// Writes a text to stdout. Whoever reads it may have seen enough, as `head` has.
fn write(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}
