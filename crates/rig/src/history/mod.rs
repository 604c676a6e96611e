//! What clients were shown, and the rules it has to keep (G1, G2, G3, G4 and G5 of the promises).
//!
//! - A [`Ledger`] for each room: the same `seq` is the same message, for everybody and always.
//! - A [`Witness`] for each client: after an answer with `seq` S come S+1, S+2, ..., nothing twice within one stay.
//! - A [`Sender`] for each client that posts: what it said, what was acknowledged, in which order.
//! - The [`verdict`] at the end: everybody has what a fresh reader reads, and every acked message is in it once.
//!
//! Everything is checked as it comes, so that a million messages leave no record for each client: what a client was
//! shown is kept as ranges of `seq`. What is wrong is a [`Finding`] that says who, where and what.

mod finding;
mod ledger;
mod sender;
mod spans;
mod verdict;
mod witness;

#[cfg(test)]
mod tests;

use std::hash::{DefaultHasher, Hash, Hasher};

pub use finding::{Finding, Wrong};
pub use ledger::Ledger;
pub use sender::{Said, Sender};
pub use verdict::{Evidence, Verdict, verdict};
pub use witness::{Answer, Counts, RULES, Rules, Witness};

/// A place in the history of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub epoch: i64,
    pub seq: i64,
}

/// A message as it was shown, small enough to keep a million of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// 24 hexadecimal digits.
    pub id: u128,
    /// 16 hexadecimal digits.
    pub member: u64,
    /// Of the `clientMessageId`: [`hash`]; 0 without one.
    pub client_message_id: u64,
    /// Of the text or of the GIF's name: [`hash`].
    pub text: u64,
}

/// The same in every run.
pub fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    // 0 is "none".
    hasher.finish().max(1)
}
