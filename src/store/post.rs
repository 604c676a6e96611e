//! The statements that store messages: numbered, recognized when repeated, many in one statement.
//!
//! A statement costs a passage to SQLite's thread and back, or to another machine; a row costs a fraction of that. So
//! messages that follow one another are inserted together, on the assumption that none of them is a retry. When one
//! is, what was inserted with it is taken back, and each half is tried again by itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use super::Posted;
use super::error::{IdTaken, StoreError};
use super::message_row::joined;
use super::space::{Files, SpaceLimits};
use super::sql::{Arg, InOrder, args};
use super::write::{Batch, Head, Verdict};
use crate::domain::{Content, Event, Message, NewMessage, RoomId};

/// How many rows a statement inserts. Each is a text of its own, which the databases keep prepared.
const SIZES: [usize; 7] = [64, 32, 16, 8, 4, 2, 1];

static INSERTS: LazyLock<[InOrder; SIZES.len()]> = LazyLock::new(|| SIZES.map(insert_of));

fn insert_of(rows: usize) -> InOrder {
    const COLUMNS: usize = 12;
    let mut sql = String::from(
        "INSERT INTO messages (room, seq, id, session, member_id, member_name, member_color, text, target, mentions,
             client_message_id, created_at, kind) VALUES ",
    );
    for row in 0..rows {
        sql += if row == 0 { "(" } else { ", (" };
        for column in 1..=COLUMNS {
            let _ = write!(sql, "${}, ", row * COLUMNS + column);
        }
        sql += "'text')";
    }
    sql += " ON CONFLICT (room, session, client_message_id) WHERE client_message_id IS NOT NULL DO NOTHING";
    InOrder::new(sql)
}

/// Of how many rooms a statement moves the heads on.
const ROOMS: usize = 16;

static MOVE_HEADS: LazyLock<String> = LazyLock::new(|| {
    let (mut cases, mut rooms) = (String::new(), String::new());
    for (room, more) in (0..ROOMS).map(|nth| (2 * nth + 1, 2 * nth + 2)) {
        let _ = write!(cases, " WHEN ${room} THEN ${more}");
        let _ = write!(rooms, "{}${room}", if room == 1 { "" } else { ", " });
    }
    format!("UPDATE rooms SET head = head + CASE id{cases} END WHERE id IN ({rooms}) RETURNING id, head")
});

impl Batch<'_> {
    /// Stores texts that were posted one after another. The results are in the same order.
    pub(super) async fn post_texts(
        &mut self,
        news: &[&NewMessage],
    ) -> Result<Vec<Result<Posted, StoreError>>, sqlx::Error> {
        let mut results: Vec<Result<Posted, StoreError>> = news.iter().map(|_| Err(StoreError::NoSuchRoom)).collect();
        self.find_heads(news.iter().map(|new| new.room)).await?;
        let present: Vec<usize> = (0..news.len()).filter(|index| self.heads.contains_key(&news[*index].room)).collect();
        let mut rest = &present[..];
        while !rest.is_empty() {
            let (ready, later) = rest.split_at(self.answerable(news, rest));
            rest = later;
            for new in ready.iter().map(|index| news[*index]).filter(|new| new.reply.is_some()) {
                self.find_quote(new).await?;
            }
            self.post_ready(news, ready, &mut results).await?;
        }
        self.quotes.clear();
        Ok(results)
    }

    /// How many of them, from the first, answer nothing that is yet to be stored.
    fn answerable(&self, news: &[&NewMessage], indices: &[usize]) -> usize {
        let is_ahead = |new: &NewMessage| {
            let head = self.heads.get(&new.room).map_or(0, |head| head.last);
            new.reply.is_some_and(|reply| reply > head)
        };
        let ahead = indices.iter().position(|index| is_ahead(news[*index]));
        // The first of them has to go on, whatever it answers.
        ahead.map_or(indices.len(), |ahead| ahead.max(1))
    }

    async fn post_ready(
        &mut self,
        news: &[&NewMessage],
        mut rest: &[usize],
        results: &mut [Result<Posted, StoreError>],
    ) -> Result<(), sqlx::Error> {
        while let Some(&size) = SIZES.iter().find(|size| **size <= rest.len()) {
            let (chunk, later) = rest.split_at(size);
            rest = later;
            self.post_chunk(news, chunk, results).await?;
        }
        Ok(())
    }

    /// Stores the messages of these indices, as many of which as a statement inserts: all at once, or (when there is a
    /// retry among them) one half after the other.
    async fn post_chunk(
        &mut self,
        news: &[&NewMessage],
        chunk: &[usize],
        results: &mut [Result<Posted, StoreError>],
    ) -> Result<(), sqlx::Error> {
        let mut pieces = vec![chunk];
        while let Some(piece) = pieces.pop() {
            if let [index] = piece {
                results[*index] = self.post_one(news[*index]).await?;
                continue;
            }
            let together: Vec<&NewMessage> = piece.iter().map(|index| news[*index]).collect();
            if let Some(messages) = self.insert(&together).await? {
                for (index, message) in piece.iter().zip(messages) {
                    results[*index] = Ok(Posted { message, first: true });
                }
            } else {
                let (first, second) = piece.split_at(piece.len() / 2);
                pieces.extend([second, first]);
            }
        }
        Ok(())
    }

    /// Stores a message that is not a text: a GIF or a notice.
    pub(super) async fn post_entry(&mut self, new: &NewMessage, files: Files, limits: SpaceLimits) -> Verdict<Posted> {
        self.find_heads([new.room]).await?;
        if !self.heads.contains_key(&new.room) {
            return Ok(Err(StoreError::NoSuchRoom));
        }
        // A retry must not leave a GIF behind that its first message does not show.
        if let Some(first) = self.first_of(new).await? {
            return Ok(first);
        }
        let said = self.say(new, files, limits).await?;
        Ok(said.map(|message| Posted { message, first: true }))
    }

    /// Stores a text, GIF or notice that is no retry, in a room that is there.
    pub(super) async fn say(&mut self, new: &NewMessage, files: Files, limits: SpaceLimits) -> Verdict<Message> {
        if let Content::Gif { gif, .. } = &new.content
            && let Err(refusal) = self.take_space(new, gif, files, limits).await?
        {
            return Ok(Err(refusal));
        }
        self.find_quote(new).await?;
        let message = self.enter(new).await?;
        self.quotes.clear();
        Ok(Ok(message))
    }

    async fn post_one(&mut self, new: &NewMessage) -> Result<Result<Posted, StoreError>, sqlx::Error> {
        if let Some(message) = self.insert(&[new]).await?.and_then(|mut messages| messages.pop()) {
            return Ok(Ok(Posted { message, first: true }));
        }
        Ok(self.first_of(new).await?.unwrap_or_else(|| Err(StoreError::unavailable(IdTaken))))
    }

    /// Inserts messages under the next numbers of their rooms, whose heads are known; all, or (when one of them is a
    /// retry) none.
    async fn insert(&mut self, news: &[&NewMessage]) -> Result<Option<Vec<Message>>, sqlx::Error> {
        let which = SIZES.iter().position(|size| *size == news.len()).expect("a statement of one of the sizes");
        let messages: Vec<Message> = news.iter().map(|new| self.number(new)).collect();
        let row: Vec<Arg> = messages.iter().flat_map(row).collect();
        let inserted = self.sql().run_in_order(&INSERTS[which], row).await?;
        if inserted == messages.len() as u64 {
            self.events.extend(messages.iter().cloned().map(Event::Posted));
            return Ok(Some(messages));
        }
        // Nothing was stored in these rooms after them.
        let firsts: BTreeMap<RoomId, i64> = messages.iter().rev().map(|message| (message.room, message.seq)).collect();
        for (room, first) in firsts {
            if inserted > 0 {
                self.sql().run("DELETE FROM messages WHERE room = $1 AND seq >= $2", args![room, first]).await?;
            }
            if let Some(head) = self.heads.get_mut(&room) {
                head.last = first - 1;
            }
        }
        Ok(None)
    }

    pub(super) fn number(&mut self, new: &NewMessage) -> Message {
        let head = self.heads.entry(new.room).or_insert(Head { reserved: 0, last: 0 });
        head.last += 1;
        Message {
            id: new.id,
            room: new.room,
            seq: head.last,
            session: new.session,
            member: new.member.clone(),
            content: new.content.clone(),
            reply: new.reply.and_then(|reply| self.quotes.get(&(new.room, reply)).cloned()),
            mentions: new.mentions.clone(),
            edited_at: None,
            reactions: Vec::new(),
            client_message_id: new.client_message_id.clone(),
            created_at: self.now,
        }
    }

    /// Learns the heads of the rooms that there are.
    ///
    /// At the first message for a room its row is moved on by as many as this batch holds for it: that is one statement
    /// for all of them (and for the other rooms), and in PostgreSQL it keeps other nodes from these rooms until the commit.
    pub(super) async fn find_heads(&mut self, rooms: impl IntoIterator<Item = RoomId>) -> Result<(), sqlx::Error> {
        let mut rooms: Vec<RoomId> = rooms.into_iter().filter(|room| !self.heads.contains_key(room)).collect();
        rooms.sort_unstable();
        rooms.dedup();
        for rooms in rooms.chunks(ROOMS) {
            self.move_heads(rooms).await?;
        }
        Ok(())
    }

    async fn move_heads(&mut self, rooms: &[RoomId]) -> Result<(), sqlx::Error> {
        const ONE: &str = "UPDATE rooms SET head = head + $2 WHERE id = $1 RETURNING id, head";
        let (sql, count) = if rooms.len() == 1 { (ONE, 1) } else { (MOVE_HEADS.as_str(), ROOMS) };
        let expected = |batch: &Self, room: &RoomId| batch.posts.get(room).copied().unwrap_or(1);
        // The last room fills the places that are left: of several cases for it the first counts.
        let padded = rooms.iter().chain(std::iter::repeat(&rooms[rooms.len() - 1])).take(count);
        let args = padded.flat_map(|room| [Arg::from(*room), Arg::from(expected(self, room))]).collect();
        let moved: Vec<(String, i64)> = self.sql().all(sql, args).await?;
        for room in rooms {
            let id = room.to_string();
            if let Some((_, reserved)) = moved.iter().find(|(moved, _)| *moved == id) {
                let last = reserved - expected(self, room);
                self.heads.insert(*room, Head { reserved: *reserved, last });
            }
        }
        Ok(())
    }
}

/// In the order of the columns of [`insert_of`].
fn row(message: &Message) -> [Arg; 12] {
    let text = if let Content::Text(text) = &message.content { Some(text) } else { None };
    [
        message.room.into(),
        message.seq.into(),
        message.id.into(),
        message.session.into(),
        message.member.id.into(),
        message.member.name.as_str().into(),
        message.member.color.into(),
        text.into(),
        Arg::MaybeInt(message.reply.as_ref().map(|quote| quote.seq)),
        Arg::Maybe(joined(&message.mentions)),
        message.client_message_id.as_ref().into(),
        message.created_at.into(),
    ]
}
