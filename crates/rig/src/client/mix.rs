//! What a client does beside saying things: now and then it edits, removes or reacts to a message of its own, or whispers to
//! somebody.

use std::collections::VecDeque;

use rand::RngExt;
use rand::rngs::SmallRng;

use super::link::Act;

/// What it remembers: messages of its own, and others in the room.
const REMEMBERED: usize = 32;

/// Of a hundred texts, so many are followed by an edit, a removal, a reaction and a whisper.
const EDITS: f64 = 3.0;
const REMOVALS: f64 = 2.0;
const REACTIONS: f64 = 4.0;
const WHISPERS: f64 = 4.0;

#[derive(Debug, Default)]
pub struct Mix {
    /// The numbers of its newest messages that it did not remove.
    mine: VecDeque<Mine>,
    others: VecDeque<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Mine {
    seq: i64,
    /// Of the `clientMessageId`.
    name: u64,
    reacted: bool,
}

/// Something to do; `name` is that of the message it changes.
pub struct Draft {
    pub act: Act,
    pub name: u64,
}

impl Mix {
    /// A message of its own was acked.
    pub fn said(&mut self, seq: i64, name: u64) {
        if self.mine.len() == REMEMBERED {
            self.mine.pop_front();
        }
        self.mine.push_back(Mine { seq, name, reacted: false });
    }

    /// Somebody is here.
    pub fn came(&mut self, member: u64) {
        self.left(member);
        if self.others.len() == REMEMBERED {
            self.others.pop_front();
        }
        self.others.push_back(member);
    }

    pub fn left(&mut self, member: u64) {
        self.others.retain(|other| *other != member);
    }

    /// What to do after a text, if anything.
    pub fn draft(&mut self, rng: &mut SmallRng) -> Option<Draft> {
        let chance = rng.random::<f64>() * 100.0;
        if chance < WHISPERS {
            let others = self.others.len();
            let to = *self.others.get(rng.random_range(0..others.max(1)))?;
            return Some(Draft { act: Act::Whisper { to }, name: 0 });
        }
        let place = rng.random_range(0..self.mine.len().max(1));
        let mine = self.mine.get_mut(place)?;
        let Mine { seq: target, name, .. } = *mine;
        let act = if chance < WHISPERS + EDITS {
            Act::Edit { target }
        } else if chance < WHISPERS + EDITS + REACTIONS {
            mine.reacted = !mine.reacted;
            Act::React { target, on: mine.reacted }
        } else if chance < WHISPERS + EDITS + REACTIONS + REMOVALS {
            self.mine.remove(place);
            Act::Remove { target }
        } else {
            return None;
        };
        Some(Draft { act, name })
    }
}
