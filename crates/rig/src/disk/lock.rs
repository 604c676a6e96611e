//! A stranger who holds the database's write lock.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

/// The name of the database in the data folder.
const FILE: &str = "gifchat.db";
/// The server holds the lock for less.
const PATIENCE: Duration = Duration::from_secs(10);

/// Held until [`Lock::release`], or until this is dropped.
#[derive(Debug)]
pub struct Lock(SqliteConnection);

impl Lock {
    /// Takes the lock: nobody else can write, everybody can read.
    ///
    /// # Errors
    /// When the server does not let go of it.
    pub async fn take(data: &Path) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new().filename(data.join(FILE)).busy_timeout(PATIENCE);
        let mut connection = options.connect().await?;
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut connection).await?;
        Ok(Self(connection))
    }

    /// Lets go.
    ///
    /// # Errors
    /// When the database is not what it was.
    pub async fn release(mut self) -> anyhow::Result<()> {
        sqlx::raw_sql("ROLLBACK").execute(&mut self.0).await?;
        Ok(self.0.close().await?)
    }
}
