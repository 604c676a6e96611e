//! Somebody enters a room with one connection.

use std::sync::Arc;

use super::{Chat, Error, MOST_MISSED, PAGE};
use crate::domain::{Caller, Message, Position, Refusal, Room, RoomId, Since, Snapshot};
use crate::presence::Place;

impl Chat {
    /// Takes a place, THEN subscribes (with the closure), THEN reads: whatever is posted from the subscription on is
    /// heard, whatever was posted before it is read, and what is both has the same `seq`. No gap, no double.
    ///
    /// The place is the connection's for as long as it keeps it. When this fails after the subscription, the caller
    /// ends the subscription.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotAdmitted`], [`Refusal::RoomFull`]; [`Error::Unavailable`].
    pub async fn enter(
        &self,
        caller: &Caller,
        room: RoomId,
        since: Option<Since>,
        subscribe: impl FnOnce(),
    ) -> Result<(Place, Snapshot), Error> {
        let (place, room) = self.take_place(caller, room, subscribe).await?;
        let snapshot = self.snapshot(caller, &room, since).await?;
        Ok((place, snapshot))
    }

    /// The same for somebody who does not ask what was before.
    ///
    /// # Errors
    /// As [`Chat::enter`].
    pub async fn take_place(
        &self,
        caller: &Caller,
        room: RoomId,
        subscribe: impl FnOnce(),
    ) -> Result<(Place, Arc<Room>), Error> {
        let room = self.admitted(caller, room).await?;
        let (place, _) = self.presence.enter(room.id, caller)?;
        subscribe();
        Ok((place, room))
    }

    async fn snapshot(&self, caller: &Caller, room: &Room, since: Option<Since>) -> Result<Snapshot, Error> {
        let missed = match since {
            Some(since) => self.missed(room, since).await?,
            None => None,
        };
        let recovered = missed.is_some();
        let messages = match missed {
            Some(missed) => missed,
            None => self.store.messages_before(room.id, None, PAGE).await?,
        };
        let read = since.filter(|_| recovered).map_or(0, |since| since.seq);
        let seq = messages.last().map_or(read, |newest| newest.seq);
        Ok(Snapshot {
            room: self.presence.summary(room.id).ok_or(Refusal::NoSuchRoom)?,
            me: caller.member.clone(),
            members: self.presence.members(room.id).ok_or(Refusal::NoSuchRoom)?,
            messages,
            position: Position { epoch: room.epoch, seq },
            recovered,
        })
    }

    /// All messages since a claimed position. `None` when the claim does not fit this room, or too many were missed
    /// to send at once.
    async fn missed(&self, room: &Room, since: Since) -> Result<Option<Vec<Message>>, Error> {
        if since.seq < 0 || since.epoch.is_some_and(|epoch| epoch != room.epoch) {
            return Ok(None);
        }
        let most = MOST_MISSED;
        let missed = self.store.messages_after(room.id, since.seq, most + 1).await?;
        if missed.len() > most as usize {
            return Ok(None);
        }
        if missed.is_empty() {
            // Nothing newer: right for a claim of the newest, wrong for a claim of what never was.
            let newest = self.store.messages_before(room.id, None, 1).await?;
            let head = newest.last().map_or(0, |message| message.seq);
            return Ok((since.seq <= head).then_some(missed));
        }
        Ok(Some(missed))
    }
}
