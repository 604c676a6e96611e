//! What can be asked. What is due by the clock has happened in every answer, however late the timer is.

use std::sync::Arc;

use super::{Presence, Seated};
use crate::domain::{Listed, Member, MemberId, Refusal, Room, RoomId, RoomSummary, Sanction, SessionId};

impl Presence {
    pub fn room(&self, room: RoomId) -> Option<Arc<Room>> {
        self.look(|state| state.room(room))
    }

    pub fn summary(&self, room: RoomId) -> Option<RoomSummary> {
        self.look(|state| state.summary(room))
    }

    /// All rooms that can be entered, oldest first.
    pub fn summaries(&self) -> Vec<RoomSummary> {
        self.look(|state| state.summaries())
    }

    /// How many rooms a session owns, those that are being removed included.
    pub fn owned_by(&self, session: SessionId) -> u32 {
        self.look(|state| state.owned_by(session))
    }

    /// Who is in the room: the owner first, then by arrival.
    pub fn members(&self, room: RoomId) -> Option<Vec<Listed>> {
        self.look(|state| state.members(room))
    }

    /// Somebody who is in the room, as the others see them in its list.
    pub fn listed(&self, room: RoomId, session: SessionId) -> Option<Listed> {
        self.look(|state| state.listed(room, session))
    }

    /// Somebody who is in the room, by what others know of them.
    pub fn find(&self, room: RoomId, member: MemberId) -> Option<Seated> {
        self.look(|state| state.find(room, member))
    }

    /// Those who are in the room, in no order: to find whom a text names.
    pub fn names(&self, room: RoomId) -> Option<Vec<Member>> {
        self.look(|state| state.names(room))
    }

    pub fn is_present(&self, room: RoomId, session: SessionId) -> bool {
        self.look(|state| state.is_present(room, session))
    }

    /// What holds against whom, shadow mutes included: the newest first.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotOwner`].
    pub fn sanctions(&self, room: RoomId, by: SessionId) -> Result<Vec<Sanction>, Refusal> {
        self.look(|state| state.sanctions(room, by))
    }
}
