//! A server: its namespaces, its threads, and speaking to many clients at once.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use http::request::Parts;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::config::Config;
use crate::frame::Frame;
use crate::hub::{EVERYBODY, Hub};
use crate::inbox::{Inbox, Item};
use crate::namespace::Namespace;
use crate::service::Service;
use crate::session::SessionKey;
use crate::shard;

/// Decides about one request; its error is the answer.
pub(crate) type Guard = Box<dyn Fn(&Parts) -> Result<(), Refused> + Send + Sync>;
/// Decides about a new connection, and says what is to be kept with it.
pub(crate) type Admit = Box<dyn Fn(&Parts) -> Result<Admission, Refused> + Send + Sync>;

/// A new connection is let in; what is attached to it is read with [`crate::Socket::peer`].
pub struct Admission(pub(crate) Arc<dyn Any + Send + Sync>);

impl Admission {
    pub fn new<T: Any + Send + Sync>(peer: T) -> Self {
        Self(Arc::new(peer))
    }
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Admission")
    }
}

/// A request is turned away with this status and text.
#[derive(Debug, Clone)]
pub struct Refused {
    pub status: StatusCode,
    pub message: String,
}

impl Refused {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

/// What all threads of a server know.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) hub: Arc<Hub>,
    pub(crate) namespaces: HashMap<String, Arc<Namespace>>,
    pub(crate) registry: Registry,
    pub(crate) guard: Guard,
    pub(crate) admit: Admit,
    pub(crate) ping: Frame,
    pub(crate) connections: Arc<AtomicUsize>,
    next_key: AtomicU64,
}

impl Shared {
    /// A name for a new connection, and the shard that will own it: one after the other.
    pub(crate) fn next_session(&self) -> (SessionKey, usize) {
        let key = self.next_key.fetch_add(1, Ordering::Relaxed);
        (key, (key % self.hub.inboxes().len() as u64) as usize)
    }
}

/// Which polling connection has which secret name.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<HashMap<Arc<str>, (usize, SessionKey)>>);

impl Registry {
    pub(crate) fn insert(&self, sid: Arc<str>, shard: usize, key: SessionKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(sid, (shard, key));
    }

    pub(crate) fn find(&self, sid: &str) -> Option<(usize, SessionKey)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(sid).copied()
    }

    pub(crate) fn remove(&self, sid: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(sid);
    }
}

/// Puts a server together.
pub struct Builder {
    config: Config,
    namespaces: HashMap<String, Arc<Namespace>>,
    guard: Guard,
    admit: Admit,
}

impl Builder {
    /// Adds a namespace, in place of one of the same name.
    #[must_use]
    pub fn namespace(mut self, namespace: Namespace) -> Self {
        self.namespaces.insert(namespace.name.clone(), Arc::new(namespace));
        self
    }

    /// Asked for every request, also for those of connections that exist: the place to check origins.
    #[must_use]
    pub fn guard(mut self, guard: impl Fn(&Parts) -> Result<(), Refused> + Send + Sync + 'static) -> Self {
        self.guard = Box::new(guard);
        self
    }

    /// Asked once for each new connection, before anything is made for it.
    #[must_use]
    pub fn admit(mut self, admit: impl Fn(&Parts) -> Result<Admission, Refused> + Send + Sync + 'static) -> Self {
        self.admit = Box::new(admit);
        self
    }

    /// Starts the threads.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn build(self) -> std::io::Result<Realtime> {
        let shards = match self.config.shards {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            shards => shards,
        };
        let hub = Arc::new(Hub::new((0..shards).map(|_| Arc::new(Inbox::default())).collect()));
        let shared = Arc::new(Shared {
            config: self.config,
            hub,
            namespaces: self.namespaces,
            registry: Registry::default(),
            guard: self.guard,
            admit: self.admit,
            ping: Frame::packet(b"2"),
            connections: Arc::default(),
            next_key: AtomicU64::new(0),
        });
        for id in 0..shards {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().name(format!("shard-{id}")).spawn(move || {
                if let Err(error) = shard::run(id, shared) {
                    tracing::error!(%error, "a shard could not start");
                }
            })?;
        }
        Ok(Realtime { shared })
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}

/// A running server. Cloning gives another handle of the same.
#[derive(Clone)]
pub struct Realtime {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Realtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Realtime").field("connections", &self.connections()).finish_non_exhaustive()
    }
}

impl Realtime {
    pub fn builder(config: Config) -> Builder {
        Builder {
            config,
            namespaces: HashMap::new(),
            guard: Box::new(|_| Ok(())),
            admit: Box::new(|_| Ok(Admission::new(()))),
        }
    }

    /// The HTTP side, to be mounted at [`Config::path`].
    pub fn service(&self) -> Service {
        Service::new(Arc::clone(&self.shared))
    }

    /// The sockets of a namespace that are in a room.
    pub fn to<'a>(&'a self, namespace: &'a str, room: &'a str) -> Broadcast<'a> {
        Broadcast { realtime: self, namespace, room, except: Vec::new() }
    }

    /// All sockets of a namespace.
    pub fn to_all<'a>(&'a self, namespace: &'a str) -> Broadcast<'a> {
        self.to(namespace, EVERYBODY)
    }

    /// Connections there are.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Returns at once while deliveries keep up; waits while more than 16,384 of them are ahead of a shard. Whoever
    /// lets strangers publish asks here first.
    pub async fn ready(&self) {
        for inbox in self.shared.hub.inboxes() {
            inbox.ready().await;
        }
    }

    /// Closes every connection, runs every disconnect handler, and ends the threads.
    pub async fn shutdown(&self) {
        let mut ends = Vec::new();
        for inbox in self.shared.hub.inboxes() {
            let (done, end) = oneshot::channel();
            inbox.push(Item::Shutdown { done });
            ends.push(end);
        }
        for end in ends {
            let _ = end.await;
        }
    }
}

/// Speaks to many at once. What is published to a room arrives at all of its members in the same order.
#[derive(Debug)]
pub struct Broadcast<'a> {
    realtime: &'a Realtime,
    namespace: &'a str,
    room: &'a str,
    except: Vec<Arc<str>>,
}

impl Broadcast<'_> {
    /// Leaves out the sockets of these public ids.
    #[must_use]
    pub fn except(mut self, ids: &[&str]) -> Self {
        self.except.extend(ids.iter().map(|&id| Arc::from(id)));
        self
    }

    /// Encodes an event with one argument once, and sends it to all.
    ///
    /// # Errors
    /// When `arg` does not become JSON.
    pub fn emit<T: Serialize + ?Sized>(self, event: &str, arg: &T) -> Result<(), serde_json::Error> {
        let frame = Frame::event(self.namespace, event, arg)?;
        self.emit_frame(&frame);
        Ok(())
    }

    /// Sends what was encoded before, for the same namespace.
    pub fn emit_frame(self, frame: &Frame) {
        self.realtime.shared.hub.publish(self.namespace, self.room, frame, &self.except);
    }
}
