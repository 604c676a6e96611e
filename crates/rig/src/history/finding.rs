//! A broken promise, named so that one can look for it.

use std::fmt;

use super::Entry;

/// Who saw it, and what was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub who: String,
    pub wrong: Wrong,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("a gap: seq {seq} was shown where {due} was due")]
    Gap { due: i64, seq: i64 },
    #[error("a double: seq {seq} was shown again where {due} was due")]
    Double { due: i64, seq: i64 },
    #[error("an inversion: seq {seq} was shown after {due} was due")]
    Inversion { due: i64, seq: i64 },
    #[error("seq {seq} was another entry before: {before:x?}, now {now:x?}")]
    Changed { seq: i64, before: Box<Entry>, now: Box<Entry> },
    #[error("a page left out seq {seq}, which belongs there")]
    LeftOut { seq: i64 },
    #[error("a whisper of {from:x} to {to:x} was shown to somebody else")]
    Leaked { from: u64, to: u64 },
    #[error("a gap among the whispers: number {number} came where {due} was due")]
    WhisperGap { due: i64, number: i64 },
    #[error("a whisper twice: number {number} came where {due} was due")]
    WhisperDouble { due: i64, number: i64 },
    #[error("whisper {number} was another one before")]
    WhisperChanged { number: i64 },
    #[error("whisper {number} was shown outside of any stay")]
    WhisperOutside { number: i64 },
    #[error("whisper {number} has reached {who} {times} times")]
    WhisperLost { number: u64, who: &'static str, times: usize },
    #[error("nobody whispered number {number}")]
    NobodyWhispered { number: i64 },
    #[error("the change of seq {target} that was acked with seq {seq} is not there")]
    ChangeMoved { target: i64, seq: i64 },
    #[error("the newest change of seq {target}, which has seq {seq}, is not what a fresh reader sees")]
    ChangeLost { target: i64, seq: i64 },
    #[error("a reaction to seq {target} was said to be there before, and never was")]
    NeverReacted { target: i64 },
    #[error("nobody asked for the change of seq {target} that has seq {seq}")]
    NobodyChanged { target: i64, seq: i64 },
    #[error("shows seq {seq} otherwise than a fresh reader")]
    Stale { seq: i64 },
    #[error("seq {seq} was shown before the answer to `join`")]
    Early { seq: i64 },
    #[error("seq {seq} was shown outside of any stay")]
    Outside { seq: i64 },
    #[error(
        "an answer with seq {answer} holds the messages {first}..={last} where it should end, or begin after {since:?}"
    )]
    Answer { answer: i64, first: i64, last: i64, since: Option<i64> },
    #[error("an answer said `recovered` to a client that claimed {claimed:?}, with epoch {epoch}")]
    RecoveredNothing { claimed: Option<(i64, i64)>, epoch: i64 },
    #[error("an answer with seq {answer} did not continue from {since}, which is not far behind")]
    NotRecovered { since: i64, answer: i64 },
    #[error("an answer ended with seq {answer}, but {shown} had been shown: the room has lost its end")]
    Backwards { shown: i64, answer: i64 },
    #[error("the epoch was {before} and is {now}")]
    OtherEpoch { before: i64, now: i64 },
    #[error("post {number} was acked with seq {seq}, but a post before it with {before}")]
    AckOrder { number: u64, seq: i64, before: i64 },
    #[error("post {number} was acked with another message: {what}")]
    AckOther { number: u64, what: &'static str },
    #[error("post {number}, acked with seq {seq}, is not there for a fresh reader")]
    AckLost { number: u64, seq: i64 },
    #[error("post {number}, acked with seq {seq}, has seq {read} for a fresh reader")]
    AckMoved { number: u64, seq: i64, read: i64 },
    #[error("post {number} was never acked")]
    Unacked { number: u64 },
    #[error("the message of seq {seq} has the same {what} as that of seq {other}")]
    Twice { seq: i64, other: i64, what: &'static str },
    #[error("nobody said the message of seq {seq}")]
    NobodySaid { seq: i64 },
    #[error("a fresh reader has seq {seq} where {due} was due")]
    ReadGap { due: i64, seq: i64 },
    #[error("was shown {shown} of epoch {epoch}, where a fresh reader has {due}")]
    NotConverged { epoch: i64, shown: String, due: String },
    #[error("{0}")]
    Refused(String),
    #[error("what came is not what the manual says: {0}")]
    Nonsense(String),
    #[error("there was nothing to check: {0}")]
    Nothing(&'static str),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.who, self.wrong)
    }
}
