//! Somebody gets the right to a room: by having seen its page, and for a private one by its password.

use std::sync::Arc;

use super::{Chat, Error, Visitor};
use crate::domain::{Caller, Password, Refusal, Room, RoomId};

impl Chat {
    /// Admits the visitor: to a public room at once, to a private one with its password, unless they are admitted
    /// already. Admission is remembered; it is a right, not a place.
    ///
    /// # Errors
    /// In this order: [`Refusal::NoSuchRoom`]; [`Refusal::NotAdmitted`] without a password where one is needed;
    /// [`Refusal::TooOften`] for guessing too fast; [`Refusal::WrongPassword`]; [`Refusal::RoomFull`] for somebody
    /// who has no place in it.
    pub async fn admit(&self, visitor: &Visitor, room: RoomId, password: Option<Password>) -> Result<Arc<Room>, Error> {
        let session = visitor.caller.session;
        let room = self.presence.room(room).ok_or(Refusal::NoSuchRoom)?;
        let known = self.store.is_admitted(room.id, session).await?;
        if !known {
            self.check_password(visitor, &room, password).await?;
        }
        let summary = self.presence.summary(room.id).ok_or(Refusal::NoSuchRoom)?;
        if summary.is_full() && !self.presence.is_present(room.id, session) {
            return Err(Refusal::RoomFull.into());
        }
        if !known {
            self.store.admit(room.id, session, self.settings.admissions_per_room).await?;
        }
        Ok(room)
    }

    async fn check_password(&self, visitor: &Visitor, room: &Room, password: Option<Password>) -> Result<(), Error> {
        let Some(hash) = &room.password_hash else { return Ok(()) };
        let password = password.ok_or(Refusal::NotAdmitted)?;
        self.limits.guess(room.id, visitor.address, self.env.now())?;
        if self.passwords.verify(password, hash.clone()).await? { Ok(()) } else { Err(Refusal::WrongPassword.into()) }
    }

    /// The room, for somebody who was admitted to it.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotAdmitted`].
    pub(super) async fn admitted(&self, caller: &Caller, room: RoomId) -> Result<Arc<Room>, Error> {
        let room = self.presence.room(room).ok_or(Refusal::NoSuchRoom)?;
        if self.store.is_admitted(room.id, caller.session).await? { Ok(room) } else { Err(Refusal::NotAdmitted.into()) }
    }
}
