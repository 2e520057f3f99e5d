//! From a changed file to the policy that is served.

use std::path::PathBuf;
use std::{fs, io, thread};

use cors_axum::{Policy, PolicyConfig, PolicyErrors, SharedPolicy};

use crate::changes::Changes;

/// What became of a change.
pub(crate) type Reloaded = Result<(), Mistake>;

/// Why a file gives no policy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Mistake {
    #[error("the file can't be read: {0}")]
    File(#[from] io::Error),
    #[error(transparent)]
    Syntax(#[from] toml::de::Error),
    /// All problems, one a line.
    #[error(transparent)]
    Policy(#[from] PolicyErrors),
    #[error("the file can't be watched: {0}")]
    Watch(#[from] notify::Error),
}

/// Serves the policy of a file. After each change it replaces it, or leaves it where there is a
/// mistake, and reports which of the two.
pub(crate) fn follow(
    path: PathBuf,
    mut report: impl FnMut(Reloaded) + Send + 'static,
) -> Result<SharedPolicy, Mistake> {
    // The watch goes first, so that no change falls between it and the first look.
    let changes = Changes::around(&path)?;
    let text = fs::read_to_string(&path)?;
    let shared = SharedPolicy::new(policy(&text)?);
    let served = shared.clone();
    let mut seen = Some(text);
    let follow = move || {
        while changes.wait() {
            let text = fs::read_to_string(&path);
            let current = text.as_ref().ok().cloned();
            // Or else something else in the directory has changed.
            if current != seen {
                let policy = text.map_err(Mistake::from).and_then(|text| policy(&text));
                report(policy.map(|policy| served.replace(policy)));
                seen = current;
            }
        }
    };
    thread::Builder::new()
        .name("policy".to_owned())
        .spawn(follow)?;
    Ok(shared)
}

fn policy(text: &str) -> Result<Policy, Mistake> {
    let config: PolicyConfig = toml::from_str(text)?;
    Ok(config.build()?)
}
