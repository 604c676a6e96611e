//! Many raiders on few tasks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::raider::{Counts, Raider};

/// From one turn of a raider to the next. Each has its turn in one of the slices.
const ROUND: Duration = Duration::from_millis(100);
const SLICES: usize = 10;
const SCRATCH: usize = 256 * 1024;

/// Raiders at work.
#[derive(Debug)]
pub struct Horde {
    posting: Arc<AtomicBool>,
    state: watch::Receiver<State>,
    task: JoinHandle<()>,
    stop: Arc<AtomicBool>,
}

/// What all of them together have done.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    pub counts: Counts,
    pub open: usize,
}

impl Horde {
    /// They read from now on, and post when they are told to: so many messages a second each.
    pub fn start(mut raiders: Vec<Raider>, rate: u32) -> Self {
        let (posting, stop) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (told, state) = watch::channel(State { counts: Counts::default(), open: raiders.len() });
        let (are_posting, is_over) = (Arc::clone(&posting), Arc::clone(&stop));
        let task = tokio::spawn(async move {
            let mut turn = interval(ROUND / SLICES as u32);
            turn.set_missed_tick_behavior(MissedTickBehavior::Burst);
            let mut scratch = vec![0; SCRATCH];
            let (mut slice, mut due) = (0, 0);
            while !is_over.load(Ordering::Relaxed) {
                turn.tick().await;
                if slice == 0 {
                    due += u64::from(rate) * ROUND.as_millis() as u64;
                }
                let posts = if are_posting.load(Ordering::Relaxed) { due / 1000 } else { 0 };
                raiders.iter_mut().enumerate().filter(|(number, _)| number % SLICES == slice).for_each(
                    |(_, raider)| {
                        raider.turn(posts, &mut scratch);
                    },
                );
                slice = (slice + 1) % SLICES;
                if slice == 0 {
                    due %= 1000;
                    told.send_replace(State {
                        counts: raiders.iter().fold(Counts::default(), |sum, raider| sum.and(raider.counts)),
                        open: raiders.iter().filter(|raider| !raider.is_closed).count(),
                    });
                }
            }
        });
        Self { posting, state, task, stop }
    }

    pub fn post(&self, on: bool) {
        self.posting.store(on, Ordering::Relaxed);
    }

    pub fn state(&self) -> State {
        *self.state.borrow()
    }

    /// Waits until the server has closed all of them.
    ///
    /// # Errors
    /// When their task has ended.
    pub async fn all_closed(&self) -> anyhow::Result<()> {
        self.state.clone().wait_for(|state| state.open == 0).await.map(|_| ()).context("the raiders run")
    }

    pub async fn stop(self) -> anyhow::Result<State> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.context("the task of the raiders")?;
        Ok(*self.state.borrow())
    }
}
