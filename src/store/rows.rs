//! Rows of the tables, and what they are in the words of the product.

use std::str::FromStr;

use super::error::{Corrupt, StoreError};
use super::sql::Arg;
use crate::domain::{
    Gif, GifHash, LibraryId, Member, MemberId, MemberLimit, MessageId, NetworkHash, Preset, Room, RoomId, SessionId,
    Slow, Timestamp, Title,
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

impl From<bool> for Arg {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
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

written_as_text!(
    RoomId,
    MessageId,
    MemberId,
    GifHash,
    NetworkHash,
    LibraryId,
    crate::domain::OffererHash,
    crate::domain::Color
);

/// Reads a stored text as one of our types.
pub(super) fn read<T: FromStr>(column: &'static str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| corrupt(column))
}

pub(super) fn corrupt(column: &'static str) -> StoreError {
    StoreError::unavailable(Corrupt { column })
}

fn number<T: TryFrom<i64>>(column: &'static str, value: i64) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| corrupt(column))
}

pub(super) fn sure<T, E>(column: &'static str, parsed: Result<T, E>) -> Result<T, StoreError> {
    parsed.map_err(|_| corrupt(column))
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
    locked: i64,
    slow: i64,
    preset: String,
    raid_since: Option<i64>,
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
            locked: row.locked != 0,
            slow: sure("rooms.slow", Slow::new(number("rooms.slow", row.slow)?))?,
            preset: sure("rooms.preset", Preset::parse(&row.preset))?,
            raid_since: row.raid_since.map(Timestamp),
            epoch: row.epoch,
            head: row.head,
            created_at: Timestamp(row.created_at),
        })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct GifRow {
    pub(super) hash: String,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) frames: i64,
    pub(super) duration_ms: i64,
    pub(super) bytes: i64,
    pub(super) color: String,
    pub(super) flashes: i64,
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
            color: read("gifs.color", &row.color)?,
            flashes: row.flashes != 0,
        })
    }
}
