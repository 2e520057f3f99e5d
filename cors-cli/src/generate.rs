//! `cors completions` and `cors man`: what is made from the command line itself.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::args::Args;
use crate::write;

/// Writes what a shell needs to complete the command's arguments.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cors completions bash > ~/.local/share/bash-completion/completions/cors"
)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// Writes a page of the manual for the command and for each of its commands.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cors man ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The directory for the pages, which is there.
    #[arg(value_name = "DIRECTORY")]
    pub(crate) directory: PathBuf,
}

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
