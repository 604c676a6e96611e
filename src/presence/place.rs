//! A connection's place in a room.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Entered, Presence, Stored};
use crate::domain::{Caller, NetworkHash, Refusal, RoomId, SessionId};

/// One connection's place in a room, given back when it is dropped. When the stay has ended before (a kick, a ban, a
/// goodbye), it is an empty promise, and dropping it does not touch a later stay.
#[derive(Debug)]
#[must_use = "a place that is dropped is given back"]
pub struct Place {
    presence: Presence,
    room: RoomId,
    session: SessionId,
    arrival: u64,
    /// Whether this connection looks elsewhere. Changed under the lock only.
    away: AtomicBool,
}

impl Presence {
    /// Whether somebody could enter now. `network` is where they come from, `admitted` whether they were admitted before.
    ///
    /// # Errors
    /// As [`Presence::enter`].
    pub fn may_enter(
        &self,
        room: RoomId,
        session: SessionId,
        network: Option<NetworkHash>,
        admitted: bool,
    ) -> Result<(), Refusal> {
        self.change(|inner, moment| inner.state.may_enter(room, session, network, admitted, moment))
    }

    /// Takes a place for one more connection of the caller. The limit is exact, and a session counts once however many
    /// connections it has. The first one is announced: [`Entered::First`] holds what to wait for before the history is
    /// read that is to show it.
    ///
    /// # Errors
    /// In this order: [`Refusal::NoSuchRoom`], also while the room is being removed; [`Refusal::Banned`], also from a
    /// banned network for who was not admitted before, and [`Refusal::Kicked`]; [`Refusal::RoomLocked`] for who is not
    /// in it; [`Refusal::RoomFull`]. The owner gets in from everywhere and through a locked door.
    pub fn enter(
        &self,
        room: RoomId,
        caller: &Caller,
        network: Option<NetworkHash>,
        admitted: bool,
    ) -> Result<(Place, Entered<Stored>), Refusal> {
        let (arrival, entered) = self.change(|inner, moment| {
            let (arrival, entered) = inner.state.enter(room, caller, network, admitted, moment)?;
            let entered = match entered {
                Entered::First(queued) => Entered::First(inner.stored(queued)),
                Entered::Again => Entered::Again,
            };
            Ok((arrival, entered))
        })?;
        let (presence, session, away) = (self.clone(), caller.session, AtomicBool::new(false));
        Ok((Place { presence, room, session, arrival, away }, entered))
    }

    /// Whether the stay goes on in which this place was taken.
    pub fn is_seated(&self, place: &Place) -> bool {
        self.look(|state| state.is_seated(place.room, place.session, place.arrival))
    }

    /// One connection looks elsewhere, or looks here again. A session is away when all its connections are.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`]; [`Refusal::NotInRoom`] when the stay has ended.
    pub fn away(&self, place: &Place, away: bool) -> Result<(), Refusal> {
        self.change(|inner, moment| {
            if place.away.swap(away, Ordering::Relaxed) == away {
                return Ok(());
            }
            inner.state.away(place.room, place.session, place.arrival, away, moment)
        })
    }

    /// The session leaves at once, without damping: its other places are empty promises from now on.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`].
    pub fn leave_now(&self, room: RoomId, session: SessionId) -> Result<Stored, Refusal> {
        self.change(|inner, moment| {
            let queued = inner.state.leave_now(room, session, moment)?;
            Ok(inner.stored(queued))
        })
    }
}

impl Place {
    pub const fn room(&self) -> RoomId {
        self.room
    }

    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// Gives the place back. After the last connection of a session the exit is announced when the damping is over.
    pub fn leave(self) {
        drop(self);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let away = *self.away.get_mut();
        self.presence.change(|inner, moment| {
            inner.state.leave(self.room, self.session, self.arrival, away, moment);
        });
    }
}
