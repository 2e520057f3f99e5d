//! `cors diff`: who may do what under one file and not under the other.

mod access;
mod changes;
mod compare;
mod grants;
mod hosts;
mod items;
mod names;
mod pages;
mod pairs;
mod paths;
mod phrases;
mod readings;
mod render;
mod same;
mod settings;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use cors_core::PolicyMap;

use self::changes::Changes;
use crate::source::{Source, in_words};
use crate::{input, shown, write};

/// Says who may do what under NEW and could not under OLD, and the other way round.
///
/// It tries both with every page, method, header, path and host that either names, and with such as
/// neither does. Regular expressions and what depends on the app can't be tried: where they differ,
/// that counts as wider. A path without a policy counts as one that allows nobody. Of paths that can
/// be read in several ways, those with one kind of mark are tried (`a%2Fb`), not mixtures (`a%253Bb`).
///
/// The exit status is 0 where nothing is wider, 1 where something is, and 2 where a policy can't be
/// read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cors diff deployed.toml cors.toml\n  cors diff <(git show main:cors.toml) cors.toml"
)]
pub(crate) struct Diff {
    /// The policy file before, in TOML; `-` for stdin.
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The policy file afterwards.
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// How the changes are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// How changes are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One object, with `widens` and the lists `wider` and `narrower`.
    Json,
}

/// Writes the changes to stdout.
pub(crate) fn run(args: &Diff) -> ExitCode {
    if input::is_stdin(&args.old) && input::is_stdin(&args.new) {
        eprintln!("stdin can't be both files");
        return ExitCode::from(2);
    }
    let (old, new) = match (read(&args.old), read(&args.new)) {
        (Ok(old), Ok(new)) => (old, new),
        (old, new) => {
            for error in [old.err(), new.err()].into_iter().flatten() {
                eprintln!("{error}");
            }
            return ExitCode::from(2);
        }
    };
    let changes = Changes::between([&old, &new]);
    let text = match args.format {
        Format::Text => render::text(&changes),
        Format::Json => render::json(&changes),
    };
    write(&text, ExitCode::from(u8::from(changes.widens())))
}

fn read(path: &Path) -> Result<PolicyMap, String> {
    let source = Source::read(path)
        .map_err(|error| format!("{}: {error}", shown(&path.display().to_string())))?;
    source
        .build()
        .map_err(|problems| in_words(&source.name, &problems))
}
