//! Where an operator works on the library, beside a server that may be running: each change is one short transaction on a
//! connection of the desk's own.

use std::collections::HashMap;

use super::row::{EntryRow, columns, entries};
use super::{Arrival, find};
use crate::domain::{Added, GifHash, LibraryCursor, LibraryEntry, LibraryId, NewEntry, Terms};
use crate::env::Env;
use crate::store::error::StoreError;
use crate::store::sql::{Link, Sql, args};
use crate::store::write::Batch;
use crate::store::{Database, OpenError, limits, migrated, postgres, sqlite};

/// A way into the library past the server's writer.
#[derive(Debug)]
pub struct Desk {
    link: Link,
    env: Env,
}

/// Why a desk cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(
        "the server that runs there is another version of GIF Chat: use the command line of that one, or stop it first"
    )]
    OtherVersion,
}

/// An entry that is out of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discarded {
    /// The GIF, if nothing refers to it any more: its files are to go.
    pub freed: Option<GifHash>,
}

const OFFERS: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM library l JOIN gifs g ON g.hash = l.gif WHERE l.state = 'offered' ORDER BY l.created_at, l.id LIMIT $1"
);

const ALL: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM library l JOIN gifs g ON g.hash = l.gif WHERE l.state = 'approved' AND l.id > $1 ORDER BY l.id LIMIT $2"
);

impl Desk {
    /// `is_alone`: no server runs, and none can start now; only then the tables are made or brought up to date.
    ///
    /// # Errors
    /// [`DeskError`]: a sentence with its remedy.
    pub async fn open(database: Database, env: Env, is_alone: bool) -> Result<Self, DeskError> {
        let link = match database {
            Database::Sqlite(path, synchronous) => {
                let mut connection = sqlite::connect_beside(&path, synchronous).await?;
                if is_alone {
                    migrated(sqlx::migrate!().run(&mut connection).await)?;
                }
                Link::Sqlite(connection)
            }
            Database::Postgres(url) => {
                use sqlx::ConnectOptions;
                let mut connection = postgres::options(&url)?.connect().await.map_err(OpenError::Postgres)?;
                if is_alone {
                    migrated(sqlx::migrate!().run(&mut connection).await)?;
                }
                Link::Postgres(connection)
            }
        };
        let mut desk = Self { link, env };
        if desk.version().await != sqlx::migrate!().iter().map(|migration| migration.version).max() {
            return Err(DeskError::OtherVersion);
        }
        Ok(desk)
    }

    async fn version(&mut self) -> Option<i64> {
        let row: Result<Option<(i64,)>, _> =
            self.sql().first("SELECT MAX(version) FROM _sqlx_migrations", args![]).await;
        row.ok().flatten().map(|(version,)| version)
    }

    /// Puts a GIF whose file is pinned into the library, of at most `most`. `replace`: as [`Arrival::Import`] says.
    ///
    /// # Errors
    /// [`StoreError::LibraryFull`], [`StoreError::Unavailable`].
    pub async fn import(&mut self, new: &NewEntry, arrival: Arrival, most: u32) -> Result<Added, StoreError> {
        let mut batch = self.begin().await?;
        let added = batch.shelve(new, arrival, most).await.map_err(StoreError::unavailable)?;
        commit(batch, added).await
    }

    /// From now on people find it. `false`: there is no such offer.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn approve(&mut self, id: LibraryId) -> Result<bool, StoreError> {
        let mut batch = self.begin().await?;
        let approved = batch.approve(id).await.map_err(StoreError::unavailable)?;
        commit(batch, approved).await
    }

    /// Takes an entry, or only an offer, out of the library. `None`: there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn discard(&mut self, id: LibraryId, only_offer: bool) -> Result<Option<Discarded>, StoreError> {
        let mut batch = self.begin().await?;
        let gone = batch.discard(id, only_offer).await.map_err(StoreError::unavailable)?;
        Ok(commit(batch, gone).await?.map(|freed| Discarded { freed }))
    }

    /// What waits for an operator, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn offers(&mut self) -> Result<Vec<LibraryEntry>, StoreError> {
        let rows: Vec<EntryRow> =
            self.sql().all(OFFERS, args![super::MOST_OFFERS]).await.map_err(StoreError::unavailable)?;
        entries(rows)
    }

    /// As [`Store::library`](crate::store::Store::library).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn list(
        &mut self,
        terms: &Terms,
        after: Option<&LibraryCursor>,
    ) -> Result<Vec<LibraryEntry>, StoreError> {
        let rows = find::find(&mut self.sql(), terms, after, limits::LIBRARY_PAGE).await;
        entries(rows.map_err(StoreError::unavailable)?)
    }

    /// A page of all approved entries, by their ids: who goes through them so meets each that stays, whatever is used or
    /// added meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn all(&mut self, after: Option<LibraryId>) -> Result<Vec<LibraryEntry>, StoreError> {
        let after = after.map_or_else(String::new, |id| id.to_string());
        let rows: Result<Vec<EntryRow>, _> = self.sql().all(ALL, args![after.as_str(), limits::LIBRARY_PAGE]).await;
        entries(rows.map_err(StoreError::unavailable)?)
    }

    /// As [`Store::is_gif_used`](crate::store::Store::is_gif_used), counting everything that is committed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_gif_used(&mut self, hash: GifHash) -> Result<bool, StoreError> {
        let mut batch = self.begin().await?;
        let used = batch.is_gif_used(hash).await.map_err(StoreError::unavailable)?;
        commit(batch, used).await
    }

    /// Takes leave of the database.
    pub async fn close(self) {
        self.link.close().await;
    }

    async fn begin(&mut self) -> Result<Batch<'_>, StoreError> {
        let now = self.env.now();
        Ok(Batch::new(self.link.begin().await.map_err(StoreError::unavailable)?, now, HashMap::new()))
    }

    fn sql(&mut self) -> Sql<'_> {
        self.link.sql()
    }
}

/// What was refused leaves nothing behind.
async fn commit<T>(batch: Batch<'_>, result: Result<T, StoreError>) -> Result<T, StoreError> {
    let done = result?;
    batch.commit().await.map_err(StoreError::unavailable)?;
    Ok(done)
}
