//! The server's library of GIFs: what is known of each, and how it is looked for.

use super::{AltText, Gif, HashKey, Invalid, Lang, LibraryId, OffererHash, Query, SessionId, Timestamp, Title, words};

/// The words under which a GIF is filed: up to 20, each once, as [`words`] has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(Vec<String>);

impl Tags {
    pub const MOST: usize = 20;

    /// Whatever is not a letter or digit stands between two tags.
    ///
    /// # Errors
    /// For more than [`Tags::MOST`] different words.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        // Nobody may have us work on more.
        if text.chars().count() > 50 * Self::MOST {
            return Err(Invalid::Tags { most: Self::MOST });
        }
        let tags = Self::of(words(text));
        if tags.0.len() > Self::MOST { Err(Invalid::Tags { most: Self::MOST }) } else { Ok(tags) }
    }

    /// The first [`Tags::MOST`] of these words.
    pub fn first_of(words: impl IntoIterator<Item = String>) -> Self {
        let mut tags = Self::of(words);
        tags.0.truncate(Self::MOST);
        tags
    }

    fn of(words: impl IntoIterator<Item = String>) -> Self {
        let mut tags = Vec::new();
        for word in words {
            if !tags.contains(&word) {
                tags.push(word);
            }
        }
        Self(tags)
    }

    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// With a space between two.
    pub fn joined(&self) -> String {
        self.0.join(" ")
    }
}

/// What people say of a GIF.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    pub title: Option<Title>,
    pub tags: Tags,
    /// What it shows, in Korean and in English.
    pub alt_ko: Option<AltText>,
    pub alt_en: Option<AltText>,
}

impl About {
    /// Words of one GIF that are looked into.
    const MOST_WORDS: usize = 100;

    /// What it shows, in the reader's language if it is told in that.
    pub fn alt(&self, lang: Lang) -> Option<&AltText> {
        match lang {
            Lang::Ko => self.alt_ko.as_ref().or(self.alt_en.as_ref()),
            Lang::En => self.alt_en.as_ref().or(self.alt_ko.as_ref()),
        }
    }

    /// The words by which it is found, each once, in order.
    pub fn words(&self) -> Vec<String> {
        let mut all = self.tags.0.clone();
        for text in [self.title.as_ref().map(Title::as_str), alt(&self.alt_ko), alt(&self.alt_en)] {
            all.extend(words(text.unwrap_or_default()));
        }
        all.truncate(Self::MOST_WORDS);
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn alt(alt: &Option<AltText>) -> Option<&str> {
    alt.as_ref().map(AltText::as_str)
}

/// Whether people find a GIF, or an operator is to look at it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LibraryState {
    Offered,
    Approved,
}

impl LibraryState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Approved => "approved",
        }
    }
}

impl std::str::FromStr for LibraryState {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let known = [Self::Offered, Self::Approved].into_iter().find(|state| state.as_str() == text);
        known.ok_or(Invalid::NotText { field: "state" })
    }
}

/// A GIF of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryEntry {
    pub id: LibraryId,
    pub gif: Gif,
    pub state: LibraryState,
    /// Sizes of its WebP and of its still, where they are made.
    pub webp_bytes: Option<u64>,
    pub poster_bytes: Option<u64>,
    pub about: About,
    /// How often it was shown from here.
    pub uses: i64,
    pub created_at: Timestamp,
}

/// A GIF for the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    pub id: LibraryId,
    pub gif: Gif,
    pub state: LibraryState,
    pub about: About,
}

/// Who offers a GIF, kept with the offer so that it cannot be read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offerer {
    pub session: OffererHash,
    pub address: OffererHash,
}

impl Offerer {
    /// `address`: as [`NetworkHash::of`](super::NetworkHash::of) takes it.
    pub fn of(key: &HashKey, session: SessionId, address: &[u8]) -> Self {
        Self {
            session: OffererHash::from_bytes(key.hash("offers of a session", &[session.as_bytes()])),
            address: OffererHash::from_bytes(key.hash("offers from an address", &[address])),
        }
    }
}

/// What has become of a [`NewEntry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    pub id: LibraryId,
    pub state: LibraryState,
    /// `false` when the GIF was there already: it keeps its id and what is known of it.
    pub first: bool,
}

/// Where a page of the library ends: the most used come first, of those the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LibraryCursor {
    pub uses: i64,
    pub created_at: Timestamp,
    pub id: LibraryId,
}

impl LibraryCursor {
    pub fn of(entry: &LibraryEntry) -> Self {
        Self { uses: entry.uses, created_at: entry.created_at, id: entry.id }
    }
}

/// `12.1763737200000.0123456789abcdef`, to be given back as it was got.
impl std::fmt::Display for LibraryCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.uses, self.created_at.0, self.id)
    }
}

impl std::str::FromStr for LibraryCursor {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::Id { field: "after" };
        let mut parts = text.split('.');
        let mut next = || parts.next().ok_or_else(wrong);
        let cursor = Self {
            uses: next()?.parse().map_err(|_| wrong())?,
            created_at: Timestamp(next()?.parse().map_err(|_| wrong())?),
            id: next()?.parse().map_err(|_| wrong())?,
        };
        if parts.next().is_some() { Err(wrong()) } else { Ok(cursor) }
    }
}

/// What is looked for in the library: the beginnings of words, all of which an entry must have. None: everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms(Vec<String>);

impl Terms {
    /// Words of a query that count. Those behind are not looked for.
    pub const MOST: usize = 6;

    /// # Errors
    /// [`Invalid::Query`] for more than [`Query::MOST`] characters, and for a text without a letter or digit that is
    /// not empty.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let found = words(Query::parse(text)?.as_str());
        if found.is_empty() {
            return Err(Invalid::Query { most: Query::MOST });
        }
        // The beginning of a longer one finds nothing that this does not find.
        let mut terms: Vec<String> = Vec::new();
        for word in &found {
            let implied = found.iter().any(|other| other != word && other.starts_with(word.as_str()));
            if !implied && !terms.contains(word) && terms.len() < Self::MOST {
                terms.push(word.clone());
            }
        }
        Ok(Self(terms))
    }

    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_words_and_few() {
        assert_eq!(Tags::parse("Cat, #고양이  cat").unwrap().joined(), "cat 고양이");
        assert_eq!(Tags::parse(" ").unwrap(), Tags::default());
        let many: Vec<String> = (0..21).map(|n| format!("w{n}")).collect();
        assert_eq!(Tags::parse(&many.join(" ")), Err(Invalid::Tags { most: 20 }));
        assert_eq!(Tags::parse(&"x".repeat(1001)), Err(Invalid::Tags { most: 20 }));
        assert_eq!(Tags::first_of(many).as_slice().len(), 20);
    }

    #[test]
    fn what_is_said_of_a_gif_is_found_by_all_its_words() {
        let about = About {
            title: Some(Title::parse("Happy cat").unwrap()),
            tags: Tags::parse("고양이 cat").unwrap(),
            alt_ko: AltText::parse("고양이가 춤춘다").unwrap(),
            alt_en: AltText::parse("A cat dances").unwrap(),
        };
        assert_eq!(about.words(), ["a", "cat", "dances", "happy", "고양이", "고양이가", "춤춘다"]);
        assert_eq!(about.alt(Lang::Ko), about.alt_ko.as_ref());
        let english = About { alt_ko: None, ..about };
        assert_eq!(english.alt(Lang::Ko), english.alt_en.as_ref(), "better than nothing");
    }

    #[test]
    fn a_query_is_beginnings_of_words() {
        let terms = |text| Terms::parse(text).map(|terms| terms.0);
        assert_eq!(terms("  "), Ok(vec![]));
        assert_eq!(terms("CAT 고양"), Ok(vec!["cat".to_owned(), "고양".to_owned()]));
        assert_eq!(terms("ca cat ca"), Ok(vec!["cat".to_owned()]));
        assert_eq!(terms("a b c d e f g").unwrap().len(), Terms::MOST);
        for wrong in ["!?", &"x".repeat(101)] {
            assert_eq!(terms(wrong), Err(Invalid::Query { most: 100 }), "{wrong}");
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let cursor = LibraryCursor { uses: 12, created_at: Timestamp(1000), id: LibraryId::from_bytes([0xab; 8]) };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for wrong in ["", "1", "1.2", "1.2.x", "a.2.abababababababab", "1.2.abababababababab.3"] {
            assert!(wrong.parse::<LibraryCursor>().is_err(), "{wrong}");
        }
    }
}
