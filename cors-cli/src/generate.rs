//! `cors completions` and `cors man`: what is made from the command line itself.

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::args::{Args, Completions, Man};
use crate::write;

/// Writes the completions of a shell to stdout.
pub(crate) fn completions(args: &Completions) -> ExitCode {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "cors", &mut text);
    write(&String::from_utf8_lossy(&text), ExitCode::SUCCESS)
}

/// Writes the pages of the manual to files.
pub(crate) fn man(args: &Man) -> ExitCode {
    match clap_mangen::generate_to(Args::command(), &args.directory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", args.directory.display());
            ExitCode::from(2)
        }
    }
}
