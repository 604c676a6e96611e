//! A line about what happened in the room, in the reader's language.

use super::frame::color_class;
use crate::domain::{Member, Message, Notice, NoticeCode};
use crate::web::texts::Texts;
use crate::wire;

#[derive(Debug, Default)]
pub(super) struct LineView {
    pub seq: String,
    /// The name of its event.
    pub kind: &'static str,
    /// Of whose colour it is.
    pub class: String,
    /// Who came or went; else empty.
    pub member: String,
    pub name: String,
    pub parts: Vec<Part>,
}

/// A run of a sentence, or somebody's name in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub text: String,
    pub name: bool,
}

impl LineView {
    /// The script has the same rule (`lib/notices.ts`).
    pub fn new(message: &Message, notice: &Notice, texts: &Texts) -> Self {
        let about = match notice.code {
            NoticeCode::OwnerLeft | NoticeCode::OwnerHanded => &message.member,
            _ => notice.whom.as_ref().unwrap_or(&message.member),
        };
        let passes = matches!(notice.code, NoticeCode::Joined | NoticeCode::Left);
        let Member { id, name, .. } = &message.member;
        Self {
            seq: message.seq.to_string(),
            kind: wire::event_of(notice.code),
            class: color_class(about.color),
            member: if passes { id.to_string() } else { String::new() },
            name: if passes { name.clone() } else { String::new() },
            parts: sentence(&message.member, notice, texts),
        }
    }
}

fn sentence(member: &Member, notice: &Notice, texts: &Texts) -> Vec<Part> {
    let value = notice.value.as_deref().unwrap_or_default();
    let key = match notice.code {
        NoticeCode::Slow if value == "0" => "notice.slow.off".to_owned(),
        code => format!("notice.{}", code.as_str()),
    };
    let preset = format!("preset.{value}");
    let whom = notice.whom.as_ref().map_or("", |whom| &whom.name);
    let mut parts = Vec::new();
    let mut push = |text: &str, name| {
        if !text.is_empty() {
            parts.push(Part { text: text.to_owned(), name });
        }
    };
    let mut rest = texts.text(&key);
    while let Some((before, (place, after))) = rest.split_once('{').and_then(|(b, a)| Some((b, a.split_once('}')?))) {
        push(before, false);
        match place {
            "member" => push(&member.name, true),
            "whom" => push(whom, true),
            _ if notice.code == NoticeCode::Preset => push(texts.find(&preset).unwrap_or(value), false),
            _ => push(value, notice.code == NoticeCode::Renamed),
        }
        rest = after;
    }
    push(rest, false);
    parts
}
