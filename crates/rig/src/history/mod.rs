//! What clients were shown, and the rules it has to keep (G1, G2, G3, G4 and G5 of the promises).
//!
//! - A [`Ledger`] for each room: the same `seq` is the same entry, for everybody and always.
//! - A [`Witness`] for each client: after an answer with `seq` S come S+1, S+2, ..., nothing twice within one stay. What it
//!   makes of changes ([`Applied`]), and its [`Mailbox`] of whispers.
//! - A [`Sender`] for each client that posts: what it said and changed, what was acknowledged, in which order.
//! - The [`verdict`] at the end: everybody has what a fresh reader reads, every acked message is in it once and as its
//!   newest change left it, and every whisper is with both of its two, and with nobody else.
//!
//! Everything is checked as it comes, so that a million messages leave no record for each client: what a client was
//! shown is kept as ranges of `seq`. What is wrong is a [`Finding`] that says who, where and what.

mod applied;
mod changes;
mod entry;
mod finding;
mod ledger;
mod mailbox;
mod sender;
mod spans;
mod verdict;
mod whispers;
mod witness;

#[cfg(test)]
mod tests;

pub use applied::Applied;
pub use entry::{Change, Entry, Position, Shown, Since, What, Whisper, hash};
pub use finding::{Finding, Wrong};
pub use ledger::Ledger;
pub use mailbox::Mailbox;
pub use sender::{Said, Sender, Wish};
pub use verdict::{Evidence, Verdict, verdict};
pub use witness::{Answer, Counts, RULES, Rules, Witness};
