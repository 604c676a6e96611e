//! The server's library: what is in it, who finds what, and what is offered to it.
//!
//! The server reads and counts here, and takes offers; what an operator does at the command line goes through a
//! [`Desk`], also while the server runs.

mod coded;
mod desk;
mod find;
mod row;
mod shelve;

use super::error::StoreError;
use super::sql::{Sql, args};
use super::writer::Command;
use super::{Files, Store, limits};
use crate::domain::{Added, GifHash, LibraryCursor, LibraryEntry, LibraryId, LibraryState, NewEntry, Offerer, Terms};
pub use desk::{Desk, DeskError, Discarded};
use row::{EntryRow, columns, entries};

/// Offers that wait for an operator, whatever room the library has: strangers must not be able to fill it.
const MOST_OFFERS: i64 = 1000;

/// How many times a session's offers may wait from one address: people behind one router are not one person, and a new
/// session costs nothing.
const SESSIONS_PER_ADDRESS: u32 = 5;

/// How much of the library strangers may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferLimits {
    /// Offers of a session that wait for an operator.
    pub waiting: u32,
    /// GIFs of the library, with all that wait.
    pub entries: u32,
}

/// How often an entry was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    pub id: LibraryId,
    /// What was shown: an entry with another GIF was not.
    pub gif: GifHash,
    pub times: u32,
}

/// How a GIF comes into the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A member offers it from a room: it is stored already, or gone. At most so many of theirs may wait.
    Offer { by: Offerer, waiting: u32 },
    /// An operator brings it, with a file that is pinned. `replace`: what is said of it counts, also when it is there.
    Import { replace: bool, files: Files },
}

const ONE: &str = concat!("SELECT ", columns!(), " FROM library l JOIN gifs g ON g.hash = l.gif WHERE l.id = $1");

impl Store {
    /// Puts a GIF that some message shows into the library.
    ///
    /// # Errors
    /// [`StoreError::NoSuchMessage`] when no message shows it any more, [`StoreError::LibraryFull`],
    /// [`StoreError::TooManyOffers`].
    pub async fn offer(&self, new: NewEntry, by: Offerer, limits: OfferLimits) -> Result<Added, StoreError> {
        self.ask(|answer| Command::Offer(Box::new((new, by)), limits, answer)).await
    }

    /// Counts uses of approved entries.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn count_uses(&self, uses: Vec<Used>) -> Result<(), StoreError> {
        self.ask(|answer| Command::CountUses(uses, answer)).await
    }

    /// Approved entries that have all of the words, the most used first and of those the newest, behind `after`: at most
    /// `limit` and at most 100. Who pages while uses are counted may miss one or see it twice.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], as every read.
    pub async fn library(
        &self,
        terms: &Terms,
        after: Option<&LibraryCursor>,
        limit: u32,
    ) -> Result<Vec<LibraryEntry>, StoreError> {
        let (_turn, mut lease) = self.searcher().await?;
        let found = find::find(&mut lease.sql(), terms, after, limit.min(limits::LIBRARY_PAGE)).await;
        entries(found.map_err(|error| self.unreadable(error))?)
    }

    /// These entries, those that are there and approved, in the order asked for.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn library_entries(&self, ids: &[LibraryId]) -> Result<Vec<LibraryEntry>, StoreError> {
        let mut lease = self.reader().await?;
        let mut found = Vec::new();
        for id in ids {
            let row: Option<EntryRow> =
                lease.sql().first(ONE, args![*id]).await.map_err(|error| self.unreadable(error))?;
            found.extend(row);
        }
        let entries = entries(found)?;
        Ok(entries.into_iter().filter(|entry| entry.state == LibraryState::Approved).collect())
    }

    /// Whether a GIF is in the library and approved.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_in_library(&self, hash: GifHash) -> Result<bool, StoreError> {
        let mut lease = self.reader().await?;
        let found: Result<Option<(String,)>, _> =
            lease.sql().first("SELECT id FROM library WHERE gif = $1 AND state = 'approved'", args![hash]).await;
        Ok(found.map_err(|error| self.unreadable(error))?.is_some())
    }

    /// Tags of approved entries that begin so, the most frequent first: at most `limit` and at most 100.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn library_tags(&self, beginning: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        let mut lease = self.reader().await?;
        tags(&mut lease.sql(), beginning, limit.min(limits::LIBRARY_PAGE)).await.map_err(|error| self.unreadable(error))
    }
}

async fn tags(sql: &mut Sql<'_>, beginning: &str, limit: u32) -> Result<Vec<String>, sqlx::Error> {
    let rows: Vec<(String,)> = if beginning.is_empty() {
        sql.all("SELECT tag FROM library_tags ORDER BY entries DESC, tag DESC LIMIT $1", args![limit]).await?
    } else {
        let (from, before) = coded::range(beginning);
        sql.all(
            "SELECT tag FROM library_tags WHERE tag >= $1 AND tag < $2 ORDER BY entries DESC, tag LIMIT $3",
            args![from.as_str(), before.as_str(), limit],
        )
        .await?
    };
    Ok(rows.iter().filter_map(|(tag,)| coded::decoded(tag)).collect())
}
