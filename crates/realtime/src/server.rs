//! A server: its namespaces, its threads, and speaking to many clients at once.

use std::any::Any;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::request::Parts;
use http::{HeaderMap, StatusCode};
use tokio::sync::oneshot;
use tower_http::cors::CorsLayer;

use crate::broadcast::Broadcast;
use crate::config::Config;
use crate::encoding::{Dialect, Encoding};
use crate::event_stream::{EventStream, Feed};
use crate::frame::Frame;
use crate::hub::{EVERYBODY, Hub};
use crate::ids::random_id;
use crate::inbox::{Inbox, Item};
use crate::namespace::{Namespace, is_name};
use crate::permit::Counters;
use crate::service::{PlainService, Service};
use crate::session::{NewLink, NewSession, SessionKey};
use crate::shard;
use crate::socket::{NewSocket, Socket};

/// Decides about one request; its error is the answer.
pub(crate) type Guard = Box<dyn Fn(&Parts) -> Result<(), Refused> + Send + Sync>;
/// Decides about a new connection, and says what is to be kept with it.
pub(crate) type Admit = Box<dyn Fn(&Parts) -> Result<Admission, Refused> + Send + Sync>;

/// Adds headers to an answer; the flag says whether it is the one that opens a connection.
pub(crate) type Headers = Box<dyn Fn(&Parts, &mut HeaderMap, bool) + Send + Sync>;
type IsMatch = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// A new connection is let in; what is attached to it is read with [`crate::Socket::peer`].
pub struct Admission {
    pub(crate) peer: Arc<dyn Any + Send + Sync>,
    pub(crate) address: Option<IpAddr>,
}

impl Admission {
    pub fn new<T: Any + Send + Sync>(peer: T) -> Self {
        Self { peer: Arc::new(peer), address: None }
    }

    /// Counts it for that address ([`Config::max_per_address`]).
    #[must_use]
    pub fn from_address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }
}

/// The request that opened a connection, for servers that want all of it with their sockets:
/// `builder.admit(|parts| Ok(Admission::new(Handshake::of(parts))))`, then `socket.peer::<Handshake>()`.
#[derive(Clone, Debug)]
pub struct Handshake {
    pub uri: http::Uri,
    pub headers: HeaderMap,
}

impl Handshake {
    pub fn of(parts: &Parts) -> Self {
        Self { uri: parts.uri.clone(), headers: parts.headers.clone() }
    }

    /// Whether the connection began as a WebSocket, and not with polling.
    pub fn is_websocket(&self) -> bool {
        self.headers.contains_key(http::header::SEC_WEBSOCKET_KEY)
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

    pub(crate) fn full() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "the server has no room for another connection")
    }
}

/// Handlers, and what the namespace is called that they are for.
pub(crate) type Named = (Arc<str>, Arc<Namespace>);

/// What all threads of a server know.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) hub: Arc<Hub>,
    namespaces: HashMap<Arc<str>, Arc<Namespace>>,
    alike: Vec<(IsMatch, Arc<Namespace>)>,
    /// Set: connections speak Engine.IO alone.
    pub(crate) engine: Option<Named>,
    pub(crate) registry: Registry,
    pub(crate) guard: Guard,
    pub(crate) admit: Admit,
    pub(crate) headers: Option<Headers>,
    pub(crate) cors: Option<CorsLayer>,
    pub(crate) ping: Frame,
    pub(crate) counters: Arc<Counters>,
    next_key: AtomicU64,
}

impl Shared {
    /// A name for a new connection, and the shard that will own it: one after the other.
    pub(crate) fn next_session(&self) -> (SessionKey, usize) {
        let key = self.next_key.fetch_add(1, Ordering::Relaxed);
        (key, (key % self.hub.inboxes().len() as u64) as usize)
    }

    pub(crate) fn namespace(&self, name: &str) -> Option<Named> {
        if let Some((name, handlers)) = self.namespaces.get_key_value(name) {
            return Some((Arc::clone(name), Arc::clone(handlers)));
        }
        let (_, handlers) = self.alike.iter().find(|(is_match, _)| is_name(name) && is_match(name))?;
        Some((name.into(), Arc::clone(handlers)))
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
    namespaces: HashMap<Arc<str>, Arc<Namespace>>,
    alike: Vec<(IsMatch, Arc<Namespace>)>,
    engine: Option<Named>,
    guard: Guard,
    admit: Admit,
    headers: Option<Headers>,
    cors: Option<CorsLayer>,
}

impl Builder {
    /// Adds a namespace, in place of one of the same name.
    #[must_use]
    pub fn namespace(mut self, namespace: Namespace) -> Self {
        self.namespaces.insert(namespace.name.as_str().into(), Arc::new(namespace));
        self
    }

    /// Adds namespaces that are made when a client asks for one: all whose name `is_match`. The handlers are those of
    /// `namespace`, whose own name does not matter; [`Socket::namespace`] says which one it is.
    #[must_use]
    pub fn namespaces(mut self, is_match: impl Fn(&str) -> bool + Send + Sync + 'static, namespace: Namespace) -> Self {
        self.alike.push((Box::new(is_match), Arc::new(namespace)));
        self
    }

    /// Speaks Engine.IO alone, without Socket.IO above it: messages go to [`Namespace::on_message`] of these handlers.
    #[must_use]
    pub fn engine(mut self, handlers: Namespace) -> Self {
        self.engine = Some((handlers.name.as_str().into(), Arc::new(handlers)));
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

    /// Adds headers of your own to the answers; the flag is true for the one that opens a connection.
    #[must_use]
    pub fn headers(mut self, headers: impl Fn(&Parts, &mut HeaderMap, bool) + Send + Sync + 'static) -> Self {
        self.headers = Some(Box::new(headers));
        self
    }

    /// Lets pages of other origins connect, by the rules of tower-http's layer; preflight requests are answered by it.
    /// Browsers do not ask before they open a WebSocket: refuse strange origins in [`Builder::guard`].
    #[must_use]
    pub fn cors(mut self, layer: CorsLayer) -> Self {
        self.cors = Some(layer);
        self
    }

    /// Starts the threads.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn build(mut self) -> std::io::Result<Realtime> {
        // Clients of protocol 4 are in the root namespace without asking, so there is one.
        self.namespaces.entry("/".into()).or_insert_with(|| Arc::new(Namespace::new("/")));
        let shards = match self.config.shards {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            shards => shards,
        };
        let hub = Arc::new(Hub::new((0..shards).map(|_| Arc::new(Inbox::default())).collect()));
        let shared = Arc::new(Shared {
            config: self.config,
            hub,
            namespaces: self.namespaces,
            alike: self.alike,
            engine: self.engine,
            registry: Registry::default(),
            guard: self.guard,
            admit: self.admit,
            headers: self.headers,
            cors: self.cors,
            ping: Frame::packet(b"2"),
            counters: Arc::default(),
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
            alike: Vec::new(),
            engine: None,
            guard: Box::new(|_| Ok(())),
            admit: Box::new(|_| Ok(Admission::new(()))),
            headers: None,
            cors: None,
        }
    }

    /// The HTTP side, to be mounted at [`Config::path`].
    pub fn service(&self) -> Service {
        Service::new(Arc::clone(&self.shared))
    }

    /// A door for plain WebSockets, to be mounted anywhere: each connection is in that one namespace, and speaks JSON
    /// objects. A command `{"type": "say", "ref": 1, ...}` reaches the handler of `say` with the whole object as its
    /// one argument; its answer is `{"type": "ack", "ref": 1, ...}`; events are `{"type": <name>, ...}`. The fields of
    /// an argument that is an object stand beside `type`, any other is under `data`. Attachments do not travel.
    ///
    /// # Panics
    /// When there is no such namespace.
    pub fn plain_service(&self, namespace: &str) -> PlainService {
        self.websockets(namespace, Dialect::Plain)
    }

    /// A door for WebSockets that speak nothing but their own: each message goes to [`Namespace::on_message`] of that
    /// namespace, and [`Socket::send`] answers.
    ///
    /// # Panics
    /// When there is no such namespace.
    pub fn raw_service(&self, namespace: &str) -> PlainService {
        self.websockets(namespace, Dialect::Raw)
    }

    fn websockets(&self, namespace: &str, dialect: Dialect) -> PlainService {
        let named = self.shared.namespace(namespace);
        let named = named.unwrap_or_else(|| panic!("there is no namespace {namespace:?}"));
        PlainService::new(Arc::clone(&self.shared), named, dialect)
    }

    /// Opens an event stream in a namespace: its socket hears what the rooms hear that it joins. Of the namespace's
    /// handlers only the one for the end runs; to let the reader in or not is the caller's part. See
    /// [`EventStream::start`].
    ///
    /// # Errors
    /// [`Refused`] with 503 when the server has no room, 404 when there is no such namespace.
    pub fn event_stream(&self, namespace: &str, admission: Admission) -> Result<(Socket, EventStream), Refused> {
        let shared = &self.shared;
        let (namespace, handlers) =
            shared.namespace(namespace).ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, "no such namespace"))?;
        let mut permit = shared.counters.take(&shared.config, admission.address).ok_or_else(Refused::full)?;
        permit.settle();
        let (key, shard) = shared.next_session();
        let (dialect, encoding) = (Dialect::EventStream, Encoding::EventStream);
        let socket = Socket::new(NewSocket {
            id: random_id().into(),
            namespace,
            handlers,
            hub: &shared.hub,
            shard,
            session: key,
            peer: &admission.peer,
            dialect,
            is_version_4: false,
            max_acks: 0,
        });
        socket.admit();
        let feed = Arc::<Feed>::default();
        let link = NewLink::EventStream { feed: Arc::clone(&feed), socket: socket.clone() };
        let session = NewSession { key, peer: admission.peer, permit, dialect, encoding, link };
        shared.hub.inboxes()[shard].push(Item::Open(Box::new(session)));
        socket.join(EVERYBODY);
        Ok((socket, EventStream { feed, hub: Arc::clone(&shared.hub), shard, key }))
    }

    /// The sockets of a namespace that are in a room.
    pub fn to<'a>(&'a self, namespace: &'a str, room: &'a str) -> Broadcast<'a> {
        Broadcast::new(&self.shared.hub, namespace, room)
    }

    /// All sockets of a namespace.
    pub fn to_all<'a>(&'a self, namespace: &'a str) -> Broadcast<'a> {
        self.to(namespace, EVERYBODY)
    }

    /// The socket of that public id. Looks at every socket of the namespace: keep the [`Socket`] when it is needed often.
    pub async fn socket(&self, namespace: &str, id: &str) -> Option<Socket> {
        self.to_all(namespace).sockets().await.into_iter().find(|socket| socket.id() == id)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Connections there are.
    pub fn connections(&self) -> usize {
        self.shared.counters.all()
    }

    /// Returns at once while deliveries keep up; waits while more than 16,384 of them are ahead of a shard. Whoever
    /// lets strangers publish asks here first.
    pub async fn ready(&self) {
        self.shared.hub.ready().await;
    }

    /// Closes every connection, runs every disconnect handler, and ends the threads. What waits for a client is still
    /// sent, for at most [`Config::flush_timeout`]. It is the caller's part to bound the time of the handlers.
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
