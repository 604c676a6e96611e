//! How often somebody may do something.

use std::time::Duration;

use super::Timestamp;

/// So many at once, and then so many a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    pub burst: u32,
    pub per_second: f64,
}

/// A token bucket (the leaky kind in reverse): full at first, refilled evenly.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    tokens: f64,
    filled_at: Timestamp,
}

impl Bucket {
    pub fn full(rate: Rate, now: Timestamp) -> Self {
        Self { tokens: f64::from(rate.burst), filled_at: now }
    }

    /// Takes one token.
    ///
    /// # Errors
    /// How long until there is one.
    pub fn take(&mut self, rate: Rate, now: Timestamp) -> Result<(), Duration> {
        self.fill(rate, now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        if rate.per_second <= 0.0 {
            return Err(Duration::MAX);
        }
        Err(Duration::from_secs_f64((1.0 - self.tokens) / rate.per_second))
    }

    /// Whether it holds no memory of anything: it may be forgotten.
    pub fn is_full(&mut self, rate: Rate, now: Timestamp) -> bool {
        self.fill(rate, now);
        self.tokens >= f64::from(rate.burst)
    }

    fn fill(&mut self, rate: Rate, now: Timestamp) {
        let refill = now.since(self.filled_at).as_secs_f64() * rate.per_second;
        self.tokens = (self.tokens + refill).min(f64::from(rate.burst));
        self.filled_at = self.filled_at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_an_even_rate() {
        let rate = Rate { burst: 3, per_second: 2.0 };
        let mut bucket = Bucket::full(rate, Timestamp(0));
        for _ in 0..3 {
            assert_eq!(bucket.take(rate, Timestamp(0)), Ok(()));
        }
        assert_eq!(bucket.take(rate, Timestamp(0)), Err(Duration::from_millis(500)));
        assert_eq!(bucket.take(rate, Timestamp(500)), Ok(()));
        assert!(bucket.take(rate, Timestamp(500)).is_err());
        assert!(!bucket.is_full(rate, Timestamp(1500)));
        assert!(bucket.is_full(rate, Timestamp(2000)));
    }

    #[test]
    fn a_clock_that_steps_back_gives_nothing() {
        let rate = Rate { burst: 1, per_second: 1.0 };
        let mut bucket = Bucket::full(rate, Timestamp(10_000));
        assert!(bucket.take(rate, Timestamp(10_000)).is_ok());
        assert!(bucket.take(rate, Timestamp(0)).is_err());
        assert!(bucket.take(rate, Timestamp(10_999)).is_err());
        assert!(bucket.take(rate, Timestamp(11_000)).is_ok());
    }
}
