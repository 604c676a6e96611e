//! A message on the page: the same markup for history and for the `<template>` that the script clones.

use super::frame::color_class;
use super::history::Names;
use super::pieces::{Piece, pieces};
use crate::domain::{Content, Lang, Member, MemberId, Message, Quote, Quoted, Reaction, Timestamp, Whisper};
use crate::web::texts::texts;

#[derive(Debug)]
pub(super) struct MessageView {
    /// Empty in a template.
    pub id: String,
    pub place: Place,
    pub member: String,
    /// The reader's own: the id their page gave it, which knows it as sent by that. Else empty.
    pub client: String,
    pub classes: String,
    pub name: String,
    pub at: String,
    /// `14:05`, UTC; the script shows the reader's own time.
    pub clock: String,
    /// The first line of a whisper.
    pub whispered: Option<String>,
    pub quote: Option<QuoteView>,
    pub body: Body,
    pub edited: bool,
    pub reactions: Vec<ReactionView>,
}

/// Where it stands in the conversation.
#[derive(Debug)]
pub(super) enum Place {
    /// A template.
    Nowhere,
    Order(i64),
    /// A whisper: after the entry `after`, by its number in the reader's mailbox.
    Mailbox {
        after: i64,
        number: i64,
        /// Who is meant, if the reader wrote it; else empty.
        to: String,
    },
}

#[derive(Debug)]
pub(super) enum Body {
    Text(Vec<Piece>),
    Gif(Box<GifView>),
    Gone,
}

/// A GIF as a page shows it.
#[derive(Debug, Default)]
pub(super) struct GifView {
    /// `/gif/<hash>`: what its files (`.gif`, `.webp`, `.poster.webp`) have in common. Empty in a template.
    pub stem: String,
    pub width: u32,
    pub height: u32,
    pub shape: &'static str,
    /// The one that it has most of: `#rrggbb`.
    pub color: String,
    /// One loop, in milliseconds; 0: it stands still.
    pub duration: u32,
    pub flashes: bool,
    /// What it shows, in words; empty: nobody has said so.
    pub alt: String,
}

/// What a message answers, in one line.
#[derive(Debug, Default)]
pub(super) struct QuoteView {
    pub class: String,
    pub seq: String,
    pub member: String,
    pub name: String,
    pub text: String,
    /// The address of a picture; empty in a template.
    pub gif: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct ReactionView {
    pub emoji: String,
    pub count: u32,
    pub mine: bool,
}

impl MessageView {
    pub fn new(message: &Message, me: MemberId, names: &Names<'_>, lang: Lang) -> Self {
        let mine = message.member.id == me;
        let client = message.client_message_id.as_ref().filter(|_| mine);
        let called: Vec<&str> = message.mentions.iter().filter_map(|id| names.get(id).copied()).collect();
        let gone = message.content == Content::Removed;
        let to_me = !gone && message.mentions.contains(&me);
        let body = match &message.content {
            Content::Text(text) => Body::Text(pieces(text.as_str(), &called)),
            Content::Gif { gif, alt } => Body::Gif(Box::new(GifView {
                stem: format!("/gif/{}", gif.hash),
                width: gif.width,
                height: gif.height,
                shape: shape(gif.width, gif.height),
                color: gif.color.to_string(),
                duration: gif.motion_ms(),
                flashes: gif.flashes,
                alt: alt.as_ref().map(ToString::to_string).unwrap_or_default(),
            })),
            _ => Body::Gone,
        };
        Self {
            id: message.id.to_string(),
            place: Place::Order(message.seq),
            client: client.map(|id| id.as_str().to_owned()).unwrap_or_default(),
            quote: message.reply.as_ref().filter(|_| !gone).map(|quote| QuoteView::new(quote, lang)),
            edited: !gone && message.edited_at.is_some(),
            reactions: message.reactions.iter().map(ReactionView::new).collect(),
            ..Self::by(&message.member, mine, message.created_at, body)
        }
        .with(" gone", gone)
        .with(" to-me", to_me)
    }

    pub fn whisper(whisper: &Whisper, lang: Lang) -> Self {
        let first = if whisper.is_mine {
            texts(lang).fill("whisper.to", &[("name", &whisper.to.name)])
        } else {
            texts(lang).text("whisper.to-me").to_owned()
        };
        let to = if whisper.is_mine { whisper.to.id.to_string() } else { String::new() };
        let body = Body::Text(pieces(whisper.text.as_str(), &[]));
        Self {
            id: whisper.id.to_string(),
            place: Place::Mailbox { after: whisper.after, number: whisper.number, to },
            client: whisper.client_message_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
            whispered: Some(first),
            ..Self::by(&whisper.from, whisper.is_mine, whisper.created_at, body)
        }
        .with(" whisper", true)
    }

    fn by(member: &Member, mine: bool, at: Timestamp, body: Body) -> Self {
        let side = if mine { "mine" } else { "other" };
        Self {
            member: member.id.to_string(),
            classes: format!("msg {side} u {}", color_class(member.color)),
            name: member.name.clone(),
            at: at.rfc3339(),
            clock: clock(at),
            ..Self::blank(body)
        }
    }

    pub fn blank(body: Body) -> Self {
        Self {
            id: String::new(),
            place: Place::Nowhere,
            member: String::new(),
            client: String::new(),
            classes: "msg u".to_owned(),
            name: String::new(),
            at: String::new(),
            clock: String::new(),
            whispered: None,
            quote: None,
            body,
            edited: false,
            reactions: Vec::new(),
        }
    }

    /// `continues`: the group of the one before; `followed`: the next one continues it.
    #[must_use]
    pub fn grouped(self, continues: bool, followed: bool) -> Self {
        self.with(" cont", continues).with(" followed", followed)
    }

    fn with(mut self, class: &str, on: bool) -> Self {
        self.classes.push_str(if on { class } else { "" });
        self
    }

    pub fn is_mine(&self) -> bool {
        self.classes.starts_with("msg mine")
    }
}

impl GifView {
    /// Without a script.
    pub const fn moves_by_itself(&self) -> bool {
        !self.stem.is_empty() && self.duration > 0 && !self.flashes
    }
}

impl Body {
    pub const fn blank_text() -> Self {
        Self::Text(Vec::new())
    }

    pub fn blank_gif() -> Self {
        Self::Gif(Box::new(GifView { shape: "wide", ..GifView::default() }))
    }
}

impl QuoteView {
    fn new(quote: &Quote, lang: Lang) -> Self {
        let (text, gif) = match &quote.content {
            Quoted::Text(text) => (text.clone(), None),
            Quoted::Gif(hash) => (texts(lang).text("room.gif").to_owned(), Some(format!("/gif/{hash}.poster.webp"))),
            Quoted::Removed => (texts(lang).text("message.removed").to_owned(), None),
        };
        Self {
            class: color_class(quote.color),
            seq: quote.seq.to_string(),
            member: quote.member.to_string(),
            name: quote.name.clone(),
            text,
            gif,
        }
    }
}

impl ReactionView {
    fn new(reaction: &Reaction) -> Self {
        Self { emoji: reaction.emoji.as_str().to_owned(), count: reaction.count, mine: reaction.mine }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_have_three_shapes() {
        assert_eq!(
            (shape(498, 280), shape(300, 300), shape(200, 400), shape(1, 0)),
            ("wide", "square", "tall", "square")
        );
    }
}
