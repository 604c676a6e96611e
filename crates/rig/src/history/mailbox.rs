//! The whispers that one client was shown: numbered from 1 without gaps, and nobody else's.

use std::collections::{BTreeMap, HashSet};

use super::{Whisper, Wrong};

#[derive(Clone, Debug, Default)]
pub struct Mailbox {
    whispers: BTreeMap<i64, Whisper>,
    /// The number that is due next in this stay.
    due: i64,
}

impl Mailbox {
    /// The number of the newest.
    pub fn newest(&self) -> i64 {
        self.whispers.last_key_value().map_or(0, |(number, _)| *number)
    }

    pub fn all(&self) -> impl Iterator<Item = &Whisper> {
        self.whispers.values()
    }

    /// The answer to a `join`: what it holds, and where it says to be. `claimed`: the answer continues from there;
    /// `follow`: what was missed comes as events.
    pub fn answer(&mut self, held: &[Whisper], newest: i64, claimed: Option<i64>, follow: bool) -> Vec<Wrong> {
        let mut wrongs = Vec::new();
        let first = held.first().map_or(newest + 1, |whisper| whisper.number);
        // Not continued, it is the end of the mailbox.
        let mut due = claimed.map_or(first, |claimed| claimed + 1);
        for whisper in held {
            wrongs.extend(Self::out_of_turn(due, whisper.number));
            wrongs.extend(self.keep(*whisper));
            due = due.max(whisper.number + 1);
        }
        if !follow {
            wrongs.extend(Self::out_of_turn(due, newest + 1));
            due = newest + 1;
        }
        self.due = due;
        wrongs
    }

    /// A whisper came as an event.
    pub fn event(&mut self, whisper: Whisper) -> Vec<Wrong> {
        let mut wrongs: Vec<Wrong> = Self::out_of_turn(self.due, whisper.number).into_iter().collect();
        wrongs.extend(self.keep(whisper));
        self.due = self.due.max(whisper.number + 1);
        wrongs
    }

    /// A whisper was on an older page.
    pub fn keep(&mut self, whisper: Whisper) -> Option<Wrong> {
        let before = self.whispers.insert(whisper.number, whisper)?;
        (before != whisper).then_some(Wrong::WhisperChanged { number: whisper.number })
    }

    /// In the end it is whole: 1, 2, 3, ..., and nothing twice.
    pub fn check(&self) -> Option<Wrong> {
        let mut ids = HashSet::new();
        for (due, whisper) in (1..).zip(self.all()) {
            if whisper.number != due {
                return Some(Wrong::WhisperGap { due, number: whisper.number });
            }
            if !ids.insert(whisper.id) {
                return Some(Wrong::WhisperDouble { due, number: whisper.number });
            }
        }
        None
    }

    const fn out_of_turn(due: i64, number: i64) -> Option<Wrong> {
        if number > due {
            Some(Wrong::WhisperGap { due, number })
        } else if number < due {
            Some(Wrong::WhisperDouble { due, number })
        } else {
            None
        }
    }
}
