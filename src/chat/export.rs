//! Somebody takes a room along: everything in it that they may see, in order, a little at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Chat, Error};
use crate::domain::{Caller, Content, Item, Member, Message, RoomId, RoomSummary, Timestamp, Whisper};

/// Entries, and whispers, that are in memory at once.
const PAGE: u32 = 50;

/// What somebody takes along.
#[derive(Debug)]
pub struct Export {
    pub room: RoomSummary,
    /// Who exports, as they are known in the room.
    pub by: Member,
    pub at: Timestamp,
    chat: Arc<Chat>,
    caller: Caller,
    messages: VecDeque<Message>,
    whispers: VecDeque<Whisper>,
    /// Up to where both were read, and up to where they are to be.
    seq: i64,
    last_seq: i64,
    number: i64,
    last_number: i64,
}

impl Chat {
    /// What is in the room now, for a member of it. What is said from now on is not part of it.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::Banned`], [`Refusal::Kicked`], [`Refusal::NotAdmitted`];
    /// [`Refusal::TooOften`], as for searching; [`Error::Unavailable`].
    ///
    /// [`Refusal::NoSuchRoom`]: crate::domain::Refusal::NoSuchRoom
    /// [`Refusal::Banned`]: crate::domain::Refusal::Banned
    /// [`Refusal::Kicked`]: crate::domain::Refusal::Kicked
    /// [`Refusal::NotAdmitted`]: crate::domain::Refusal::NotAdmitted
    /// [`Refusal::TooOften`]: crate::domain::Refusal::TooOften
    pub async fn export(self: &Arc<Self>, caller: &Caller, room: RoomId) -> Result<Export, Error> {
        self.admitted(caller, room).await?;
        self.limits.search(caller.session, self.env.now())?;
        let position = self.store.position(room).await?.ok_or(crate::domain::Refusal::NoSuchRoom)?;
        let listed = self.presence.listed(room, caller.session);
        Ok(Export {
            room: self.summary(room)?,
            by: listed.map_or_else(|| caller.member.clone(), |listed| listed.member),
            at: self.env.now(),
            chat: Arc::clone(self),
            caller: caller.clone(),
            messages: VecDeque::new(),
            whispers: VecDeque::new(),
            seq: 0,
            last_seq: position.seq,
            number: 0,
            last_number: self.store.whispers_head(room, caller.session).await?,
        })
    }
}

impl Export {
    /// The next of what is shown: messages as they are now, notices, and the reader's own whispers among them; `None` at
    /// the end.
    ///
    /// # Errors
    /// When the room is removed or the reader is shut out meanwhile, as [`Chat::export`]: what came before is not the
    /// whole.
    pub async fn next(&mut self) -> Result<Option<Item>, Error> {
        self.fill().await?;
        // Whispers stand after the message that was the newest when they were said.
        let is_whispers_turn = match (self.whispers.front(), self.messages.front()) {
            (Some(whisper), Some(message)) => whisper.after < message.seq,
            (whisper, _) => whisper.is_some(),
        };
        Ok(if is_whispers_turn {
            self.whispers.pop_front().map(Item::Whisper)
        } else {
            self.messages.pop_front().map(Item::Message)
        })
    }

    async fn fill(&mut self) -> Result<(), Error> {
        let (store, room, session) = (&self.chat.store, self.room.id, self.caller.session);
        while self.messages.is_empty() && self.seq < self.last_seq {
            let page = store.messages_after(room, Some(session), self.seq, PAGE).await?;
            self.seq = page.last().map_or(self.last_seq, |newest| newest.seq);
            self.messages = page.into_iter().filter(|entry| entry.seq <= self.last_seq && is_shown(entry)).collect();
            // Of a room that is gone there is nothing to read, either.
            self.chat.welcome(room, session)?;
        }
        while self.whispers.is_empty() && self.number < self.last_number {
            let page = store.whispers_after(room, session, self.number, PAGE).await?;
            self.number = page.last().map_or(self.last_number, |newest| newest.number);
            self.whispers = page.into_iter().filter(|whisper| whisper.number <= self.last_number).collect();
            self.chat.welcome(room, session)?;
        }
        Ok(())
    }
}

/// What only changes others is in them already.
fn is_shown(entry: &Message) -> bool {
    matches!(entry.content, Content::Text(_) | Content::Gif { .. } | Content::Removed | Content::Notice(_))
}
