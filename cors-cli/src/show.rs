//! `cors show`: the effective policy of every path.

mod words;

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use cors_core::browser::{Browser, Credentials, Request, RequestError};
use cors_core::{Policy, PolicyConfig, PolicyMap, probe};
use toml::Table;

use crate::exchange::Exchange;
use crate::place::Places;
use crate::source::{Source, in_words};
use crate::{shown, write};

/// Shows the effective policy of every path: each setting that is not the default with the place
/// that it comes from, who may do what in words, and the headers on the wire.
///
/// The exit status is 0, or 2 where the policy can't be read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  cors show cors.toml\n  CORS_MAX_AGE=60 cors show cors.toml --variables CORS_"
)]
pub(crate) struct Show {
    /// The policy file, in TOML.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Variables of the environment whose names begin so count over the file, as with
    /// `PolicyMapConfig::with_vars`.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) variables: Option<String>,
}

/// Writes the policies to stdout.
pub(crate) fn run(args: &Show) -> ExitCode {
    match show(args) {
        Ok(text) => write(&text, ExitCode::SUCCESS),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn show(args: &Show) -> Result<String, Box<dyn Error>> {
    let source = Source::read(&args.file)
        .map_err(|error| format!("{}: {error}", shown(&args.file.display().to_string())))?;
    let prefix = args.variables.as_deref();
    let policies = source.build_with(prefix);
    let policies = policies.map_err(|problems| in_words(&source.name, &problems))?;
    let origins = Origins {
        places: Places::of(&source.text).ok_or("the file is no TOML")?,
        prefix,
    };
    let mut text = String::new();
    for (index, (pattern, policy)) in policies.paths().enumerate() {
        let _ = writeln!(text, "# {pattern}\n");
        match policy {
            Some(policy) => write_policy(&mut text, policy, (Some(index), pattern), &origins)?,
            None => text += "No policy: nothing adds CORS headers there.\n",
        }
        text += "\n";
    }
    let _ = writeln!(text, "# {}\n", rest(&policies));
    match policies.default_policy() {
        Some(policy) => write_policy(&mut text, policy, (None, "/"), &origins)?,
        None => text += "No policy: nothing adds CORS headers there.\n",
    }
    if policies.shadow().is_some() {
        text += "\nThe table [shadow] answers nothing, and is not shown.\n";
    }
    Ok(text)
}

fn rest(policies: &PolicyMap) -> &'static str {
    if policies.paths().next().is_some() {
        "Every other path"
    } else {
        "Every path"
    }
}

/// Writes the settings with their origins, the words, and the headers.
fn write_policy(
    text: &mut String,
    policy: &Policy,
    (path, pattern): (Option<usize>, &str),
    origins: &Origins<'_>,
) -> Result<(), Box<dyn Error>> {
    let config = policy.config();
    let defaults = settings(&PolicyConfig::default())?;
    for (key, value) in settings(&config)? {
        let is_default = defaults.get(&key) == Some(&value);
        if !is_default || origins.places.writes(path, &key) {
            let value = shown(&value.to_string());
            writeln!(text, "{key} = {value} # {}", origins.of(path, &key))?;
        }
    }
    writeln!(text, "\n{}", words::of(&config))?;
    if let Some(page) = page(policy) {
        for exchange in exchanges(policy, &config, &page, pattern)? {
            write!(text, "\n{exchange}")?;
        }
    } else if !config.allow_origin_regexes.is_empty() {
        *text += "\nNo origin can be made of a regular expression: `cors explain --origin` shows \
                  what goes over the wire for one.\n";
    }
    Ok(())
}

fn settings(config: &PolicyConfig) -> Result<Table, Box<dyn Error>> {
    Ok(toml::from_str(&toml::to_string(config)?)?)
}

/// Where settings come from.
struct Origins<'a> {
    places: Places<'a>,
    /// How the variables begin that count over the file.
    prefix: Option<&'a str>,
}

impl Origins<'_> {
    fn of(&self, path: Option<usize>, key: &str) -> String {
        if let Some(index) = path
            && self.places.writes(path, key)
        {
            return format!("paths[{index}]");
        }
        let variable = self
            .prefix
            .map(|prefix| format!("{prefix}{}", key.to_ascii_uppercase()));
        match variable.filter(|variable| env::var_os(variable).is_some()) {
            Some(variable) => variable,
            None => "the top".to_owned(),
        }
    }
}

/// Returns the origin of a page that the policy allows, if one can be made of an item.
fn page(policy: &Policy) -> Option<String> {
    let mut pages = probe::sample_origins(policy).into_iter();
    pages.find(|page| policy.allows_origin(page))
}

/// Returns what goes over the wire for a request that needs a preflight, if the policy lists
/// anything that does.
fn exchanges(
    policy: &Policy,
    config: &PolicyConfig,
    page: &str,
    pattern: &str,
) -> Result<Vec<Exchange>, RequestError> {
    let named = |list: &[String], or: &str| {
        let named = list.iter().find(|item| !item.contains('*'));
        let any = list.first().map(|_| or.to_owned());
        named.cloned().or(any)
    };
    let method = named(&config.allow_methods, "PUT").unwrap_or_else(|| "GET".to_owned());
    let mut request = Request::new(&method)?;
    if let Some(name) = named(&config.allow_headers, "x-any") {
        let value = if name.eq_ignore_ascii_case("content-type") {
            "application/json"
        } else {
            "1"
        };
        request = request.header(&name, value)?;
    }
    if config.allow_credentials || !config.allow_credentials_from.is_empty() {
        request = request.credentials(Credentials::Include);
    }
    let policies = PolicyMap::from(policy.clone());
    let mut exchanges = Vec::new();
    let hosts = probe::sample_hosts(policy);
    let host = hosts.first().filter(|_| !config.allow_hosts.is_empty());
    let host = host.map_or("api.example", String::as_str);
    let url = format!("https://{host}{}", probe::sample_path(pattern));
    // What the script gets is no part of this.
    let _ = Browser::new().fetch(Duration::ZERO, page, &url, &request, |sent| {
        let exchange = Exchange::of(sent, &policies);
        let response = exchange.response.clone();
        exchanges.push(exchange);
        response
    });
    Ok(exchanges)
}
