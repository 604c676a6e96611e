//! The owner makes a room another.

use super::{Chat, Error};
use crate::domain::{Caller, Done, NewSettings, Refusal, RoomChange, RoomId};

impl Chat {
    /// Changes what is given of a room, all or nothing. Nobody has to go for a smaller limit: it is refused.
    ///
    /// # Errors
    /// [`Refusal::NotOwner`]; [`Refusal::RoomFull`] for a limit below the number of those who are here; [`Error::Busy`]
    /// while too many passwords are hashed.
    pub(super) async fn configure(&self, caller: &Caller, room: RoomId, new: NewSettings) -> Result<Done, Error> {
        // Before anything is hashed for a stranger.
        if !self.presence.room(room).ok_or(Refusal::NoSuchRoom)?.is_owned_by(caller) {
            return Err(Refusal::NotOwner.into());
        }
        let password_hash = match new.password {
            None => None,
            Some(None) => Some(None),
            Some(Some(password)) => Some(Some(self.passwords.hash(password).await?)),
        };
        let change = RoomChange {
            title: new.title,
            limit: new.limit,
            password_hash,
            locked: new.locked,
            slow: new.slow,
            preset: new.preset,
            raid_since: None,
        };
        let _open = self.posts.enter()?;
        let stored = self.presence.configure(room, caller.session, change)?;
        self.stored(stored).await?;
        Ok(Done::Room(Box::new(self.summary(room)?)))
    }
}
