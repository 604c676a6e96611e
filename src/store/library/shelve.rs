//! What changes the library, within a transaction.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::coded::coded;
use super::row::AboutRow;
use super::{Arrival, MOST_OFFERS, SESSIONS_PER_ADDRESS, Used};
use crate::domain::{About, Added, GifHash, LibraryId, LibraryState, NewEntry, Offerer, Tags};
use crate::store::error::{IdTaken, StoreError};
use crate::store::rows::read;
use crate::store::sql::{Arg, args};
use crate::store::write::{Batch, Verdict};

/// How many words a statement inserts. The last one fills the places that are left.
const WORDS: usize = 16;

static INSERT_WORDS: LazyLock<String> = LazyLock::new(|| {
    let rows = (0..WORDS).fold(String::new(), |mut rows, nth| {
        let _ = write!(rows, "{}(${}, $1)", if nth == 0 { "" } else { ", " }, nth + 2);
        rows
    });
    format!("INSERT INTO library_words (word, entry) VALUES {rows} ON CONFLICT (word, entry) DO NOTHING")
});

impl Batch<'_> {
    /// Puts a GIF into the library, of at most `most`, or finds it there.
    pub(in crate::store) async fn shelve(&mut self, new: &NewEntry, arrival: Arrival, most: u32) -> Verdict<Added> {
        let there: Option<(String, String)> =
            self.sql().first("SELECT id, state FROM library WHERE gif = $1", args![new.gif.hash]).await?;
        if let Some((id, state)) = there {
            let (id, state) = match (read("library.id", &id), read("library.state", &state)) {
                (Ok(id), Ok(state)) => (id, state),
                (Err(corrupt), _) | (_, Err(corrupt)) => return Ok(Err(corrupt)),
            };
            return self.shelve_again(id, state, new, arrival).await;
        }
        if let Err(full) = self.has_room(new.state, arrival, most).await? {
            return Ok(Err(full));
        }
        if let Arrival::Import { files, .. } = arrival {
            self.keep_gif(&new.gif, files).await?;
        } else {
            // It changes nothing, but in PostgreSQL it locks the row; and a GIF that is gone does not come back.
            let shown = self.sql().run("UPDATE gifs SET bytes = bytes WHERE hash = $1", args![new.gif.hash]).await?;
            if shown == 0 {
                return Ok(Err(StoreError::NoSuchMessage));
            }
        }
        let NewEntry { id, gif, state, about } = new;
        let now = self.now;
        let by = match arrival {
            Arrival::Offer { by, .. } if *state == LibraryState::Offered => Some(by),
            _ => None,
        };
        let inserted = self
            .sql()
            .run(
                "INSERT INTO library (id, number, gif, state, title, tags, alt_ko, alt_en, uses, created_at, offered_by,
                     offered_from)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11) ON CONFLICT DO NOTHING",
                args![
                    *id,
                    number(*id),
                    gif.hash,
                    state.as_str(),
                    about.title.as_ref(),
                    about.tags.joined().as_str(),
                    about.alt_ko.as_ref(),
                    about.alt_en.as_ref(),
                    now,
                    by.map(|by| by.session),
                    by.map(|by| by.address),
                ],
            )
            .await?;
        if inserted == 0 {
            return Ok(Err(StoreError::unavailable(IdTaken)));
        }
        if *state == LibraryState::Approved {
            self.file(*id, about).await?;
        }
        Ok(Ok(Added { id: *id, state: *state, first: true }))
    }

    async fn shelve_again(
        &mut self,
        id: LibraryId,
        state: LibraryState,
        new: &NewEntry,
        arrival: Arrival,
    ) -> Verdict<Added> {
        if matches!(arrival, Arrival::Import { replace: true, .. }) {
            self.unfile(id).await?;
            let about = &new.about;
            self.sql()
                .run(
                    "UPDATE library SET title = $2, tags = $3, alt_ko = $4, alt_en = $5 WHERE id = $1",
                    args![
                        id,
                        about.title.as_ref(),
                        about.tags.joined().as_str(),
                        about.alt_ko.as_ref(),
                        about.alt_en.as_ref(),
                    ],
                )
                .await?;
            if state == LibraryState::Approved {
                self.file(id, about).await?;
            }
        }
        let is_import = matches!(arrival, Arrival::Import { .. });
        if is_import && (state, new.state) == (LibraryState::Offered, LibraryState::Approved) {
            if let Err(refused) = self.approve(id).await? {
                return Ok(Err(refused));
            }
            return Ok(Ok(Added { id, state: LibraryState::Approved, first: false }));
        }
        Ok(Ok(Added { id, state, first: false }))
    }

    async fn has_room(&mut self, state: LibraryState, arrival: Arrival, most: u32) -> Verdict<()> {
        let all: Option<(i64,)> = self.sql().first("SELECT COUNT(*) FROM library", args![]).await?;
        if all.is_none_or(|(all,)| all >= i64::from(most)) {
            return Ok(Err(StoreError::LibraryFull));
        }
        if state == LibraryState::Offered {
            let offers: Option<(i64,)> =
                self.sql().first("SELECT COUNT(*) FROM library WHERE state = 'offered'", args![]).await?;
            if offers.is_none_or(|(offers,)| offers >= MOST_OFFERS) {
                return Ok(Err(StoreError::LibraryFull));
            }
            if let Arrival::Offer { by, waiting } = arrival {
                return self.may_offer(by, waiting).await;
            }
        }
        Ok(Ok(()))
    }

    /// Whether fewer of their offers wait than may.
    async fn may_offer(&mut self, by: Offerer, most: u32) -> Verdict<()> {
        let waiting: Option<(i64, i64)> = self
            .sql()
            .first(
                "SELECT COUNT(CASE WHEN offered_by = $1 THEN 1 END), COUNT(CASE WHEN offered_from = $2 THEN 1 END)
                 FROM library WHERE state = 'offered'",
                args![by.session, by.address],
            )
            .await?;
        let (session, address) = waiting.unwrap_or_default();
        let is_full = session >= i64::from(most) || address >= i64::from(most) * i64::from(SESSIONS_PER_ADDRESS);
        Ok(if is_full { Err(StoreError::TooManyOffers) } else { Ok(()) })
    }

    /// From now on people find it. `false`: there is no such offer.
    pub(in crate::store) async fn approve(&mut self, id: LibraryId) -> Verdict<bool> {
        let row: Option<AboutRow> = self
            .sql()
            .first(
                "UPDATE library SET state = 'approved', offered_by = NULL, offered_from = NULL
                 WHERE id = $1 AND state = 'offered'
                 RETURNING title, tags, alt_ko, alt_en",
                args![id],
            )
            .await?;
        let Some(row) = row else { return Ok(Ok(false)) };
        match About::try_from(row) {
            Ok(about) => self.file(id, &about).await?,
            Err(corrupt) => return Ok(Err(corrupt)),
        }
        Ok(Ok(true))
    }

    /// Takes an entry out: any, or only one that is offered. `None`: there is none. Of its GIF, `Some(hash)` when nothing
    /// refers to it any more.
    pub(in crate::store) async fn discard(
        &mut self,
        id: LibraryId,
        only_offer: bool,
    ) -> Verdict<Option<Option<GifHash>>> {
        let row: Option<(String, String)> =
            self.sql().first("SELECT gif, state FROM library WHERE id = $1", args![id]).await?;
        let Some((gif, _)) = row.filter(|(_, state)| !only_offer || state == LibraryState::Offered.as_str()) else {
            return Ok(Ok(None));
        };
        self.unfile(id).await?;
        self.sql().run("DELETE FROM library WHERE id = $1", args![id]).await?;
        Ok(self.free_gifs(vec![(gif,)]).await?.map(|freed| Some(freed.into_iter().next())))
    }

    /// Counts uses. What is not in the library (any more), or is another GIF there, is not counted.
    pub(in crate::store) async fn count_uses(&mut self, uses: &[Used]) -> Verdict<()> {
        for Used { id, gif, times } in uses {
            let count = "UPDATE library SET uses = uses + $3 WHERE id = $1 AND gif = $2 AND state = 'approved'";
            self.sql().run(count, args![*id, *gif, *times]).await?;
        }
        Ok(Ok(()))
    }

    /// Puts the words of an approved entry where they are looked for.
    async fn file(&mut self, id: LibraryId, about: &About) -> Result<(), sqlx::Error> {
        let row: Option<(i64,)> = self.sql().first("SELECT number FROM library WHERE id = $1", args![id]).await?;
        let Some((number,)) = row else { return Ok(()) };
        for words in about.words().chunks(WORDS) {
            let padded = words.iter().chain(std::iter::repeat(&words[words.len() - 1])).take(WORDS);
            let mut all = args![number];
            all.extend(padded.map(|word| Arg::Text(coded(word))));
            self.sql().run(INSERT_WORDS.as_str(), all).await?;
        }
        for tag in in_order(&about.tags) {
            self.sql()
                .run(
                    "INSERT INTO library_tags (tag, entries) VALUES ($1, 1)
                     ON CONFLICT (tag) DO UPDATE SET entries = library_tags.entries + 1",
                    args![tag.as_str()],
                )
                .await?;
        }
        Ok(())
    }

    /// Takes the words of an entry away, if it is approved.
    async fn unfile(&mut self, id: LibraryId) -> Result<(), sqlx::Error> {
        let row: Option<(String,)> =
            self.sql().first("SELECT tags FROM library WHERE id = $1 AND state = 'approved'", args![id]).await?;
        let Some((tags,)) = row else { return Ok(()) };
        const WORDS: &str = "DELETE FROM library_words WHERE entry = (SELECT number FROM library WHERE id = $1)";
        self.sql().run(WORDS, args![id]).await?;
        for tag in in_order(&Tags::parse(&tags).unwrap_or_default()) {
            self.sql().run("UPDATE library_tags SET entries = entries - 1 WHERE tag = $1", args![tag.as_str()]).await?;
            self.sql().run("DELETE FROM library_tags WHERE tag = $1 AND entries <= 0", args![tag.as_str()]).await?;
        }
        Ok(())
    }
}

/// Of a new entry: as random as its id.
fn number(id: LibraryId) -> i64 {
    i64::from_be_bytes(*id.as_bytes())
}

/// As they are stored, and in one order for all: two nodes of PostgreSQL that take the same rows the other way round would
/// wait for each other.
fn in_order(tags: &Tags) -> Vec<String> {
    let mut coded: Vec<String> = tags.as_slice().iter().map(|tag| coded(tag)).collect();
    coded.sort_unstable();
    coded
}
