//! How much space GIFs take: counted in the transaction of what is counted, so that no two posters share the last byte.
//!
//! A room and a session count the GIF of each of their messages, however often it is shown: what one has shown is what one
//! sees. The server counts each GIF once, with its renditions: that is what lies on its disk.

use std::sync::LazyLock;

use super::Store;
use super::error::StoreError;
use super::sql::{Arg, args};
use super::write::Batch;
use crate::domain::{Gif, GifHash, NewMessage, RoomId, SessionId};

/// Bytes of GIFs beyond which none is added; `None` sets no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpaceLimits {
    pub room: Option<u64>,
    pub session: Option<u64>,
    pub server: Option<u64>,
}

/// What is known of a GIF's files beside [`Gif`], when a message shows it for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// SHA-256 of the upload that it was made from.
    pub source: Option<GifHash>,
    /// Size of the still; 0: there is none yet.
    pub poster: u64,
    /// Size of the upload, where it is kept, too.
    pub original: u64,
}

/// How many bytes of GIFs there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Space {
    pub room: u64,
    pub session: u64,
    pub server: u64,
}

impl SpaceLimits {
    /// Whether there is no space left, when so much is taken.
    ///
    /// # Errors
    /// [`StoreError::RoomFullOfGifs`], [`StoreError::TooMuchShown`], [`StoreError::ServerFullOfGifs`], in this order.
    pub fn check(&self, taken: Space) -> Result<(), StoreError> {
        let is_over = |taken: u64, most: Option<u64>| most.is_some_and(|most| taken > most);
        if is_over(taken.room, self.room) {
            return Err(StoreError::RoomFullOfGifs);
        }
        if is_over(taken.session, self.session) {
            return Err(StoreError::TooMuchShown);
        }
        if is_over(taken.server, self.server) {
            return Err(StoreError::ServerFullOfGifs);
        }
        Ok(())
    }
}

/// Bytes of the GIFs in these messages, as `bytes` of `gone`.
macro_rules! of_messages {
    ($filter:literal) => {
        concat!(" FROM messages m JOIN gifs g ON g.hash = m.gif WHERE m.room = $1 AND m.gif IS NOT NULL", $filter)
    };
}
pub(super) use of_messages;

/// The statements that take messages out of the count, before they go. `$1` is their room.
#[derive(Debug)]
pub(super) struct Discount {
    pub(super) room: String,
    pub(super) sessions: String,
}

impl Discount {
    /// `filter`: which messages of the room, as [`of_messages`] tells.
    pub(super) fn new(filter: &str) -> Self {
        let room = format!(
            "UPDATE space SET bytes = space.bytes - gone.bytes FROM (SELECT SUM(g.bytes) AS bytes{filter}) AS gone
             WHERE space.kind = 'room' AND space.id = $1 AND gone.bytes IS NOT NULL"
        );
        let sessions = format!(
            "UPDATE space SET bytes = space.bytes - gone.bytes
             FROM (SELECT m.session AS session, SUM(g.bytes) AS bytes{filter} GROUP BY m.session) AS gone
             WHERE space.kind = 'session' AND space.id = gone.session"
        );
        Self { room, sessions }
    }
}

pub(super) static OF_ROOM: LazyLock<Discount> = LazyLock::new(|| Discount::new(of_messages!("")));
pub(super) static OF_MESSAGE: LazyLock<Discount> = LazyLock::new(|| Discount::new(of_messages!(" AND m.seq = $2")));

impl Batch<'_> {
    /// Counts a message that shows a GIF, and the GIF when it is new here; or (when that is beyond the limits) nothing.
    pub(super) async fn take_space(
        &mut self,
        new: &NewMessage,
        gif: &Gif,
        files: Files,
        limits: SpaceLimits,
    ) -> Result<Result<(), StoreError>, sqlx::Error> {
        if limits == SpaceLimits::default() {
            self.count_in(new.room, new.session, gif, files).await?;
            return Ok(Ok(()));
        }
        self.sql().run("SAVEPOINT space", args![]).await?;
        let taken = self.count_in(new.room, new.session, gif, files).await?;
        let verdict = limits.check(taken);
        if verdict.is_err() {
            self.sql().run("ROLLBACK TO SAVEPOINT space", args![]).await?;
        }
        self.sql().run("RELEASE SAVEPOINT space", args![]).await?;
        Ok(verdict)
    }

    /// How much is taken with it. A GIF that is here already takes none of the server's, which is 0 then.
    async fn count_in(
        &mut self,
        room: RoomId,
        session: SessionId,
        gif: &Gif,
        files: Files,
    ) -> Result<Space, sqlx::Error> {
        let bytes = size(gif.bytes);
        // The server's first: in PostgreSQL it keeps other nodes from counting until the commit, all in one order.
        let server = if self.keep_gif(gif, files).await? { self.grow("server", "", 0).await? } else { 0 };
        let room = self.grow("room", &room.to_string(), bytes).await?;
        let session = self.grow("session", &session.expose(), bytes).await?;
        Ok(Space { room, session, server })
    }

    /// Takes messages out of the count. To be called while they are there.
    pub(super) async fn discount(&mut self, which: &'static Discount, args: Vec<Arg>) -> Result<(), sqlx::Error> {
        self.sql().run(&which.room, args.clone()).await?;
        self.sql().run(&which.sessions, args).await?;
        self.sql().run("DELETE FROM space WHERE kind = 'room' AND bytes = 0", args![]).await?;
        self.sql().run("DELETE FROM space WHERE kind = 'session' AND bytes = 0", args![]).await?;
        Ok(())
    }

    /// Adds to a count, or takes from it; what it is then.
    pub(super) async fn grow(&mut self, kind: &'static str, id: &str, bytes: i64) -> Result<u64, sqlx::Error> {
        let row: Option<(i64,)> = self
            .sql()
            .first(
                "INSERT INTO space (kind, id, bytes) VALUES ($1, $2, $3)
                 ON CONFLICT (kind, id) DO UPDATE SET bytes = space.bytes + excluded.bytes RETURNING bytes",
                args![kind, id, bytes],
            )
            .await?;
        Ok(row.map_or(0, |(bytes,)| u64::try_from(bytes).unwrap_or(0)))
    }
}

impl Store {
    /// How many bytes of GIFs there are in a room, of a session, and on the server.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn space(&self, room: RoomId, session: SessionId) -> Result<Space, StoreError> {
        let mut lease = self.reader().await?;
        let rows: Vec<(String, i64)> = lease
            .sql()
            .all(
                "SELECT kind, bytes FROM space WHERE kind = 'room' AND id = $1 OR kind = 'session' AND id = $2
                     OR kind = 'server' AND id = ''",
                args![room, session],
            )
            .await
            .map_err(|error| self.unreadable(error))?;
        let of = |kind| rows.iter().find(|row| row.0 == kind).map_or(0, |row| u64::try_from(row.1).unwrap_or(0));
        Ok(Space { room: of("room"), session: of("session"), server: of("server") })
    }
}

pub(super) fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
