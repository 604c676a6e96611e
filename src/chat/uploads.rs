//! Places for uploads: few, and of these few for one visitor, so that nobody who sends slowly keeps the others out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Address, Visitor};
use crate::domain::SessionId;

/// Uploads at once, each with its bytes in memory.
const MOST: usize = 32;
/// Of these, of one session, and from one address: people behind one router are not one person.
const OF_A_SESSION: usize = 3;
const FROM_AN_ADDRESS: usize = 8;

type Who = (SessionId, Address);

/// All places; clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Places(Arc<Mutex<Vec<Who>>>);

/// A place, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    who: Who,
    places: Places,
}

impl Places {
    /// `None` when there is none for this visitor.
    pub(super) fn take(&self, visitor: &Visitor) -> Option<Place> {
        let who @ (session, address) = (visitor.caller.session, visitor.address);
        let mut taken = self.taken();
        let of_session = taken.iter().filter(|(other, _)| *other == session).count();
        let from_address = taken.iter().filter(|(_, other)| *other == address).count();
        if taken.len() >= MOST || of_session >= OF_A_SESSION || from_address >= FROM_AN_ADDRESS {
            return None;
        }
        taken.push(who);
        Some(Place { who, places: self.clone() })
    }

    fn taken(&self) -> MutexGuard<'_, Vec<Who>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(at) = taken.iter().position(|who| *who == self.who) {
            taken.swap_remove(at);
        }
    }
}
