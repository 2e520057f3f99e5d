//! A policy from three layers: defaults in code, a file, the environment. Each overrides the one
//! before key by key. README.md has how to run it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use cors_core::{PolicyConfig, Setting};
use figment::providers::{Env, Format as _, Serialized, Toml};
use figment::{Figment, Metadata, Source};

fn main() -> ExitCode {
    let file = env::args_os().nth(1).map(PathBuf::from);
    match effective(file.as_deref()) {
        Ok(policy) => {
            print!("{policy}");
            ExitCode::SUCCESS
        }
        Err(problems) => {
            for problem in problems {
                eprintln!("{}", problem.trim_end());
            }
            ExitCode::from(2)
        }
    }
}

/// The first layer. It has every setting, so each has a layer that it came from.
fn defaults() -> PolicyConfig {
    let mut config = PolicyConfig::default();
    config.allow_headers = vec!["content-type".to_owned()];
    config.max_age = Some(Duration::from_secs(600));
    config
}

fn layers(file: Option<&Path>) -> Result<Figment, String> {
    let layers = Figment::from(Serialized::defaults(defaults()));
    // A file that was asked for has to be there. `Toml::file` would take a missing one for an empty
    // one, and look for it in all directories above as well.
    let file = match file {
        Some(file) => Some(file),
        None => {
            let file = Path::new(POLICY_FILE);
            let exists = file
                .try_exists()
                .map_err(|error| format!("{POLICY_FILE}: {error}"))?;
            exists.then_some(file)
        }
    };
    let layers = match file {
        Some(file) => layers.merge(Toml::file_exact(file)),
        None => layers,
    };
    Ok(layers.merge(Env::prefixed(PREFIX)))
}

/// The policy of all layers, as a policy file; or what is wrong with it.
fn effective(file: Option<&Path>) -> Result<String, Vec<String>> {
    let layers = layers(file).map_err(|problem| vec![problem])?;
    let config: PolicyConfig = layers.extract().map_err(|errors| {
        let problems = errors.into_iter().map(|error| {
            let setting = error.path.first().map_or("", String::as_str);
            let source = source(error.metadata.as_ref(), setting);
            format!("{source}: {}", error.kind)
        });
        problems.collect::<Vec<_>>()
    })?;
    // What the service itself would serve.
    let _policy = config.build().map_err(|errors| {
        let problems = errors.into_iter().map(|problem| {
            let source = |setting: Setting| {
                let setting = setting.name();
                source(layers.find_metadata(setting), setting)
            };
            let mut sources = source(problem.location().setting());
            if let Some(other) = problem.conflicts_with().map(source)
                && other != sources
            {
                sources = format!("{sources} with {other}");
            }
            format!("{sources}: {problem}")
        });
        problems.collect::<Vec<_>>()
    })?;
    let table = toml::Table::try_from(&config).map_err(|error| vec![error.to_string()])?;
    let settings = table.iter().map(|(setting, value)| {
        let source = source(layers.find_metadata(setting), setting);
        format!("{setting} = {value} # {source}\n")
    });
    Ok(settings.collect())
}

/// The layer that a setting came from, in the words of its author.
fn source(layer: Option<&Metadata>, setting: &str) -> String {
    match layer.and_then(|layer| layer.source.as_ref()) {
        Some(Source::File(file)) => file.display().to_string(),
        None if is_environment(layer) => format!("{PREFIX}{}", setting.to_ascii_uppercase()),
        _ => "default".to_owned(),
    }
}

/// Of the layers, only the environment is not a place in a file.
fn is_environment(layer: Option<&Metadata>) -> bool {
    layer.is_some_and(|layer| layer.source.is_none())
}

const POLICY_FILE: &str = "cors.toml";

const PREFIX: &str = "CORS_";
