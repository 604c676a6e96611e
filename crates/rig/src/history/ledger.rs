//! What a room's messages are, as the first who was shown each of them says.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Position, Shown, Wrong};

/// One room, shared by its clients.
#[derive(Debug, Default)]
pub struct Ledger(Mutex<HashMap<i64, Vec<Option<Shown>>>>);

impl Ledger {
    /// Compares with what was shown there before. The `seq` is 1 or more.
    ///
    /// # Errors
    /// [`Wrong::Changed`].
    pub fn note(&self, at: Position, now: Shown) -> Result<(), Wrong> {
        let mut epochs = self.epochs();
        let messages = epochs.entry(at.epoch).or_default();
        let index = usize::try_from(at.seq - 1).unwrap_or_default();
        if messages.len() <= index {
            messages.resize(index + 1, None);
        }
        match messages[index] {
            None => messages[index] = Some(now),
            Some(before) if before == now => {}
            Some(before) => {
                return Err(Wrong::Changed { seq: at.seq, before: Box::new(before), now: Box::new(now) });
            }
        }
        Ok(())
    }

    fn epochs(&self) -> MutexGuard<'_, HashMap<i64, Vec<Option<Shown>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
