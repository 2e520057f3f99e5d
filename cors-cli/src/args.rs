//! The command line.

use clap::{Parser, Subcommand};

use crate::check::Check;
use crate::diff::Diff;
use crate::explain::Explain;
use crate::export::Export;
use crate::generate::{Completions, Man};
use crate::probe::Probe;
use crate::show::Show;

/// Checks CORS policy files, says what they allow, and asks running servers whether they do so.
#[derive(Debug, Parser)]
#[command(name = "cors", version, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(Check),
    Diff(Diff),
    Explain(Explain),
    Export(Export),
    Probe(Probe),
    Show(Show),
    Completions(Completions),
    Man(Man),
}
