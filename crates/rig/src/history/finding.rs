//! A broken promise, named so that one can look for it.

use std::fmt;

use super::Shown;

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
    #[error("seq {seq} was another message before: {before:x?}, now {now:x?}")]
    Changed { seq: i64, before: Box<Shown>, now: Box<Shown> },
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
