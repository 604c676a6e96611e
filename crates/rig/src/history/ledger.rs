//! What a room's entries are, as the first who was shown each of them says.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Change, Entry, Position, Wrong};

/// One room, shared by its clients.
#[derive(Debug, Default)]
pub struct Ledger {
    epochs: Mutex<HashMap<i64, Vec<Option<Entry>>>>,
    mailboxes: Mutex<HashMap<u64, i64>>,
}

impl Ledger {
    /// Compares with what was shown there before. The `seq` is 1 or more.
    ///
    /// # Errors
    /// [`Wrong::Changed`].
    pub fn note(&self, at: Position, now: Entry) -> Result<(), Wrong> {
        let mut epochs = self.epochs();
        let entries = epochs.entry(at.epoch).or_default();
        let index = usize::try_from(at.seq - 1).unwrap_or_default();
        if entries.len() <= index {
            entries.resize(index + 1, None);
        }
        match entries[index] {
            None => entries[index] = Some(now),
            Some(before) if !before.is_as(&now) => {
                return Err(Wrong::Changed { seq: at.seq, before: Box::new(before), now: Box::new(now) });
            }
            // What was said first can be compared best.
            Some(before) if before.is_changed() && !now.is_changed() => entries[index] = Some(now),
            Some(_) => {}
        }
        Ok(())
    }

    /// What anybody was shown there.
    pub fn entry(&self, at: Position) -> Option<Entry> {
        let index = usize::try_from(at.seq - 1).ok()?;
        self.epochs().get(&at.epoch)?.get(index).copied().flatten()
    }

    /// The changes up to `last`, as anybody was shown them, with their numbers.
    pub fn changes(&self, epoch: i64, last: i64) -> Vec<(i64, Change)> {
        let epochs = self.epochs();
        let entries = epochs.get(&epoch).into_iter().flatten();
        let change = |(seq, entry): (i64, &Option<Entry>)| match entry {
            Some(Entry::Change(change)) => Some((seq, *change)),
            _ => None,
        };
        (1..=last).zip(entries).filter_map(change).collect()
    }

    /// A whisper was acked: both have one more.
    pub fn whispered(&self, from: u64, to: u64) {
        let mut mailboxes = self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        for member in [from, to] {
            *mailboxes.entry(member).or_default() += 1;
        }
    }

    /// How many whispers somebody has, at least.
    pub fn mailbox(&self, member: u64) -> i64 {
        let mailboxes = self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        mailboxes.get(&member).copied().unwrap_or_default()
    }

    fn epochs(&self) -> MutexGuard<'_, HashMap<i64, Vec<Option<Entry>>>> {
        self.epochs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
