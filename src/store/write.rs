//! The statements that write, but for messages (see post.rs): what one command does within the writer's transaction.
//!
//! No command makes a statement fail by what it asks: what might conflict is asked for first or answered by
//! `ON CONFLICT`. So one poster's refusal never undoes the others of the same transaction.

use std::collections::HashMap;

use super::error::{IdTaken, StoreError};
use super::space::OF_ROOM;
use super::sql::{Arg, Sql, Tx, args};
use crate::domain::{Event, GifHash, Quote, Room, RoomId, SessionId, Timestamp};

/// What a command comes to. The outer error is the database's and ends the transaction; the inner one is a refusal
/// that concerns this command alone.
pub(super) type Verdict<T> = Result<Result<T, StoreError>, sqlx::Error>;

/// One transaction of the writer while it is being filled.
pub(super) struct Batch<'c> {
    tx: Tx<'c>,
    pub(super) now: Timestamp,
    /// How many messages the batch holds for each room.
    pub(super) posts: HashMap<RoomId, i64>,
    pub(super) heads: HashMap<RoomId, Head>,
    /// What the messages about to be stored answer.
    pub(super) quotes: HashMap<(RoomId, i64), Quote>,
    /// Whether there is something to delete little by little since.
    pub(super) left_over: bool,
    /// What to publish once it is committed, in order.
    pub(super) events: Vec<Event>,
}

/// The numbers of a room's messages in this batch.
pub(super) struct Head {
    /// What the row of the room says.
    pub(super) reserved: i64,
    /// What was given out.
    pub(super) last: i64,
}

impl<'c> Batch<'c> {
    /// `posts`: how many messages are about to come, by room.
    pub(super) fn new(tx: Tx<'c>, now: Timestamp, posts: HashMap<RoomId, i64>) -> Self {
        Self { tx, now, posts, heads: HashMap::new(), quotes: HashMap::new(), left_over: false, events: Vec::new() }
    }

    pub(super) fn sql(&mut self) -> Sql<'_> {
        self.tx.sql()
    }

    /// Writes down the heads. Returns what is to be published after the commit.
    pub(super) async fn finish(&mut self) -> Result<Vec<Event>, sqlx::Error> {
        for (room, head) in &self.heads {
            if head.last != head.reserved {
                let args = args![*room, head.last];
                self.tx.sql().run("UPDATE rooms SET head = $2 WHERE id = $1", args).await?;
            }
        }
        Ok(std::mem::take(&mut self.events))
    }

    /// After an error nobody knows whether it was committed.
    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        self.tx.commit().await
    }

    pub(super) async fn create_room(&mut self, room: &Room, most: u32) -> Verdict<Room> {
        let rooms: Option<(i64,)> = self.sql().first("SELECT COUNT(*) FROM rooms", args![]).await?;
        if rooms.is_none_or(|(rooms,)| rooms >= i64::from(most)) {
            return Ok(Err(StoreError::TooManyRooms));
        }
        // The texts of a removed room may still be on their way out, and would take those of a namesake with them.
        let leaving: Option<(String,)> =
            self.sql().first("SELECT room FROM removals WHERE room = $1", args![room.id]).await?;
        if leaving.is_some() {
            return Ok(Err(StoreError::unavailable(IdTaken)));
        }
        let inserted = self
            .sql()
            .run(
                "INSERT INTO rooms (id, title, member_limit, password_hash, owner_id, owner_name, owner_color,
                     owner_session, epoch, head, created_at, locked, slow, preset, raid_since)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (id) DO NOTHING",
                args![
                    room.id,
                    room.title.as_str(),
                    room.limit.get(),
                    room.password_hash.clone(),
                    room.owner.id,
                    room.owner.name.as_str(),
                    room.owner.color,
                    room.owner_session,
                    room.epoch,
                    room.head,
                    room.created_at,
                    room.locked,
                    room.slow.seconds(),
                    room.preset.to_string().as_str(),
                    Arg::MaybeInt(room.raid_since.map(|since| since.0)),
                ],
            )
            .await?;
        if inserted == 0 {
            return Ok(Err(StoreError::unavailable(IdTaken)));
        }
        self.insert_admission(room.id, room.owner_session).await?;
        Ok(Ok(room.clone()))
    }

    pub(super) async fn admit(&mut self, room: RoomId, session: SessionId, most: u32) -> Verdict<()> {
        let owner: Option<(String,)> =
            self.sql().first("SELECT owner_session FROM rooms WHERE id = $1", args![room]).await?;
        let Some((owner,)) = owner else { return Ok(Err(StoreError::NoSuchRoom)) };
        if self.insert_admission(room, session).await? == 0 {
            return Ok(Ok(()));
        }
        // The owner's place is one of `most`, and somebody else is always let in.
        let others = most.saturating_sub(1).max(1);
        // Turns are given out one by one, so few of them apart means few admissions.
        let turns: Option<(Option<i64>, Option<i64>)> = self
            .sql()
            .first(
                "SELECT (SELECT MIN(turn) FROM admissions WHERE room = $1),
                        (SELECT MAX(turn) FROM admissions WHERE room = $1)",
                args![room],
            )
            .await?;
        if turns.is_some_and(|(oldest, newest)| newest.unwrap_or(0) - oldest.unwrap_or(0) < i64::from(others)) {
            return Ok(Ok(()));
        }
        self.sql()
            .run(
                "DELETE FROM admissions WHERE room = $1 AND session <> $2 AND turn <= (
                     SELECT turn FROM admissions WHERE room = $1 AND session <> $2 ORDER BY turn DESC LIMIT 1 OFFSET $3)",
                args![room, owner.as_str(), others],
            )
            .await?;
        Ok(Ok(()))
    }

    async fn insert_admission(&mut self, room: RoomId, session: SessionId) -> Result<u64, sqlx::Error> {
        let now = self.now;
        self.sql()
            .run(
                "INSERT INTO admissions (room, session, turn, admitted_at)
                 SELECT $1, $2, COALESCE(MAX(turn), 0) + 1, $3 FROM admissions WHERE room = $1
                 ON CONFLICT (room, session) DO NOTHING",
                args![room, session, now],
            )
            .await
    }

    /// The time now, as in a new room, or one more where the clock was set back.
    pub(super) async fn renew_epochs(&mut self) -> Verdict<u64> {
        let now = self.now;
        let renew = "UPDATE rooms SET epoch = CASE WHEN epoch < $1 THEN $1 ELSE epoch + 1 END";
        Ok(Ok(self.sql().run(renew, args![now]).await?))
    }

    /// Removes a room and its GIFs at once; its texts are left to [`Batch::purge`].
    pub(super) async fn remove_room(&mut self, room: RoomId) -> Verdict<Vec<GifHash>> {
        self.heads.remove(&room);
        if self.sql().run("DELETE FROM rooms WHERE id = $1", args![room]).await? == 0 {
            return Ok(Err(StoreError::NoSuchRoom));
        }
        self.sql().run("INSERT INTO removals (room) VALUES ($1) ON CONFLICT (room) DO NOTHING", args![room]).await?;
        self.discount(&OF_ROOM, args![room]).await?;
        let shown: Vec<(String,)> = self
            .sql()
            .all("DELETE FROM messages WHERE room = $1 AND gif IS NOT NULL RETURNING gif", args![room])
            .await?;
        self.free_gifs(shown).await
    }
}
