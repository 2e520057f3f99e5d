//! `cors probe`: what a running server does for pages, behind whatever stands before it.

mod call;
mod client;
mod fields;
mod finding;
mod judge;
mod kind;
mod near;
mod own_lines;
mod pages;
mod plan;
mod report;
mod secrets;
mod sending;
mod target;
mod told;
mod under_policy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use cors_core::PolicyMap;

use self::call::Seen;
use self::client::Client;
use self::fields::Fields;
use self::finding::Writer;
use self::own_lines::OwnLines;
use self::pages::Pages;
use self::report::{Format, Report};
use self::sending::{reach, send};
use self::target::Target;
use self::under_policy::UnderPolicy;
use crate::place::position;
use crate::source::Source;
use crate::{shown, write};

/// Sends requests to a running server as browsers do for pages of allowed, foreign and null
/// origins, and names what is wrong with the responses.
///
/// GET, HEAD and OPTIONS are sent, to one host, one at a time. Nothing is stored. HTTPS_PROXY,
/// HTTP_PROXY and NO_PROXY are followed, where they are set.
///
/// The exit status is 0 where nothing is found, or warnings alone; 1 where something is; and 2
/// where the server does not respond as it should, where not all was sent, or an argument is wrong.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cors probe https://api.example.com/orders --origin https://app.example.com\n  cors probe http://localhost:8080/orders --policy cors.toml --header 'Authorization: Bearer ..'"
)]
pub(crate) struct Probe {
    /// The URL of the server, with the first path that is probed.
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// The policy that the server is meant to have: each difference is a finding.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// A further path that is probed; may be repeated. With a policy, its other paths are left out
    /// then.
    #[arg(long = "path", value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// An origin that is meant to be allowed, or a pattern such as https://*.example.com; may be
    /// repeated. With a policy, an origin to try besides those that it lists.
    #[arg(long = "origin", value_name = "ORIGIN")]
    pub(crate) origins: Vec<String>,
    /// A header of the requests, such as a login; may be repeated. As in browsers, preflights don't
    /// have it: but for Host, and for one a path, which shows whether they need a login. Its value
    /// is not written, nor is what a server makes of it by percent-escapes and base64; but for
    /// Accept, Host, User-Agent, Via, Forwarded, and of X-Forwarded those that say how a request came.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Also sends POST, PUT, PATCH and DELETE.
    #[arg(long)]
    pub(crate) unsafe_methods: bool,
    /// How many seconds a response may take; the whole takes thirty times as long at most.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub(crate) timeout: u16,
    /// Takes any certificate.
    #[arg(long)]
    pub(crate) insecure: bool,
    /// How the findings are written.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Probes the server, and writes what is found to stdout.
pub(crate) fn run(args: &Probe) -> ExitCode {
    match probe(args) {
        Ok(report) => {
            let status = if let Some(stopped) = &report.stopped {
                eprintln!("{}: {stopped}", report.url);
                2
            } else {
                u8::from(report.has_problems())
            };
            write(&report.render(args.format), ExitCode::from(status))
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn probe(args: &Probe) -> Result<Report, String> {
    let target = Target::read(&args.url, &args.paths)?;
    let own_lines = OwnLines::read(&args.headers)?;
    let policies = args.policy.as_deref().map(read_policies).transpose()?;
    let pages = Pages::of(if policies.is_some() {
        &[]
    } else {
        &args.origins
    })?;
    let may_change = args.unsafe_methods;
    let (under_policy, calls) = match &policies {
        Some(policies) => {
            let origins = &args.origins;
            let only_named = !args.paths.is_empty();
            let plan = UnderPolicy::plan(
                &target, policies, origins, &own_lines, may_change, only_named,
            )?;
            (Some(plan.0), plan.1)
        }
        None => {
            let battery = plan::battery(&target, &pages, &own_lines, may_change);
            (None, battery.map_err(|error| error.to_string())?)
        }
    };
    let timeout = Duration::from_secs(args.timeout.into());
    let mut client = Client::new(&target, own_lines.clone(), timeout, args.insecure);
    client.takes(calls.len())?;
    let first = target.paths.first().map_or("/", String::as_str);
    let mut report = Report {
        url: shown(&format!("{}{first}", target.server)),
        requests: 0,
        findings: Vec::new(),
        notes: Vec::new(),
        stopped: None,
        is_reached: true,
    };
    if let Err(why) = reach(&mut client, &target) {
        report.requests = client.sent;
        report.stopped = Some(own_lines.without_secrets(&why));
        report.is_reached = false;
        return Ok(report);
    }
    let sent = send(&mut client, calls);
    let seen = &sent.seen;
    let writer = Writer {
        target: &target,
        own_lines: &own_lines,
    };
    report.findings = match &under_policy {
        Some(plan) => plan.judge(seen, &writer),
        None => {
            let found = judge::judge(seen, &pages, own_lines.has("authorization"));
            found.iter().map(|found| writer.of_battery(found)).collect()
        }
    };
    if under_policy.is_none() && !pages.are_named && !allows(seen, &pages.first) {
        let note = "no page was allowed: what an allowed one gets is not known; name one with \
                    --origin";
        report.notes.push(note.to_owned());
    }
    if let Some(left_out) = under_policy
        .map(|plan| plan.left_out)
        .filter(|count| *count > 0)
    {
        report.notes.push(format!(
            "paths of the file that were left out, since --path names others: {left_out}"
        ));
    }
    if let Some(status) = failing_everywhere(seen) {
        report.notes.push(format!(
            "no request had a response with a status below 400, and the first one had {status}: \
             what the app itself does is not known; see the path, --header 'Host: ..' and the login"
        ));
    }
    if let Some(why) = sent.first_dropped {
        let count = sent.dropped;
        let note = format!(
            "no response to an origin that is not allowed counts as a refusal; so many requests \
             got none: {count}; the first was {why}"
        );
        report.notes.push(own_lines.without_secrets(&note));
    }
    report.requests = client.sent;
    report.stopped = sent.stopped.map(|why| own_lines.without_secrets(&why));
    Ok(report)
}

fn read_policies(path: &Path) -> Result<PolicyMap, String> {
    let source = Source::read(path);
    let source =
        source.map_err(|error| format!("{}: {error}", shown(&path.display().to_string())))?;
    let policies = source.build();
    policies.map_err(|problems| {
        let lines = problems.iter().map(|problem| match &problem.span {
            Some(span) => {
                let (line, column) = position(&source.text, span.start);
                format!("{}:{line}:{column}: {problem}", source.name)
            }
            None => format!("{}: {problem}", source.name),
        });
        lines.collect::<Vec<_>>().join("\n")
    })
}

/// Returns the first status where every request fails that is none for a preflight.
fn failing_everywhere(seen: &[Seen]) -> Option<u16> {
    let actual = seen.iter().filter(|seen| !seen.call.is_preflight());
    let mut statuses = actual.map(|seen| seen.response.status());
    let first = statuses.next()?;
    (first >= 400 && statuses.all(|status| status >= 400)).then_some(first)
}

fn allows(seen: &[Seen], page: &str) -> bool {
    let mut seen = seen.iter();
    seen.any(|seen| {
        let is_of_page = seen.call.page.as_deref() == Some(page);
        is_of_page && Fields(&seen.response).allow_origin().allows(page)
    })
}
