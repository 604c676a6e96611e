//! Which GIFs wait for their renditions: a bounded queue in which each is once.
//!
//! It may forget: what is not made yet is written in the store, and is looked for again when the queue is empty, when
//! somebody looks at it, and at the next start.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::domain::GifHash;

/// How many wait. Those beyond are found in the store later.
pub(super) const MOST: usize = 1024;

#[derive(Debug, Default)]
pub struct Renditions {
    state: Mutex<State>,
    more: Notify,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<GifHash>,
    /// Those in the queue, and those that somebody works on.
    known: HashMap<GifHash, Known>,
    /// Whether the store knows of more than the queue.
    more_in_store: bool,
    /// Behind which hash: one pass through the store looks at each once.
    after: Option<GifHash>,
}

#[derive(Debug)]
struct Known {
    wanted: Arc<AtomicBool>,
    /// It was given up, and is wanted again.
    again: bool,
}

impl Known {
    fn new() -> Self {
        Self { wanted: Arc::new(AtomicBool::new(true)), again: false }
    }
}

/// What is to be done next.
#[derive(Debug)]
pub enum Next {
    Render(Job),
    /// Ask the store for more, behind this one.
    Refill(Option<GifHash>),
}

/// A GIF that somebody works on; it is not given out again before this is dropped.
#[derive(Debug)]
pub struct Job {
    pub hash: GifHash,
    wanted: Arc<AtomicBool>,
    renditions: Arc<Renditions>,
}

impl Job {
    /// Whether it goes on; to be called from any thread. It ends when nobody wants the GIF any more, and when whoever waited
    /// for it was ended.
    pub fn go_on(&self) -> impl Fn() -> bool + Send + 'static {
        let wanted = Arc::clone(&self.wanted);
        move || {
            // Everybody else comes first.
            std::thread::yield_now();
            wanted.load(Ordering::Relaxed)
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.wanted.store(false, Ordering::Relaxed);
        let known = self.renditions.state().known.remove(&self.hash);
        if known.is_some_and(|known| known.again) {
            self.renditions.add(self.hash);
        }
    }
}

impl Renditions {
    /// Puts a GIF into the queue, unless it is there or somebody works on it.
    pub fn add(&self, hash: GifHash) {
        let mut state = self.state();
        if let Some(known) = state.known.get_mut(&hash) {
            known.again = !known.wanted.load(Ordering::Relaxed);
            return;
        }
        if state.queue.len() >= MOST {
            state.more_in_store = true;
            return;
        }
        state.queue.push_back(hash);
        state.known.insert(hash, Known::new());
        drop(state);
        self.more.notify_one();
    }

    /// What the store had, by hash: a full page is followed by another, when the queue is empty again.
    pub fn refilled(&self, found: &[GifHash]) {
        for hash in found {
            self.add(*hash);
        }
        if found.len() >= MOST {
            let mut state = self.state();
            state.after = found.last().copied();
            state.more_in_store = true;
            drop(state);
            self.more.notify_one();
        }
    }

    /// The store is to be asked.
    pub fn refill(&self) {
        self.state().more_in_store = true;
        self.more.notify_one();
    }

    /// These are not wanted any more.
    pub fn cancel(&self, gone: &[GifHash]) {
        let mut state = self.state();
        for hash in gone {
            let queued = state.queue.iter().position(|queued| queued == hash);
            if let Some(queued) = queued {
                state.queue.remove(queued);
                state.known.remove(hash);
            } else if let Some(known) = state.known.get_mut(hash) {
                known.wanted.store(false, Ordering::Relaxed);
                known.again = false;
            }
        }
    }

    /// Waits for something to do.
    pub async fn next(self: &Arc<Self>) -> Next {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.more.notified().await;
        }
    }

    fn take(self: &Arc<Self>) -> Option<Next> {
        let mut state = self.state();
        if let Some(hash) = state.queue.pop_front() {
            let wanted = Arc::clone(&state.known.entry(hash).or_insert_with(Known::new).wanted);
            if !state.queue.is_empty() || state.more_in_store {
                self.more.notify_one();
            }
            return Some(Next::Render(Job { hash, wanted, renditions: Arc::clone(self) }));
        }
        std::mem::take(&mut state.more_in_store).then_some(Next::Refill(state.after.take()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn gif(number: u16) -> GifHash {
        GifHash::of(&number.to_be_bytes())
    }

    fn next(renditions: &Arc<Renditions>) -> Option<Job> {
        match renditions.next().now_or_never() {
            Some(Next::Render(job)) => Some(job),
            _ => None,
        }
    }

    #[test]
    fn each_is_given_out_once_at_a_time() {
        let renditions = Arc::new(Renditions::default());
        renditions.add(gif(1));
        renditions.add(gif(1));
        let job = next(&renditions).unwrap();
        renditions.add(gif(1));
        assert!(next(&renditions).is_none(), "somebody works on it");
        assert!(job.go_on()());
        drop(job);
        renditions.add(gif(1));
        assert_eq!(next(&renditions).map(|job| job.hash), Some(gif(1)));
    }

    #[test]
    fn what_goes_is_not_made() {
        let renditions = Arc::new(Renditions::default());
        renditions.add(gif(1));
        let job = next(&renditions).unwrap();
        renditions.add(gif(2));
        renditions.add(gif(3));
        let go_on = job.go_on();
        renditions.cancel(&[gif(1), gif(2)]);
        assert!(!go_on());
        assert_eq!(next(&renditions).map(|job| job.hash), Some(gif(3)));
        renditions.add(gif(2));
        assert_eq!(next(&renditions).map(|job| job.hash), Some(gif(2)), "it may come back");
        renditions.add(gif(1));
        drop(job);
        assert_eq!(next(&renditions).map(|job| job.hash), Some(gif(1)), "also while it is being given up");
        renditions.add(gif(4));
        let job = next(&renditions).unwrap();
        let go_on = job.go_on();
        drop(job);
        assert!(!go_on(), "whoever waited for it was ended");
    }

    #[test]
    fn the_queue_is_bounded_and_the_rest_is_asked_for() {
        let renditions = Arc::new(Renditions::default());
        for number in 0..MOST as u16 + 5 {
            renditions.add(gif(number));
        }
        let mut rendered = 0;
        while next(&renditions).is_some() {
            rendered += 1;
        }
        // The one that was not a job was the question for more; there is one.
        assert_eq!(rendered, MOST);
        assert!(renditions.next().now_or_never().is_none());
        renditions.refill();
        assert!(matches!(renditions.next().now_or_never(), Some(Next::Refill(None))));
        assert!(renditions.next().now_or_never().is_none());
    }
}
