//! When to look at the file.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

/// A watch on the directory of a file, which tells of most changes sooner than the next interval.
///
/// It can't be relied on: it sees nothing of another directory in the place of the one that it is
/// on, of the target of a link, of most network file systems. The directory is watched and not the
/// file: most editors write another file and give it the name of the old one, whose watch would end
/// with it.
pub(crate) struct Changes {
    directory: PathBuf,
    sender: SyncSender<()>,
    changed: Receiver<()>,
    watcher: Option<RecommendedWatcher>,
    end_is_told: bool,
}

impl Changes {
    /// Does not watch yet.
    pub(crate) fn around(file: &Path) -> Self {
        // That there is one change to look at says as much as that there are many.
        let (sender, changed) = mpsc::sync_channel(1);
        let directory = match file.parent() {
            Some(directory) if directory != Path::new("") => directory,
            _ => Path::new("."),
        };
        Self {
            directory: directory.to_owned(),
            sender,
            changed,
            watcher: None,
            end_is_told: false,
        }
    }

    /// Watches the directory that has the name now. Fails once where it can't, and not again before
    /// it could.
    pub(crate) fn watch(&mut self) -> notify::Result<()> {
        match watcher(&self.directory, self.sender.clone()) {
            Ok(watcher) => {
                self.watcher = Some(watcher);
                self.end_is_told = false;
                Ok(())
            }
            Err(_) if self.end_is_told => Ok(()),
            Err(error) => {
                self.watcher = None;
                self.end_is_told = true;
                Err(error)
            }
        }
    }

    /// Waits for a change, at most for an interval; `false` where the watch has seen none.
    pub(crate) fn wait(&self, interval: Duration) -> bool {
        self.changed.recv_timeout(interval).is_ok()
    }
}

fn watcher(directory: &Path, sender: SyncSender<()>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // To read the file is an event too; to go by it would never end. An error may stand for a
        // change that was missed.
        if !event.is_ok_and(|event| event.kind.is_access()) {
            let _ = sender.try_send(());
        }
    })?;
    watcher.watch(directory, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}
