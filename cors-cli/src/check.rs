//! `cors check`: the problems and the warnings of policy files.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::finding::{Finding, Level};
use crate::report::{self, Format};
use crate::source::Source;
use crate::warnings;
use crate::{shown, write};

/// Names every problem of policy files, where it is and what to write instead.
///
/// A file that can be built may still have warnings: what is likely not meant. They don't make the
/// command fail.
///
/// The exit status is 0 where every file can be built, 1 where one has problems, and 2 where one
/// can't be read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cors check cors.toml\n  cors check --format sarif deploy/*.toml > cors.sarif"
)]
pub(crate) struct Check {
    /// The policy files, in TOML.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How the findings are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

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
                let name = shown(&path.display().to_string());
                eprintln!("{name}: {error}");
                is_unread = true;
                // Whoever reads one of the other formats may not see stderr.
                if !matches!(args.format, Format::Text) {
                    checked.push(Checked::unread(name, &error));
                }
            }
        }
    }
    let mut findings = checked.iter().flat_map(|checked| &checked.findings);
    let status = if is_unread {
        ExitCode::from(2)
    } else if findings.any(|finding| finding.level == Level::Problem) {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    };
    write(&report::render(args.format, &checked), status)
}

impl Checked {
    fn of(source: Source) -> Self {
        let findings = match source.build() {
            Ok(policies) => warnings::of(&policies, &source.text),
            Err(problems) => problems,
        };
        Self { source, findings }
    }

    fn unread(name: String, error: &io::Error) -> Self {
        let finding = Finding {
            level: Level::Problem,
            kind: "Unread".to_owned(),
            place: String::new(),
            span: None,
            why: format!("the file can't be read: {error}"),
            remedy: String::new(),
        };
        let source = Source {
            name,
            text: String::new(),
        };
        Self {
            source,
            findings: vec![finding],
        }
    }
}
