//! Who said what when, and who heard it how long after.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use crate::clock::now;

/// The part of the scenario in which something was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    #[default]
    Calm,
    /// A raid, and nobody does anything about it.
    Raid,
    /// With the button pressed.
    Button,
    /// From the order to clean the room until it is clean.
    Cleaning,
    /// After that.
    After,
}

/// In microseconds.
#[derive(Clone, Debug, Default)]
pub struct Times {
    pub heard: Vec<u32>,
    pub acked: Vec<u32>,
}

#[derive(Debug)]
struct Said {
    phase: Phase,
    at: Instant,
    by: usize,
    /// By whom it was heard, as bits.
    heard: u32,
    acked: bool,
}

#[derive(Debug, Default)]
struct Inner {
    phase: Phase,
    next: u64,
    open: HashMap<u64, Said>,
    times: HashMap<Phase, Times>,
    wrong: Vec<String>,
}

/// The talk of the honest, who are numbered from 0.
#[derive(Debug)]
pub struct Talk {
    people: usize,
    inner: Mutex<Inner>,
}

impl Talk {
    pub fn new(people: usize) -> Self {
        Self { people, inner: Mutex::default() }
    }

    pub fn enter(&self, phase: Phase) {
        self.inner().phase = phase;
    }

    /// Somebody begins to say something: its number and text.
    pub fn begin(&self, by: usize) -> (u64, String) {
        let mut inner = self.inner();
        inner.next += 1;
        let (number, phase) = (inner.next, inner.phase);
        inner.open.insert(number, Said { phase, at: now(), by, heard: 0, acked: false });
        (number, format!("said {number} by {by}"))
    }

    pub fn acked(&self, number: u64) {
        let mut inner = self.inner();
        let Some(said) = inner.open.get_mut(&number) else { return };
        said.acked = true;
        let (phase, micros) = (said.phase, micros(said.at));
        inner.times.entry(phase).or_default().acked.push(micros);
        inner.close(number, self.people);
    }

    /// It was refused: nobody will hear it.
    pub fn take_back(&self, number: u64) {
        self.inner().open.remove(&number);
    }

    pub fn heard(&self, by: usize, text: &str) {
        let number = text.strip_prefix("said ").and_then(|rest| rest.split(' ').next()?.parse().ok());
        let Some(number) = number else { return };
        let mut inner = self.inner();
        let Some(said) = inner.open.get_mut(&number) else {
            return inner.wrong.push(format!("{by} heard again, or what was refused: {text}"));
        };
        if said.heard & (1 << by) != 0 {
            return inner.wrong.push(format!("{by} heard twice: {text}"));
        }
        said.heard |= 1 << by;
        let (phase, micros, is_own) = (said.phase, micros(said.at), said.by == by);
        if !is_own {
            inner.times.entry(phase).or_default().heard.push(micros);
        }
        inner.close(number, self.people);
    }

    /// Messages that somebody has not heard, or that were not answered.
    pub fn open(&self) -> usize {
        self.inner().open.len()
    }

    pub fn times(&self, phase: Phase) -> Times {
        self.inner().times.get(&phase).cloned().unwrap_or_default()
    }

    /// Forgets what was refused after all, and says what was wrong.
    pub fn wrong(&self) -> Vec<String> {
        let inner = self.inner();
        let unheard = inner.open.iter().map(|(number, said)| {
            format!("said {number} by {}, {:?}: heard by {:b}, acked: {}", said.by, said.phase, said.heard, said.acked)
        });
        inner.wrong.iter().cloned().chain(unheard).collect()
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Forgets a message that all have heard, the speaker too, and that is acked.
    fn close(&mut self, number: u64, people: usize) {
        if self.open.get(&number).is_some_and(|said| said.acked && said.heard.count_ones() as usize == people) {
            self.open.remove(&number);
        }
    }
}

fn micros(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_have_heard_is_closed_and_the_rest_is_wrong() {
        let talk = Talk::new(2);
        let (number, text) = talk.begin(0);
        talk.heard(0, &text);
        talk.heard(1, &text);
        assert_eq!(talk.open(), 1);
        talk.acked(number);
        assert_eq!((talk.open(), talk.wrong().len()), (0, 0));
        let times = talk.times(Phase::Calm);
        assert_eq!((times.heard.len(), times.acked.len()), (1, 1), "one's own words do not count");
        let (_, lost) = talk.begin(1);
        talk.heard(0, &lost);
        talk.heard(0, &lost);
        assert_eq!(talk.wrong().len(), 2, "heard twice, and not heard by its speaker");
    }
}
