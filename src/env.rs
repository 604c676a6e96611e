//! The only place that asks the world for the time or for chance. Tests drive both.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::watch;

use crate::domain::Timestamp;

/// Clock and randomness, shared by all parts of one app.
#[derive(Clone, Debug)]
pub struct Env {
    clock: Clock,
    rng: Arc<Mutex<StdRng>>,
}

#[derive(Clone, Debug)]
enum Clock {
    System,
    Manual(Arc<watch::Sender<Timestamp>>),
}

impl Env {
    /// The real world. The generator (ChaCha) is seeded by the operating system: it makes session ids and secrets.
    #[allow(clippy::disallowed_methods, reason = "this is the one place that asks the operating system")]
    pub fn system() -> Self {
        Self { clock: Clock::System, rng: Arc::new(Mutex::new(rand::make_rng())) }
    }

    /// A world that stands still until [`Env::advance`], and always throws the same dice.
    pub fn manual(now: Timestamp, seed: u64) -> Self {
        Self {
            clock: Clock::Manual(Arc::new(watch::Sender::new(now))),
            rng: Arc::new(Mutex::new(StdRng::seed_from_u64(seed))),
        }
    }

    #[allow(clippy::disallowed_methods, reason = "this is the one place that asks the operating system")]
    pub fn now(&self) -> Timestamp {
        match &self.clock {
            Clock::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Clock::Manual(now) => *now.borrow(),
        }
    }

    /// Moves a manual clock and wakes what slept until then. A system clock moves by itself.
    pub fn advance(&self, by: Duration) {
        if let Clock::Manual(now) = &self.clock {
            now.send_modify(|now| *now = *now + by);
        }
    }

    /// Returns once the clock has reached `at`.
    pub async fn sleep_until(&self, at: Timestamp) {
        match &self.clock {
            Clock::System => tokio::time::sleep(at.since(self.now())).await,
            Clock::Manual(now) => {
                let mut now = now.subscribe();
                // The sender lives in `self`, so this cannot fail while it is borrowed.
                let _ = now.wait_for(|now| *now >= at).await;
            }
        }
    }

    /// Some time up to `most`, in whole milliseconds; each is as likely as any other.
    pub fn time_up_to(&self, most: Duration) -> Duration {
        let moments = u64::try_from(most.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        // There are so many numbers that the ones left over at the end weigh nothing.
        Duration::from_millis(u64::from_ne_bytes(self.random()) % moments)
    }

    /// Unpredictable bytes; predictable only in a manual world.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_wakes_sleepers_when_it_is_moved() {
        let env = Env::manual(Timestamp(1000), 1);
        let sleeper = tokio::spawn({
            let env = env.clone();
            async move { env.sleep_until(Timestamp(3000)).await }
        });
        env.advance(Duration::from_secs(1));
        assert_eq!(env.now(), Timestamp(2000));
        env.advance(Duration::from_secs(1));
        sleeper.await.unwrap();
    }

    #[test]
    fn a_seed_fixes_the_dice() {
        let throw = || Env::manual(Timestamp(0), 7).random::<16>();
        assert_eq!(throw(), throw());
        assert_ne!(Env::system().random::<16>(), Env::system().random::<16>());
    }

    #[test]
    fn times_are_spread_over_all_that_is_allowed() {
        let env = Env::manual(Timestamp(0), 7);
        let most = Duration::from_millis(4);
        let times: std::collections::BTreeSet<_> = (0..200).map(|_| env.time_up_to(most)).collect();
        assert!(times.into_iter().eq((0..=4).map(Duration::from_millis)));
        assert_eq!(env.time_up_to(Duration::ZERO), Duration::ZERO);
    }
}
