use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
#[cfg(test)]
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cors_core::OriginQuery;
use moka::future::Cache;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
#[cfg(test)]
use tokio::sync::OwnedMutexGuard;
use tokio::task::{JoinError, spawn_blocking};

use crate::host::Host;

#[cfg(test)]
mod tests;

/// The tenants, what they allow, and their notes, in SQLite. A clone is a handle on the same ones.
#[derive(Clone, Debug)]
pub struct Store {
    database: Arc<Mutex<Connection>>,
    /// The origins of the pages that may use a host, as the database had them; none where the host
    /// is no tenant's. Whatever origins a client makes up, they are looked up in here.
    origins: Cache<Host, Arc<HashSet<String>>>,
    /// How often the database was asked.
    #[cfg(test)]
    queries: Arc<AtomicUsize>,
}

/// A note, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    id: i64,
    text: String,
}

/// A note, as it is posted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NewNote {
    text: String,
}

/// Why the database has no answer. It never holds anything that a client sent: that is bound to
/// statements, and never part of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database itself.
    #[error("the tenants' database: {0}")]
    Database(#[from] rusqlite::Error),
    /// The thread that it was asked on.
    #[error("the tenants' database: {0}")]
    Thread(#[from] JoinError),
}

impl Store {
    /// Opens a database; makes it, with two tenants, where there is none.
    ///
    /// It blocks, so do it before anything is served.
    ///
    /// # Errors
    ///
    /// When the file is not such a database, or can't be read or written.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::new(Connection::open(path)?)
    }

    /// A database with the two tenants, for as long as the store lives.
    ///
    /// # Errors
    ///
    /// When there is no memory for it.
    pub fn in_memory() -> Result<Self, Error> {
        Self::new(Connection::open_in_memory()?)
    }

    fn new(mut database: Connection) -> Result<Self, Error> {
        database.busy_timeout(LONGEST_LOCK)?;
        // In one step, so that of two servers that start at once one makes the tables, and so that
        // no other one ever sees half of them.
        let step = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version: i64 = step.query_row("PRAGMA user_version", (), |row| row.get(0))?;
        if version == 0 {
            step.execute_batch(include_str!("tenants.sql"))?;
        }
        step.commit()?;
        Ok(Self {
            database: Arc::new(Mutex::new(database)),
            origins: Cache::builder()
                .max_capacity(MOST_HOSTS)
                .time_to_live(OLDEST_ORIGINS)
                .build(),
            #[cfg(test)]
            queries: Arc::default(),
        })
    }

    /// Whether the tenant whose host a request is for allows the request's origin.
    ///
    /// # Errors
    ///
    /// When the database fails. That is kept nowhere: the next request asks it again.
    pub async fn allows(&self, query: &OriginQuery<'static>) -> Result<bool, Arc<Error>> {
        self.allows_at(query.host(), query.origin().as_str()).await
    }

    async fn allows_at(&self, host: Option<&str>, origin: &str) -> Result<bool, Arc<Error>> {
        let Some(host) = host.and_then(Host::parse) else {
            return Ok(false);
        };
        let key = host.clone();
        // Of all that wait for the same host, one asks.
        let asked = self.run(move |database| {
            database
                .prepare("SELECT origin FROM origin WHERE host = ?1")?
                .query_map([host.as_str()], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()
                .map(Arc::new)
        });
        let origins = self.origins.try_get_with(key, asked).await?;
        Ok(origins.contains(origin))
    }

    /// The latest notes of the tenant with this host; `None` where there is no such tenant.
    ///
    /// # Errors
    ///
    /// When the database has no answer.
    pub async fn notes(&self, host: Option<&str>) -> Result<Option<Vec<Note>>, Error> {
        let Some(host) = host.and_then(Host::parse) else {
            return Ok(None);
        };
        self.run(move |database| {
            let mut tenants = database.prepare("SELECT 1 FROM tenant WHERE host = ?1")?;
            if !tenants.exists([host.as_str()])? {
                return Ok(None);
            }
            let mut notes = database
                .prepare("SELECT id, text FROM note WHERE host = ?1 ORDER BY id DESC LIMIT 100")?;
            notes
                .query_map([host.as_str()], |row| {
                    Ok(Note {
                        id: row.get("id")?,
                        text: row.get("text")?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()
                .map(Some)
        })
        .await
    }

    /// Adds a note to the tenant with this host; `None` where there is no such tenant.
    ///
    /// # Errors
    ///
    /// When the database has no answer.
    pub async fn add(&self, host: Option<&str>, note: NewNote) -> Result<Option<Note>, Error> {
        let Some(host) = host.and_then(Host::parse) else {
            return Ok(None);
        };
        self.run(move |database| {
            let text = note.text;
            let id = database
                .query_row(
                    "INSERT INTO note (host, text) SELECT host, ?2 FROM tenant WHERE host = ?1
                     RETURNING id",
                    (host.as_str(), &text),
                    |row| row.get(0),
                )
                .optional()?;
            Ok(id.map(|id| Note { id, text }))
        })
        .await
    }

    /// Runs work on the database, on a thread that may block.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        // A request waits here, where nothing is left of it once its time is up. A thread would go
        // on waiting, and a client could make any number of them.
        let database = Arc::clone(&self.database).lock_owned().await;
        #[cfg(test)]
        self.queries.fetch_add(1, Ordering::Relaxed);
        let done = spawn_blocking(move || work(&database)).await;
        let done = done
            .map_err(Error::from)
            .and_then(|done| done.map_err(Error::from));
        // The policy only takes it for a no.
        done.inspect_err(|error| eprintln!("{error}"))
    }
}

/// How many hosts are kept. The origins of the tenants are the database's own, and no client adds to
/// them; but hosts are what any client sends, in any number and up to 253 bytes long, so without a
/// bound they would fill the memory. With this one, those that are no tenant's take a few megabytes.
/// Hosts that nobody asks for again are not kept in the place of those in use.
const MOST_HOSTS: u64 = 10_000;

/// How long a host is kept. For as long, an origin that was taken from the database is still allowed,
/// and one that was added is not yet, nor is a new tenant found: a host that is no tenant's is kept
/// too, or it would go to the database every time.
const OLDEST_ORIGINS: Duration = Duration::from_secs(60);

/// How long SQLite waits for another process that writes: less than the policy waits for an answer.
const LONGEST_LOCK: Duration = Duration::from_millis(100);

#[cfg(test)]
impl Store {
    /// Loses the table that is asked.
    pub(crate) async fn break_down(&self) -> Result<(), Error> {
        self.run(|database| database.execute_batch("DROP TABLE origin"))
            .await
    }

    /// Returns how often the database was asked.
    pub(crate) fn queries(&self) -> usize {
        self.queries.load(Ordering::Relaxed)
    }

    /// Answers nothing for as long as the guard lives.
    pub(crate) async fn hang(&self) -> OwnedMutexGuard<Connection> {
        Arc::clone(&self.database).lock_owned().await
    }
}
