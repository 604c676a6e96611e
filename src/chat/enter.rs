//! Somebody enters a room with one connection.

use std::sync::Arc;

use super::{Chat, Error, PAGE};
use crate::domain::{Caller, Content, Item, Message, Position, Refusal, Room, RoomId, Since, Snapshot};
use crate::presence::Place;

impl Chat {
    /// Takes a place, THEN subscribes (with the closure), THEN reads: whatever is posted from the subscription on is
    /// heard, whatever was posted before it is read, and what is both has the same `seq`. No gap, no double, if the
    /// subscription keeps what it hears until the snapshot has gone out, and drops what is in it.
    ///
    /// The place is the connection's for as long as it keeps it. When this fails after the subscription, the caller
    /// ends the subscription.
    ///
    /// # Errors
    /// [`Refusal::TooOften`], [`Refusal::NoSuchRoom`], [`Refusal::NotAdmitted`], [`Refusal::RoomFull`];
    /// [`Error::Unavailable`].
    pub async fn enter(
        &self,
        caller: &Caller,
        room: RoomId,
        since: Option<Since>,
        subscribe: impl FnOnce(),
    ) -> Result<(Place, Snapshot), Error> {
        self.limits.join(caller.session, self.env.now())?;
        let (place, room) = self.take_place(caller, room, subscribe).await?;
        let snapshot = self.snapshot(caller, &room, since).await?;
        Ok((place, snapshot))
    }

    /// The same for somebody who does not ask what was before.
    ///
    /// # Errors
    /// As [`Chat::enter`], but never too often.
    pub async fn take_place(
        &self,
        caller: &Caller,
        room: RoomId,
        subscribe: impl FnOnce(),
    ) -> Result<(Place, Arc<Room>), Error> {
        let room = self.admitted(caller, room).await?;
        let (place, _) = self.presence.enter(room.id, caller, None, true)?;
        subscribe();
        Ok((place, room))
    }

    async fn snapshot(&self, caller: &Caller, room: &Room, since: Option<Since>) -> Result<Snapshot, Error> {
        let missed = match since {
            Some(since) => self.missed(room.id, since).await?,
            None => None,
        };
        let recovered = missed.is_some();
        let (messages, seq) = match missed {
            Some(missed) => missed,
            None => {
                let page = self.store.messages_before(room.id, None, PAGE).await?;
                let seq = page.last().map_or(0, |newest| newest.seq);
                (page, seq)
            }
        };
        Ok(Snapshot {
            room: self.presence.summary(room.id).ok_or(Refusal::NoSuchRoom)?,
            me: self.presence.listed(room.id, caller.session).ok_or(Refusal::NotInRoom)?,
            members: self.presence.members(room.id).ok_or(Refusal::NoSuchRoom)?,
            items: messages.into_iter().map(Item::Message).collect(),
            whispers: 0,
            position: Position { epoch: room.epoch, seq },
            recovered,
        })
    }

    /// All messages since a claimed position, and the position they lead to. `None` when the claim does not fit this
    /// room, or too much was missed to send at once.
    async fn missed(&self, room: RoomId, since: Since) -> Result<Option<(Vec<Message>, i64)>, Error> {
        let head = self.store.position(room).await?.ok_or(Refusal::NoSuchRoom)?;
        let behind = head.seq - since.seq;
        let most = i64::from(self.settings.recovery_messages);
        if since.epoch.is_some_and(|epoch| epoch != head.epoch) || since.seq < 0 || !(0..=most).contains(&behind) {
            return Ok(None);
        }
        if behind == 0 {
            return Ok(Some((Vec::new(), head.seq)));
        }
        let missed = self.store.messages_after(room, since.seq, u32::try_from(behind).unwrap_or(u32::MAX)).await?;
        let bytes: usize = missed.iter().map(size).sum();
        let is_whole = missed.len() as i64 == behind && missed.last().is_some_and(|newest| newest.seq == head.seq);
        Ok((is_whole && bytes <= self.settings.recovery_bytes).then_some((missed, head.seq)))
    }
}

/// Roughly, as JSON.
fn size(message: &Message) -> usize {
    const FRAME: usize = 256;
    FRAME
        + match &message.content {
            Content::Text(text) => text.as_str().len(),
            _ => 0,
        }
}
