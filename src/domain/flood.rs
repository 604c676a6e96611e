//! Somebody who does not slow down.

use std::time::Duration;

use super::lately::Lately;
use super::{Frequency, Timestamp};

/// How often one session was refused because it was too fast. Once it is a flood it stays one: whoever ends the raid
/// drops this. Holds the newest refusals only: 80 bytes with the default.
#[derive(Clone, Debug, Default)]
pub struct Flood {
    refusals: Lately,
    floods: bool,
}

impl Flood {
    /// Somebody who pastes in a hurry is refused a few times; a program that does not listen, all the time.
    pub const DEFAULT: Frequency = Frequency { times: 10, within: Duration::from_secs(10) };

    /// One more refusal. Answers whether this session floods.
    pub fn refused(&mut self, from: Frequency, now: Timestamp) -> bool {
        self.refusals.happened(from, now);
        self.floods |= self.refusals.is(from, now);
        self.floods
    }

    pub const fn is_one(&self) -> bool {
        self.floods
    }

    /// Whether it tells nothing any more: it may be forgotten.
    pub fn is_over(&self, from: Frequency, now: Timestamp) -> bool {
        !self.floods && self.refusals.count(from.within, now) == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FROM: Frequency = Frequency { times: 3, within: Duration::from_secs(10) };

    #[test]
    fn again_and_again_is_a_flood_and_stays_one() {
        let mut flood = Flood::default();
        assert!(!flood.refused(FROM, Timestamp(0)));
        assert!(!flood.refused(FROM, Timestamp(9_000)));
        assert!(!flood.refused(FROM, Timestamp(10_000)), "the first is forgotten");
        assert!(!flood.is_over(FROM, Timestamp(19_999)));
        assert!(flood.is_over(FROM, Timestamp(20_000)));
        assert!(!flood.refused(FROM, Timestamp(30_000)));
        assert!(!flood.refused(FROM, Timestamp(31_000)));
        assert!(flood.refused(FROM, Timestamp(39_999)));
        assert!(flood.is_one());
        assert!(flood.refused(FROM, Timestamp(1_000_000)));
        assert!(!flood.is_over(FROM, Timestamp(9_000_000)));
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_plain_count(gaps in proptest::collection::vec(0..12_000_i64, 0..40)) {
            let (mut flood, mut all, mut now, mut floods) = (Flood::default(), Vec::new(), 0, false);
            for gap in gaps {
                now += gap;
                all.push(now);
                floods |= all.iter().filter(|&&at| now - at < 10_000).count() >= 3;
                prop_assert_eq!(flood.refused(FROM, Timestamp(now)), floods);
                prop_assert_eq!(flood.is_one(), floods);
            }
        }
    }
}
