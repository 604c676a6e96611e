//! How other threads speak to a shard.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use bytes::Bytes;
use tokio::sync::{Notify, oneshot};

use crate::expel::Expulsion;
use crate::frame::Frame;
use crate::hub::{Selection, Topic};
use crate::polling::Answer;
use crate::reason::DisconnectReason;
use crate::session::{NewSession, SessionKey};
use crate::socket::Socket;
use crate::stream::Stream;

/// Publishers are asked to wait ([`Inbox::ready`]) while that much has not been delivered, counted for each receiver: what
/// waits before a message is to be short in a large room, too.
const HIGH_WATER: usize = 128 * 1024;
/// What anything counts at least.
const LEAST: usize = 8;

/// What a connection with these sockets is told last.
pub(crate) type Farewell = Arc<dyn Fn(&[Socket]) -> Vec<Frame> + Send + Sync>;

/// What a shard is told. It works through these in order.
pub(crate) enum Item {
    /// To everybody in a topic but the sockets named by their public ids.
    Publish {
        topic: Arc<Topic>,
        frame: Frame,
        except: Option<Arc<[Arc<str>]>>,
        is_volatile: bool,
        /// About so many of this shard get it.
        members: u32,
    },
    /// To whom a selection finds.
    Cast {
        selection: Arc<Selection>,
        frame: Frame,
        is_volatile: bool,
    },
    /// To one socket.
    Emit {
        to: Socket,
        frame: Frame,
        is_volatile: bool,
    },
    /// Does something with each socket that a selection finds.
    Visit {
        selection: Arc<Selection>,
        act: Box<dyn FnMut(&Socket) + Send>,
    },
    /// The socket was counted into the topic by [`crate::hub::Hub::join`].
    Join {
        socket: Socket,
        topic: Arc<Topic>,
        is_held: bool,
    },
    /// It is held no longer: it gets these, then what was kept for it and is not numbered up to `after`.
    Release {
        socket: Socket,
        room: String,
        first: Vec<Frame>,
        after: Option<u64>,
    },
    Leave {
        socket: Socket,
        room: String,
    },
    /// We end one namespace of a connection; the frame tells the client.
    Unseat {
        socket: Socket,
        farewell: Option<Frame>,
    },
    /// The end of the connections of those in a room; `done` is told when that has been done.
    Expel {
        who: Arc<Expulsion>,
        done: oneshot::Sender<()>,
    },
    /// The end of a connection.
    Close {
        key: SessionKey,
        reason: DisconnectReason,
    },
    Open(Box<NewSession>),
    /// A WebSocket will want to take over from polling.
    Probing {
        key: SessionKey,
    },
    /// Here it is, with what has come on it; or it has failed.
    Probe {
        key: SessionKey,
        upgraded: Option<Box<(Stream, Bytes)>>,
    },
    Poll {
        key: SessionKey,
        answer: oneshot::Sender<Answer>,
    },
    Payload {
        key: SessionKey,
        body: Bytes,
        is_binary: bool,
        answer: oneshot::Sender<Answer>,
    },
    Shutdown {
        farewell: Farewell,
        done: oneshot::Sender<()>,
    },
}

impl Item {
    /// How much work it is: the same from the moment it is pushed until it is worked off.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Publish { members, .. } => LEAST.max(*members as usize),
            _ => LEAST,
        }
    }
}

thread_local! {
    /// The wakers of shards that [`together`] lets sleep on.
    static ASLEEP: RefCell<Option<Vec<Waker>>> = const { RefCell::new(None) };
}

/// Publishes a batch: shards that sleep are woken when `work` is done, and find all of it at once. So each receiver gets
/// what the batch has for it in one write, and nobody is woken for a part.
pub fn together(work: &mut dyn FnMut()) {
    /// Also when `work` panics.
    struct Wake(Option<Vec<Waker>>);
    impl Drop for Wake {
        fn drop(&mut self) {
            let held = ASLEEP.replace(self.0.take());
            held.into_iter().flatten().for_each(Waker::wake);
        }
    }
    let _wake = Wake(ASLEEP.replace(Some(Vec::new())));
    work();
}

/// A shard's inbox. The first push into an empty one wakes the shard, which then takes all there is; so a quiet
/// server delivers at once, and a busy one in ever larger batches.
#[derive(Default)]
pub(crate) struct Inbox {
    state: Mutex<State>,
    /// The weight of what was pushed and is not worked off, also of what the shard has taken.
    backlog: AtomicUsize,
    drained: Notify,
}

#[derive(Default)]
struct State {
    items: Vec<Item>,
    waker: Option<Waker>,
    /// The shard has ended.
    is_closed: bool,
}

impl std::fmt::Debug for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inbox").field("backlog", &self.backlog).finish_non_exhaustive()
    }
}

impl Inbox {
    pub(crate) fn push(&self, item: Item) {
        let weight = item.weight();
        self.backlog.fetch_add(weight, Ordering::Relaxed);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_closed {
            drop(state);
            return self.worked_off(weight);
        }
        let was_empty = state.items.is_empty();
        state.items.push(item);
        let waker = if was_empty { state.waker.take() } else { None };
        drop(state);
        let Some(waker) = waker else { return };
        let alone = ASLEEP.with_borrow_mut(|held| match held {
            Some(held) => {
                held.push(waker);
                None
            }
            None => Some(waker),
        });
        if let Some(waker) = alone {
            waker.wake();
        }
    }

    /// Swaps all that has come into `into`, which must be empty; keeps the waker when there is nothing.
    pub(crate) fn poll_take(&self, into: &mut Vec<Item>, waker: &Waker) -> Poll<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.items.is_empty() {
            state.waker = Some(waker.clone());
            return Poll::Pending;
        }
        std::mem::swap(&mut state.items, into);
        Poll::Ready(())
    }

    /// Nobody takes from it any more: what is there and what comes is dropped, and with it goes the hope of whoever waits
    /// for an answer.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_closed = true;
        let left = std::mem::take(&mut state.items);
        drop(state);
        self.worked_off(left.iter().map(Item::weight).sum());
    }

    /// Called by the shard when it has worked off items of that weight together.
    pub(crate) fn worked_off(&self, weight: usize) {
        let before = self.backlog.fetch_sub(weight, Ordering::AcqRel);
        if before >= HIGH_WATER && before - weight < HIGH_WATER {
            self.drained.notify_waiters();
        }
    }

    pub(crate) fn backlog(&self) -> usize {
        self.backlog.load(Ordering::Acquire)
    }

    /// Returns while the shard keeps up.
    pub(crate) async fn ready(&self) {
        while self.backlog() >= HIGH_WATER {
            let drained = self.drained.notified();
            if self.backlog() < HIGH_WATER {
                return;
            }
            drained.await;
        }
    }
}
