//! `cors show`: the effective policy of every path.

mod effect;
mod settings;
mod words;

use std::collections::BTreeSet;
use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use cors_core::{Policy, PolicyConfig, PolicyMap};
use toml::{Table, Value};

use self::effect::{page, write_effect};
use self::settings::{settings, settings_but_lists};
use crate::place::Places;
use crate::shown;
use crate::source::{Source, in_words};

/// Shows the effective policy of every path: each setting that is not the default with the place
/// that it comes from, who may do what in words, and the headers on the wire. Of what a path takes
/// over from the top, long lists are not written again.
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
    let mut stdout = BufWriter::new(io::stdout().lock());
    match show(args, &mut stdout) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_enough(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Returns whether whoever reads stdout has seen enough, as `head` has.
fn is_enough(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn show(args: &Show, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let source = Source::read(&args.file)
        .map_err(|error| format!("{}: {error}", shown(&args.file.display().to_string())))?;
    let prefix = args.variables.as_deref();
    let policies = source.build_with(prefix);
    let policies = policies.map_err(|problems| in_words(&source.name, &problems))?;
    let origins = Origins {
        places: Places::of(&source.text).ok_or("the file is no TOML")?,
        prefix,
    };
    let top = Top::of(&policies)?;
    for (index, (pattern, policy)) in policies.paths().enumerate() {
        writeln!(out, "# {pattern}\n")?;
        let text = match policy {
            Some(policy) => of_path(policy, (index, pattern), &top, &origins)?,
            None => "No policy: nothing adds CORS headers there.\n".to_owned(),
        };
        writeln!(out, "{text}")?;
    }
    writeln!(out, "# {}\n", rest(&policies))?;
    let text = match policies.default_policy() {
        Some(policy) => of_top(policy, &top, &origins)?,
        None => "No policy: nothing adds CORS headers there.\n".to_owned(),
    };
    out.write_all(text.as_bytes())?;
    if policies.shadow().is_some() {
        writeln!(
            out,
            "\nThe table [shadow] answers nothing, and is not shown."
        )?;
    }
    Ok(out.flush()?)
}

fn rest(policies: &PolicyMap) -> &'static str {
    if policies.paths().next().is_some() {
        "Every other path"
    } else {
        "Every path"
    }
}

/// The most items of a list that a path takes over which are written again.
const MAX_INHERITED: usize = 5;

/// What paths take over.
struct Top {
    /// The settings that are not the default.
    settings: Table,
    /// A page that the policy allows, if one can be made.
    page: Option<String>,
}

impl Top {
    fn of(policies: &PolicyMap) -> Result<Self, Box<dyn Error>> {
        let defaults = settings(&PolicyConfig::default())?;
        let policy = policies.default_policy();
        let mut settings = match policy {
            Some(policy) => settings(&policy.config())?,
            None => Table::new(),
        };
        settings.retain(|key, value| defaults.get(key) != Some(value));
        Ok(Self {
            settings,
            page: policy.and_then(page),
        })
    }
}

/// Returns the policy at the top: its settings, the words, and the headers.
fn of_top(policy: &Policy, top: &Top, origins: &Origins<'_>) -> Result<String, Box<dyn Error>> {
    let config = policy.config();
    let mut text = String::new();
    for (key, value) in settings(&config)? {
        if top.settings.contains_key(&key) || origins.places.writes(None, &key) {
            let value = shown(&value.to_string());
            writeln!(text, "{key} = {value} # {}", origins.of(None, &key))?;
        }
    }
    write_effect(&mut text, policy, &config, top.page.clone(), "/")?;
    Ok(text)
}

/// Returns the policy of a path: what it writes itself, and what it takes over. What that does is
/// said again only where the path writes something.
fn of_path(
    policy: &Policy,
    (index, pattern): (usize, &str),
    top: &Top,
    origins: &Origins<'_>,
) -> Result<String, Box<dyn Error>> {
    let path = Some(index);
    let mut config = policy.config();
    let is_own = |key: &str| origins.places.writes(path, key);
    let written = settings_but_lists(&mut config, |key| !is_own(key))?;
    let keys: BTreeSet<_> = written.keys().chain(top.settings.keys()).collect();
    let has_own = keys.iter().any(|key| is_own(key));
    let mut text = String::new();
    for key in keys {
        let value = if is_own(key) {
            written.get(key)
        } else {
            top.settings.get(key)
        };
        let origin = origins.of(path, key);
        match value {
            Some(Value::Array(items)) if !is_own(key) && items.len() > MAX_INHERITED => {
                writeln!(text, "# {key}: as at the top")?;
            }
            Some(value) => writeln!(text, "{key} = {} # {origin}", shown(&value.to_string()))?,
            None => {}
        }
    }
    if has_own {
        let inherited = top.page.clone().filter(|page| policy.allows_origin(page));
        let page = inherited.or_else(|| page(policy));
        write_effect(&mut text, policy, &config, page, pattern)?;
    } else {
        writeln!(text, "All is as at the top.")?;
    }
    Ok(text)
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
