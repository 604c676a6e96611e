//! Posting: at a fixed rate, or as fast as the server lets it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior};

use crate::client::{Client, Shared};
use crate::entry::{Mode, Room, message};

/// What was posted, by all posters together.
#[derive(Debug, Default)]
pub struct Posting {
    pub messages: Cell<u64>,
}

/// What a poster needs to know.
#[derive(Clone)]
pub struct Poster {
    pub mode: Mode,
    pub shared: Rc<Shared>,
    pub client: Rc<Client>,
    pub room: Rc<Room>,
    pub posting: Rc<Posting>,
    pub letters: usize,
}

impl Poster {
    fn post(&self) -> anyhow::Result<()> {
        let text = message(self.mode, &self.room.id, self.client.index, self.shared.now(), self.letters);
        self.client.send(text.as_bytes())?;
        self.posting.messages.set(self.posting.messages.get() + 1);
        Ok(())
    }

    fn answers(&self) -> u64 {
        if self.mode.acknowledges() { self.client.acks.get() } else { self.client.echoes.get() }
    }

    /// Keeps `window` messages under way, until it is dropped or its connection ends.
    pub async fn saturate(self, window: u32) -> anyhow::Result<()> {
        self.client.counts_echoes.set(!self.mode.acknowledges());
        // It may have posted before.
        let mut posted = self.answers();
        while !self.client.is_over.get() {
            while posted < self.answers() + u64::from(window) {
                self.post()?;
                posted += 1;
            }
            self.client.answered.notified().await;
        }
        Ok(())
    }
}

/// Posts `per_second` messages in all, one poster after the other, until it is dropped. The timer ticks
/// every millisecond, and what is due by then is posted.
pub async fn calm(posters: Vec<Poster>, per_second: f64) -> anyhow::Result<()> {
    let Some(Poster { shared, .. }) = posters.first().cloned() else { return Ok(()) };
    let mut ticks: Interval = tokio::time::interval(Duration::from_millis(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let begin = shared.now();
    let mut posted = 0_u64;
    loop {
        ticks.tick().await;
        let due = (shared.now() - begin) as f64 / 1e9 * per_second;
        while (posted as f64) < due {
            posters[(posted % posters.len() as u64) as usize].post()?;
            posted += 1;
        }
    }
}
