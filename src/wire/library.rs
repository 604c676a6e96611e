//! The library as JSON.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{schema, text};
use crate::domain::{About, Added, AltText, Color, Invalid, LibraryEntry, LibraryId, Tags, Title};

/// A GIF of the library.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LibraryEntry, description = "A GIF of the server's library.")]
pub struct LibraryEntryView<'a> {
    id: LibraryId,
    #[schema(value_type = schema::GifName)]
    gif: String,
    #[schema(minimum = 1)]
    width: u32,
    #[schema(minimum = 1)]
    height: u32,
    /// The one that it has most of.
    color: Color,
    /// One loop, in milliseconds; 0: it stands still.
    duration: u32,
    /// It flashes more than three times in a second over a large area.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    flashes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    title: Option<&'a Title>,
    #[schema(examples(json!(["cat", "고양이"])))]
    tags: &'a [String],
    alt: AltView<'a>,
    /// How often it was shown from the library.
    #[schema(minimum = 0)]
    uses: i64,
}

/// What it shows, in words.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LibraryAlt, description = "What it shows, in words of Korean and English.")]
struct AltView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    ko: Option<&'a AltText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    en: Option<&'a AltText>,
}

impl<'a> LibraryEntryView<'a> {
    pub fn new(entry: &'a LibraryEntry) -> Self {
        let LibraryEntry { id, ref gif, ref about, uses, .. } = *entry;
        Self {
            id,
            gif: gif.file_name(),
            width: gif.width,
            height: gif.height,
            color: gif.color,
            duration: gif.motion_ms(),
            flashes: gif.flashes,
            title: about.title.as_ref(),
            tags: about.tags.as_slice(),
            alt: AltView { ko: about.alt_ko.as_ref(), en: about.alt_en.as_ref() },
            uses,
        }
    }
}

/// What is found in the library.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LibraryPage)]
pub struct LibraryPageView<'a> {
    /// The most used first.
    pub entries: Vec<LibraryEntryView<'a>>,
    /// What to ask for as `after` to get more; missing: that is all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
}

/// Tags of the library.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LibraryTags)]
pub struct LibraryTagsView {
    /// The most frequent first.
    pub tags: Vec<String>,
}

/// What has become of an offer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Offered)]
pub struct OfferedView {
    id: LibraryId,
    /// `offered`: an operator is to look at it; `approved`: everybody finds it.
    #[schema(pattern = "^(offered|approved)$")]
    state: &'static str,
}

impl OfferedView {
    pub fn new(added: &Added) -> Self {
        Self { id: added.id, state: added.state.as_str() }
    }
}

/// The body of an offer; it is read by [`offer`].
#[derive(Clone, Debug, ToSchema)]
#[schema(as = NewOffer, rename_all = "camelCase", description = "A GIF of a room, for the library.")]
#[allow(dead_code, reason = "it is described, not made")]
pub struct NewOffer {
    room: crate::domain::RoomId,
    /// Of the message that shows it.
    #[schema(minimum = 1)]
    seq: i64,
    #[schema(nullable = false)]
    title: Option<Title>,
    /// At most 20 words by which it is found. In a form: one text with spaces.
    #[schema(nullable = false, max_items = 20)]
    tags: Option<Vec<String>>,
    #[schema(nullable = false)]
    alt_ko: Option<AltText>,
    #[schema(nullable = false)]
    alt_en: Option<AltText>,
}

/// Reads the body of an offer: the `seq` of the message, and what is said of its GIF.
///
/// # Errors
/// For the first field that does not fit.
pub fn offer(value: &Value) -> Result<(i64, About), Invalid> {
    let seq = super::command::number(value, "seq")?;
    let title = text(value, "title")?;
    let about = About {
        title: (!title.trim().is_empty()).then(|| Title::parse(title)).transpose()?,
        tags: tags(value.get("tags"))?,
        alt_ko: AltText::parse(text(value, "altKo")?)?,
        alt_en: AltText::parse(text(value, "altEn")?)?,
    };
    Ok((seq, about))
}

fn tags(value: Option<&Value>) -> Result<Tags, Invalid> {
    const WRONG: Invalid = Invalid::NotText { field: "tags" };
    match value {
        None | Some(Value::Null) => Ok(Tags::default()),
        Some(Value::String(text)) => Tags::parse(text),
        Some(Value::Array(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            Tags::parse(&texts.ok_or(WRONG)?.join(" "))
        }
        Some(_) => Err(WRONG),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_offer_is_read_from_a_form_or_from_json() {
        let (seq, about) = offer(&json!({"seq": "7", "tags": "고양이, cat", "title": "", "altKo": "고양이"})).unwrap();
        assert_eq!((seq, about.tags.joined().as_str(), about.title), (7, "고양이 cat", None));
        assert_eq!(about.alt_ko.unwrap().as_str(), "고양이");
        let (seq, about) = offer(&json!({"seq": 7, "tags": ["cat", "two words"], "title": "Cat"})).unwrap();
        assert_eq!((seq, about.tags.joined().as_str()), (7, "cat two words"));
        assert_eq!(about.title.unwrap().as_str(), "Cat");
        for (wrong, field) in [
            (json!({}), "seq"),
            (json!({"seq": 1, "tags": [1]}), "tags"),
            (json!({"seq": 1, "tags": {}}), "tags"),
            (json!({"seq": 1, "title": 5}), "title"),
            (json!({"seq": 1, "altKo": "x".repeat(501)}), "alt"),
        ] {
            assert_eq!(offer(&wrong).unwrap_err().field(), field, "{wrong}");
        }
    }
}
