//! What the seed decides for each connection.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// What bytes travel towards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Server,
    Client,
}

/// How a connection is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// RST to both, at once.
    Reset,
    /// FIN to both, at once.
    Close,
    /// FIN in this direction alone; the other goes on until the end.
    HalfClose(Direction),
    /// What travels in this direction is swallowed; the other goes on until the end.
    Swallow(Direction),
    /// What travels is swallowed, both ways; the connection stays open until the end.
    BlackHole,
}

/// What a network does to connections by itself.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    pub seed: u64,
    /// The most that bytes are delayed on their way.
    pub delay: Duration,
    /// Every connection is broken after a random time, this long on average. `None`: none is.
    pub break_after: Option<Duration>,
    /// How long a broken connection that is not closed at once may last.
    pub broken_for: Duration,
}

/// The fate of one connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Fate {
    pub delay: Duration,
    /// The most bytes that travel at once, some of the time fewer. `None`: as they come.
    pub pieces: Option<usize>,
    /// When and how it is broken, and how long that lasts.
    pub broken: Option<(Duration, Way, Duration)>,
    /// For the sizes of its pieces.
    pub seed: u64,
}

impl Weather {
    /// Nothing happens that is not ordered.
    pub const fn fair(seed: u64) -> Self {
        Self { seed, delay: Duration::ZERO, break_after: None, broken_for: Duration::ZERO }
    }

    /// The same for the same numbers and the same seed.
    pub fn fate(&self, line: u64, connection: u64) -> Fate {
        let mut chance = self.chance(line, connection);
        let delay = chance.up_to(self.delay);
        let pieces = (self.delay > Duration::ZERO && chance.of(4) == 0).then(|| 1 + chance.of(1400));
        let broken = self
            .break_after
            .map(|mean| (chance.about(mean), chance.way(), self.broken_for + chance.up_to(self.broken_for)));
        Fate { delay, pieces, broken, seed: chance.seed() }
    }

    /// Randomness that belongs to these numbers alone.
    pub fn chance(&self, line: u64, connection: u64) -> Chance {
        let mut seed = [0; 32];
        for (place, number) in seed.chunks_exact_mut(8).zip([self.seed, line, connection, 0]) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        Chance(StdRng::from_seed(seed))
    }
}

/// Seeded randomness.
#[derive(Debug)]
pub struct Chance(StdRng);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// From 0 to `count`, exclusive.
    ///
    /// # Panics
    /// When `count` is 0.
    pub fn of(&mut self, count: usize) -> usize {
        self.0.random_range(0..count)
    }

    pub fn up_to(&mut self, most: Duration) -> Duration {
        most.mul_f64(self.0.random())
    }

    /// The time until something that comes at random moments, so often on average; at most ten times that.
    pub fn about(&mut self, mean: Duration) -> Duration {
        let part: f64 = self.0.random();
        mean.mul_f64((-(1.0 - part).ln()).min(10.0))
    }

    pub fn way(&mut self) -> Way {
        let direction = if self.of(2) == 0 { Direction::Server } else { Direction::Client };
        match self.of(6) {
            0 | 1 => Way::Reset,
            2 => Way::Close,
            3 => Way::HalfClose(direction),
            4 => Way::Swallow(direction),
            _ => Way::BlackHole,
        }
    }

    pub fn seed(&mut self) -> u64 {
        self.0.random()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn storm(seed: u64) -> Weather {
        let second = Duration::from_secs(1);
        Weather { seed, delay: second / 50, break_after: Some(second * 15), broken_for: second * 2 }
    }

    #[test]
    fn a_seed_decides_and_another_decides_otherwise() {
        let fates = |seed| -> Vec<Fate> { (0..200).map(|number| storm(seed).fate(number / 20, number % 20)).collect() };
        assert_eq!(fates(1), fates(1));
        let (one, two) = (fates(1), fates(2));
        assert!(one.iter().zip(&two).all(|(one, two)| one != two));
        assert!(one.iter().enumerate().all(|(at, fate)| !one[..at].contains(fate)), "each has a fate of its own");
    }

    #[test]
    fn every_way_happens_and_the_mean_is_what_was_asked_for() {
        let fates: Vec<_> = (0..5000).filter_map(|number| storm(7).fate(0, number).broken).collect();
        let mut ways: Vec<Way> = Vec::new();
        for (_, way, lasts) in &fates {
            assert!((2.0..=4.0).contains(&lasts.as_secs_f64()), "{lasts:?}");
            if !ways.contains(way) {
                ways.push(*way);
            }
        }
        assert_eq!(ways.len(), 7, "{ways:?}");
        let mean = fates.iter().map(|(after, ..)| after.as_secs_f64()).sum::<f64>() / fates.len() as f64;
        assert!((14.0..16.0).contains(&mean), "{mean}");
    }

    #[test]
    fn in_fair_weather_nothing_happens() {
        let fate = Weather::fair(1).fate(3, 4);
        assert_eq!((fate.delay, fate.pieces, fate.broken), (Duration::ZERO, None, None));
    }
}
