//! What is to happen when.

use std::collections::BTreeSet;

use crate::domain::{RoomId, SanctionKind, SessionId, Timestamp};

/// What happens at a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    Exit(RoomId, SessionId),
    Takeover(RoomId),
    /// A sanction is over.
    Lapse(RoomId, SessionId, SanctionKind),
    Expiry(RoomId),
}

/// All deadlines. One that no longer holds is taken out at once, so each one here is real.
#[derive(Debug, Default)]
pub struct Agenda(BTreeSet<(Timestamp, Due)>);

impl Agenda {
    /// Sets a deadline, in place of the one that `slot` held, and remembers it there.
    pub fn set(&mut self, slot: &mut Option<Timestamp>, at: Timestamp, due: Due) {
        self.clear(slot, due);
        *slot = Some(at);
        self.add(at, due);
    }

    pub fn clear(&mut self, slot: &mut Option<Timestamp>, due: Due) {
        if let Some(at) = slot.take() {
            self.remove(at, due);
        }
    }

    pub fn add(&mut self, at: Timestamp, due: Due) {
        self.0.insert((at, due));
    }

    pub fn remove(&mut self, at: Timestamp, due: Due) {
        self.0.remove(&(at, due));
    }

    pub fn next(&self) -> Option<Timestamp> {
        self.0.first().map(|&(at, _)| at)
    }

    /// Takes out the earliest deadline that is due.
    pub fn take(&mut self, now: Timestamp) -> Option<(Timestamp, Due)> {
        self.0.first().filter(|(at, _)| *at <= now)?;
        self.0.pop_first()
    }
}
