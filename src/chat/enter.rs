//! Somebody enters a room with one connection.

use std::sync::Arc;

use super::{Chat, Error, PAGE, Visitor};
use crate::domain::{Content, Item, Message, Position, Refusal, Room, RoomId, SessionId, Since, Snapshot, Whisper};
use crate::presence::{Entered, Place};

/// Whispers of one answer, at most.
const WHISPERS: u32 = 1000;

/// What somebody who comes back has missed, and the position that it leads to.
pub(super) struct Missed {
    messages: Vec<Message>,
    whispers: Vec<Whisper>,
    pub(super) seq: i64,
    pub(super) number: i64,
}

impl Missed {
    pub(super) fn in_order(self) -> Vec<Item> {
        in_order(self.messages, self.whispers)
    }
}

impl Chat {
    /// Subscribes (with the closure), THEN takes a place, THEN reads: whatever is posted from the subscription on is
    /// heard, whatever was posted before it is read, and what is both has the same `seq`. No gap, no double, if the
    /// subscription keeps what it hears until the snapshot has gone out, and drops what is in it.
    ///
    /// The place is the connection's for as long as it keeps it. When this fails, the caller ends the subscription.
    ///
    /// # Errors
    /// [`Refusal::TooOften`], [`Refusal::NoSuchRoom`], [`Refusal::NotAdmitted`], [`Refusal::Kicked`],
    /// [`Refusal::Banned`], [`Refusal::RoomLocked`], [`Refusal::RoomFull`]; [`Error::Unavailable`].
    pub async fn enter(
        &self,
        visitor: &Visitor,
        room: RoomId,
        since: Option<Since>,
        subscribe: impl FnOnce(),
    ) -> Result<(Place, Snapshot), Error> {
        self.limits.join(visitor.caller.session, self.env.now())?;
        let (place, room) = self.take_place(visitor, room, subscribe).await?;
        let snapshot = self.snapshot(visitor, &room, since).await?;
        // Who was shut out in the meantime gets nothing of it.
        if self.presence.is_seated(&place) { Ok((place, snapshot)) } else { Err(Refusal::NotInRoom.into()) }
    }

    /// The same for somebody who does not ask what was before.
    ///
    /// # Errors
    /// As [`Chat::enter`], but never too often.
    pub async fn take_place(
        &self,
        visitor: &Visitor,
        room: RoomId,
        subscribe: impl FnOnce(),
    ) -> Result<(Place, Arc<Room>), Error> {
        let room = self.admitted(&visitor.caller, room).await?;
        subscribe();
        let network = Some(self.network(visitor, room.id));
        let (place, entered) = self.presence.enter(room.id, &visitor.caller, network, true)?;
        if let Entered::First(announced) = entered {
            // They find their own coming in the history, and do not hear it; if it cannot be stored, they are here all the
            // same.
            let _ = announced.wait().await;
        }
        if self.presence.is_seated(&place) { Ok((place, room)) } else { Err(Refusal::NotInRoom.into()) }
    }

    async fn snapshot(&self, visitor: &Visitor, room: &Room, since: Option<Since>) -> Result<Snapshot, Error> {
        let session = visitor.caller.session;
        let missed = match since {
            Some(since) => self.missed(room.id, session, since).await?,
            None => None,
        };
        let recovered = missed.is_some();
        let missed = match missed {
            Some(missed) => missed,
            None => self.newest(room.id, session).await?.0,
        };
        Ok(Snapshot {
            room: self.presence.summary(room.id).ok_or(Refusal::NoSuchRoom)?,
            me: self.presence.listed(room.id, session).ok_or(Refusal::NotInRoom)?,
            members: self.list(room.id)?,
            position: Position { epoch: room.epoch, seq: missed.seq },
            whispers: missed.number,
            items: missed.in_order(),
            recovered,
        })
    }

    /// The newest page, and whether there is more before.
    pub(super) async fn newest(&self, room: RoomId, session: SessionId) -> Result<(Missed, bool), Error> {
        // The head first: what is stored meanwhile is beyond it, and is heard.
        let seq = self.store.position(room).await?.ok_or(Refusal::NoSuchRoom)?.seq;
        let messages = self.store.messages_before(room, Some(session), Some(seq + 1), PAGE).await?;
        let number = self.store.whispers_head(room, session).await?;
        let more = messages.len() as u32 == PAGE;
        let oldest = messages.first().filter(|_| more).map_or(0, |oldest| oldest.seq);
        let mut whispers = self.store.whispers_between(room, session, oldest, i64::MAX, WHISPERS).await?;
        whispers.retain(|whisper| whisper.number <= number);
        Ok((Missed { messages, whispers, seq, number }, more))
    }

    /// All messages since a claimed position, and the position they lead to. `None` when the claim does not fit this
    /// room, or too much was missed to send at once.
    async fn missed(&self, room: RoomId, session: SessionId, since: Since) -> Result<Option<Missed>, Error> {
        let head = self.store.position(room).await?.ok_or(Refusal::NoSuchRoom)?;
        let behind = head.seq - since.seq;
        let most = i64::from(self.settings.recovery_messages);
        if since.epoch.is_some_and(|epoch| epoch != head.epoch) || since.seq < 0 || !(0..=most).contains(&behind) {
            return Ok(None);
        }
        let number = self.store.whispers_head(room, session).await?;
        let mut whispers = match since.whispers {
            Some(heard) if heard > number => return Ok(None),
            Some(heard) => self.store.whispers_after(room, session, heard, WHISPERS).await?,
            // They do not say: those after their last message come (again).
            None => self.store.whispers_between(room, session, since.seq, i64::MAX, WHISPERS).await?,
        };
        whispers.retain(|whisper| whisper.number <= number);
        if whispers.len() as u32 == WHISPERS {
            return Ok(None);
        }
        if behind == 0 {
            return Ok(Some(Missed { messages: Vec::new(), whispers, seq: head.seq, number }));
        }
        let limit = u32::try_from(behind).unwrap_or(u32::MAX);
        let messages = self.store.messages_after(room, Some(session), since.seq, limit).await?;
        let bytes = messages.iter().map(size).sum::<usize>() + whispers.iter().map(size_of).sum::<usize>();
        let is_whole = messages.len() as i64 == behind && messages.last().is_some_and(|newest| newest.seq == head.seq);
        let fits = is_whole && bytes <= self.settings.recovery_bytes;
        Ok(fits.then_some(Missed { messages, whispers, seq: head.seq, number }))
    }
}

/// Whispers stand after the message that was the newest when they were said.
pub(super) fn in_order(messages: Vec<Message>, whispers: Vec<Whisper>) -> Vec<Item> {
    let mut items = Vec::with_capacity(messages.len() + whispers.len());
    let mut whispers = whispers.into_iter().peekable();
    for message in messages {
        while let Some(whisper) = whispers.next_if(|whisper| whisper.after < message.seq) {
            items.push(Item::Whisper(whisper));
        }
        items.push(Item::Message(message));
    }
    items.extend(whispers.map(Item::Whisper));
    items
}

/// Roughly, as JSON.
fn size(message: &Message) -> usize {
    let text = match &message.content {
        Content::Text(text) => text.as_str().len(),
        Content::Edit { edited, .. } => edited.as_str().len(),
        Content::Gif { alt, .. } => FRAME + alt.as_ref().map_or(0, |alt| alt.as_str().len()),
        _ => 0,
    };
    FRAME
        + text
        + if message.reply.is_some() { FRAME } else { 0 }
        + 32 * (message.mentions.len() + message.reactions.len())
}

fn size_of(whisper: &Whisper) -> usize {
    FRAME + whisper.text.as_str().len()
}

const FRAME: usize = 256;
