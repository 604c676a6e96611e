//! The statements that read. They run on connections of their own and never wait for the writer.

use super::error::StoreError;
use super::rows::{GifRow, MessageRow, RoomRow, read};
use super::sql::args;
use super::{Store, limits};
use crate::domain::{Gif, GifHash, Message, Position, Room, RoomId, SessionId};

impl Store {
    /// All rooms, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], as every read.
    pub async fn rooms(&self) -> Result<Vec<Room>, StoreError> {
        let mut lease = self.reader().await?;
        let rows: Vec<RoomRow> =
            lease.sql().all("SELECT * FROM rooms ORDER BY created_at DESC, id DESC", args![]).await?;
        rows.into_iter().map(Room::try_from).collect()
    }

    /// One room.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a room that is not there is `None`.
    pub async fn room(&self, id: RoomId) -> Result<Option<Room>, StoreError> {
        let mut lease = self.reader().await?;
        let row: Option<RoomRow> = lease.sql().first("SELECT * FROM rooms WHERE id = $1", args![id]).await?;
        row.map(Room::try_from).transpose()
    }

    /// How far a room has come.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a room that is not there is `None`.
    pub async fn position(&self, room: RoomId) -> Result<Option<Position>, StoreError> {
        let mut lease = self.reader().await?;
        let row: Option<(i64, i64)> =
            lease.sql().first("SELECT epoch, head FROM rooms WHERE id = $1", args![room]).await?;
        Ok(row.map(|(epoch, seq)| Position { epoch, seq }))
    }

    /// How far each room has come, in no order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn positions(&self) -> Result<Vec<(RoomId, Position)>, StoreError> {
        let mut lease = self.reader().await?;
        let rows: Vec<(String, i64, i64)> = lease.sql().all("SELECT id, epoch, head FROM rooms", args![]).await?;
        rows.into_iter().map(|(id, epoch, seq)| Ok((read("rooms.id", &id)?, Position { epoch, seq }))).collect()
    }

    /// Whether the session may enter the room and read it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_admitted(&self, room: RoomId, session: SessionId) -> Result<bool, StoreError> {
        let mut lease = self.reader().await?;
        let row: Option<(i64,)> = lease
            .sql()
            .first("SELECT turn FROM admissions WHERE room = $1 AND session = $2", args![room, session])
            .await?;
        Ok(row.is_some())
    }

    /// A GIF that some message shows.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a GIF that no message refers to is `None`.
    pub async fn gif(&self, hash: GifHash) -> Result<Option<Gif>, StoreError> {
        let mut lease = self.reader().await?;
        let row: Option<GifRow> = lease.sql().first("SELECT * FROM gifs WHERE hash = $1", args![hash]).await?;
        row.map(Gif::try_from).transpose()
    }

    /// Every GIF that a message refers to, in no order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn gif_hashes(&self) -> Result<Vec<GifHash>, StoreError> {
        let mut lease = self.reader().await?;
        let rows: Vec<(String,)> = lease.sql().all("SELECT hash FROM gifs", args![]).await?;
        rows.iter().map(|(hash,)| read("gifs.hash", hash)).collect()
    }

    /// The newest messages older than `before` (all, for `None`), at most `limit` and at most 10,000, in `seq` order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a room that is not there has no messages.
    pub async fn messages_before(
        &self,
        room: RoomId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let mut lease = self.reader().await?;
        let mut rows: Vec<MessageRow> = lease
            .sql()
            .all(
                "SELECT m.*, g.width, g.height, g.frames, g.duration_ms, g.bytes
                 FROM messages m LEFT JOIN gifs g ON g.hash = m.gif
                 WHERE m.room = $1 AND m.seq < $2 AND EXISTS (SELECT 1 FROM rooms WHERE id = $1)
                 ORDER BY m.seq DESC LIMIT $3",
                args![room, before.unwrap_or(i64::MAX), limit.min(limits::PAGE)],
            )
            .await?;
        rows.reverse();
        rows.into_iter().map(Message::try_from).collect()
    }

    /// The oldest messages newer than `after`, at most `limit` and at most 10,000, in `seq` order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a room that is not there has no messages.
    pub async fn messages_after(&self, room: RoomId, after: i64, limit: u32) -> Result<Vec<Message>, StoreError> {
        let mut lease = self.reader().await?;
        let rows: Vec<MessageRow> = lease
            .sql()
            .all(
                "SELECT m.*, g.width, g.height, g.frames, g.duration_ms, g.bytes
                 FROM messages m LEFT JOIN gifs g ON g.hash = m.gif
                 WHERE m.room = $1 AND m.seq > $2 AND EXISTS (SELECT 1 FROM rooms WHERE id = $1)
                 ORDER BY m.seq LIMIT $3",
                args![room, after, limit.min(limits::PAGE)],
            )
            .await?;
        rows.into_iter().map(Message::try_from).collect()
    }
}
