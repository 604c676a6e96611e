//! What people tell of themselves without saying anything.

use super::{Chat, Error};
use crate::domain::{Caller, Done, Listed, Refusal, RoomId};
use crate::presence::Place;

impl Chat {
    /// Who is here: the owner first, then by arrival.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotAdmitted`]; [`Error::Unavailable`].
    pub async fn members(&self, caller: &Caller, room: RoomId) -> Result<Vec<Listed>, Error> {
        let room = self.admitted(caller, room).await?;
        Ok(self.list(room.id)?)
    }

    pub(super) fn list(&self, room: RoomId) -> Result<Vec<Listed>, Refusal> {
        self.presence.members(room).ok_or(Refusal::NoSuchRoom)
    }

    /// The others hear that the caller is writing.
    pub(super) fn typing(&self, caller: &Caller, room: RoomId) -> Result<Done, Refusal> {
        self.presence.typing(room, caller.session)?;
        Ok(Done::Nothing)
    }

    /// Leaves at once with all connections, without the damping that a lost one has.
    pub(super) async fn leave(&self, caller: &Caller, room: RoomId) -> Result<Done, Error> {
        // They are gone, whether that can be stored or not.
        let _ = self.presence.leave_now(room, caller.session)?.wait().await;
        Ok(Done::Nothing)
    }

    /// Whether the stay goes on in which this place was taken: it may have ended by a kick, or by a leave from elsewhere.
    pub fn is_seated(&self, place: &Place) -> bool {
        self.presence.is_seated(place)
    }

    /// One connection looks elsewhere, or is back. Somebody is away when all their connections are.
    ///
    /// # Errors
    /// [`Refusal::NotInRoom`] when the stay has ended.
    pub fn away(&self, place: &Place, away: bool) -> Result<Done, Refusal> {
        self.presence.away(place, away)?;
        Ok(Done::Nothing)
    }
}
