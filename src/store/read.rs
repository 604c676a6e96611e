//! The statements that read. They run on connections of their own and never wait for the writer.

use super::error::StoreError;
use super::rows::{GifRow, RoomRow, read};
use super::sql::args;
use super::{Renditions, Store};
use crate::domain::{Gif, GifHash, Position, Room, RoomId, SessionId, Timestamp};

impl Store {
    /// All rooms, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], as every read.
    pub async fn rooms(&self) -> Result<Vec<Room>, StoreError> {
        let mut lease = self.reader().await?;
        let rows: Vec<RoomRow> = lease
            .sql()
            .all("SELECT * FROM rooms ORDER BY created_at DESC, id DESC", args![])
            .await
            .map_err(|error| self.unreadable(error))?;
        rows.into_iter().map(Room::try_from).collect()
    }

    /// One room.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a room that is not there is `None`.
    pub async fn room(&self, id: RoomId) -> Result<Option<Room>, StoreError> {
        let mut lease = self.reader().await?;
        let row: Option<RoomRow> = lease
            .sql()
            .first("SELECT * FROM rooms WHERE id = $1", args![id])
            .await
            .map_err(|error| self.unreadable(error))?;
        row.map(Room::try_from).transpose()
    }

    /// How far a room has come.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a room that is not there is `None`.
    pub async fn position(&self, room: RoomId) -> Result<Option<Position>, StoreError> {
        let mut lease = self.reader().await?;
        let row: Option<(i64, i64)> = lease
            .sql()
            .first("SELECT epoch, head FROM rooms WHERE id = $1", args![room])
            .await
            .map_err(|error| self.unreadable(error))?;
        Ok(row.map(|(epoch, seq)| Position { epoch, seq }))
    }

    /// How far each room has come, in no order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn positions(&self) -> Result<Vec<(RoomId, Position)>, StoreError> {
        let mut lease = self.reader().await?;
        let rows: Vec<(String, i64, i64)> = lease
            .sql()
            .all("SELECT id, epoch, head FROM rooms", args![])
            .await
            .map_err(|error| self.unreadable(error))?;
        rows.into_iter().map(|(id, epoch, seq)| Ok((read("rooms.id", &id)?, Position { epoch, seq }))).collect()
    }

    /// Whether the session may enter the room and read it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_admitted(&self, room: RoomId, session: SessionId) -> Result<bool, StoreError> {
        Ok(self.admitted_at(room, session).await?.is_some())
    }

    /// Since when the session may enter the room and read it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn admitted_at(&self, room: RoomId, session: SessionId) -> Result<Option<Timestamp>, StoreError> {
        let mut lease = self.reader().await?;
        let row: Option<(i64,)> = lease
            .sql()
            .first("SELECT admitted_at FROM admissions WHERE room = $1 AND session = $2", args![room, session])
            .await
            .map_err(|error| self.unreadable(error))?;
        Ok(row.map(|(at,)| Timestamp(at)))
    }

    /// A GIF that some message shows.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a GIF that no message refers to is `None`.
    pub async fn gif(&self, hash: GifHash) -> Result<Option<Gif>, StoreError> {
        let mut lease = self.reader().await?;
        let row: Option<GifRow> = lease
            .sql()
            .first("SELECT * FROM gifs WHERE hash = $1", args![hash])
            .await
            .map_err(|error| self.unreadable(error))?;
        row.map(Gif::try_from).transpose()
    }

    /// The GIF that was made from an upload of this hash, or is it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn gif_of_source(&self, source: GifHash) -> Result<Option<Gif>, StoreError> {
        let mut lease = self.reader().await?;
        let row: Option<GifRow> = lease
            .sql()
            .first("SELECT * FROM gifs WHERE hash = $1 OR source = $1 LIMIT 1", args![source])
            .await
            .map_err(|error| self.unreadable(error))?;
        row.map(Gif::try_from).transpose()
    }

    /// Which renditions of a GIF there are.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a GIF that nothing refers to is `None`.
    pub async fn renditions(&self, hash: GifHash) -> Result<Option<Renditions>, StoreError> {
        let mut lease = self.reader().await?;
        let row: Option<(Option<i64>, i64)> = lease
            .sql()
            .first("SELECT webp_bytes, poster_bytes FROM gifs WHERE hash = $1", args![hash])
            .await
            .map_err(|error| self.unreadable(error))?;
        let size = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
        Ok(row.map(|(webp, poster)| Renditions { webp: webp.map(size), poster: size(poster) }))
    }

    /// At most `most` GIFs behind `after` of which no animated WebP was made yet, by their hashes.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn gifs_to_render(&self, after: Option<GifHash>, most: u32) -> Result<Vec<GifHash>, StoreError> {
        let after = after.map_or_else(String::new, |hash| hash.to_string());
        let mut lease = self.reader().await?;
        let rows: Vec<(String,)> = lease
            .sql()
            .all(
                "SELECT hash FROM gifs WHERE webp_bytes IS NULL AND lost = 0 AND hash > $1 ORDER BY hash LIMIT $2",
                args![after.as_str(), most],
            )
            .await
            .map_err(|error| self.unreadable(error))?;
        rows.iter().map(|(hash,)| read("gifs.hash", hash)).collect()
    }

    /// Every GIF that a message or the library refers to, in no order, and whether its files were gone when that was noted
    /// last.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn gif_hashes(&self) -> Result<Vec<(GifHash, bool)>, StoreError> {
        let mut lease = self.reader().await?;
        let rows: Vec<(String, i64)> =
            lease.sql().all("SELECT hash, lost FROM gifs", args![]).await.map_err(|error| self.unreadable(error))?;
        rows.iter().map(|(hash, lost)| Ok((read("gifs.hash", hash)?, *lost != 0))).collect()
    }
}
