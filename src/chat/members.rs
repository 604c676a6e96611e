//! Who is in a room.

use super::{Chat, Error};
use crate::domain::{Caller, Member, Refusal, RoomId};

impl Chat {
    /// The owner first, then by arrival.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotAdmitted`]; [`Error::Unavailable`].
    pub async fn members(&self, caller: &Caller, room: RoomId) -> Result<Vec<Member>, Error> {
        let room = self.admitted(caller, room).await?;
        let members = self.presence.members(room.id).ok_or(Refusal::NoSuchRoom)?;
        Ok(members.into_iter().map(|listed| listed.member).collect())
    }
}
