//! Reads an answer of the Tenor v2 API: a list of results, each with its media in several formats.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;
use url::Url;

use super::{Found, Remote, RemoteId};

/// Results that are asked for, and the most that are taken.
pub const PAGE: usize = 30;
/// The formats we can use.
pub(super) const FORMATS: &str = "gif,mediumgif,tinygif,nanogif";
/// From the best to the smallest, for sending.
const TO_SEND: [&str; 3] = ["gif", "mediumgif", "tinygif"];
/// From the best to the least suited, for a look.
const TO_SHOW: [&str; 4] = ["tinygif", "nanogif", "mediumgif", "gif"];
const MOST_TITLE: usize = 200;
const MOST_NEXT: usize = 200;
/// Bytes of an address that is kept: thousands are.
const MOST_ADDRESS: usize = 2048;
/// Longest side of a picture that anybody would mean.
const MOST_SIDE: u32 = 10_000;

#[derive(Debug, Deserialize)]
struct Answer {
    results: Vec<Entry>,
    #[serde(default)]
    next: String,
}

#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(default)]
    title: String,
    #[serde(default)]
    content_description: String,
    media_formats: HashMap<String, Media>,
}

#[derive(Debug, Deserialize)]
struct Media {
    url: String,
    #[serde(default)]
    dims: Vec<u32>,
    #[serde(default)]
    size: usize,
}

/// # Errors
/// When it is not JSON of this shape. Single results that are of no use are left out.
pub(super) fn read(bytes: &[u8]) -> Result<Found, serde_json::Error> {
    let Answer { results, next } = serde_json::from_slice(bytes)?;
    let remotes = results.into_iter().take(PAGE).filter_map(|entry| entry.remote().map(Arc::new)).collect();
    Ok(Found { remotes, next: Some(next).filter(|next| !next.is_empty() && next.len() <= MOST_NEXT) })
}

impl Entry {
    fn remote(mut self) -> Option<Remote> {
        let (preview, dims) = TO_SHOW.iter().find_map(|format| {
            let media = self.media_formats.get(*format)?;
            Some((media.address()?, &media.dims))
        })?;
        let [width, height] = **dims else { return None };
        let is_side = |side: u32| (1..=MOST_SIDE).contains(&side);
        if !is_side(width) || !is_side(height) {
            return None;
        }
        let file = |media: Media| Some((media.address()?, Some(media.size).filter(|size| *size > 0)));
        let files = TO_SEND.iter().filter_map(|format| self.media_formats.remove(*format).and_then(file));
        let files: Vec<_> = files.collect();
        let id = RemoteId::of(&files.first()?.0);
        let title = if self.content_description.is_empty() { self.title } else { self.content_description };
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST_TITLE).collect();
        Some(Remote { id, title, width, height, preview, files })
    }
}

impl Media {
    fn address(&self) -> Option<Url> {
        Url::parse(&self.url).ok().filter(|url| url.as_str().len() <= MOST_ADDRESS)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn media(url: &str) -> serde_json::Value {
        json!({"url": url, "dims": [220, 165], "size": 1000, "duration": 1.2, "preview": ""})
    }

    #[test]
    fn what_can_be_used_is_taken() {
        let answer = json!({"next": "CAgQ", "results": [
            {"id": "1", "title": "", "content_description": "A  cat\nyawns", "tags": ["cat"],
             "media_formats": {"gif": media("https://m.example/a.gif"), "tinygif": media("https://m.example/b.gif"),
                               "mp4": media("https://m.example/c.mp4")}},
            {"id": "2", "media_formats": {"mp4": media("https://m.example/c.mp4")}},
            {"id": "3", "media_formats": {"gif": {"url": "https://m.example/d.gif", "dims": [0, 5], "size": 1}}},
            {"id": "5", "media_formats": {"gif": {"url": "no address", "dims": [5, 5], "size": 1}}},
            {"id": "4", "media_formats": {"gif": {"url": "https://m.example/d.gif", "dims": [5], "size": 1}}},
        ]});
        let found = read(answer.to_string().as_bytes()).unwrap();
        assert_eq!(found.next.as_deref(), Some("CAgQ"));
        let [cat] = &found.remotes[..] else { panic!("{found:?}") };
        assert_eq!((cat.title.as_str(), cat.width, cat.height), ("A cat yawns", 220, 165));
        assert_eq!(cat.preview.as_str(), "https://m.example/b.gif");
        let files: Vec<_> = cat.files.iter().map(|(url, size)| (url.as_str(), *size)).collect();
        assert_eq!(files, [("https://m.example/a.gif", Some(1000)), ("https://m.example/b.gif", Some(1000))]);
        assert_eq!(cat.id.to_string().parse(), Ok(cat.id));
    }

    #[test]
    fn long_addresses_are_not_kept() {
        let long = format!("https://m.example/{}.gif", "x".repeat(2048));
        let answer = json!({"results": [
            {"media_formats": {"gif": media("https://m.example/a.gif"), "mediumgif": media(&long), "tinygif": media(&long)}},
            {"media_formats": {"gif": media(&long), "tinygif": media(&long)}},
        ]});
        let found = read(answer.to_string().as_bytes()).unwrap();
        let [one] = &found.remotes[..] else { panic!("{found:?}") };
        assert_eq!((one.preview.as_str(), one.files.len()), ("https://m.example/a.gif", 1));
    }

    #[test]
    fn no_more_than_a_page_is_taken() {
        let entry = |n: usize| json!({"media_formats": {"gif": media(&format!("https://m.example/{n}.gif"))}});
        let answer = json!({"results": (0..1000).map(entry).collect::<Vec<_>>(), "next": "x".repeat(1000)});
        let found = read(answer.to_string().as_bytes()).unwrap();
        assert_eq!((found.remotes.len(), found.next), (PAGE, None));
    }

    #[test]
    fn another_shape_is_an_error() {
        for wrong in ["", "[]", "{}", "null", r#"{"results": [{"media_formats": {"gif": "x"}}]}"#] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
