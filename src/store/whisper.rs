//! Whispers: two rows of a mailbox each, and no trace of them in the order of the room.

use super::error::{IdTaken, StoreError};
use super::rows::{read, sure};
use super::sql::{Sql, args};
use super::write::{Batch, Verdict};
use super::{Store, Whispered, limits};
use crate::domain::{ChatText, ClientMessageId, Event, Member, NewWhisper, RoomId, SessionId, Timestamp, Whisper};

impl Batch<'_> {
    /// Puts a whisper into both mailboxes.
    pub(super) async fn whisper(&mut self, new: &NewWhisper) -> Verdict<Whispered> {
        // In PostgreSQL this keeps other nodes from the room's mailboxes as well.
        self.find_heads([new.room]).await?;
        let Some(after) = self.heads.get(&new.room).map(|head| head.last) else {
            return Ok(Err(StoreError::NoSuchRoom));
        };
        if let Some(first) = self.first_whisper_of(new).await? {
            return Ok(first.map(|mine| Whispered { mine, first: false }));
        }
        let Some(mine) = self.put(new, new.from.0, after).await? else {
            return Ok(Err(StoreError::unavailable(IdTaken)));
        };
        if new.to.0 != new.from.0 {
            self.put(new, new.to.0, after).await?;
        }
        Ok(Ok(Whispered { mine, first: true }))
    }

    /// Puts it into one mailbox.
    async fn put(&mut self, new: &NewWhisper, reader: SessionId, after: i64) -> Result<Option<Whisper>, sqlx::Error> {
        let client_message_id = new.client_message_id.clone().filter(|_| reader == new.from.0);
        let (now, is_mine) = (self.now, reader == new.from.0);
        let number: Option<(i64,)> = self
            .sql()
            .first(
                "INSERT INTO whispers (room, session, number, is_mine, id, after_seq, from_id, from_name, from_color,
                     to_id, to_name, to_color, text, client_message_id, created_at)
                 SELECT $1, $2, COALESCE(MAX(number), 0) + 1, $14, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
                 FROM whispers WHERE room = $1 AND session = $2
                 RETURNING number",
                args![
                    new.room,
                    reader,
                    new.id,
                    after,
                    new.from.1.id,
                    new.from.1.name.as_str(),
                    new.from.1.color,
                    new.to.1.id,
                    new.to.1.name.as_str(),
                    new.to.1.color,
                    new.text.as_str(),
                    client_message_id.as_ref(),
                    now,
                    i64::from(is_mine),
                ],
            )
            .await?;
        let Some((number,)) = number else { return Ok(None) };
        let whisper = Whisper {
            id: new.id,
            room: new.room,
            reader,
            is_mine,
            number,
            after,
            from: new.from.1.clone(),
            to: new.to.1.clone(),
            text: new.text.clone(),
            client_message_id,
            created_at: now,
        };
        self.events.push(Event::Whispered(whisper.clone()));
        Ok(Some(whisper))
    }

    async fn first_whisper_of(&mut self, new: &NewWhisper) -> Result<Option<Result<Whisper, StoreError>>, sqlx::Error> {
        let Some(id) = &new.client_message_id else { return Ok(None) };
        let row: Option<WhisperRow> = self
            .sql()
            .first(
                "SELECT * FROM whispers WHERE room = $1 AND session = $2 AND client_message_id = $3",
                args![new.room, new.from.0, id.as_str()],
            )
            .await?;
        Ok(row.map(|row| if row.text.is_some() { row.try_into() } else { Err(StoreError::NoSuchMessage) }))
    }
}

impl Store {
    /// The oldest whispers of a mailbox newer than `number`, at most `limit` and at most 10,000, in their order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a mailbox that is not there has none.
    pub async fn whispers_after(
        &self,
        room: RoomId,
        reader: SessionId,
        number: i64,
        limit: u32,
    ) -> Result<Vec<Whisper>, StoreError> {
        let mut lease = self.reader().await?;
        after_of(&mut lease.sql(), room, reader, number, limit).await.map_err(|error| self.unreadable(error))?
    }

    /// The newest whispers of a mailbox that are shown after a message from `from_after` to `to_after` (both included; 0
    /// is before the first), at most `limit` and at most 10,000, in their order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a mailbox that is not there has none.
    pub async fn whispers_between(
        &self,
        room: RoomId,
        reader: SessionId,
        from_after: i64,
        to_after: i64,
        limit: u32,
    ) -> Result<Vec<Whisper>, StoreError> {
        let mut lease = self.reader().await?;
        let mut rows: Vec<WhisperRow> = lease
            .sql()
            .all(
                "SELECT * FROM whispers WHERE room = $1 AND session = $2 AND after_seq BETWEEN $3 AND $4
                     AND text IS NOT NULL AND EXISTS (SELECT 1 FROM rooms WHERE id = $1)
                 ORDER BY after_seq DESC, number DESC LIMIT $5",
                args![room, reader, from_after, to_after, limit.min(limits::PAGE)],
            )
            .await
            .map_err(|error| self.unreadable(error))?;
        rows.reverse();
        rows.into_iter().map(Whisper::try_from).collect()
    }

    /// The number of the newest whisper of a mailbox; 0 before the first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn whispers_head(&self, room: RoomId, reader: SessionId) -> Result<i64, StoreError> {
        let mut lease = self.reader().await?;
        let head: Option<(Option<i64>,)> = lease
            .sql()
            .first(
                "SELECT MAX(number) FROM whispers
                 WHERE room = $1 AND session = $2 AND EXISTS (SELECT 1 FROM rooms WHERE id = $1)",
                args![room, reader],
            )
            .await
            .map_err(|error| self.unreadable(error))?;
        Ok(head.and_then(|(head,)| head).unwrap_or(0))
    }
}

pub(super) async fn after_of(
    sql: &mut Sql<'_>,
    room: RoomId,
    reader: SessionId,
    number: i64,
    limit: u32,
) -> Verdict<Vec<Whisper>> {
    let rows: Vec<WhisperRow> = sql
        .all(
            "SELECT * FROM whispers WHERE room = $1 AND session = $2 AND number > $3 AND text IS NOT NULL
                 AND EXISTS (SELECT 1 FROM rooms WHERE id = $1)
             ORDER BY number LIMIT $4",
            args![room, reader, number, limit.min(limits::PAGE)],
        )
        .await?;
    Ok(rows.into_iter().map(Whisper::try_from).collect())
}

#[derive(sqlx::FromRow)]
struct WhisperRow {
    room: String,
    session: String,
    number: i64,
    is_mine: i64,
    id: String,
    after_seq: i64,
    from_id: String,
    from_name: String,
    from_color: String,
    to_id: String,
    to_name: String,
    to_color: String,
    text: Option<String>,
    client_message_id: Option<String>,
    created_at: i64,
}

impl TryFrom<WhisperRow> for Whisper {
    type Error = StoreError;

    fn try_from(row: WhisperRow) -> Result<Self, StoreError> {
        let client_message_id = row.client_message_id.as_deref().map(ClientMessageId::parse).transpose();
        Ok(Self {
            id: read("whispers.id", &row.id)?,
            room: read("whispers.room", &row.room)?,
            reader: read("whispers.session", &row.session)?,
            number: row.number,
            is_mine: row.is_mine != 0,
            after: row.after_seq,
            from: Member {
                id: read("whispers.from_id", &row.from_id)?,
                name: row.from_name,
                color: read("whispers.from_color", &row.from_color)?,
            },
            to: Member {
                id: read("whispers.to_id", &row.to_id)?,
                name: row.to_name,
                color: read("whispers.to_color", &row.to_color)?,
            },
            text: sure("whispers.text", ChatText::parse(row.text.as_deref().unwrap_or_default()))?,
            client_message_id: sure("whispers.client_message_id", client_message_id)?,
            created_at: Timestamp(row.created_at),
        })
    }
}
