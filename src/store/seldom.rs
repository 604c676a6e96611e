//! What a lasting outage says in the log: not once for everybody whom it hits.

use super::limits;
use crate::domain::Timestamp;

/// Lets one line through at a time, and counts those that it keeps.
#[derive(Debug, Default)]
pub(super) struct Seldom {
    last: Option<Timestamp>,
    kept: u64,
}

impl Seldom {
    /// How many were kept since the last line, if it is time for one. A clock that was set back does not silence it.
    pub(super) fn now(&mut self, now: Timestamp) -> Option<u64> {
        let soon = |last: Timestamp| now >= last && now.since(last) < limits::TELL;
        if self.last.is_some_and(soon) {
            self.kept += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.kept))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_line_at_once_and_then_one_at_a_time() {
        let mut seldom = Seldom::default();
        let begin = Timestamp(1_000_000);
        let almost = begin + (limits::TELL - Duration::from_millis(1));
        assert_eq!(seldom.now(begin), Some(0));
        assert_eq!([begin, almost, almost].map(|now| seldom.now(now)), [None; 3]);
        assert_eq!(seldom.now(begin + limits::TELL), Some(3));
        assert_eq!(seldom.now(begin + limits::TELL), None);
        assert_eq!(seldom.now(begin), Some(1), "the clock was set back");
    }
}
