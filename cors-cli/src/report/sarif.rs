//! Findings as SARIF 2.1.0
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::check::Checked;
use crate::finding::{Finding, Level};
use crate::in_json;
use crate::lines::Lines;
use crate::source::Source;

/// A result, and where it is: the value of `physicalLocation`.
pub(crate) struct Found<'a> {
    pub(crate) kind: &'a str,
    pub(crate) level: Level,
    pub(crate) message: String,
    pub(crate) location: Value,
}

pub(super) fn render(checked: &[Checked]) -> String {
    let found = checked.iter().flat_map(|checked| {
        let lines = Lines::of(&checked.source.text);
        let findings = checked.findings.iter();
        findings.map(move |finding| found(&checked.source, &lines, finding))
    });
    document(found, None)
}

/// Returns the document of one run, with how it went.
pub(crate) fn document<'a>(
    found: impl Iterator<Item = Found<'a>>,
    invocation: Option<Value>,
) -> String {
    let mut kinds = BTreeSet::new();
    let mut results = Vec::new();
    for found in found {
        kinds.insert(found.kind);
        results.push(json!({
            "ruleId": found.kind,
            "level": match found.level {
                Level::Problem => "error",
                Level::Warning => "warning",
            },
            "message": { "text": found.message },
            "locations": [{ "physicalLocation": found.location }],
        }));
    }
    let rules: Vec<_> = kinds.iter().map(|kind| json!({ "id": kind })).collect();
    let mut sarif = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cors",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    if let Some(invocation) = invocation {
        sarif["runs"][0]["invocations"] = json!([invocation]);
    }
    in_json(&sarif)
}

fn found<'a>(source: &Source, lines: &Lines<'_>, finding: &'a Finding) -> Found<'a> {
    let mut location = json!({
        "artifactLocation": { "uri": uri(&source.name) },
    });
    if let Some(span) = &finding.span {
        let (start_line, start_column) = lines.position(span.start);
        let (end_line, end_column) = lines.position(span.end);
        location["region"] = json!({
            "startLine": start_line,
            "startColumn": start_column,
            "endLine": end_line,
            "endColumn": end_column,
        });
    }
    Found {
        kind: &finding.kind,
        level: finding.level,
        message: finding.to_string(),
        location,
    }
}

/// Returns the reference to a file that is named relative to where the command runs.
fn uri(name: &str) -> String {
    let name = if cfg!(windows) {
        name.replace('\\', "/")
    } else {
        name.to_owned()
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let bytes = name.bytes().map(|byte| {
        if is_plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    bytes.collect()
}
