//! How often something happened lately.

use std::collections::VecDeque;
use std::time::Duration;

use super::Timestamp;

/// So many times within so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frequency {
    /// At least 1.
    pub times: u32,
    pub within: Duration,
}

/// The newest times something happened, as many as it takes to tell: 8 bytes each, never more than
/// [`Frequency::times`].
#[derive(Clone, Debug, Default)]
pub(super) struct Lately(VecDeque<Timestamp>);

impl Lately {
    /// Notes one more. A clock that steps back stands still here.
    pub fn happened(&mut self, most: Frequency, now: Timestamp) {
        let now = self.0.back().map_or(now, |&last| last.max(now));
        while self.0.len() >= most.times.max(1) as usize {
            self.0.pop_front();
        }
        self.0.push_back(now);
    }

    pub fn first(&self) -> Option<Timestamp> {
        self.0.front().copied()
    }

    /// Whether it happened as often as that by `now`.
    pub fn is(&self, frequency: Frequency, now: Timestamp) -> bool {
        self.until(frequency.times, frequency.within).is_some_and(|until| now < until)
    }

    /// When it will have happened less often than `times` within `within`, should it happen no more; `None` when it
    /// never happened so often.
    pub fn until(&self, times: u32, within: Duration) -> Option<Timestamp> {
        let at = self.0.len().checked_sub(times.max(1) as usize)?;
        Some(self.0[at] + within)
    }

    /// How often by `now`, as far as it is remembered.
    pub fn count(&self, within: Duration, now: Timestamp) -> u32 {
        self.0.iter().rev().take_while(|&&at| now < at + within).count() as u32
    }
}
