use std::path::Path;
use std::sync::Arc;
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

/// The tenants, what they allow, and their notes, in SQLite. A clone is a handle on the same ones.
#[derive(Clone, Debug)]
pub struct Store {
    database: Arc<Mutex<Connection>>,
    /// Whether a tenant allows an origin, as the database said.
    answers: Cache<(Host, String), bool>,
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
            answers: Cache::builder()
                .max_capacity(MOST_ANSWERS)
                .time_to_live(OLDEST_ANSWER)
                .build(),
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
        let key = (host, origin.to_owned());
        let (host, origin) = key.clone();
        // Of all that wait for the same answer, one asks.
        let asked = self.run(move |database| {
            database.query_row(
                "SELECT EXISTS (SELECT 1 FROM origin WHERE host = ?1 AND origin = ?2)",
                (host.as_str(), origin),
                |row| row.get(0),
            )
        });
        self.answers.try_get_with(key, asked).await
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
        let done = spawn_blocking(move || work(&database)).await;
        let done = done
            .map_err(Error::from)
            .and_then(|done| done.map_err(Error::from));
        // The policy only takes it for a no.
        done.inspect_err(|error| eprintln!("{error}"))
    }
}

/// How many answers are kept. Host and origin are what any client sends, in any number and up to
/// 253 and about 330 bytes long, so without a bound they would fill the memory; with this one it is
/// some megabytes. Those that nobody asks for again are not kept in the place of those in use.
const MOST_ANSWERS: u64 = 10_000;

/// How long an answer is kept. For as long, an origin that was taken from the database is still
/// allowed, and one that was added is not yet: the answer no is kept too, or unknown origins would
/// go to the database every time.
const OLDEST_ANSWER: Duration = Duration::from_secs(60);

/// How long SQLite waits for another process that writes: less than the policy waits for an answer.
const LONGEST_LOCK: Duration = Duration::from_millis(100);

#[cfg(test)]
impl Store {
    /// Loses the table that is asked.
    pub(crate) async fn break_down(&self) -> Result<(), Error> {
        self.run(|database| database.execute_batch("DROP TABLE origin"))
            .await
    }

    /// Answers nothing for as long as the guard lives.
    pub(crate) async fn hang(&self) -> OwnedMutexGuard<Connection> {
        Arc::clone(&self.database).lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLUE: Option<&str> = Some("blue.localhost");
    const BLUE_PAGE: &str = "https://app.blue.example";

    #[tokio::test]
    async fn origins_are_those_of_the_host_s_tenant() -> Result<(), Arc<Error>> {
        let store = Store::in_memory()?;
        for (host, origin, allowed) in [
            (BLUE, BLUE_PAGE, true),
            (BLUE, "http://localhost:5173", true),
            (BLUE, "https://app.green.example", false),
            (Some("BLUE.localhost:3000"), BLUE_PAGE, true),
            (Some("green.localhost"), BLUE_PAGE, false),
            (Some("green.localhost"), "https://app.green.example", true),
            (Some("red.localhost"), BLUE_PAGE, false),
            (Some("' OR 1 --"), BLUE_PAGE, false),
            (None, BLUE_PAGE, false),
        ] {
            let answer = store.allows_at(host, origin).await?;
            assert_eq!(answer, allowed, "{host:?} {origin}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn answers_are_kept_and_no_is_one_of_them() -> Result<(), Arc<Error>> {
        let store = Store::in_memory()?;
        let new = "https://new.blue.example";
        assert!(!store.allows_at(BLUE, new).await?);
        store
            .run(move |database| {
                database.execute("INSERT INTO origin VALUES ('blue.localhost', ?1)", [new])
            })
            .await?;
        assert!(!store.allows_at(BLUE, new).await?);
        store.answers.invalidate_all();
        assert!(store.allows_at(BLUE, new).await?);
        Ok(())
    }

    #[tokio::test]
    async fn the_answers_that_are_kept_are_bounded() -> Result<(), Arc<Error>> {
        let store = Store::in_memory()?;
        for number in 0..MOST_ANSWERS + 2_000 {
            let host = format!("{number}.example");
            assert!(!store.allows_at(Some(&host), BLUE_PAGE).await?);
        }
        store.answers.run_pending_tasks().await;
        assert!((1..=MOST_ANSWERS).contains(&store.answers.entry_count()));
        Ok(())
    }

    #[tokio::test]
    async fn an_error_is_no_answer_and_is_not_kept() -> Result<(), Arc<Error>> {
        let store = Store::in_memory()?;
        store.break_down().await?;
        for _ in 0..2 {
            assert!(store.allows_at(BLUE, BLUE_PAGE).await.is_err());
        }
        store.answers.run_pending_tasks().await;
        assert_eq!(store.answers.entry_count(), 0);
        Ok(())
    }

    #[tokio::test]
    async fn a_database_is_made_once() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("tenants.sqlite");
        let note = NewNote {
            text: "tea".to_owned(),
        };
        let added = Store::open(&path)?.add(BLUE, note).await?;
        let notes = Store::open(&path)?.notes(BLUE).await?;
        assert_eq!(notes, Some(Vec::from_iter(added)));
        Ok(())
    }

    #[test]
    fn a_file_that_is_no_database_is_an_error() -> Result<(), Box<dyn std::error::Error>> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("tenants.sqlite");
        std::fs::write(&path, "allow_origins = []\n".repeat(100))?;
        assert!(Store::open(&path).is_err());
        Ok(())
    }
}
