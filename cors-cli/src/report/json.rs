//! Findings as one object, for programs.

use serde_json::{Value, json};

use crate::check::Checked;
use crate::finding::{Finding, Level};
use crate::in_json;
use crate::lines::Lines;
use crate::source::Source;

pub(super) fn render(checked: &[Checked]) -> String {
    let findings: Vec<_> = checked
        .iter()
        .flat_map(|checked| {
            let lines = Lines::of(&checked.source.text);
            let findings = checked.findings.iter();
            findings.map(move |finding| of(&checked.source, &lines, finding))
        })
        .collect();
    in_json(&json!({ "findings": findings }))
}

fn of(source: &Source, lines: &Lines<'_>, finding: &Finding) -> Value {
    let start = finding.span.as_ref().map(|span| lines.position(span.start));
    json!({
        "level": match finding.level {
            Level::Problem => "problem",
            Level::Warning => "warning",
        },
        "kind": finding.kind,
        "where": {
            "file": source.name,
            "line": start.map(|(line, _)| line),
            "column": start.map(|(_, column)| column),
            "setting": finding.place,
        },
        "why": finding.why,
        "remedy": finding.remedy,
    })
}
