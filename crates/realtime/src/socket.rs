//! A client in a namespace, as handlers and other threads hold it.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::frame::Frame;
use crate::hub::{EVERYBODY, Hub};
use crate::inbox::Item;
use crate::namespace::{ConnectError, Incoming, Namespace};
use crate::reason::DisconnectReason;
use crate::session::SessionKey;

/// A client that has joined a namespace. Cloning gives another handle of the same.
///
/// No method waits for the client: each leaves a note for the thread that owns the connection, which works through
/// its notes in order.
#[derive(Clone)]
pub struct Socket(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) id: Arc<str>,
    pub(crate) namespace: Arc<Namespace>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) shard: usize,
    pub(crate) session: SessionKey,
    pub(crate) peer: Arc<dyn Any + Send + Sync>,
    state: AtomicU8,
    /// Whether it was ever let in, and whether its disconnect handler was already promised to it.
    accepted: AtomicBool,
    parted: AtomicBool,
    data: OnceLock<Box<dyn Any + Send + Sync>>,
    acks: Mutex<Acks>,
    max_acks: usize,
}

#[derive(Default)]
struct Acks {
    next: u64,
    waiting: HashMap<u64, oneshot::Sender<Incoming>>,
}

/// The client has asked to join and was not answered.
const CONNECTING: u8 = 0;
const CONNECTED: u8 = 1;
/// The client has gone; what it said before still counts.
const GONE: u8 = 2;
/// We have ended it; nothing of it counts any more.
const ENDED: u8 = 3;

/// Why an acknowledgement did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AckError {
    #[error("no acknowledgement in time")]
    TimedOut,
    #[error("the client is gone")]
    Disconnected,
    #[error("the client owes too many acknowledgements")]
    TooMany,
    #[error("the argument does not become JSON")]
    NotJson,
}

impl Socket {
    pub(crate) fn new(
        id: Arc<str>,
        namespace: Arc<Namespace>,
        hub: Arc<Hub>,
        shard: usize,
        session: SessionKey,
        peer: Arc<dyn Any + Send + Sync>,
        max_acks: usize,
    ) -> Self {
        Self(Arc::new(Inner {
            id,
            namespace,
            hub,
            shard,
            session,
            peer,
            state: AtomicU8::new(CONNECTING),
            accepted: AtomicBool::new(false),
            parted: AtomicBool::new(false),
            data: OnceLock::new(),
            acks: Mutex::default(),
            max_acks,
        }))
    }

    /// Its public id: random, told to its client, good for nothing but telling sockets apart.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    pub fn namespace(&self) -> &str {
        &self.0.namespace.name
    }

    /// What [`crate::Builder::admit`] attached to the connection, if it is of that type.
    pub fn peer<T: Any + Send + Sync>(&self) -> Option<&T> {
        (*self.0.peer).downcast_ref()
    }

    /// Keeps a value with the socket, once; false when there is one already.
    pub fn set<T: Any + Send + Sync>(&self, value: T) -> bool {
        self.0.data.set(Box::new(value)).is_ok()
    }

    /// The value that was kept, if it is of that type.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0.data.get()?.downcast_ref()
    }

    pub fn is_connected(&self) -> bool {
        self.state() == CONNECTED
    }

    fn state(&self) -> u8 {
        self.0.state.load(Ordering::Acquire)
    }

    fn tell(&self, item: Item) {
        self.0.hub.inboxes()[self.0.shard].push(item);
    }

    /// Everything published to the room after this returns is delivered to the socket, nothing from before.
    pub fn join(&self, room: &str) {
        if self.state() > CONNECTED {
            return;
        }
        let topic = self.0.hub.join(self.namespace(), room, self.0.shard);
        self.tell(Item::Join { socket: self.clone(), topic });
    }

    /// Nothing published to the room after this returns is delivered to the socket.
    pub fn leave(&self, room: &str) {
        self.tell(Item::Leave { socket: self.clone(), room: room.to_owned() });
    }

    /// Sends an event with one argument.
    ///
    /// # Errors
    /// When `arg` does not become JSON.
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, arg: &T) -> Result<(), serde_json::Error> {
        self.emit_frame(Frame::event(self.namespace(), event, arg)?);
        Ok(())
    }

    /// Sends what was encoded before, for this socket's namespace.
    pub fn emit_frame(&self, frame: Frame) {
        if self.state() <= CONNECTED {
            self.tell(Item::Emit { to: self.clone(), frame });
        }
    }

    /// Sends an event with one argument and waits for the client's acknowledgement of it.
    ///
    /// # Errors
    /// See [`AckError`].
    pub async fn emit_with_ack<T: Serialize + ?Sized>(
        &self,
        event: &str,
        arg: &T,
        patience: Duration,
    ) -> Result<Incoming, AckError> {
        let (id, answer) = {
            let mut acks = self.acks();
            if self.state() > CONNECTED {
                return Err(AckError::Disconnected);
            }
            if acks.waiting.len() >= self.0.max_acks {
                return Err(AckError::TooMany);
            }
            let id = acks.next;
            acks.next += 1;
            let (sender, answer) = oneshot::channel();
            acks.waiting.insert(id, sender);
            (id, answer)
        };
        // Forgets the ack when this future is dropped, too.
        let _forget = Forget { socket: self, id };
        let frame = Frame::event_with_ack(self.namespace(), id, event, arg).map_err(|_| AckError::NotJson)?;
        self.emit_frame(frame);
        match tokio::time::timeout(patience, answer).await {
            Ok(Ok(incoming)) => Ok(incoming),
            Ok(Err(_)) => Err(AckError::Disconnected),
            Err(_) => Err(AckError::TimedOut),
        }
    }

    /// Ends this namespace for the client. From here on nothing more is accepted from it; what was emitted before is
    /// still sent, then it is told.
    pub fn disconnect(&self) {
        if self.end() {
            let farewell = Some(Frame::disconnect(self.namespace()));
            self.tell(Item::Unseat { socket: self.clone(), farewell });
        }
    }

    /// Ends the whole connection at once, with all its namespaces and whatever waits to be sent.
    pub fn close(&self) {
        self.end();
        self.tell(Item::Close { key: self.0.session, reason: DisconnectReason::ServerDisconnected });
    }

    fn end(&self) -> bool {
        self.0.state.swap(ENDED, Ordering::AcqRel) == CONNECTED
    }

    /// Answers the client that it is in; false when it has gone meanwhile.
    pub(crate) fn accept(&self) -> bool {
        let accepted =
            self.0.state.compare_exchange(CONNECTING, CONNECTED, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if accepted {
            self.0.accepted.store(true, Ordering::Release);
            #[derive(Serialize)]
            struct Connected<'a> {
                sid: &'a str,
            }
            if let Ok(frame) = Frame::answer_connect(b'0', self.namespace(), &Connected { sid: self.id() }) {
                self.tell(Item::Emit { to: self.clone(), frame });
            }
            self.join(EVERYBODY);
        }
        accepted
    }

    pub(crate) fn refuse(&self, error: &ConnectError) {
        self.0.state.store(ENDED, Ordering::Release);
        let farewell = Frame::answer_connect(b'4', self.namespace(), error).ok();
        self.tell(Item::Unseat { socket: self.clone(), farewell });
    }

    /// Marks the end as it reached the shard; true, once, when its disconnect handler is to run.
    pub(crate) fn part(&self, by_client: bool) -> bool {
        self.0.state.fetch_max(if by_client { GONE } else { ENDED }, Ordering::AcqRel);
        self.acks().waiting.clear();
        self.0.accepted.load(Ordering::Acquire) && !self.0.parted.swap(true, Ordering::AcqRel)
    }

    /// Whether what the client said is still to be handled.
    pub(crate) fn is_heard(&self) -> bool {
        matches!(self.state(), CONNECTED | GONE)
    }

    pub(crate) fn acknowledged(&self, id: u64, args: Vec<Box<RawValue>>) {
        if let Some(waiting) = self.acks().waiting.remove(&id) {
            let _ = waiting.send(Incoming { name: String::new(), args, ack: None });
        }
    }

    fn acks(&self) -> std::sync::MutexGuard<'_, Acks> {
        self.0.acks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Forget<'a> {
    socket: &'a Socket,
    id: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.socket.acks().waiting.remove(&self.id);
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket").field("namespace", &self.namespace()).field("id", &self.id()).finish_non_exhaustive()
    }
}
