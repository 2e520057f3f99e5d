//! The forms in which findings are written.

mod github;
mod json;
mod sarif;
mod text;

use crate::args::Format;
use crate::check::Checked;

/// Returns what is written to stdout.
pub(crate) fn render(format: Format, checked: &[Checked]) -> String {
    match format {
        Format::Text => text::render(checked),
        Format::Json => json::render(checked),
        Format::Sarif => sarif::render(checked),
        Format::Github => github::render(checked),
    }
}
