//! When to look at a file again.

use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

/// Changes in the directory of a file, its own among them.
///
/// The directory is watched and not the file: most editors write another file and give it the name
/// of the old one, whose watch would end with it.
pub(crate) struct Changes {
    changed: Receiver<()>,
    _watcher: RecommendedWatcher,
}

impl Changes {
    /// Begins to watch.
    pub(crate) fn around(file: &Path) -> notify::Result<Self> {
        // That there is one change to look at says as much as that there are many.
        let (sender, changed) = mpsc::sync_channel(1);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // To read the file is an event too; to go by it would never end. An error may stand for
            // a change that was missed.
            if event.is_ok_and(|event| event.kind.is_access()) {
                return;
            }
            let _ = sender.try_send(());
        })?;
        let directory = match file.parent() {
            Some(directory) if directory != Path::new("") => directory,
            _ => Path::new("."),
        };
        watcher.watch(directory, RecursiveMode::NonRecursive)?;
        Ok(Self {
            changed,
            _watcher: watcher,
        })
    }

    /// Waits for changes, and then until they are over: a file that is written in place is empty
    /// first, and an empty one is a valid policy, of which nobody is allowed. `false` where there
    /// will be no more.
    pub(crate) fn wait(&self) -> bool {
        if self.changed.recv().is_err() {
            return false;
        }
        let begun = Instant::now();
        while begun.elapsed() < LONGEST_WAIT && self.changed.recv_timeout(QUIET).is_ok() {}
        true
    }
}

/// Longer than it takes to write a file, shorter than anybody waits for an effect.
const QUIET: Duration = Duration::from_millis(100);

/// Something else in the directory, say a log, may change all the time.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
