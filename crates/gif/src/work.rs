//! Counts processor time.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::Error;

/// The processor time that one job may take. Only time between [`begin`](Self::begin) and [`pause`](Self::pause) counts,
/// and only that of the thread: who waits for a busy machine is not refused for it.
#[derive(Debug)]
pub(crate) struct Work {
    most: Duration,
    spent: Duration,
    since: Duration,
}

impl Work {
    pub fn new(most: Duration) -> Self {
        Self { most, spent: Duration::ZERO, since: thread_time() }
    }

    /// The same job, gone on with by somebody else, who pauses now.
    pub fn handed_on(&self) -> Self {
        Self { most: self.most, spent: self.spent(), since: thread_time() }
    }

    pub fn begin(&mut self) {
        self.since = thread_time();
    }

    pub fn pause(&mut self) {
        self.spent = self.spent();
    }

    /// Asking takes about as long as decoding a few hundred pixels.
    pub fn check(&self) -> Result<(), Error> {
        if self.spent() > self.most { Err(Error::TooMuchWork { most: self.most }) } else { Ok(()) }
    }

    fn spent(&self) -> Duration {
        self.spent + thread_time().saturating_sub(self.since)
    }
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    // The kernel counts up from zero.
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
