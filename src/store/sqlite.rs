//! Opening a SQLite database: one file, tight permissions, the write-ahead log.

use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use sqlx::ConnectOptions;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::error::OpenError;
use super::{Synchronous, limits};

/// The first SQLite without the WAL-reset bug, which could corrupt a database that is checkpointed while it is written.
const OLDEST: (&str, [u32; 3]) = ("3.51.3", [3, 51, 3]);

/// How the writer and the checkpoints connect.
pub(super) fn options(path: &Path, synchronous: Synchronous) -> SqliteConnectOptions {
    let options = shared(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match synchronous {
            Synchronous::Full => SqliteSynchronous::Full,
            Synchronous::Normal => SqliteSynchronous::Normal,
        })
        // What is deleted is overwritten in the file. (The log has it until it starts over.)
        .pragma("secure_delete", "on")
        // Checkpoints are made beside the writer: see checkpoint.rs.
        .pragma("wal_autocheckpoint", "0");
    // A test makes the disk full by a limit of pages, which only the connection itself can set.
    #[cfg(test)]
    let options = super::tests::disk::limited(path, options);
    options
}

fn shared(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(limits::LOCK_WAIT)
        .foreign_keys(true)
        .disable_statement_logging()
}

/// Connections that can only read. To be called when the database is there. One is open from now on until the pool is
/// closed: see doubt.rs.
pub(super) async fn readers(path: &Path) -> Result<SqlitePool, OpenError> {
    let pool = SqlitePoolOptions::new()
        .max_connections(limits::READERS)
        .acquire_timeout(limits::READER_WAIT)
        // They cannot break as a network connection can.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(shared(path).read_only(true));
    drop(pool.acquire().await.map_err(|source| OpenError::Sqlite { path: path.to_owned(), source })?);
    Ok(pool)
}

/// Makes the folder and the file, for this user alone, where they do not exist yet, and connects.
pub(super) async fn connect(path: &Path, synchronous: Synchronous) -> Result<SqliteConnection, OpenError> {
    prepare(path).map_err(|source| OpenError::Folder { path: path.to_owned(), source })?;
    let failed = |source| OpenError::Sqlite { path: path.to_owned(), source };
    // Asked before the file is touched.
    let mut probe = SqliteConnectOptions::new().filename(":memory:").connect().await.map_err(failed)?;
    let (found,): (String,) = sqlx::query_as("SELECT sqlite_version()").fetch_one(&mut probe).await.map_err(failed)?;
    if is_too_old(&found) {
        return Err(OpenError::SqliteTooOld { found, wanted: OLDEST.0 });
    }
    options(path, synchronous).connect().await.map_err(failed)
}

/// As [`connect`], for one who works on a database that a server may be using: it waits longer for its turn, and makes
/// its checkpoints itself, for there may be nobody else to.
pub(super) async fn connect_beside(path: &Path, synchronous: Synchronous) -> Result<SqliteConnection, OpenError> {
    let mut connection = connect(path, synchronous).await?;
    let own = format!(
        "PRAGMA busy_timeout = {}; PRAGMA wal_autocheckpoint = {}",
        limits::LOCK_WAIT_BESIDE.as_millis(),
        limits::CHECKPOINT_PAGES
    );
    let set = sqlx::raw_sql(sqlx::AssertSqlSafe(own)).execute(&mut connection).await;
    set.map_err(|source| OpenError::Sqlite { path: path.to_owned(), source })?;
    Ok(connection)
}

fn is_too_old(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    [(); 3].map(|()| parts.next().unwrap_or(0)) < OLDEST.1
}

/// A folder that exists already is somebody's decision and stays as it is. The file's mode is set whatever the umask;
/// SQLite gives the log beside it the same mode.
fn prepare(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700))?;
    }
    let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o7777 == 0o600 {
        // Setting it again would be a change of the file: see data/runs.rs.
        return Ok(());
    }
    file.set_permissions(PermissionsExt::from_mode(0o600))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use sqlx::Connection;

    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for old in ["3.51.2", "3.9.99", "2.99.0", "3.51", ""] {
            assert!(is_too_old(old), "{old}");
        }
        for good in ["3.51.3", "3.52.0", "3.100.0", "4.0.0"] {
            assert!(!is_too_old(good), "{good}");
        }
    }

    #[tokio::test]
    async fn a_start_changes_nothing_about_a_file_that_is_as_it_should_be() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("test.db");
        let ctime = |path: &Path| std::fs::metadata(path).map(|found| (found.ctime(), found.ctime_nsec())).unwrap();
        let mut writer = connect(&file, Synchronous::Full).await.unwrap();
        sqlx::raw_sql("CREATE TABLE rows (number)").execute(&mut writer).await.unwrap();
        writer.close().await.unwrap();
        let before = ctime(&file);
        let clock = folder.path().join("clock");
        std::fs::write(&clock, "").unwrap();
        while ctime(&clock) <= before {
            std::fs::write(&clock, "").unwrap();
        }
        connect(&file, Synchronous::Full).await.unwrap().close().await.unwrap();
        assert_eq!(ctime(&file), before);
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
        connect(&file, Synchronous::Full).await.unwrap().close().await.unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o600);
    }
}
