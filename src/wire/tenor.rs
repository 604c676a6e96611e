//! The library as programs written for Tenor's API, version 2, read it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{AltText, Lang, LibraryEntry, Rendition, Title};

/// The names of formats, and which of our files each is. Nothing is scaled: the small ones are the same.
const FORMATS: [(&str, Rendition); 11] = [
    ("gif", Rendition::Gif),
    ("mediumgif", Rendition::Gif),
    ("tinygif", Rendition::Gif),
    ("nanogif", Rendition::Gif),
    ("webp", Rendition::WebP),
    ("tinywebp", Rendition::WebP),
    ("nanowebp", Rendition::WebP),
    ("preview", Rendition::Poster),
    ("gifpreview", Rendition::Poster),
    ("tinygifpreview", Rendition::Poster),
    ("nanogifpreview", Rendition::Poster),
];

/// Where the files are, in which language they are described, and which formats are wanted.
#[derive(Clone, Debug)]
pub struct TenorLook<'a> {
    /// `https://chat.example.org/tenor/media/`.
    pub base: &'a str,
    pub lang: Lang,
    /// None: all.
    pub formats: &'a [&'a str],
}

/// A page of results.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TenorResults)]
pub struct TenorResultsView<'a> {
    pub results: Vec<TenorResultView<'a>>,
    /// What to ask for as `pos` to get more; empty: that is all.
    pub next: String,
}

/// Results that were asked for by their ids.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TenorPosts)]
pub struct TenorPostsView<'a> {
    pub results: Vec<TenorResultView<'a>>,
}

/// Words that complete what was typed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TenorWords)]
pub struct TenorWordsView {
    pub results: Vec<String>,
}

/// A GIF as Tenor describes one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TenorResult)]
pub struct TenorResultView<'a> {
    id: String,
    title: &'a str,
    content_description: String,
    /// Seconds since 1970.
    created: f64,
    hasaudio: bool,
    hascaption: bool,
    /// Of the GIF: there are no pages about one.
    url: String,
    itemurl: String,
    tags: &'a [String],
    /// `static` of what stands still, else empty.
    flags: &'static str,
    bg_color: String,
    media_formats: BTreeMap<&'static str, TenorMediaView>,
}

/// A file of a result.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TenorMedia)]
pub struct TenorMediaView {
    url: String,
    /// Of one loop, in seconds; 0: it stands still.
    duration: f64,
    /// Always empty.
    preview: &'static str,
    /// Width and height.
    #[schema(min_items = 2, max_items = 2)]
    dims: [u32; 2],
    /// In bytes.
    size: u64,
}

impl<'a> TenorResultView<'a> {
    pub fn new(entry: &'a LibraryEntry, look: &TenorLook<'_>) -> Self {
        let LibraryEntry { ref gif, ref about, .. } = *entry;
        let title = about.title.as_ref().map(Title::as_str);
        let described = about.alt(look.lang).map(AltText::as_str).or(title).map(str::to_owned);
        let url = format!("{}{}", look.base, gif.file_name());
        Self {
            id: entry.id.to_string(),
            title: title.unwrap_or_default(),
            content_description: described.unwrap_or_else(|| about.tags.joined()),
            created: entry.created_at.0 as f64 / 1000.0,
            hasaudio: false,
            hascaption: false,
            itemurl: url.clone(),
            url,
            tags: about.tags.as_slice(),
            flags: if gif.motion_ms() == 0 { "static" } else { "" },
            bg_color: gif.color.to_string(),
            media_formats: FORMATS
                .into_iter()
                .filter(|(name, _)| look.formats.is_empty() || look.formats.contains(name))
                .map(|(name, rendition)| (name, TenorMediaView::new(entry, rendition, look.base)))
                .collect(),
        }
    }
}

impl TenorMediaView {
    fn new(
        LibraryEntry { gif, webp_bytes, poster_bytes, .. }: &LibraryEntry,
        rendition: Rendition,
        base: &str,
    ) -> Self {
        let made = match rendition {
            Rendition::Gif => None,
            Rendition::WebP => *webp_bytes,
            Rendition::Poster => *poster_bytes,
        };
        let moves = if rendition == Rendition::Poster { 0 } else { gif.motion_ms() };
        Self {
            url: format!("{base}{}{}", gif.hash, rendition.suffix()),
            duration: f64::from(moves) / 1000.0,
            preview: "",
            dims: [gif.width, gif.height],
            // Where there is none, the GIF stands in for it.
            size: made.unwrap_or(gif.bytes),
        }
    }
}

/// Why a request was refused, as Tenor says it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TenorError)]
pub struct TenorErrorView {
    error: TenorRefusal,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TenorRefusal)]
struct TenorRefusal {
    code: u16,
    message: &'static str,
    #[schema(examples("PERMISSION_DENIED"))]
    status: &'static str,
}

impl TenorErrorView {
    pub const fn new(code: u16, status: &'static str, message: &'static str) -> Self {
        Self { error: TenorRefusal { code, message, status } }
    }
}
