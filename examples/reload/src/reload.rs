//! From a changed file to the policy that is served.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;
use std::{io, thread};

use cors_axum::{PolicyErrors, PolicyMap, SharedPolicy};

use crate::changes::Changes;
use crate::content::{Content, settled};

/// What became of a change.
pub(crate) type Reloaded = Result<(), Mistake>;

/// Why a file gives no policy, or a later one than it could.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Mistake {
    #[error("the file can't be read: {0}")]
    File(String),
    #[error(transparent)]
    Syntax(#[from] toml::de::Error),
    /// All problems, one a line.
    #[error(transparent)]
    Policy(#[from] PolicyErrors),
    /// Rust has printed where, and why.
    #[error("the code that builds the policy panicked")]
    Panic,
    #[error("the watch on the file has ended, changes are seen a little later: {0}")]
    Watch(#[from] notify::Error),
    #[error("there is no thread to follow the file: {0}")]
    Thread(io::Error),
}

/// How often the file is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    /// After so long in any case, whatever the watch sees.
    pub(crate) interval: Duration,
    /// Two reads that are so far apart have to agree.
    pub(crate) pause: Duration,
}

/// Serves the policy that is built of a file. After each change it replaces it, or leaves it where
/// there is a mistake, and reports which of the two. Nothing ends it but the end of the process.
pub(crate) fn follow(
    file: PathBuf,
    pace: Pace,
    build: impl FnMut(&[u8]) -> Result<PolicyMap, Mistake> + Send + 'static,
    mut report: impl FnMut(Reloaded) + Send + 'static,
) -> Result<SharedPolicy, Mistake> {
    let pause = move || thread::sleep(pace.pause);
    let mut changes = Changes::around(&file);
    let mut follower = Follower::start(file, build, pause)?;
    let served = follower.served();
    let mut turn = move || {
        if let Err(ended) = changes.watch() {
            report(Err(ended.into()));
        }
        // What the watch has seen may not have been the file.
        loop {
            if let Some(reloaded) = follower.look(pause) {
                report(reloaded);
            }
            if !changes.wait(pace.interval) {
                return;
            }
        }
    };
    thread::Builder::new()
        .name("policy".to_owned())
        .spawn(move || {
            loop {
                // A report may panic too: `println!` does when nobody reads it any more.
                if unless_panicked(&mut turn).is_err() {
                    thread::sleep(pace.interval);
                }
            }
        })
        .map_err(Mistake::Thread)?;
    Ok(served)
}

/// The policy of a file, and what the file held when it was looked at last.
pub(crate) struct Follower<B> {
    file: PathBuf,
    build: B,
    seen: Content,
    served: SharedPolicy,
}

impl<B: FnMut(&[u8]) -> Result<PolicyMap, Mistake>> Follower<B> {
    pub(crate) fn start(file: PathBuf, mut build: B, pause: impl FnMut()) -> Result<Self, Mistake> {
        let seen = settled(&file, pause);
        let policy = built(&seen, &mut build)?;
        Ok(Self {
            file,
            build,
            seen,
            served: SharedPolicy::new(policy),
        })
    }

    pub(crate) fn served(&self) -> SharedPolicy {
        self.served.clone()
    }

    /// Returns what became of a change; `None` where there is none.
    pub(crate) fn look(&mut self, pause: impl FnMut()) -> Option<Reloaded> {
        let content = settled(&self.file, pause);
        if content == self.seen {
            return None;
        }
        // Before anything can panic, which it would do at each look.
        self.seen = content;
        let policy = built(&self.seen, &mut self.build);
        Some(policy.map(|policy| self.served.replace(policy)))
    }
}

fn built(
    content: &Content,
    build: impl FnOnce(&[u8]) -> Result<PolicyMap, Mistake>,
) -> Result<PolicyMap, Mistake> {
    let bytes = content
        .as_deref()
        .map_err(|error| Mistake::File(error.clone()))?;
    unless_panicked(|| build(bytes))?
}

/// Ends a panic here, so that the thread goes on. Where panics abort (`panic = "abort"`), nothing
/// can.
fn unless_panicked<T>(code: impl FnOnce() -> T) -> Result<T, Mistake> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|_| Mistake::Panic)
}
