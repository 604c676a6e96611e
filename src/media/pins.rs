//! Which GIFs are pinned, and which may be left over since they are not.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::domain::GifHash;

/// How many files without a message are remembered between two releases. Those beyond wait for the next start.
const MOST_LOOSE: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Pins {
    state: Mutex<State>,
    /// Rung when something is loose.
    left: Notify,
}

#[derive(Debug, Default)]
struct State {
    count: HashMap<GifHash, usize>,
    /// Whose last pin is gone, or which could not be removed, and which may therefore have no message.
    loose: HashSet<GifHash>,
}

impl Pins {
    pub(super) fn pin(&self, hash: GifHash) {
        *self.state().count.entry(hash).or_default() += 1;
    }

    pub(super) fn unpin(&self, hash: GifHash) {
        let mut state = self.state();
        let Some(count) = state.count.get_mut(&hash) else { return };
        *count -= 1;
        if *count == 0 {
            state.count.remove(&hash);
            drop(state);
            self.doubt(hash);
        }
    }

    pub(super) fn is_pinned(&self, hash: GifHash) -> bool {
        self.state().count.contains_key(&hash)
    }

    /// The next release is to look whether something refers to it.
    pub(super) fn doubt(&self, hash: GifHash) {
        let mut state = self.state();
        if state.loose.len() < MOST_LOOSE {
            state.loose.insert(hash);
        }
        drop(state);
        self.left.notify_one();
    }

    pub(super) fn take_loose(&self) -> HashSet<GifHash> {
        std::mem::take(&mut self.state().loose)
    }

    /// Waits until something is loose.
    pub(super) async fn left(&self) {
        self.left.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
