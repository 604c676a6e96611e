//! What a client wants to say: in order, until each is acked.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::link::{Act, Post};

#[derive(Debug)]
struct Waiting {
    post: Post,
    /// On its way over the connection that there is now.
    on_its_way: bool,
    /// When it was sent for the first time, and over this connection.
    first_sent: Option<Instant>,
    sent: Option<Instant>,
    refused: bool,
}

/// Posts that are not acked, the oldest first.
#[derive(Debug, Default)]
pub struct Outgoing {
    waiting: VecDeque<Waiting>,
    /// After a refusal nothing is sent before this moment.
    not_before: Option<Instant>,
}

/// A post that leaves the queue because it was acked.
pub struct Done {
    pub refused: bool,
    /// Since it was sent for the first time.
    pub took: Duration,
}

impl Outgoing {
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn push(&mut self, post: Post) {
        self.waiting.push_back(Waiting { post, on_its_way: false, first_sent: None, sent: None, refused: false });
    }

    /// The next to be sent, if fewer than `window` are on their way; whether it was sent before.
    pub fn next(&mut self, window: usize, now: Instant) -> Option<(Post, bool)> {
        if self.not_before.is_some_and(|moment| now < moment) {
            return None;
        }
        self.not_before = None;
        let waiting = self.waiting.iter_mut().take(window).find(|waiting| !waiting.on_its_way)?;
        let again = waiting.first_sent.is_some();
        waiting.on_its_way = true;
        waiting.first_sent.get_or_insert(now);
        waiting.sent = Some(now);
        Some((waiting.post.clone(), again))
    }

    /// `None`: nothing with this number waits.
    pub fn acked(&mut self, number: u64, now: Instant) -> Option<Done> {
        let index = self.waiting.iter().position(|waiting| waiting.post.number == number)?;
        let waiting = self.waiting.remove(index)?;
        Some(Done { refused: waiting.refused, took: now - waiting.first_sent? })
    }

    /// What it is that waits with this number.
    pub fn act(&self, number: u64) -> Option<Act> {
        self.waiting.iter().find(|waiting| waiting.post.number == number).map(|waiting| waiting.post.act)
    }

    /// It was refused for a reason that passes: it is sent again, with all after it, not before `moment`.
    pub fn refused(&mut self, number: u64, moment: Instant) {
        if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.post.number == number) {
            waiting.on_its_way = false;
            waiting.refused = true;
            waiting.sent = None;
        }
        self.not_before = Some(moment);
    }

    /// Its request failed without an answer: it is sent again, not before `moment`.
    pub fn unanswered(&mut self, number: u64, moment: Instant) {
        let had = self.waiting.iter().any(|waiting| waiting.post.number == number && waiting.refused);
        self.refused(number, moment);
        if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.post.number == number) {
            waiting.refused = had;
        }
    }

    /// The connection is gone, and everything on its way with it.
    pub fn lost(&mut self) {
        for waiting in &mut self.waiting {
            waiting.on_its_way = false;
            waiting.sent = None;
        }
    }

    /// When the oldest that is on its way was sent.
    pub fn oldest(&self) -> Option<Instant> {
        self.waiting.iter().filter(|waiting| waiting.on_its_way).filter_map(|waiting| waiting.sent).min()
    }

    /// When sending may go on after a refusal.
    pub const fn not_before(&self) -> Option<Instant> {
        self.not_before
    }
}
