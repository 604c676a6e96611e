//! A row of `messages`, beside its GIF and the message it answers or concerns, and what it is in the words of the product.

use super::error::StoreError;
use super::notice;
use super::rows::{GifRow, corrupt, read, sure};
use crate::domain::{
    AltText, ChatText, ClientMessageId, Content, Edited, Emoji, Member, MemberId, Message, Quote, Quoted, Right,
    Timestamp,
};

/// What every statement selects that reads messages. `t` is the message that is answered or concerned; of one that is
/// answered only the beginning is needed. `leaves` and `t_leaves`: a purge that is not over yet has still to empty it. That
/// is asked in the same statement, because a purge may go on between two.
macro_rules! select_messages {
    ($($rest:tt)+) => {
        concat!(
            "SELECT m.*, g.width, g.height, g.frames, g.duration_ms, g.bytes, g.color, g.flashes,
                 t.kind AS t_kind, t.member_id AS t_member, t.member_name AS t_name, t.member_color AS t_color,
                 CASE WHEN m.kind = 'edit' THEN t.text ELSE substr(t.text, 1, 100) END AS t_text,
                 t.gif AS t_gif, t.alt AS t_alt, t.mentions AS t_mentions, t.edited_at AS t_edited_at,
                 (SELECT COUNT(*) FROM purges p WHERE p.room = m.room AND m.seq <= p.below
                      AND p.members LIKE '%' || m.member_id || '%') AS leaves,
                 (SELECT COUNT(*) FROM purges p WHERE p.room = t.room AND t.seq <= p.below
                      AND p.members LIKE '%' || t.member_id || '%') AS t_leaves
             FROM messages m LEFT JOIN gifs g ON g.hash = m.gif
                 LEFT JOIN messages t ON t.room = m.room AND t.seq = m.target ",
            $($rest)+
        )
    };
}
pub(super) use select_messages;

/// Leaves out what a purge that is not over yet has still to empty: it is gone for everybody from its first step on.
macro_rules! not_purged {
    () => {
        " AND NOT EXISTS (
             SELECT 1 FROM purges p WHERE p.room = m.room AND m.seq <= p.below
                 AND (m.kind <> 'notice' OR m.code IN ('joined', 'left'))
                 AND p.members LIKE '%' || m.member_id || '%') "
    };
}
pub(super) use not_purged;

// The statement above has it as a number.
const _: () = assert!(Quote::CHARACTERS == 100);

#[derive(sqlx::FromRow)]
pub(super) struct MessageRow {
    pub(super) room: String,
    pub(super) seq: i64,
    id: String,
    session: String,
    member_id: String,
    member_name: String,
    member_color: String,
    pub(super) kind: String,
    text: Option<String>,
    gif: Option<String>,
    alt: Option<String>,
    width: Option<i64>,
    height: Option<i64>,
    frames: Option<i64>,
    duration_ms: Option<i64>,
    bytes: Option<i64>,
    color: Option<String>,
    flashes: Option<i64>,
    target: Option<i64>,
    mentions: Option<String>,
    edited_at: Option<i64>,
    code: Option<String>,
    detail: Option<String>,
    client_message_id: Option<String>,
    created_at: i64,
    t_kind: Option<String>,
    t_member: Option<String>,
    t_name: Option<String>,
    t_color: Option<String>,
    t_text: Option<String>,
    t_gif: Option<String>,
    t_alt: Option<String>,
    t_mentions: Option<String>,
    t_edited_at: Option<i64>,
    leaves: i64,
    t_leaves: i64,
}

impl MessageRow {
    fn content(&mut self) -> Result<Content, StoreError> {
        let target = || self.target.ok_or_else(|| corrupt("messages.target"));
        Ok(match self.kind.as_str() {
            "text" => Content::Text(text(self.text.as_deref())?),
            "gif" => self.gif()?,
            "removed" => Content::Removed,
            "purged" => Content::Purged,
            "notice" => {
                let (code, detail) = (self.code.as_deref(), self.detail.as_deref());
                Content::Notice(notice::from_columns(code.unwrap_or_default(), detail.unwrap_or_default())?)
            }
            // It is told as it is now.
            "edit" => match (self.t_kind.as_deref(), self.t_edited_at) {
                (Some(kind @ ("text" | "gif")), Some(edited_at)) => Content::Edit {
                    target: target()?,
                    edited: match kind {
                        "text" => Edited::Text(text(self.t_text.as_deref())?),
                        _ => Edited::Alt(alt(self.t_alt.as_deref())?),
                    },
                    edited_at: Timestamp(edited_at),
                    right: Right::Any,
                },
                _ => Content::Remove { target: target()?, right: Right::Any },
            },
            "remove" => Content::Remove { target: target()?, right: Right::Any },
            "react" => Content::React {
                target: target()?,
                emoji: emoji("messages.code", self.code.as_deref().unwrap_or_default())?,
                on: self.detail.as_deref() == Some("on"),
                count: 0,
            },
            "purge" => Content::Purge { members: members("messages.detail", self.detail.as_deref())? },
            _ => return Err(corrupt("messages.kind")),
        })
    }

    fn gif(&mut self) -> Result<Content, StoreError> {
        let mut row = || {
            Some(GifRow {
                hash: self.gif.take()?,
                width: self.width?,
                height: self.height?,
                frames: self.frames?,
                duration_ms: self.duration_ms?,
                bytes: self.bytes?,
                color: self.color.take()?,
                flashes: self.flashes?,
            })
        };
        let gif = row().ok_or_else(|| corrupt("messages.gif"))?;
        Ok(Content::Gif { gif: gif.try_into()?, alt: alt(self.alt.as_deref())? })
    }

    fn reply(&mut self) -> Result<Option<Quote>, StoreError> {
        let (Some(seq), Some(kind), "text" | "gif") = (self.target, self.t_kind.take(), self.kind.as_str()) else {
            return Ok(None);
        };
        let row = QuoteRow {
            seq,
            kind,
            member_id: self.t_member.take().unwrap_or_default(),
            member_name: self.t_name.take().unwrap_or_default(),
            member_color: self.t_color.take().unwrap_or_default(),
            text: self.t_text.take(),
            gif: self.t_gif.take(),
        };
        row.try_into().map(Some)
    }
}

/// What can be said of a message: its reactions are read with a statement of their own (see page.rs).
impl MessageRow {
    /// Makes of it, and of what it answers, what a purge that is not over yet will: empty for everybody from the first
    /// step of that on, and in its place in the order.
    fn empty_what_leaves(&mut self) {
        if self.t_leaves > 0 {
            self.t_kind = self.t_kind.take().map(|_| "removed".to_owned());
        }
        let is_line = self.kind == "notice" && matches!(self.code.as_deref(), Some("joined" | "left"));
        if self.leaves == 0 || !(is_line || matches!(self.kind.as_str(), "text" | "gif" | "removed")) {
            return;
        }
        "purged".clone_into(&mut self.kind);
        self.member_name.clear();
        (self.text, self.gif, self.target, self.mentions) = (None, None, None, None);
        (self.alt, self.edited_at, self.code, self.detail) = (None, None, None, None);
    }
}

impl TryFrom<MessageRow> for Message {
    type Error = StoreError;

    fn try_from(mut row: MessageRow) -> Result<Self, StoreError> {
        row.empty_what_leaves();
        let content = row.content()?;
        let client_message_id = row.client_message_id.as_deref().map(ClientMessageId::parse).transpose();
        let mentions = if matches!(content, Content::Edit { .. }) { &row.t_mentions } else { &row.mentions };
        Ok(Self {
            id: read("messages.id", &row.id)?,
            room: read("messages.room", &row.room)?,
            seq: row.seq,
            session: read("messages.session", &row.session)?,
            mentions: members("messages.mentions", mentions.as_deref())?,
            reply: row.reply()?,
            member: Member {
                id: read("messages.member_id", &row.member_id)?,
                name: row.member_name,
                color: read("messages.member_color", &row.member_color)?,
            },
            content,
            edited_at: row.edited_at.map(Timestamp),
            reactions: Vec::new(),
            client_message_id: sure("messages.client_message_id", client_message_id)?,
            created_at: Timestamp(row.created_at),
        })
    }
}

/// A message that another one answers.
#[derive(sqlx::FromRow)]
pub(super) struct QuoteRow {
    pub(super) seq: i64,
    kind: String,
    member_id: String,
    member_name: String,
    member_color: String,
    /// Its beginning.
    text: Option<String>,
    gif: Option<String>,
}

impl TryFrom<QuoteRow> for Quote {
    type Error = StoreError;

    fn try_from(row: QuoteRow) -> Result<Self, StoreError> {
        let content = match (row.kind.as_str(), row.text, row.gif) {
            ("text", Some(text), _) => Quoted::Text(text),
            ("gif", _, Some(gif)) => Quoted::Gif(read("messages.gif", &gif)?),
            _ => Quoted::Removed,
        };
        Ok(Self {
            seq: row.seq,
            member: read("messages.member_id", &row.member_id)?,
            name: row.member_name,
            color: read("messages.member_color", &row.member_color)?,
            content,
        })
    }
}

fn text(text: Option<&str>) -> Result<ChatText, StoreError> {
    sure("messages.text", ChatText::parse(text.unwrap_or_default()))
}

fn alt(alt: Option<&str>) -> Result<Option<AltText>, StoreError> {
    sure("messages.alt", AltText::parse(alt.unwrap_or_default()))
}

pub(super) fn emoji(column: &'static str, text: &str) -> Result<Emoji, StoreError> {
    sure(column, Emoji::parse(text))
}

/// Member ids as a column has them: with spaces between, NULL for none.
pub(super) fn members(column: &'static str, text: Option<&str>) -> Result<Vec<MemberId>, StoreError> {
    text.unwrap_or_default().split_ascii_whitespace().map(|id| read(column, id)).collect()
}

pub(super) fn joined(members: &[MemberId]) -> Option<String> {
    (!members.is_empty()).then(|| members.iter().map(MemberId::to_string).collect::<Vec<_>>().join(" "))
}
