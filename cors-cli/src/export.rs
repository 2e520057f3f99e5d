//! `cors export`: the CORS configuration of a proxy that says what a policy says.

mod automaton;
mod difference;
mod envoy;
mod expression;
mod gateway_api;
mod grant;
mod nginx;
mod origins;
mod paths;
mod plan;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use self::difference::{Difference, Differences};
use self::plan::Plan;
use crate::check::Checked;
use crate::place::Places;
use crate::report::{self, Format};
use crate::source::{Source, in_words};
use crate::{shown, write};

/// Writes the CORS configuration of a proxy, made of a policy file.
///
/// What the proxy can't be told is an error that names the setting and what would differ. With
/// --lossy the configuration is written all the same, and the differences stand in comments at its
/// top: `wider` where somebody may do what the policy refuses, `narrower` where somebody may not do
/// what it allows. What the proxy does in its own manner, without a change of permissions, stands
/// there too, and is no error. The table `[shadow]` is left out.
///
/// The exit status is 0, 1 where a setting can't be exported, and 2 where the file can't be read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cors export envoy cors.toml --cluster orders > cors-envoy.yaml\n  \
                  cors export nginx cors.toml --part http > /etc/nginx/conf.d/cors.conf\n  \
                  cors export nginx cors.toml --part server > /etc/nginx/cors-server.inc"
)]
pub(crate) struct Export {
    /// The proxy.
    #[arg(value_enum)]
    pub(crate) engine: Engine,
    /// The policy file, in TOML.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Writes what can be written, and names in comments what differs.
    #[arg(long)]
    pub(crate) lossy: bool,
    /// Where requests go to: the cluster of Envoy, the Service of an HTTPRoute.
    #[arg(long, value_name = "NAME", default_value = "app")]
    pub(crate) cluster: String,
    /// Writes what stands in one place alone, so that nginx can include it.
    #[arg(long, value_enum, value_name = "PLACE")]
    pub(crate) part: Option<Part>,
}

/// A place in the configuration of nginx.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// In http { .. }: the maps.
    Http,
    /// In server { .. }: the lines that use them.
    Server,
}

/// A program that policies are exported for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// Envoy, as of 1.40: the HTTP filter, and the routes of a virtual host.
    Envoy,
    /// The Kubernetes Gateway API 1.5 or later: HTTPRoutes with a CORS filter.
    GatewayApi,
    /// nginx: maps, and the lines of a server that use them.
    Nginx,
}

/// A configuration, and what it does not say.
#[derive(Debug)]
struct Written {
    text: String,
    differences: Differences,
}

/// Writes the configuration to stdout, or the differences to stderr.
pub(crate) fn run(args: &Export) -> ExitCode {
    match export(args) {
        Ok(Outcome::Written(text)) => write(&text, ExitCode::SUCCESS),
        Ok(Outcome::Refused(problems)) => {
            eprint!("{problems}");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

enum Outcome {
    Written(String),
    Refused(String),
}

fn export(args: &Export) -> Result<Outcome, Box<dyn Error>> {
    if args.part.is_some() && args.engine != Engine::Nginx {
        let name = args.engine.name();
        return Err(format!("--part is for nginx; what is written for {name} has one part").into());
    }
    let source = Source::read(&args.file)
        .map_err(|error| format!("{}: {error}", shown(&args.file.display().to_string())))?;
    let policies = source.build();
    let policies = policies.map_err(|problems| in_words(&source.name, &problems))?;
    let places = Places::of(&source.text).ok_or("the file is no TOML")?;
    let (plan, of_all) = Plan::of(&policies, &places)?;
    let written = match args.engine {
        Engine::Envoy => envoy::write(&plan, &args.cluster, &places)?,
        Engine::GatewayApi => gateway_api::write(&plan, &args.cluster, &places)?,
        Engine::Nginx => nginx::write(&plan, &places, args.part),
    };
    // What is said of the program itself is more to the point.
    let mut differences = written.differences;
    differences.add_elsewhere(of_all);
    if !differences.is_empty() && !args.lossy {
        let findings = differences.iter();
        let findings = findings
            .map(|difference| difference.finding(&places))
            .collect();
        let checked = Checked { source, findings };
        return Ok(Outcome::Refused(report::render(Format::Text, &[checked])));
    }
    let mut text = format!(
        "# CORS for {}, made of {}.\n",
        args.engine.name(),
        source.name
    );
    comment(
        &mut text,
        "What differs from the policy:",
        differences.iter().map(Difference::line),
    );
    let manner = args.engine.manner().iter().map(|line| (*line).to_owned());
    comment(
        &mut text,
        "What it does in its own manner, and what to look after:",
        manner,
    );
    Ok(Outcome::Written(text + "\n" + &written.text))
}

fn comment(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    for (index, line) in lines.enumerate() {
        if index == 0 {
            *text += &format!("#\n# {title}\n");
        }
        *text += &format!("#   {line}\n");
    }
}

impl Engine {
    const fn name(self) -> &'static str {
        match self {
            Self::Envoy => "Envoy",
            Self::GatewayApi => "the Gateway API",
            Self::Nginx => "nginx",
        }
    }

    /// Returns what the program does under every policy in its own manner.
    const fn manner(self) -> &'static [&'static str] {
        match self {
            Self::Envoy => envoy::MANNER,
            Self::GatewayApi => gateway_api::MANNER,
            Self::Nginx => nginx::MANNER,
        }
    }
}
