//! The table of `durable`.

use std::fmt;

use super::Turn;
use crate::latency::Latencies;

/// What everything is compared with.
pub const LIMIT: &str = "SQLite, 512 in a commit";

#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    what: &'static str,
    senders: usize,
    /// Messages a second, of each round.
    rates: Vec<f64>,
    latencies: Latencies,
}

impl Table {
    pub fn add(&mut self, what: &'static str, senders: usize, turn: Turn) {
        let rate = turn.messages as f64 / turn.lasted.as_secs_f64();
        let found = self.rows.iter_mut().find(|row| row.what == what && row.senders == senders);
        match found {
            Some(row) => {
                row.rates.push(rate);
                row.latencies.merge(&turn.latencies);
            }
            None => self.rows.push(Row { what, senders, rates: vec![rate], latencies: turn.latencies }),
        }
    }

    fn rates(&self, what: &str, senders: usize) -> Option<&[f64]> {
        self.rows.iter().find(|row| row.what == what && row.senders == senders).map(|row| &row.rates[..])
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The ratio within each round, and then the median.
fn ratio(ours: &[f64], theirs: Option<&[f64]>) -> String {
    theirs.map_or_else(
        || "-".to_owned(),
        |theirs| format!("{:.2}", median(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect())),
    )
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| what | senders | messages/s (least..most) | p50 ms | p99 ms | x a commit for each | x 512 in a commit |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        for row in &self.rows {
            let most = row.rates.iter().copied().fold(0.0, f64::max);
            let least = row.rates.iter().copied().fold(f64::INFINITY, f64::min);
            let millis = |share| row.latencies.quantile(share).unwrap_or_default().as_secs_f64() * 1e3;
            writeln!(
                f,
                "| {} | {} | {:.0} ({least:.0}..{most:.0}) | {:.2} | {:.2} | {} | {} |",
                row.what,
                row.senders,
                median(row.rates.clone()),
                millis(0.5),
                millis(0.99),
                ratio(&row.rates, self.rates("SQLite, a commit for each", row.senders)),
                ratio(&row.rates, self.rates(LIMIT, 512)),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn turn(messages: u64) -> Turn {
        let mut latencies = Latencies::default();
        latencies.add(Duration::from_millis(2));
        Turn { messages, lasted: Duration::from_secs(1), latencies }
    }

    #[test]
    fn ratios_are_made_within_a_round() {
        let mut table = Table::default();
        for (app, each) in [(100, 50), (1000, 100), (30, 10)] {
            table.add("app", 16, turn(app));
            table.add("SQLite, a commit for each", 16, turn(each));
        }
        let shown = table.to_string();
        assert!(shown.contains("| app | 16 | 100 (30..1000) | 2.05 | 2.05 | 3.00 | - |"), "{shown}");
    }
}
