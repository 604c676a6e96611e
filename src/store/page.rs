//! Messages as somebody reads them: pages of a room's history, with what they answer and the reactions as they are now.

use std::collections::HashMap;

use super::error::StoreError;
use super::message_row::{MessageRow, emoji, not_purged, select_messages};
use super::sql::{Sql, args};
use super::write::Verdict;
use super::{Store, limits};
use crate::domain::{ClientMessageId, Content, Message, Reaction, RoomId, SessionId};

impl Store {
    /// The newest of what a room shows (texts, GIFs, removed messages, notices) older than `before` (all, for `None`),
    /// at most `limit` and at most 10,000, in `seq` order, as `reader` sees it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a room that is not there has no messages.
    pub async fn messages_before(
        &self,
        room: RoomId,
        reader: Option<SessionId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let mut lease = self.reader().await?;
        let sql = &mut lease.sql();
        let mut rows: Vec<MessageRow> = sql
            .all(
                select_messages!(
                    "WHERE m.room = $1 AND m.seq < $2 AND m.kind IN ('text', 'gif', 'removed', 'notice')
                         AND EXISTS (SELECT 1 FROM rooms WHERE id = $1)",
                    not_purged!(),
                    "ORDER BY m.seq DESC LIMIT $3"
                ),
                args![room, before.unwrap_or(i64::MAX), limit.min(limits::PAGE)],
            )
            .await
            .map_err(|error| self.unreadable(error))?;
        rows.reverse();
        complete(sql, room, reader, rows).await.map_err(|error| self.unreadable(error))?
    }

    /// The oldest entries newer than `after`, of every kind and without gaps, at most `limit` and at most 10,000, in
    /// `seq` order, as `reader` sees them. What has changed since is told as it is now: an edit has the newest text (it
    /// is a removal when its message is gone), a reaction the newest count.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a room that is not there has no messages.
    pub async fn messages_after(
        &self,
        room: RoomId,
        reader: Option<SessionId>,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let mut lease = self.reader().await?;
        after_of(&mut lease.sql(), room, reader, after, limit).await.map_err(|error| self.unreadable(error))?
    }

    /// One entry, as `reader` sees it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; one that is not there is `None`.
    pub async fn message(
        &self,
        room: RoomId,
        seq: i64,
        reader: Option<SessionId>,
    ) -> Result<Option<Message>, StoreError> {
        let mut lease = self.reader().await?;
        let sql = &mut lease.sql();
        let rows = sql
            .all(
                select_messages!("WHERE m.room = $1 AND m.seq = $2 AND EXISTS (SELECT 1 FROM rooms WHERE id = $1)"),
                args![room, seq],
            )
            .await
            .map_err(|error| self.unreadable(error))?;
        Ok(complete(sql, room, reader, rows).await.map_err(|error| self.unreadable(error))??.pop())
    }

    /// The message that a session called so in a room, as it is now: what a retry is answered with.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn first(
        &self,
        room: RoomId,
        session: SessionId,
        id: &ClientMessageId,
    ) -> Result<Option<Message>, StoreError> {
        let mut lease = self.reader().await?;
        first_of(&mut lease.sql(), room, session, id).await.map_err(|error| self.unreadable(error))?
    }
}

/// What a session called so in a room.
pub(super) async fn first_of(
    sql: &mut Sql<'_>,
    room: RoomId,
    session: SessionId,
    id: &ClientMessageId,
) -> Verdict<Option<Message>> {
    let rows = sql
        .all(
            select_messages!("WHERE m.room = $1 AND m.session = $2 AND m.client_message_id = $3"),
            args![room, session, id.as_str()],
        )
        .await?;
    Ok(complete(sql, room, Some(session), rows).await?.map(|mut found| found.pop()))
}

pub(super) async fn after_of(
    sql: &mut Sql<'_>,
    room: RoomId,
    reader: Option<SessionId>,
    after: i64,
    limit: u32,
) -> Verdict<Vec<Message>> {
    let rows = sql
        .all(
            select_messages!(
                "WHERE m.room = $1 AND m.seq > $2 AND EXISTS (SELECT 1 FROM rooms WHERE id = $1)
                 ORDER BY m.seq LIMIT $3"
            ),
            args![room, after, limit.min(limits::PAGE)],
        )
        .await?;
    complete(sql, room, reader, rows).await
}

/// Message, emoji, how many have it, how many of these the reader is, and the first of them.
type ReactionRow = (i64, String, i64, i64, i64);

/// Gives messages of one room, in the order of their numbers, what the statement that found them does not know: their
/// reactions. One statement for all of them, which looks at the room from the first to the last.
pub(super) async fn complete(
    sql: &mut Sql<'_>,
    room: RoomId,
    reader: Option<SessionId>,
    rows: Vec<MessageRow>,
) -> Verdict<Vec<Message>> {
    const OF_SHOWN: &str = "SELECT seq, emoji, COUNT(*), COUNT(CASE WHEN session = $4 THEN 1 END), MIN(since)
         FROM reactions WHERE room = $1 AND seq BETWEEN $2 AND $3 GROUP BY seq, emoji ORDER BY 5";
    // What was reacted to may be older.
    const OF_TARGETS: &str = "SELECT seq, emoji, COUNT(*), COUNT(CASE WHEN session = $4 THEN 1 END), MIN(since)
         FROM reactions WHERE room = $1 AND (seq BETWEEN $2 AND $3 OR seq IN (
             SELECT target FROM messages WHERE room = $1 AND seq BETWEEN $2 AND $3 AND kind = 'react'))
         GROUP BY seq, emoji ORDER BY 5";
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Ok(Vec::new())) };
    let statement = if rows.iter().any(|row| row.kind == "react") { OF_TARGETS } else { OF_SHOWN };
    let reader = reader.map(|reader| reader.expose()).unwrap_or_default();
    let found: Vec<ReactionRow> = sql.all(statement, args![room, first.seq, last.seq, reader.as_str()]).await?;
    Ok(with_reactions(rows, found))
}

fn with_reactions(rows: Vec<MessageRow>, found: Vec<ReactionRow>) -> Result<Vec<Message>, StoreError> {
    let mut reactions: HashMap<i64, Vec<Reaction>> = HashMap::new();
    for (seq, name, count, mine, _) in found {
        let reaction = Reaction {
            emoji: emoji("reactions.emoji", &name)?,
            count: u32::try_from(count).unwrap_or(u32::MAX),
            mine: mine > 0,
        };
        reactions.entry(seq).or_default().push(reaction);
    }
    rows.into_iter()
        .map(|row| {
            let mut message = Message::try_from(row)?;
            match &mut message.content {
                Content::Text(_) | Content::Gif { .. } => {
                    message.reactions = reactions.get(&message.seq).cloned().unwrap_or_default();
                }
                Content::React { target, emoji, count, .. } => {
                    let now = reactions.get(target).and_then(|all| all.iter().find(|one| one.emoji == *emoji));
                    *count = now.map_or(0, |now| now.count);
                }
                _ => {}
            }
            Ok(message)
        })
        .collect()
}
