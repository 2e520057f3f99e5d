//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Checks CORS policy files.
#[derive(Debug, Parser)]
#[command(name = "cors", version, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(Check),
    Explain(Explain),
    Show(Show),
    Completions(Completions),
    Man(Man),
}

/// Names every problem of policy files, where it is and what to write instead.
///
/// A file that can be built may still have warnings: what is likely not meant. They don't make the
/// command fail.
///
/// The exit status is 0 where every file can be built, 1 where one has problems, and 2 where one
/// can't be read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cors check cors.toml\n  cors check --format sarif deploy/*.toml > cors.sarif"
)]
pub(crate) struct Check {
    /// The policy files, in TOML.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How the findings are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// For people, with the lines of the file.
    Text,
    /// One object, with a list `findings`.
    Json,
    /// SARIF 2.1.0, which code hosts and editors show beside the lines.
    Sarif,
    /// Commands of a GitHub workflow, which GitHub shows beside the lines.
    Github,
}

/// Says what comes of a request under a policy: whether the browser asks first and why, what goes
/// over the wire both ways, and what a page's script gets.
///
/// The browser is a model of one, and the server is the policy: nothing is sent.
///
/// The exit status is 0 where the script can read the response, 1 where it can't, and 2 where the
/// policy or the request can't be read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cors explain cors.toml --origin https://app.example.com --method PUT \\\n      --header 'content-type: application/json' --path /orders/7 --credentials"
)]
pub(crate) struct Explain {
    /// The policy file, in TOML.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The origin of the page.
    #[arg(long)]
    pub(crate) origin: String,
    /// The method.
    #[arg(long, default_value = "GET")]
    pub(crate) method: String,
    /// A header that the script sets, with or without a value; may be repeated.
    #[arg(long = "header", value_name = "NAME[: VALUE]")]
    pub(crate) headers: Vec<String>,
    /// The path, as it is sent.
    #[arg(long, default_value = "/")]
    pub(crate) path: String,
    /// The host of the server.
    #[arg(long, default_value = "api.example")]
    pub(crate) host: String,
    /// The script sends cookies (`credentials: "include"`).
    #[arg(long)]
    pub(crate) credentials: bool,
}

/// Shows the effective policy of every path: each setting that is not the default with the place
/// that it comes from, who may do what in words, and the headers on the wire.
///
/// The exit status is 0, or 2 where the policy can't be read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cors show cors.toml\n  CORS_MAX_AGE=60 cors show cors.toml --variables CORS_"
)]
pub(crate) struct Show {
    /// The policy file, in TOML.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Variables of the environment whose names begin so count over the file, as with
    /// `PolicyMapConfig::with_vars`.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) variables: Option<String>,
}

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
