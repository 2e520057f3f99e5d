//! The forms in which findings about a server are written.

use std::collections::BTreeMap;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::finding::Finding;
use crate::finding::Level;
use crate::in_json;
use crate::report::sarif;

/// How many requests of one kind of finding are named besides the first.
const NAMED: usize = 5;

/// How the findings about a server are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// For people, by kind.
    Text,
    /// One object, with a list `findings`.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

/// What a probe found out.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) url: String,
    /// How many requests were sent.
    pub(crate) requests: usize,
    pub(crate) findings: Vec<Finding>,
    /// What was not looked at, and why.
    pub(crate) notes: Vec<String>,
    /// Why not everything was sent.
    pub(crate) stopped: Option<String>,
    /// Whether the server has responded at all.
    pub(crate) is_reached: bool,
}

impl Report {
    pub(crate) fn render(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(),
            Format::Json => self.json(),
            Format::Sarif => self.sarif(),
        }
    }

    /// Returns whether there is more than warnings.
    pub(crate) fn has_problems(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.level == Level::Problem)
    }

    fn text(&self) -> String {
        if !self.is_reached {
            // What stopped it says all.
            return String::new();
        }
        let mut by_kind: BTreeMap<(bool, &str), Vec<&Finding>> = BTreeMap::new();
        for finding in &self.findings {
            let key = (finding.level == Level::Warning, &*finding.kind);
            by_kind.entry(key).or_default().push(finding);
        }
        let mut text = String::new();
        for ((is_warning, kind), findings) in &by_kind {
            let level = if *is_warning { "warning" } else { "error" };
            let mut findings = findings.iter();
            if let Some(first) = findings.next() {
                text += &format!("{level}[{kind}]: {}\n", first.title);
                text += &format!("  request:    {}\n", first.request);
                text += &format!("  sent:       {}\n", first.curl);
                text += &format!("  came back:  {}\n", first.came_back);
                if let Some(expected) = &first.expected {
                    text += &format!("  the policy: {expected}\n");
                }
                text += &format!("  a browser:  {}\n", first.browser);
                text += &format!("  remedy:     {}\n", first.remedy);
            }
            for finding in findings.by_ref().take(NAMED) {
                text += &format!("  also:       {}\n", finding.request);
            }
            if findings.len() > 0 {
                text += &format!("  also:       {} more\n", findings.len());
            }
            text += "\n";
        }
        for note in &self.notes {
            text += &format!("note: {note}\n");
        }
        let count = |level| {
            let findings = self.findings.iter();
            findings.filter(|finding| finding.level == level).count()
        };
        let found = match (count(Level::Problem), count(Level::Warning)) {
            (0, 0) => "nothing found".to_owned(),
            (problems, warnings) => format!(
                "{}, {}",
                counted(problems, "finding"),
                counted(warnings, "warning")
            ),
        };
        let requests = counted(self.requests, "request");
        text += &match self.stopped {
            Some(_) => format!(
                "{}: cut short after {requests}; {found} until then\n",
                self.url
            ),
            None => format!("{}: {found} ({requests})\n", self.url),
        };
        text
    }

    fn json(&self) -> String {
        let findings: Vec<_> = self.findings.iter().map(as_json).collect();
        let object = json!({
            "url": self.url,
            "requests": self.requests,
            "findings": findings,
            "notes": self.notes,
            "stopped": self.stopped,
        });
        in_json(&object)
    }

    fn sarif(&self) -> String {
        let results = self.findings.iter().map(|finding| sarif::Found {
            kind: &finding.kind,
            level: finding.level,
            message: format!("{}: {}; {}", finding.request, finding.why, finding.remedy),
            location: json!({ "artifactLocation": { "uri": finding.url } }),
        });
        let notification = |level, text| json!({ "level": level, "message": { "text": text } });
        let stopped = self.stopped.iter().map(|why| notification("error", why));
        let notes = self.notes.iter().map(|note| notification("note", note));
        let notifications = stopped.chain(notes);
        let invocation = json!({
            "executionSuccessful": self.stopped.is_none(),
            "toolExecutionNotifications": notifications.collect::<Vec<_>>(),
        });
        sarif::document(results, Some(invocation))
    }
}

fn counted(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    }
}

fn as_json(finding: &Finding) -> Value {
    json!({
        "level": match finding.level {
            Level::Problem => "problem",
            Level::Warning => "warning",
        },
        "kind": finding.kind,
        "where": {
            "request": finding.request,
            "method": finding.method,
            "path": finding.path,
            "origin": finding.origin,
            "url": finding.url,
        },
        "sent": finding.curl,
        "got": finding.came_back,
        "policy": finding.expected,
        "browser": finding.browser,
        "why": finding.why,
        "remedy": finding.remedy,
    })
}
