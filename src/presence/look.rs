//! What can be asked without changing anything.

use std::sync::Arc;

use super::{Presence, Seated};
use crate::domain::{Listed, Member, MemberId, Refusal, Room, RoomId, RoomSummary, Sanction, SessionId};

impl Presence {
    pub fn room(&self, room: RoomId) -> Option<Arc<Room>> {
        self.inner().state.room(room)
    }

    pub fn summary(&self, room: RoomId) -> Option<RoomSummary> {
        self.inner().state.summary(room)
    }

    /// All rooms that can be entered, oldest first.
    pub fn summaries(&self) -> Vec<RoomSummary> {
        self.inner().state.summaries()
    }

    /// How many rooms a session owns, those that are being removed included.
    pub fn owned_by(&self, session: SessionId) -> u32 {
        self.inner().state.owned_by(session)
    }

    /// Who is in the room: the owner first, then by arrival.
    pub fn members(&self, room: RoomId) -> Option<Vec<Listed>> {
        self.inner().state.members(room)
    }

    /// Somebody who is in the room, as the others see them in its list.
    pub fn listed(&self, room: RoomId, session: SessionId) -> Option<Listed> {
        self.inner().state.listed(room, session)
    }

    /// Somebody who is in the room, by what others know of them.
    pub fn find(&self, room: RoomId, member: MemberId) -> Option<Seated> {
        self.inner().state.find(room, member)
    }

    /// Those who are in the room, in no order: to find whom a text names.
    pub fn names(&self, room: RoomId) -> Option<Vec<Member>> {
        self.inner().state.names(room)
    }

    pub fn is_present(&self, room: RoomId, session: SessionId) -> bool {
        self.inner().state.is_present(room, session)
    }

    /// What holds against whom, shadow mutes included: the newest first.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotOwner`].
    pub fn sanctions(&self, room: RoomId, by: SessionId) -> Result<Vec<Sanction>, Refusal> {
        self.inner().state.sanctions(room, by)
    }
}
