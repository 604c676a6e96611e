//! Rows of the tables, and what they are in the words of the product.

use std::str::FromStr;

use super::error::{Corrupt, StoreError};
use super::sql::Arg;
use crate::domain::{
    ChatText, ClientMessageId, Content, Gif, GifHash, Member, MemberId, MemberLimit, Message, MessageId, Preset, Room,
    RoomId, SessionId, Slow, Timestamp, Title,
};

impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Arg {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<Timestamp> for Arg {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.0)
    }
}

impl From<SessionId> for Arg {
    fn from(value: SessionId) -> Self {
        Self::Text(value.expose())
    }
}

impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl<T: ToString> From<Option<T>> for Arg {
    fn from(value: Option<T>) -> Self {
        Self::Maybe(value.map(|value| value.to_string()))
    }
}

macro_rules! written_as_text {
    ($($name:ty),+) => {$(
        impl From<$name> for Arg {
            fn from(value: $name) -> Self {
                Self::Text(value.to_string())
            }
        }
    )+};
}

written_as_text!(RoomId, MessageId, MemberId, GifHash, crate::domain::Color);

/// Reads a stored text as one of our types.
pub(super) fn read<T: FromStr>(column: &'static str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::unavailable(Corrupt { column }))
}

fn number<T: TryFrom<i64>>(column: &'static str, value: i64) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| StoreError::unavailable(Corrupt { column }))
}

fn sure<T, E>(column: &'static str, parsed: Result<T, E>) -> Result<T, StoreError> {
    parsed.map_err(|_| StoreError::unavailable(Corrupt { column }))
}

#[derive(sqlx::FromRow)]
pub(super) struct RoomRow {
    id: String,
    title: String,
    member_limit: i64,
    password_hash: Option<String>,
    owner_id: String,
    owner_name: String,
    owner_color: String,
    owner_session: String,
    epoch: i64,
    head: i64,
    created_at: i64,
}

impl TryFrom<RoomRow> for Room {
    type Error = StoreError;

    fn try_from(row: RoomRow) -> Result<Self, StoreError> {
        // What the server's limit is now does not change a room that was made under another.
        let limit = MemberLimit::new(number("rooms.member_limit", row.member_limit)?, u32::MAX);
        Ok(Self {
            id: read("rooms.id", &row.id)?,
            title: sure("rooms.title", Title::parse(&row.title))?,
            limit: sure("rooms.member_limit", limit)?,
            password_hash: row.password_hash,
            owner: Member {
                id: read("rooms.owner_id", &row.owner_id)?,
                name: row.owner_name,
                color: read("rooms.owner_color", &row.owner_color)?,
            },
            owner_session: read("rooms.owner_session", &row.owner_session)?,
            locked: false,
            slow: Slow::default(),
            preset: Preset::default(),
            raid_since: None,
            epoch: row.epoch,
            head: row.head,
            created_at: Timestamp(row.created_at),
        })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct GifRow {
    hash: String,
    width: i64,
    height: i64,
    frames: i64,
    duration_ms: i64,
    bytes: i64,
}

impl TryFrom<GifRow> for Gif {
    type Error = StoreError;

    fn try_from(row: GifRow) -> Result<Self, StoreError> {
        Ok(Self {
            hash: read("gifs.hash", &row.hash)?,
            width: number("gifs.width", row.width)?,
            height: number("gifs.height", row.height)?,
            frames: number("gifs.frames", row.frames)?,
            duration_ms: number("gifs.duration_ms", row.duration_ms)?,
            bytes: number("gifs.bytes", row.bytes)?,
        })
    }
}

/// A message beside its GIF.
#[derive(sqlx::FromRow)]
pub(super) struct MessageRow {
    room: String,
    seq: i64,
    id: String,
    session: String,
    member_id: String,
    member_name: String,
    member_color: String,
    text: Option<String>,
    gif: Option<String>,
    width: Option<i64>,
    height: Option<i64>,
    frames: Option<i64>,
    duration_ms: Option<i64>,
    bytes: Option<i64>,
    client_message_id: Option<String>,
    created_at: i64,
}

impl MessageRow {
    fn content(&mut self) -> Result<Content, StoreError> {
        if let Some(text) = &self.text {
            return Ok(Content::Text(sure("messages.text", ChatText::parse(text))?));
        }
        let gif = match (self.gif.take(), self.width, self.height, self.frames, self.duration_ms, self.bytes) {
            (Some(hash), Some(width), Some(height), Some(frames), Some(duration_ms), Some(bytes)) => {
                GifRow { hash, width, height, frames, duration_ms, bytes }
            }
            _ => return Err(StoreError::unavailable(Corrupt { column: "messages.gif" })),
        };
        Ok(Content::Gif(gif.try_into()?))
    }
}

impl TryFrom<MessageRow> for Message {
    type Error = StoreError;

    fn try_from(mut row: MessageRow) -> Result<Self, StoreError> {
        let content = row.content()?;
        let client_message_id = row.client_message_id.as_deref().map(ClientMessageId::parse).transpose();
        Ok(Self {
            id: read("messages.id", &row.id)?,
            room: read("messages.room", &row.room)?,
            seq: row.seq,
            session: read("messages.session", &row.session)?,
            member: Member {
                id: read("messages.member_id", &row.member_id)?,
                name: row.member_name,
                color: read("messages.member_color", &row.member_color)?,
            },
            content,
            reply: None,
            mentions: Vec::new(),
            edited_at: None,
            reactions: Vec::new(),
            client_message_id: sure("messages.client_message_id", client_message_id)?,
            created_at: Timestamp(row.created_at),
        })
    }
}
