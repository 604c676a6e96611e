//! A room goes, with everything in it: because its owner wants it, or because nobody has been in it for too long.

use std::sync::Arc;

use super::{Chat, Error};
use crate::domain::{Caller, Refusal, RoomId};

impl Chat {
    /// Removes the owner's room, whoever is in it.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotOwner`]; [`Error::Unavailable`], and the room stays.
    pub async fn remove_room(self: &Arc<Self>, caller: &Caller, room: RoomId) -> Result<(), Error> {
        if !self.presence.room(room).ok_or(Refusal::NoSuchRoom)?.is_owned_by(caller) {
            return Err(Refusal::NotOwner.into());
        }
        self.presence.shut(room).ok_or(Refusal::NoSuchRoom)?;
        self.to_the_end(async move |chat| chat.erase(room).await).await
    }

    /// Removes a room whose grace period is over. Its door is shut already, so nobody is in it or enters meanwhile.
    pub async fn expire(&self, room: RoomId) {
        match self.erase(room).await {
            Ok(()) => tracing::info!(%room, "an empty room is gone"),
            // The store tells the log of its outages; here is one line for each empty room, again and again.
            Err(error) => {
                tracing::debug!(%room, error = &error as &dyn std::error::Error, "an empty room stays for now")
            }
        }
    }

    /// From the store first; what cannot be removed there opens its door again. Messages that were on their way when
    /// the door shut are stored before the removal or find no room.
    async fn erase(&self, room: RoomId) -> Result<(), Error> {
        let freed = match self.store.remove_room(room).await.map_err(Error::from) {
            Ok(freed) => freed,
            Err(Error::Refused(Refusal::NoSuchRoom)) => Vec::new(),
            Err(error) => {
                self.presence.reopen(room);
                return Err(error);
            }
        };
        self.presence.removed(room);
        self.release(freed).await;
        Ok(())
    }
}
