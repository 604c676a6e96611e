//! A message on the page: the same markup for history and for the `<template>` that the script clones.

use super::frame::color_class;
use crate::domain::{Content, Item, Member, MemberId, Message, Timestamp};

/// Same person within this time: one group, one unbroken rail.
const GROUP_MS: i64 = 3 * 60 * 1000;

#[derive(Debug)]
pub(super) struct MessageView {
    /// Empty in a template.
    pub id: String,
    pub seq: String,
    pub member: String,
    /// The reader's own: the id their page gave it, which knows it as sent by that. Else empty.
    pub client: String,
    pub classes: String,
    pub name: String,
    pub at: String,
    /// `14:05`, UTC; the script shows the reader's own time.
    pub clock: String,
    pub body: Body,
}

#[derive(Debug)]
pub(super) enum Body {
    Text(Vec<Piece>),
    Gif { url: String, width: u32, height: u32, shape: &'static str },
}

/// A run of text, or a link in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub text: String,
    pub link: bool,
}

impl MessageView {
    /// History as it is shown to `me`.
    pub fn all(items: &[Item], me: MemberId) -> Vec<Self> {
        let shown = |item: &Item| match item {
            Item::Message(message) if matches!(message.content, Content::Text(_) | Content::Gif(_)) => {
                Some(message.clone())
            }
            _ => None,
        };
        let messages: Vec<Message> = items.iter().filter_map(shown).collect();
        (0..messages.len())
            .map(|i| {
                let continues = i > 0 && is_group(&messages[i - 1], &messages[i]);
                let followed = messages.get(i + 1).is_some_and(|next| is_group(&messages[i], next));
                Self::new(&messages[i], me, continues, followed)
            })
            .collect()
    }

    fn new(message: &Message, me: MemberId, continues: bool, followed: bool) -> Self {
        let side = if message.member.id == me { "mine" } else { "other" };
        let client = match &message.client_message_id {
            Some(id) if side == "mine" => id.as_str().to_owned(),
            _ => String::new(),
        };
        let mut classes = format!("msg {side} u {}", color_class(message.member.color));
        for (class, on) in [(" cont", continues), (" followed", followed)] {
            classes.push_str(if on { class } else { "" });
        }
        let body = match &message.content {
            Content::Text(text) => Body::Text(pieces(text.as_str())),
            Content::Gif(gif) => Body::Gif {
                url: format!("/gif/{}", gif.file_name()),
                width: gif.width,
                height: gif.height,
                shape: shape(gif.width, gif.height),
            },
            _ => Body::Text(Vec::new()),
        };
        Self {
            id: message.id.to_string(),
            seq: message.seq.to_string(),
            member: message.member.id.to_string(),
            client,
            classes,
            name: message.member.name.clone(),
            at: message.created_at.rfc3339(),
            clock: clock(message.created_at),
            body,
        }
    }

    pub fn blank(body: Body) -> Self {
        Self {
            id: String::new(),
            seq: String::new(),
            member: String::new(),
            client: String::new(),
            classes: "msg u".to_owned(),
            name: String::new(),
            at: String::new(),
            clock: String::new(),
            body,
        }
    }

    pub fn is_mine(&self) -> bool {
        self.classes.starts_with("msg mine")
    }
}

impl Body {
    pub fn blank_text() -> Self {
        Self::Text(Vec::new())
    }

    pub fn blank_gif() -> Self {
        Self::Gif { url: String::new(), width: 0, height: 0, shape: "wide" }
    }
}

fn is_group(first: &Message, second: &Message) -> bool {
    let Member { id, .. } = first.member;
    id == second.member.id && second.created_at.0 - first.created_at.0 < GROUP_MS
}

/// How wide a picture stands (design: 200 to 280, at most 320 high); the script has the same rule.
fn shape(width: u32, height: u32) -> &'static str {
    match f64::from(width) / f64::from(height.max(1)) {
        ratio if ratio >= 1.2 => "wide",
        ratio if ratio >= 0.8 => "square",
        _ => "tall",
    }
}

fn clock(at: Timestamp) -> String {
    at.rfc3339().get(11..16).unwrap_or_default().to_owned()
}

/// Splits a text at its links: `http://` or `https://` up to white space, without punctuation that ends a sentence.
/// The script has the same rule (`lib/links.ts`).
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut push = |text: &str, link| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), link });
        }
    };
    let mut plain = 0;
    let mut from = 0;
    while let Some(found) = text[from..].find("http") {
        let start = from + found;
        let rest = &text[start..];
        let scheme = ["https://", "http://"].iter().find(|scheme| rest.starts_with(**scheme));
        let at_word = !text[..start].ends_with(|c: char| c.is_alphanumeric());
        let end = rest.find(|c: char| c.is_whitespace() || "<>\"'`".contains(c)).unwrap_or(rest.len());
        let link = rest[..end].trim_end_matches(['.', ',', '!', '?', ':', ';', ')', ']', '…']);
        match scheme {
            Some(scheme) if at_word && link.len() > scheme.len() => {
                push(&text[plain..start], false);
                push(link, true);
                plain = start + link.len();
                from = plain;
            }
            _ => from = start + "http".len(),
        }
    }
    push(&text[plain..], false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<String> {
        pieces(text).into_iter().filter(|piece| piece.link).map(|piece| piece.text).collect()
    }

    #[test]
    fn links_are_found_and_nothing_is_lost() {
        for text in [
            "보세요 https://a.example/b?c=d. 끝",
            "http://",
            "xhttp://a",
            "http https://é/방, http://b)",
            "",
            "httphttp://x",
        ] {
            let joined: String = pieces(text).iter().map(|piece| piece.text.as_str()).collect();
            assert_eq!(joined, text);
        }
        assert_eq!(links("보세요 https://a.example/b?c=d. 끝"), ["https://a.example/b?c=d"]);
        assert_eq!(links("(http://b) https://é/방, javascript:http"), ["http://b", "https://é/방"]);
        assert!(links("http:// xhttp://a https").is_empty());
    }

    #[test]
    fn pictures_have_three_shapes() {
        assert_eq!(
            (shape(498, 280), shape(300, 300), shape(200, 400), shape(1, 0)),
            ("wide", "square", "tall", "square")
        );
    }
}
