//! Somebody gets the right to a room: by having seen its page, and for a private one by its password.

use std::sync::Arc;

use super::{Chat, Error, Visitor};
use crate::domain::{Caller, Challenge, NetworkHash, Password, Refusal, Room, RoomId, SessionId, WorkSalt};

/// What somebody shows to be let in.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    pub password: Option<Password>,
    /// The answer to a [`Challenge`]: its salt, and the nonce that was found.
    pub work: Option<(WorkSalt, String)>,
}

impl Chat {
    /// Admits the visitor: to a public room at once, to a private one with its password, unless they are admitted
    /// already. Admission is remembered; it is a right, not a place.
    ///
    /// # Errors
    /// In this order: [`Refusal::NoSuchRoom`]; [`Refusal::Banned`], [`Refusal::Kicked`]; [`Refusal::RoomLocked`] for
    /// somebody new; [`Refusal::NotAdmitted`] without a password where one is needed; [`Refusal::TooOften`] for
    /// guessing too fast; [`Refusal::WrongPassword`]; [`Refusal::RoomFull`] for somebody who has no place in it;
    /// [`Refusal::WorkNeeded`] for a newcomer who has to solve a challenge first.
    pub async fn admit(&self, visitor: &Visitor, room: RoomId, shown: Credentials) -> Result<Arc<Room>, Error> {
        let session = visitor.caller.session;
        let room = self.presence.room(room).ok_or(Refusal::NoSuchRoom)?;
        let known = self.store.is_admitted(room.id, session).await?;
        let may_enter = self.presence.may_enter(room.id, session, Some(self.network(visitor, room.id)), known);
        // A room that is full is the last thing they are told: who does not know the password learns nothing of it.
        match may_enter {
            Ok(()) | Err(Refusal::RoomFull) => {}
            Err(refusal) => return Err(refusal.into()),
        }
        if !known {
            self.check_password(visitor, &room, shown.password).await?;
        }
        may_enter?;
        if !known {
            self.check_work(&visitor.caller, &room, shown.work)?;
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

    fn check_work(&self, caller: &Caller, room: &Room, work: Option<(WorkSalt, String)>) -> Result<(), Refusal> {
        if !self.presence.needs_work(room.id, caller.session, false)? {
            return Ok(());
        }
        let (salt, nonce) = work.ok_or(Refusal::WorkNeeded)?;
        let who = (room.id, caller.session);
        let solved = Challenge::accepts(&self.key, who, (salt, &nonce), self.env.now(), self.settings.work_bits);
        if solved { Ok(()) } else { Err(Refusal::WorkNeeded) }
    }

    /// What a newcomer has to solve.
    pub fn challenge(&self, caller: &Caller, room: RoomId) -> Challenge {
        Challenge::issue(&self.key, room, caller.session, self.env.now(), self.settings.work_bits)
    }

    /// From where somebody comes, so that nobody can tell.
    pub(super) fn network(&self, visitor: &Visitor, room: RoomId) -> NetworkHash {
        NetworkHash::of(&self.key, room, &visitor.address.prefix())
    }

    /// The room, for somebody who was admitted to it.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::Banned`], [`Refusal::Kicked`], [`Refusal::NotAdmitted`].
    pub(super) async fn admitted(&self, caller: &Caller, room: RoomId) -> Result<Arc<Room>, Error> {
        let room = self.presence.room(room).ok_or(Refusal::NoSuchRoom)?;
        self.welcome(room.id, caller.session)?;
        if self.store.is_admitted(room.id, caller.session).await? { Ok(room) } else { Err(Refusal::NotAdmitted.into()) }
    }

    /// Whether somebody is shut out.
    pub(super) fn welcome(&self, room: RoomId, session: SessionId) -> Result<(), Refusal> {
        match self.presence.may_enter(room, session, None, true) {
            Err(refusal @ (Refusal::Banned { .. } | Refusal::Kicked { .. } | Refusal::NoSuchRoom)) => Err(refusal),
            _ => Ok(()),
        }
    }
}
