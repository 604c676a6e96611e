//! Checkpoints of SQLite's write-ahead log, off the writer's path.
//!
//! A checkpoint copies what was committed from the log into the database file, with two syncs of its own. SQLite would do
//! that within a commit; here a task with its own connection does it while the writer goes on (`PASSIVE` takes no lock
//! that a writer or reader waits for). The log can only start over at a moment when all of it has been copied, which
//! never comes under constant load: once it is longer than [`limits::WAL_PAGES`], the writer is held between two
//! transactions while the small rest is copied.

use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{Mutex, Notify, oneshot};
use tokio::task::JoinHandle;

use super::limits;
use super::seldom::Seldom;
use crate::env::Env;

/// Tells the task when it is time to look at the log.
#[derive(Debug)]
pub(super) struct Checkpointer {
    due: Arc<Notify>,
    /// Roughly the pages written since.
    written: usize,
}

impl Checkpointer {
    /// After each commit. A commit writes some pages however small it is, and somewhat less than one for each command.
    pub(super) fn committed(&mut self, commands: usize) {
        self.written += 4 + commands;
        if self.written >= limits::CHECKPOINT_LOOK {
            self.written = 0;
            self.due.notify_one();
        }
    }
}

/// The task, as the store holds it.
#[derive(Debug)]
pub(super) struct CheckpointTask {
    stop: oneshot::Sender<()>,
    task: JoinHandle<bool>,
}

impl CheckpointTask {
    /// Copies all of the log and empties it. Everybody else has closed their connection by now. Whether it succeeded.
    pub(super) async fn finish(self) -> bool {
        let _ = self.stop.send(());
        self.task.await.unwrap_or(false)
    }
}

/// `gate` is what the writer holds during a transaction.
pub(super) fn start(options: SqliteConnectOptions, gate: Arc<Mutex<()>>, env: Env) -> (Checkpointer, CheckpointTask) {
    let due = Arc::new(Notify::new());
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(run(options, gate, env, Arc::clone(&due), stopped));
    (Checkpointer { due, written: 0 }, CheckpointTask { stop, task })
}

async fn run(
    options: SqliteConnectOptions,
    gate: Arc<Mutex<()>>,
    env: Env,
    due: Arc<Notify>,
    mut stopped: oneshot::Receiver<()>,
) -> bool {
    let mut connection = None;
    let (mut failures, mut lengths) = (Seldom::default(), Seldom::default());
    loop {
        tokio::select! {
            biased;
            _ = &mut stopped => break,
            () = due.notified() => {}
        }
        match checkpoint_when_due(&options, &mut connection, &gate).await {
            Ok(pages) if pages >= limits::WAL_TELL && lengths.now(env.now()).is_some() => {
                tracing::warn!(
                    pages,
                    "The database's log grows and cannot start over: end the program that reads the database without end"
                );
            }
            Ok(_) => {}
            Err(error) => {
                if let Some(more) = failures.now(env.now()) {
                    tracing::warn!(%error, more, "A checkpoint failed; the next one will do its work");
                }
                connection = None;
            }
        }
    }
    truncate(&options, connection).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "The last checkpoint failed; the next start will do its work");
        false
    })
}

/// What `PRAGMA wal_checkpoint` answers: whether it was kept from finishing, pages in the log, pages copied.
type Progress = (i64, i64, i64);

/// The pages that are in the log.
async fn checkpoint_when_due(
    options: &SqliteConnectOptions,
    connection: &mut Option<SqliteConnection>,
    gate: &Mutex<()>,
) -> Result<i64, sqlx::Error> {
    let connection = match connection {
        Some(connection) => connection,
        none => none.insert(options.connect().await?),
    };
    // NOOP (SQLite 3.51) only looks.
    let (_, pages, copied) = pragma(connection, "PRAGMA wal_checkpoint(NOOP)").await?;
    if pages - copied < limits::CHECKPOINT_PAGES {
        return Ok(pages);
    }
    let (_, pages, _) = pragma(connection, "PRAGMA wal_checkpoint(PASSIVE)").await?;
    if pages >= limits::WAL_PAGES {
        let _pause = gate.lock().await;
        pragma(connection, "PRAGMA wal_checkpoint(PASSIVE)").await?;
    }
    Ok(pages)
}

/// `false` when another program keeps the log from being emptied.
async fn truncate(options: &SqliteConnectOptions, connection: Option<SqliteConnection>) -> Result<bool, sqlx::Error> {
    let mut connection = match connection {
        Some(connection) => connection,
        None => options.connect().await?,
    };
    let (kept, ..) = pragma(&mut connection, "PRAGMA wal_checkpoint(TRUNCATE)").await?;
    connection.close().await?;
    Ok(kept == 0)
}

async fn pragma(connection: &mut SqliteConnection, pragma: &'static str) -> Result<Progress, sqlx::Error> {
    sqlx::query_as(pragma).fetch_one(connection).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Synchronous, sqlite};

    #[tokio::test]
    async fn only_a_checkpoint_of_ours_empties_the_log() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("test.db");
        let options = sqlite::options(&file, Synchronous::Full);
        let mut writer = sqlite::connect(&file, Synchronous::Full).await.unwrap();
        sqlx::raw_sql("CREATE TABLE bytes (bytes BLOB)").execute(&mut writer).await.unwrap();
        for _ in 0..3 {
            // A thousand pages each: SQLite by itself would have made a checkpoint at each commit.
            let filled =
                "INSERT INTO bytes WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                          SELECT zeroblob(4000) FROM n";
            sqlx::raw_sql(filled).execute(&mut writer).await.unwrap();
        }
        let mut connection = None;
        let (_, pages, copied) = pragma(&mut writer, "PRAGMA wal_checkpoint(NOOP)").await.unwrap();
        assert!(pages > 3 * limits::CHECKPOINT_PAGES && copied == 0, "{pages} {copied}");
        checkpoint_when_due(&options, &mut connection, &Mutex::new(())).await.unwrap();
        let (_, pages, copied) = pragma(&mut writer, "PRAGMA wal_checkpoint(NOOP)").await.unwrap();
        assert_eq!(pages, copied);
        // The log starts over with the next commit.
        sqlx::raw_sql("INSERT INTO bytes VALUES (NULL)").execute(&mut writer).await.unwrap();
        let (_, pages, _) = pragma(&mut writer, "PRAGMA wal_checkpoint(NOOP)").await.unwrap();
        assert!(pages < 10, "{pages}");
    }

    #[tokio::test]
    async fn a_commit_is_on_the_disk_unless_somebody_wants_otherwise() {
        for (synchronous, wanted) in [(Synchronous::Full, 2), (Synchronous::Normal, 1)] {
            let folder = tempfile::TempDir::new().unwrap();
            let mut writer = sqlite::connect(&folder.path().join("test.db"), synchronous).await.unwrap();
            let (mode,): (String,) = sqlx::query_as("PRAGMA journal_mode").fetch_one(&mut writer).await.unwrap();
            let (waits,): (i64,) = sqlx::query_as("PRAGMA synchronous").fetch_one(&mut writer).await.unwrap();
            let (automatic,): (i64,) =
                sqlx::query_as("PRAGMA wal_autocheckpoint").fetch_one(&mut writer).await.unwrap();
            assert_eq!((mode.as_str(), waits, automatic), ("wal", wanted, 0));
        }
    }
}
