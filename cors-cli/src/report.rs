//! The forms in which findings are written.

mod github;
mod json;
pub(crate) mod sarif;
mod text;

use clap::ValueEnum;

use crate::check::Checked;

/// How findings are written.
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

/// Returns what is written to stdout.
pub(crate) fn render(format: Format, checked: &[Checked]) -> String {
    match format {
        Format::Text => text::render(checked),
        Format::Json => json::render(checked),
        Format::Sarif => sarif::render(checked),
        Format::Github => github::render(checked),
    }
}
