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

use super::sql::args;
use super::write::Batch;
use super::{limits, page, whisper};
use crate::domain::{Event, RoomId, SessionId};

/// The rooms in question. There are never more than rooms.
#[derive(Debug, Default)]
pub(super) struct Doubts(BTreeMap<RoomId, Doubt>);

/// What was published last.
#[derive(Debug)]
struct Doubt {
    seq: i64,
    /// In the mailboxes in question: the number of the last whisper.
    whispers: BTreeMap<SessionId, i64>,
}

impl Doubts {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These would have been published if the commit had succeeded.
    pub(super) fn about(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Posted(message) => {
                    self.of(message.room, message.seq - 1);
                }
                Event::Whispered(whisper) => {
                    let doubt = self.of(whisper.room, whisper.after);
                    doubt.whispers.entry(whisper.reader).or_insert(whisper.number - 1);
                }
                _ => {}
            }
        }
    }

    /// The first of a room to be told of says where it stood.
    fn of(&mut self, room: RoomId, seq: i64) -> &mut Doubt {
        self.0.entry(room).or_insert(Doubt { seq, whispers: BTreeMap::new() })
    }

    /// Looks at the rooms, one after another, and publishes what is found. Whatever is left after an error is looked at
    /// again.
    pub(super) async fn settle(
        &mut self,
        batch: &mut Batch<'_>,
        mut publish: impl FnMut(Event),
    ) -> Result<(), sqlx::Error> {
        while let Some(entry) = self.0.first_entry() {
            batch.stored_since(*entry.key(), entry.get()).await?.into_iter().for_each(&mut publish);
            entry.remove();
        }
        Ok(())
    }
}

impl Batch<'_> {
    async fn stored_since(&mut self, room: RoomId, last: &Doubt) -> Result<Vec<Event>, sqlx::Error> {
        // An update that changes nothing: PostgreSQL may still be at that commit, and holds the row until it is over.
        let head: Option<(i64,)> =
            self.sql().first("UPDATE rooms SET head = head WHERE id = $1 RETURNING head", args![room]).await?;
        if head.is_none() {
            return Ok(Vec::new());
        }
        // Sorted by the number after which it comes, what has that number before what is whispered after it.
        let mut found = Vec::new();
        let messages = page::after_of(&mut self.sql(), room, None, last.seq, limits::PAGE).await?;
        found
            .extend(messages.unwrap_or_default().into_iter().map(|message| ((message.seq, 0), Event::Posted(message))));
        for (reader, number) in &last.whispers {
            let whispers = whisper::after_of(&mut self.sql(), room, *reader, *number, limits::PAGE).await?;
            let places = whispers.unwrap_or_default().into_iter();
            found.extend(places.map(|whisper| ((whisper.after, whisper.number), Event::Whispered(whisper))));
        }
        found.sort_by_key(|(place, _)| *place);
        Ok(found.into_iter().map(|(_, event)| event).collect())
    }
}
