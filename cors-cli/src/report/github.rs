//! Findings as commands of a GitHub workflow
//! (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).

use crate::check::Checked;
use crate::finding::Level;
use crate::lines::Lines;
use crate::shown;

pub(super) fn render(checked: &[Checked]) -> String {
    let mut commands = String::new();
    for Checked { source, findings } in checked {
        let lines = Lines::of(&source.text);
        for finding in findings {
            let command = match finding.level {
                Level::Problem => "error",
                Level::Warning => "warning",
            };
            let file = property(&source.name);
            let place = match &finding.span {
                Some(span) => {
                    let (line, column) = lines.position(span.start);
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
    let lines = text.lines().map(|line| shown(line).replace('%', "%25"));
    lines.collect::<Vec<_>>().join("%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
