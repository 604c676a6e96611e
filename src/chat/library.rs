//! Somebody looks for a GIF in the server's library, or offers one of a room to it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::{Chat, Error, Visitor};
use crate::config::Offers;
use crate::domain::{
    About, Added, Content, GifHash, LibraryCursor, LibraryEntry, LibraryId, LibraryState, NewEntry, Offerer, Refusal,
    RoomId, Terms,
};
use crate::store::{OfferLimits, Used};

/// Entries of a page, when nobody says how many, and whatever somebody says.
const PAGE: u32 = 24;
const MOST_PAGE: u32 = 50;
/// Tags that are proposed for a beginning.
const TAGS: u32 = 10;
/// Entries asked for by their ids at once.
const MOST_IDS: usize = 50;
/// How long uses are collected before they are stored.
const COLLECT: Duration = Duration::from_secs(5);
/// Different entries whose uses are collected at once. Those beyond are not counted.
const MOST_USED: usize = 4096;

/// What the library allows.
#[derive(Clone, Copy, Debug)]
pub struct LibrarySettings {
    pub offers: Offers,
    pub limits: OfferLimits,
}

/// A page of the library.
#[derive(Clone, Debug)]
pub struct LibraryPage {
    pub entries: Vec<LibraryEntry>,
    /// Where the next one begins, if there is one.
    pub next: Option<LibraryCursor>,
}

/// Uses that are not stored yet.
#[derive(Debug, Default)]
pub(super) struct Uses {
    count: Mutex<HashMap<(LibraryId, GifHash), u32>>,
    some: Notify,
}

impl Uses {
    fn add(&self, id: LibraryId, gif: GifHash) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        if count.len() < MOST_USED || count.contains_key(&(id, gif)) {
            *count.entry((id, gif)).or_default() += 1;
            self.some.notify_one();
        }
    }

    fn take(&self) -> Vec<Used> {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let mut uses: Vec<_> = count.drain().map(|((id, gif), times)| Used { id, gif, times }).collect();
        uses.sort_unstable_by_key(|used| used.id);
        uses
    }
}

impl Chat {
    /// A page of what is found, the most used first.
    ///
    /// # Errors
    /// [`Refusal::TooOften`]; [`Error::Unavailable`].
    pub async fn library(
        &self,
        visitor: &Visitor,
        terms: &Terms,
        after: Option<&LibraryCursor>,
        limit: Option<u32>,
    ) -> Result<LibraryPage, Error> {
        self.limits.lookups.take(visitor, self.env.now())?;
        self.library_page(terms, after, limit).await
    }

    /// As [`Chat::library`], for a program that was let in by another limit.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn library_page(
        &self,
        terms: &Terms,
        after: Option<&LibraryCursor>,
        limit: Option<u32>,
    ) -> Result<LibraryPage, Error> {
        let limit = limit.unwrap_or(PAGE).clamp(1, MOST_PAGE);
        let mut entries = self.store.library(terms, after, limit + 1).await?;
        let is_more = entries.len() > limit as usize;
        entries.truncate(limit as usize);
        let next = entries.last().filter(|_| is_more).map(LibraryCursor::of);
        Ok(LibraryPage { entries, next })
    }

    /// Those of these entries that are there, at most the first 50.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn library_entries(&self, ids: &[LibraryId]) -> Result<Vec<LibraryEntry>, Error> {
        Ok(self.store.library_entries(&ids[..ids.len().min(MOST_IDS)]).await?)
    }

    /// Whether a program that has one of the keys (by number) may ask now.
    ///
    /// # Errors
    /// [`Refusal::TooOften`].
    pub fn let_in(&self, key: usize) -> Result<(), Error> {
        Ok(self.limits.tenor(key, self.env.now())?)
    }

    /// Whether a GIF is in the library for everybody.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn is_in_library(&self, hash: GifHash) -> Result<bool, Error> {
        Ok(self.store.is_in_library(hash).await?)
    }

    /// Tags that begin so, the most frequent first.
    ///
    /// # Errors
    /// [`Refusal::TooOften`]; [`Error::Unavailable`].
    pub async fn library_tags(&self, visitor: &Visitor, beginning: &str) -> Result<Vec<String>, Error> {
        self.limits.lookups.take(visitor, self.env.now())?;
        self.tags_page(beginning, None).await
    }

    /// As [`Chat::library_tags`], for a program that was let in by another limit.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn tags_page(&self, beginning: &str, limit: Option<u32>) -> Result<Vec<String>, Error> {
        Ok(self.store.library_tags(beginning, limit.unwrap_or(TAGS).clamp(1, MOST_PAGE)).await?)
    }

    /// Offers a GIF of a room to the library, where an operator is to look at it, unless offers are taken at once. One that
    /// is there already keeps what is said of it.
    ///
    /// # Errors
    /// [`Refusal::LibraryClosed`], [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`], [`Refusal::NoSuchMessage`] (also of
    /// what is no GIF), [`Refusal::TooOften`], [`Refusal::LibraryFull`], [`Refusal::TooManyOffers`]; [`Error::Unavailable`].
    pub async fn offer(&self, visitor: &Visitor, room: RoomId, seq: i64, about: About) -> Result<Added, Error> {
        let state = match self.settings.library.offers {
            Offers::Off => return Err(Refusal::LibraryClosed.into()),
            Offers::Review => LibraryState::Offered,
            Offers::Auto => LibraryState::Approved,
        };
        self.present(&visitor.caller, room)?;
        self.limits.offers.take(visitor, self.env.now())?;
        let shown = self.store.message(room, seq, None).await?.ok_or(Refusal::NoSuchMessage)?;
        let Content::Gif { gif, .. } = shown.content else { return Err(Refusal::NoSuchMessage.into()) };
        let id = LibraryId::from_bytes(self.env.random());
        let by = Offerer::of(&self.key, visitor.caller.session, &visitor.address.prefix());
        Ok(self.store.offer(NewEntry { id, gif, state, about }, by, self.settings.library.limits).await?)
    }

    /// Notes that somebody has shown this GIF to others as an entry's, if it is the entry's. It is stored within some seconds.
    /// From one address an entry is counted once an hour: nobody makes it popular alone.
    pub(super) async fn count_use(&self, visitor: &Visitor, id: LibraryId, gif: GifHash) {
        // Before the hour begins: who shows another GIF as the entry's does not keep others behind their address from counting.
        let found = self.store.library_entries(&[id]).await;
        let is_its_gif = found.is_ok_and(|entries| entries.iter().any(|entry| entry.gif.hash == gif));
        if is_its_gif && self.limits.is_new_use(id, visitor.address, self.env.now()) {
            self.uses.add(id, gif);
        }
    }

    /// Stores what was used, every few seconds in which there is something. One task runs it, for ever.
    pub async fn store_uses(&self) {
        loop {
            self.uses.some.notified().await;
            self.env.sleep_until(self.env.now() + COLLECT).await;
            self.store_uses_now().await;
        }
    }

    /// The same at once, before an end.
    pub async fn store_uses_now(&self) {
        let uses = self.uses.take();
        if !uses.is_empty()
            && let Err(error) = self.store.count_uses(uses).await
        {
            tracing::debug!(%error, "some uses of the library are not counted");
        }
    }
}
