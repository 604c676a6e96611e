//! Times, counted in buckets: 16 for each power of two, so that a quantile is right to about 6 %.

use std::time::Duration;

const STEPS: usize = 16;
/// Up to 2^40 microseconds.
const POWERS: usize = 40;

#[derive(Debug)]
pub struct Latencies {
    counts: Vec<u64>,
    all: u64,
}

impl Default for Latencies {
    fn default() -> Self {
        Self { counts: vec![0; POWERS * STEPS], all: 0 }
    }
}

impl Latencies {
    pub fn add(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bucket = bucket(micros).min(self.counts.len() - 1);
        self.counts[bucket] += 1;
        self.all += 1;
    }

    pub fn merge(&mut self, others: &Self) {
        self.counts.iter_mut().zip(&others.counts).for_each(|(ours, theirs)| *ours += theirs);
        self.all += others.all;
    }

    /// The time within which this share of all stayed; `None` without any.
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let rank = (self.all as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        found.filter(|_| self.all > 0).map(|bucket| Duration::from_micros(upper(bucket)))
    }
}

/// Below 16 each value has its own; above, a power of two is cut into 16.
fn bucket(micros: u64) -> usize {
    if micros < STEPS as u64 {
        return micros as usize;
    }
    let power = micros.ilog2() as usize;
    let step = (micros >> (power - 4)) as usize - STEPS;
    (power - 3) * STEPS + step
}

/// The largest value of a bucket.
fn upper(bucket: usize) -> u64 {
    if bucket < STEPS {
        return bucket as u64;
    }
    let (power, step) = (bucket / STEPS + 3, bucket % STEPS);
    (((STEPS + step + 1) as u64) << (power - 4)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_hold_what_they_say() {
        for micros in (0..5000).chain([65_535, 65_536, 1_000_000, 123_456_789]) {
            let bucket = bucket(micros);
            assert!(upper(bucket) >= micros, "{micros}");
            assert!(bucket == 0 || upper(bucket - 1) < micros, "{micros}");
        }
    }

    #[test]
    fn quantiles_are_right_to_a_bucket() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.quantile(0.5), None);
        (1..=1000).for_each(|millis| latencies.add(Duration::from_millis(millis)));
        for (share, millis) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1000.0)] {
            let ratio = latencies.quantile(share).unwrap().as_secs_f64() * 1000.0 / millis;
            assert!((1.0..1.07).contains(&ratio), "{share}: {ratio}");
        }
    }
}
