//! A row of the library with its GIF.

use crate::domain::{About, AltText, LibraryEntry, Tags, Timestamp, Title};
use crate::store::error::StoreError;
use crate::store::rows::{GifRow, read, sure};

/// What [`EntryRow`] reads, of `l` (library) and `g` (gifs).
macro_rules! columns {
    () => {
        "l.id, l.state, l.title, l.tags, l.alt_ko, l.alt_en, l.uses, l.created_at, g.*"
    };
}
pub(super) use columns;

#[derive(sqlx::FromRow)]
pub(super) struct EntryRow {
    id: String,
    state: String,
    #[sqlx(flatten)]
    about: AboutRow,
    uses: i64,
    created_at: i64,
    webp_bytes: Option<i64>,
    poster_bytes: i64,
    #[sqlx(flatten)]
    gif: GifRow,
}

impl TryFrom<EntryRow> for LibraryEntry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: read("library.id", &row.id)?,
            gif: row.gif.try_into()?,
            state: read("library.state", &row.state)?,
            about: row.about.try_into()?,
            webp_bytes: row.webp_bytes.and_then(made),
            poster_bytes: made(row.poster_bytes),
            uses: row.uses,
            created_at: Timestamp(row.created_at),
        })
    }
}

/// The size of a rendition; `None` where there is none.
fn made(bytes: i64) -> Option<u64> {
    u64::try_from(bytes).ok().filter(|bytes| *bytes > 0)
}

pub(super) fn entries(rows: Vec<EntryRow>) -> Result<Vec<LibraryEntry>, StoreError> {
    rows.into_iter().map(LibraryEntry::try_from).collect()
}

/// What is said of a GIF.
#[derive(sqlx::FromRow)]
pub(super) struct AboutRow {
    title: Option<String>,
    tags: String,
    alt_ko: Option<String>,
    alt_en: Option<String>,
}

impl TryFrom<AboutRow> for About {
    type Error = StoreError;

    fn try_from(row: AboutRow) -> Result<Self, StoreError> {
        let alt = |column, text: Option<String>| sure(column, AltText::parse(text.as_deref().unwrap_or_default()));
        Ok(Self {
            title: row.title.map(|title| sure("library.title", Title::parse(&title))).transpose()?,
            tags: sure("library.tags", Tags::parse(&row.tags))?,
            alt_ko: alt("library.alt_ko", row.alt_ko)?,
            alt_en: alt("library.alt_en", row.alt_en)?,
        })
    }
}
