//! [`Report`]: the findings of a probe.

use std::collections::BTreeMap;
use std::fmt;

use super::finding::Finding;
use super::kind::FindingKind;

/// How many requests of one kind of finding are named besides the first.
const NAMED: usize = 5;

/// The findings of a probe. `Display` has one of each kind in full, and names the other requests
/// with the same one.
#[derive(Clone, Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// Returns whether nothing was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Returns the findings, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter()
    }
}

impl Extend<Finding> for Report {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        self.findings.extend(findings);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut by_kind: BTreeMap<FindingKind, Vec<&Finding>> = BTreeMap::new();
        for finding in &self.findings {
            by_kind.entry(finding.kind()).or_default().push(finding);
        }
        write!(f, "findings: {}", self.findings.len())?;
        for findings in by_kind.values() {
            let mut findings = findings.iter();
            if let Some(first) = findings.next() {
                write!(f, "\n\n{first}")?;
            }
            for finding in findings.by_ref().take(NAMED) {
                write!(f, "\n  also:       {}", finding.request())?;
            }
            if findings.len() > 0 {
                write!(f, "\n  also:       {} more", findings.len())?;
            }
        }
        Ok(())
    }
}
