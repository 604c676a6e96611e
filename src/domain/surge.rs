//! Many joins at once: a raid, or a class that begins.

use std::time::Duration;

use super::lately::Lately;
use super::{Frequency, Timestamp};

/// What counts as many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SurgeRule {
    /// From so many joins within so long on it is a surge.
    pub joins: Frequency,
    /// It lasts until there have been fewer than half as many within that time for this long.
    pub calm: Duration,
}

impl SurgeRule {
    pub const DEFAULT: Self =
        Self { joins: Frequency { times: 20, within: Duration::from_secs(10) }, calm: Duration::from_secs(60) };

    const fn half(self) -> u32 {
        self.joins.times.div_ceil(2)
    }
}

/// The joins of one room. Holds the newest [`SurgeRule::joins`] only: 160 bytes with the default.
#[derive(Clone, Debug, Default)]
pub struct Surge {
    joins: Lately,
    until: Option<Timestamp>,
    since_begin: u32,
}

/// What one more join makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    Calm,
    /// This very join makes it a surge: time to tell the owner.
    Began,
    GoesOn,
}

impl Surge {
    pub fn joined(&mut self, rule: SurgeRule, now: Timestamp) -> Watch {
        let was_on = self.is_on(now);
        self.joins.happened(rule.joins, now);
        if !was_on && !self.joins.is(rule.joins, now) {
            return Watch::Calm;
        }
        // Only while half as many hold at this join: else the calm that runs goes on.
        let calm_from = self.joins.until(rule.half(), rule.joins.within).filter(|&at| now < at);
        self.until = self.until.max(calm_from.map(|at| at + rule.calm));
        self.since_begin = if was_on { self.since_begin.saturating_add(1) } else { rule.joins.times };
        if was_on { Watch::GoesOn } else { Watch::Began }
    }

    pub fn is_on(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// The oldest join that is remembered: when a surge has just begun, that with which it began.
    pub fn first(&self) -> Option<Timestamp> {
        self.joins.first()
    }

    /// The joins of the surge so far, those that made it one included; outside of a surge the joins lately.
    pub fn count(&self, rule: SurgeRule, now: Timestamp) -> u32 {
        if self.is_on(now) { self.since_begin } else { self.joins.count(rule.joins.within, now) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULE: SurgeRule =
        SurgeRule { joins: Frequency { times: 4, within: Duration::from_secs(10) }, calm: Duration::from_secs(60) };

    const fn at(seconds: i64) -> Timestamp {
        Timestamp(1000 * seconds)
    }

    #[test]
    fn many_joins_at_once_are_a_surge() {
        let mut surge = Surge::default();
        for second in [0, 3, 6] {
            assert_eq!(surge.joined(RULE, at(second)), Watch::Calm);
        }
        assert_eq!(surge.count(RULE, at(6)), 3);
        assert!(!surge.is_on(at(6)));
        assert_eq!(surge.joined(RULE, at(9)), Watch::Began);
        assert_eq!(surge.first(), Some(at(0)));
        assert_eq!(surge.joined(RULE, at(9)), Watch::GoesOn);
        assert_eq!(surge.count(RULE, at(9)), 5);
    }

    #[test]
    fn an_even_trickle_is_none() {
        let mut surge = Surge::default();
        for second in 0..100 {
            assert_eq!(surge.joined(RULE, at(4 * second)), Watch::Calm, "three within ten seconds");
        }
    }

    #[test]
    fn it_ends_a_while_after_it_fell_below_half() {
        let mut surge = Surge::default();
        for _ in 0..4 {
            surge.joined(RULE, at(0));
        }
        // Two of them count until 10 s; from then on fewer than half, for 60 s.
        assert!(surge.is_on(at(69)));
        assert!(!surge.is_on(at(70)));

        // One join now and then does not prolong it; two within ten seconds do.
        assert_eq!(surge.joined(RULE, at(30)), Watch::GoesOn);
        assert!(!surge.is_on(at(70)));
        surge.joined(RULE, at(35));
        assert!(surge.is_on(at(99)), "30 + 10 + 60");
        assert!(!surge.is_on(at(100)));
        assert_eq!(surge.joined(RULE, at(200)), Watch::Calm);
        assert_eq!(surge.count(RULE, at(200)), 1);
    }

    #[test]
    fn a_clock_that_steps_back_ends_nothing_and_hides_nothing() {
        let mut surge = Surge::default();
        for second in [100, 50, 20] {
            surge.joined(RULE, at(second));
        }
        assert_eq!(surge.joined(RULE, at(101)), Watch::Began);
        assert!(surge.is_on(at(0)));
    }

    proptest! {
        /// Against a count of everything there ever was.
        #[test]
        fn it_agrees_with_a_plain_count(gaps in proptest::collection::vec(0..30_i64, 0..60)) {
            let (mut surge, mut joins, mut last_half, mut now) = (Surge::default(), Vec::new(), None, 0);
            for gap in gaps {
                for _ in 0..gap {
                    now += 1;
                    let within = |from: i64| joins.iter().filter(|&&join| from - join < 10).count();
                    // `last_half`: the last second of a surge with at least half as many.
                    if last_half.is_some_and(|second| now - second <= 60) && within(now) >= 2 {
                        last_half = Some(now);
                    }
                    let on = last_half.is_some_and(|second| now - second <= 60);
                    prop_assert_eq!(surge.is_on(at(now)), on, "at {} of {:?}", now, joins);
                }
                surge.joined(RULE, at(now));
                joins.push(now);
                let many = joins.iter().filter(|&&join| now - join < 10).count();
                if many >= 4 || (many >= 2 && last_half.is_some_and(|second| now - second <= 60)) {
                    last_half = Some(now);
                }
            }
        }
    }
}
