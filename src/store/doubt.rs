//! What a commit that failed may have stored all the same.
//!
//! A connection that breaks while it commits leaves open whether the other end had done so. The poster is told "not
//! available" and may try again; but a message that is there must not stay unheard, least of all under a later one with
//! a higher `seq`. So before anything else is written, the rooms in question are looked at, and what is beyond the last
//! published message is published.
//!
//! On SQLite nothing is ever found: a commit that fails is not in the log's index, so nobody in this process sees it, and
//! the next commit overwrites it. Only building that index anew (which the first connection does, therefore one reader
//! stays open for as long as the store) could take it for committed. After a crash that may happen, and everybody
//! comes back with a position.

use std::collections::BTreeMap;

use super::rows::MessageRow;
use super::sql::args;
use super::write::Batch;
use super::{Event, limits};
use crate::domain::{Message, RoomId};

/// The rooms in question, each with the `seq` of its last published message. There are never more than rooms.
#[derive(Debug, Default)]
pub(super) struct Doubts(BTreeMap<RoomId, i64>);

impl Doubts {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These would have been published if the commit had succeeded.
    pub(super) fn about(&mut self, events: &[Event]) {
        for event in events {
            if let Event::Posted(message) = event {
                self.0.entry(message.room).or_insert(message.seq - 1);
            }
        }
    }

    /// Looks at the rooms, one after another, and publishes what is found. Whatever is left after an error is looked at
    /// again.
    pub(super) async fn settle(
        &mut self,
        batch: &mut Batch<'_>,
        mut publish: impl FnMut(Message),
    ) -> Result<(), sqlx::Error> {
        while let Some(entry) = self.0.first_entry() {
            for message in batch.stored_after(*entry.key(), *entry.get()).await? {
                publish(message);
            }
            entry.remove();
        }
        Ok(())
    }
}

impl Batch<'_> {
    async fn stored_after(&mut self, room: RoomId, seq: i64) -> Result<Vec<Message>, sqlx::Error> {
        // An update that changes nothing: PostgreSQL may still be at that commit, and holds the row until it is over.
        let head: Option<(i64,)> =
            self.sql().first("UPDATE rooms SET head = head WHERE id = $1 RETURNING head", args![room]).await?;
        if head.is_none_or(|(head,)| head <= seq) {
            return Ok(Vec::new());
        }
        let most = i64::try_from(limits::BATCH).unwrap_or(i64::MAX);
        let rows: Vec<MessageRow> = self
            .sql()
            .all(
                "SELECT m.*, g.width, g.height, g.frames, g.duration_ms, g.bytes
                 FROM messages m LEFT JOIN gifs g ON g.hash = m.gif
                 WHERE m.room = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3",
                args![room, seq, most],
            )
            .await?;
        Ok(rows.into_iter().filter_map(|row| Message::try_from(row).ok()).collect())
    }
}
