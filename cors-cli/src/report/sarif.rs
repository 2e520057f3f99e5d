//! Findings as SARIF 2.1.0
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::check::Checked;
use crate::finding::{Finding, Level};
use crate::place::position;
use crate::source::Source;

pub(super) fn render(checked: &[Checked]) -> String {
    let findings = || {
        checked.iter().flat_map(|checked| {
            let findings = checked.findings.iter();
            findings.map(|finding| (&checked.source, finding))
        })
    };
    let kinds: BTreeSet<_> = findings().map(|(_, finding)| &finding.kind).collect();
    let rules: Vec<_> = kinds.iter().map(|kind| json!({ "id": kind })).collect();
    let results: Vec<_> = findings()
        .map(|(source, finding)| result(source, finding))
        .collect();
    let sarif = json!({
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
    format!("{sarif:#}\n")
}

fn result(source: &Source, finding: &Finding) -> Value {
    let mut physical = json!({
        "artifactLocation": { "uri": uri(&source.name) },
    });
    if let Some(span) = &finding.span {
        let (start_line, start_column) = position(&source.text, span.start);
        let (end_line, end_column) = position(&source.text, span.end);
        physical["region"] = json!({
            "startLine": start_line,
            "startColumn": start_column,
            "endLine": end_line,
            "endColumn": end_column,
        });
    }
    json!({
        "ruleId": finding.kind,
        "level": match finding.level {
            Level::Problem => "error",
            Level::Warning => "warning",
        },
        "message": { "text": finding.to_string() },
        "locations": [{ "physicalLocation": physical }],
    })
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
