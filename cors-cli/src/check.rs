//! `cors check`: the problems and the warnings of policy files.

use std::process::ExitCode;

use crate::args::Check;
use crate::finding::{Finding, Level};
use crate::report;
use crate::source::Source;
use crate::warnings;
use crate::write;

/// A file with what is found in it.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) source: Source,
    pub(crate) findings: Vec<Finding>,
}

/// Checks the files, and writes what is found to stdout.
pub(crate) fn run(args: &Check) -> ExitCode {
    let mut checked = Vec::new();
    let mut is_unread = false;
    for path in &args.files {
        match Source::read(path) {
            Ok(source) => checked.push(Checked::of(source)),
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                is_unread = true;
            }
        }
    }
    write(&report::render(args.format, &checked));
    let mut findings = checked.iter().flat_map(|checked| &checked.findings);
    if is_unread {
        ExitCode::from(2)
    } else if findings.any(|finding| finding.level == Level::Problem) {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    }
}

impl Checked {
    fn of(source: Source) -> Self {
        let findings = match source.build() {
            Ok(policies) => warnings::of(&policies, &source.text),
            Err(problems) => problems,
        };
        Self { source, findings }
    }
}
