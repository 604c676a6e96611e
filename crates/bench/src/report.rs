//! The table.

use std::fmt;
use std::time::Duration;

use crate::scene::Measured;

/// What one run has shown. `None`: not measured, shown as a dash.
#[derive(Debug)]
pub struct Row {
    pub mode: &'static str,
    pub load: &'static str,
    pub connections: u32,
    pub members: u32,
    pub measured: Measured,
    /// Bytes of the server for one more idle connection.
    pub memory: Option<f64>,
    pub entered_per_second: f64,
}

const COLUMNS: [&str; 12] = [
    "server",
    "load",
    "connections",
    "rooms of",
    "messages/s",
    "deliveries/s",
    "CPU us/delivery",
    "p50 ms",
    "p99 ms",
    "kB/idle connection",
    "entered/s",
    "lost",
];

pub fn head() -> String {
    format!("| {} |\n|{}", COLUMNS.join(" | "), "---|".repeat(COLUMNS.len()))
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dash = |number: Option<String>| number.unwrap_or_else(|| "-".to_owned());
        let millis = |time: Option<Duration>| dash(time.map(|time| format!("{:.2}", time.as_secs_f64() * 1e3)));
        let cells = [
            self.mode.to_owned(),
            self.load.to_owned(),
            self.connections.to_string(),
            self.members.to_string(),
            format!("{:.0}", self.measured.messages_per_second),
            format!("{:.0}", self.measured.deliveries_per_second),
            dash(self.measured.cpu_per_delivery.map(|time| format!("{:.2}", time.as_secs_f64() * 1e6))),
            millis(self.measured.p50),
            millis(self.measured.p99),
            dash(self.memory.map(|bytes| format!("{:.2}", bytes / 1000.0))),
            format!("{:.0}", self.entered_per_second),
            self.measured.lost.to_string(),
        ];
        write!(f, "| {} |", cells.join(" | "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_columns_of_the_head() {
        let row = Row {
            mode: "app",
            load: "calm",
            connections: 1000,
            members: 10,
            measured: Measured {
                messages_per_second: 3000.0,
                deliveries_per_second: 30_000.4,
                cpu_per_delivery: Some(Duration::from_nanos(8040)),
                p50: Some(Duration::from_micros(1500)),
                p99: None,
                lost: 0,
            },
            memory: Some(1040.0),
            entered_per_second: 900.0,
        };
        assert_eq!(row.to_string(), "| app | calm | 1000 | 10 | 3000 | 30000 | 8.04 | 1.50 | - | 1.04 | 900 | 0 |");
        for line in head().lines() {
            assert_eq!(line.matches('|').count(), COLUMNS.len() + 1);
        }
    }
}
