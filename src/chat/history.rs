//! What was said before.

use super::enter::in_order;
use super::{Chat, Error, MOST_PAGE, PAGE};
use crate::domain::{Caller, Item, Listed, Position, RoomId};

/// Whispers of one page, at most.
const WHISPERS: u32 = 1000;

/// A room as its page shows it.
#[derive(Debug)]
pub struct Look {
    pub members: Vec<Listed>,
    pub items: Vec<Item>,
    /// Whether there is more before.
    pub more: bool,
    pub position: Position,
    pub whispers: i64,
}

impl Chat {
    /// What the page of a room shows before it is joined.
    ///
    /// # Errors
    /// As [`Chat::history`].
    pub async fn look(&self, caller: &Caller, room: RoomId) -> Result<Look, Error> {
        let room = self.admitted(caller, room).await?;
        let (newest, more) = self.newest(room.id, caller.session).await?;
        Ok(Look {
            members: self.list(room.id)?,
            position: Position { epoch: room.epoch, seq: newest.seq },
            whispers: newest.number,
            items: newest.in_order(),
            more,
        })
    }

    /// A page of what is shown, in order: the newest, or what is right before `before`, with the caller's own whispers
    /// among it. At most as many messages as the chat allows, whatever is asked for.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`](crate::domain::Refusal::NoSuchRoom),
    /// [`Refusal::NotAdmitted`](crate::domain::Refusal::NotAdmitted); [`Error::Unavailable`].
    pub async fn history(
        &self,
        caller: &Caller,
        room: RoomId,
        before: Option<i64>,
        limit: Option<u32>,
    ) -> Result<Vec<Item>, Error> {
        let room = self.admitted(caller, room).await?.id;
        let limit = limit.unwrap_or(PAGE).clamp(1, MOST_PAGE);
        let messages = self.store.messages_before(room, Some(caller.session), before, limit).await?;
        // The first page begins with the beginning, every other one with its oldest message.
        let from = messages.first().filter(|_| messages.len() as u32 == limit).map_or(0, |oldest| oldest.seq);
        let to = before.map_or(i64::MAX, |before| before.saturating_sub(1));
        let whispers = self.store.whispers_between(room, caller.session, from, to, WHISPERS).await?;
        Ok(in_order(messages, whispers))
    }
}
