//! What a scenario says in the end: plain `name: value` lines.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

use crate::client::Testimony;

/// Lines in the order in which they were added.
#[derive(Debug, Default)]
pub struct Report(Vec<(String, String)>);

impl Report {
    pub fn add(&mut self, name: impl Into<String>, value: impl Display) {
        self.0.push((name.into(), value.to_string()));
    }

    /// The lines of another, after those of this one.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Percentiles of microseconds, in milliseconds.
    pub fn add_times(&mut self, name: &str, micros: Vec<u32>) {
        let times = Times::new(micros);
        self.add(format!("{name}, how many"), times.0.len());
        for (what, share) in [("p50", 0.5), ("p99", 0.99), ("most", 1.0)] {
            if let Some(value) = times.share(share) {
                self.add(format!("{name}, {what} in ms"), format!("{:.1}", f64::from(value) / 1000.0));
            }
        }
    }

    /// What happened to all clients together.
    pub fn add_clients<'a>(&mut self, testimonies: impl Iterator<Item = &'a Testimony> + Clone) {
        let mut doors: BTreeMap<_, u64> = BTreeMap::new();
        testimonies.clone().for_each(|testimony| *doors.entry(testimony.door).or_default() += 1);
        doors.into_iter().for_each(|(door, count)| self.add(format!("clients at {door}"), count));
        let counts = testimonies.clone().map(|testimony| testimony.witness.counts());
        let sum = |part: fn(&crate::history::Counts) -> u64| counts.clone().map(|counts| part(&counts)).sum::<u64>();
        self.add("stays", sum(|counts| counts.stays));
        self.add("recovered", sum(|counts| counts.recovered));
        self.add("begun anew", sum(|counts| counts.begun_anew));
        self.add("events heard", sum(|counts| counts.events));
        self.add("entries in answers", sum(|counts| counts.in_answers));
        self.add("entries on older pages", sum(|counts| counts.paged));
        self.add("doubles dropped around an answer", sum(|counts| counts.doubles));
        let mut by_name: BTreeMap<String, u64> = BTreeMap::new();
        let mut examples = BTreeMap::new();
        for statistics in testimonies.map(|testimony| &testimony.statistics) {
            for (name, count) in &statistics.losses {
                *by_name.entry(format!("losses: {name}")).or_default() += count;
            }
            for (name, count) in &statistics.refusals {
                *by_name.entry(format!("refused: {name}")).or_default() += count;
            }
            for (name, count) in [
                ("posts sent again", statistics.resent),
                ("admitted again", statistics.admitted_again),
                ("heads", statistics.heads),
                ("shutdowns", statistics.shutdowns),
            ] {
                *by_name.entry(name.to_owned()).or_default() += count;
            }
            examples.extend(statistics.examples.iter().map(|(name, example)| (*name, example.clone())));
        }
        by_name.into_iter().for_each(|(name, count)| self.add(name, count));
        examples.into_iter().for_each(|(name, example)| self.add(format!("for example {name}"), example));
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, value)| writeln!(f, "{name}: {value}"))
    }
}

/// A percentile of values.
pub fn share(values: Vec<u32>, share: f64) -> Option<u32> {
    Times::new(values).share(share)
}

/// Recorded values, sorted.
struct Times(Vec<u32>);

impl Times {
    fn new(mut values: Vec<u32>) -> Self {
        values.sort_unstable();
        Self(values)
    }

    /// The smallest value that so large a share of all is not above.
    fn share(&self, share: f64) -> Option<u32> {
        let rank = (self.0.len() as f64 * share).ceil() as usize;
        self.0.get(rank.max(1) - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_recorded() {
        let times = Times::new((1..=200).rev().collect());
        assert_eq!([0.5, 0.99, 1.0].map(|share| times.share(share)), [Some(100), Some(198), Some(200)]);
        assert_eq!(Times::new(vec![7]).share(0.01), Some(7));
        assert_eq!(Times::new(Vec::new()).share(1.0), None);
    }
}
