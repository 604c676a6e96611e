//! One timer wheel for all connections of a shard: setting a timer is a push, and nothing is ever cancelled.

use std::time::{Duration, Instant};

const SLOTS: usize = 1024;

/// A moment, counted in turns of the wheel's smallest step.
pub(crate) type Tick = u64;

/// A hashed wheel. Entries farther away than one turn come out early; their owner puts them in again.
#[derive(Debug)]
pub(crate) struct Wheel<T> {
    slots: Vec<Vec<T>>,
    started: Instant,
    step: Duration,
    now: Tick,
}

impl<T> Wheel<T> {
    pub(crate) fn new(step: Duration, started: Instant) -> Self {
        Self { slots: (0..SLOTS).map(|_| Vec::new()).collect(), started, step, now: 0 }
    }

    pub(crate) fn now(&self) -> Tick {
        self.now
    }

    /// The tick at which `wait` from now is over, never the current one.
    pub(crate) fn after(&self, wait: Duration) -> Tick {
        let ticks = wait.as_nanos().div_ceil(self.step.as_nanos().max(1));
        self.now.saturating_add(u64::try_from(ticks).unwrap_or(u64::MAX)).saturating_add(1)
    }

    /// The last tick at which `wait` from now is not over: for what must not come late.
    pub(crate) fn within(&self, wait: Duration) -> Tick {
        let ticks = wait.as_nanos() / self.step.as_nanos().max(1);
        self.now.saturating_add(u64::try_from(ticks).unwrap_or(u64::MAX)).max(self.now + 1)
    }

    /// Puts an entry in for `at`, and says when it will come out.
    pub(crate) fn insert(&mut self, at: Tick, entry: T) -> Tick {
        let at = at.clamp(self.now + 1, self.now + SLOTS as Tick - 1);
        self.slots[(at % SLOTS as Tick) as usize].push(entry);
        at
    }

    /// Moves on to the time `at` and takes out what has come due.
    pub(crate) fn turn(&mut self, at: Instant) -> Vec<T> {
        let target = (at.saturating_duration_since(self.started).as_nanos() / self.step.as_nanos().max(1)) as Tick;
        let mut due = Vec::new();
        // After a long sleep one full turn empties every slot.
        for _ in 0..target.saturating_sub(self.now).min(SLOTS as Tick) {
            self.now += 1;
            // Its memory goes with it: a storm would otherwise leave its mark in every slot.
            due.append(&mut std::mem::take(&mut self.slots[(self.now % SLOTS as Tick) as usize]));
        }
        self.now = self.now.max(target);
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(10);

    #[test]
    #[allow(clippy::disallowed_methods, reason = "a start for the arithmetic, no clock is waited for")]
    fn gives_back_entries_in_time_and_never_early_within_a_turn() {
        let start = Instant::now();
        let mut wheel = Wheel::new(STEP, start);
        let at = wheel.after(Duration::from_millis(25));
        assert_eq!((at, wheel.within(Duration::from_millis(25)), wheel.within(Duration::ZERO)), (4, 2, 1));
        assert_eq!(wheel.insert(at, 'a'), at);
        assert_eq!(wheel.turn(start + Duration::from_millis(29)), []);
        assert_eq!(wheel.turn(start + Duration::from_millis(40)), ['a']);
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "a start for the arithmetic, no clock is waited for")]
    fn survives_a_long_sleep() {
        let start = Instant::now();
        let mut wheel = Wheel::new(STEP, start);
        wheel.insert(5, 'a');
        assert_eq!(wheel.insert(1_000_000, 'b'), 1023);
        let due = wheel.turn(start + Duration::from_secs(3600));
        assert_eq!(due, ['a', 'b']);
        assert_eq!(wheel.now(), 360_000);
        assert_eq!(wheel.insert(0, 'c'), 360_001);
    }
}
