//! Findings as commands of a GitHub workflow
//! (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).

use crate::check::Checked;
use crate::finding::Level;
use crate::place::position;

pub(super) fn render(checked: &[Checked]) -> String {
    let mut commands = String::new();
    for Checked { source, findings } in checked {
        for finding in findings {
            let command = match finding.level {
                Level::Problem => "error",
                Level::Warning => "warning",
            };
            let file = property(&source.name);
            let place = match &finding.span {
                Some(span) => {
                    let (line, column) = position(&source.text, span.start);
                    format!(",line={line},col={column}")
                }
                None => String::new(),
            };
            let title = property(&finding.kind);
            let message = message(&finding.to_string());
            commands += &format!("::{command} file={file}{place},title={title}::{message}\n");
        }
    }
    commands
}

fn message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
