//! The history of a room on its page: messages in groups, whispers to the reader, and lines between them.

use std::collections::HashMap;

use super::line::LineView;
use super::message::MessageView;
use crate::domain::{Content, Item, Lang, Member, MemberId, Timestamp};
use crate::web::texts::texts;

/// Same person within this time: one group, one unbroken rail.
const GROUP_MS: i64 = 3 * 60 * 1000;

#[derive(Debug)]
pub(super) enum Entry {
    Message(Box<MessageView>),
    Line(LineView),
}

/// Whom the texts may call: everybody's name by id.
pub(super) type Names<'a> = HashMap<MemberId, &'a str>;

/// As it is shown to `me`. `here`: those whose names are known beside the ones in the history.
pub(super) fn history<'a>(
    items: &'a [Item],
    here: impl Iterator<Item = &'a Member>,
    me: MemberId,
    lang: Lang,
) -> Vec<Entry> {
    let names: Names<'_> =
        items.iter().map(Item::member).chain(here).map(|member| (member.id, member.name.as_str())).collect();
    let shown: Vec<&Item> = items.iter().filter(|item| is_shown(item)).collect();
    let mut entries = Vec::with_capacity(shown.len());
    for (i, item) in shown.iter().enumerate() {
        let continues = i > 0 && is_group(shown[i - 1], item);
        let followed = shown.get(i + 1).is_some_and(|next| is_group(item, next));
        entries.push(match item {
            Item::Whisper(whisper) => {
                Entry::Message(Box::new(MessageView::whisper(whisper, lang).grouped(continues, followed)))
            }
            Item::Message(message) => match &message.content {
                Content::Notice(notice) => Entry::Line(LineView::new(message, notice, texts(lang))),
                _ => Entry::Message(Box::new(MessageView::new(message, me, &names, lang).grouped(continues, followed))),
            },
        });
    }
    entries
}

/// The others change what is shown, and have done so.
fn is_shown(item: &Item) -> bool {
    let Item::Message(message) = item else { return true };
    matches!(message.content, Content::Text(_) | Content::Gif { .. } | Content::Removed | Content::Notice(_))
}

/// Whose group it belongs to, and from when: lines belong to none, whispers to those to the same person.
fn group(item: &Item) -> Option<(MemberId, Option<MemberId>, Timestamp)> {
    match item {
        Item::Whisper(whisper) => Some((whisper.from.id, Some(whisper.to.id), whisper.created_at)),
        Item::Message(message) if matches!(message.content, Content::Notice(_)) => None,
        Item::Message(message) => Some((message.member.id, None, message.created_at)),
    }
}

fn is_group(first: &Item, second: &Item) -> bool {
    let (Some((one, to, from)), Some((other, to_other, until))) = (group(first), group(second)) else { return false };
    one == other && to == to_other && until.0 - from.0 < GROUP_MS
}
