//! What can be seen without having entered.

use super::Chat;
use crate::domain::{Refusal, RoomId, RoomSummary};

impl Chat {
    /// All rooms, oldest first.
    pub fn lobby(&self) -> Vec<RoomSummary> {
        self.presence.summaries()
    }

    /// What the lobby shows of one room.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`].
    pub fn summary(&self, room: RoomId) -> Result<RoomSummary, Refusal> {
        self.presence.summary(room).ok_or(Refusal::NoSuchRoom)
    }
}
