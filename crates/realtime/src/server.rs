//! A server: its namespaces, its threads, and speaking to many clients at once.

use std::any::Any;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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
use crate::permit::{Counters, Permit};
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
    /// Keeps `peer` with the connection. It is not counted for any address.
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
///
/// ```
/// use gifchat_realtime::{Admission, Config, Handshake, Namespace, Realtime};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let hello = Namespace::new("/").on_connected(|socket| async move {
///     let query = socket.peer::<Handshake>().and_then(|handshake| handshake.uri.query());
///     let _ = socket.emit("query", &query);
/// });
/// let realtime = Realtime::builder(Config::default())
///     .namespace(hello)
///     .admit(|parts| Ok(Admission::new(Handshake::of(parts))))
///     .build()?;
/// # use futures_util::{SinkExt, StreamExt};
/// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
/// # let server = realtime.clone();
/// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
/// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
/// # client.send(r#"40"#.into()).await?;
/// # while client.next().await.ok_or("closed")??.to_text()? != r#"42["query","EIO=4&transport=websocket"]"# {}
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Handshake {
    pub uri: http::Uri,
    pub headers: HeaderMap,
}

impl Handshake {
    /// Copies address and headers of a request.
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
    /// The text is shown to the client.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
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
    /// Nobody new is let in.
    ending: AtomicBool,
    next_key: AtomicU64,
}

impl Shared {
    /// A name for a new connection, and the shard that will own it: one after the other.
    pub(crate) fn next_session(&self) -> (SessionKey, usize) {
        let key = self.next_key.fetch_add(1, Ordering::Relaxed);
        (key, (key % self.hub.inboxes().len() as u64) as usize)
    }

    /// A place for a new connection.
    ///
    /// # Errors
    /// 503 when there is none, or when the server is ending.
    pub(crate) fn permit(&self, address: Option<IpAddr>) -> Result<Permit, Refused> {
        let is_ending = self.ending.load(Ordering::Acquire);
        let permit = if is_ending { None } else { self.counters.take(&self.config, address) };
        permit.ok_or_else(|| {
            Refused::new(StatusCode::SERVICE_UNAVAILABLE, "the server has no room for another connection")
        })
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
    ///
    /// ```
    /// use gifchat_realtime::{Config, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let game = Namespace::new("/").on("where", |socket, event| async move {
    ///     let _ = event.ack(socket.namespace());
    /// });
    /// let realtime = Realtime::builder(Config::default())
    ///     .namespaces(|name| name.strip_prefix("/game/").is_some_and(|id| id.parse::<u32>().is_ok()), game)
    ///     .build()?;
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
    /// # let server = realtime.clone();
    /// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # client.send(r#"40/game/x,"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"44/game/x,{"message":"Invalid namespace"}"# {}
    /// # client.send(r#"40/game/7,"#.into()).await?;
    /// # client.send(r#"42/game/7,1["where"]"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"43/game/7,1["/game/7"]"# {}
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn namespaces(mut self, is_match: impl Fn(&str) -> bool + Send + Sync + 'static, namespace: Namespace) -> Self {
        self.alike.push((Box::new(is_match), Arc::new(namespace)));
        self
    }

    /// Speaks Engine.IO alone, without Socket.IO above it: messages go to [`Namespace::on_message`] of these handlers.
    ///
    /// ```
    /// use gifchat_realtime::{Config, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let echo = Namespace::new("/").on_message(|socket, message| async move { socket.send(message) });
    /// let realtime = Realtime::builder(Config::default()).engine(echo).build()?;
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
    /// # let server = realtime.clone();
    /// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # client.send(r#"4hello"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"4hello"# {}
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn engine(mut self, handlers: Namespace) -> Self {
        self.engine = Some((handlers.name.as_str().into(), Arc::new(handlers)));
        self
    }

    /// Asked for every request, also for those of connections that exist: the place to check origins.
    ///
    /// ```
    /// use gifchat_realtime::{Config, Realtime, Refused};
    /// use http::{StatusCode, header};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let realtime = Realtime::builder(Config::default())
    ///     .guard(|parts| match parts.headers.get(header::ORIGIN) {
    ///         Some(origin) if origin != "https://example.org" => Err(Refused::new(StatusCode::FORBIDDEN, "not from there")),
    ///         _ => Ok(()),
    ///     })
    ///     .build()?;
    /// # use tower_service::Service;
    /// # let strange = http::Request::get("/socket.io/?EIO=4&transport=polling").header("origin", "https://example.com");
    /// # let answer = realtime.service().call(strange.body(String::new())?).await?;
    /// # assert_eq!(answer.status(), 403);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn guard(mut self, guard: impl Fn(&Parts) -> Result<(), Refused> + Send + Sync + 'static) -> Self {
        self.guard = Box::new(guard);
        self
    }

    /// Asked once for each new connection, before anything is made for it.
    ///
    /// ```
    /// use std::net::SocketAddr;
    /// use gifchat_realtime::{Admission, Config, Realtime, Refused};
    /// use http::{StatusCode, header};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// struct Visitor {
    ///     name: String,
    /// }
    ///
    /// let realtime = Realtime::builder(Config { max_per_address: 100, ..Config::default() })
    ///     .admit(|parts| {
    ///         let name = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    ///         let name = name.ok_or_else(|| Refused::new(StatusCode::BAD_REQUEST, "what are you?"))?.to_owned();
    ///         let admission = Admission::new(Visitor { name });
    ///         // As `Realtime::serve` says it.
    ///         let peer = parts.extensions.get::<SocketAddr>();
    ///         Ok(match peer {
    ///             Some(peer) => admission.from_address(peer.ip()),
    ///             None => admission,
    ///         })
    ///     })
    ///     .build()?;
    /// # use tower_service::Service;
    /// # let nobody = http::Request::get("/socket.io/?EIO=4&transport=polling").body(String::new())?;
    /// # assert_eq!(realtime.service().call(nobody).await?.status(), 400);
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// ```
    /// use gifchat_realtime::{Config, CorsLayer, Realtime};
    /// use http::HeaderValue;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let site = HeaderValue::from_static("https://example.org");
    /// let realtime = Realtime::builder(Config::default())
    ///     .cors(CorsLayer::new().allow_origin(site).allow_credentials(true))
    ///     .build()?;
    /// # use tower_service::Service;
    /// # let poll = http::Request::get("/socket.io/?EIO=4&transport=polling").header("origin", "https://example.org");
    /// # let answer = realtime.service().call(poll.body(String::new())?).await?;
    /// # assert_eq!(answer.headers()["access-control-allow-origin"], "https://example.org");
    /// # Ok(())
    /// # }
    /// ```
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
            ending: AtomicBool::new(false),
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
    /// Begins with no namespace, nobody refused, and nothing kept with connections.
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
    /// ```
    /// use gifchat_realtime::{Config, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Said {
    ///     text: String,
    /// }
    ///
    /// let chat = Namespace::new("/chat").on("say", |socket, event| async move {
    ///     if let Some(said) = event.arg::<Said>(0) {
    ///         let _ = socket.emit("said", &said);
    ///         let _ = event.ack(&true);
    ///     }
    /// });
    /// let realtime = Realtime::builder(Config::default()).namespace(chat).build()?;
    /// let router = axum::Router::new()
    ///     .route_service("/socket.io/", realtime.service())
    ///     .route_service("/ws", realtime.plain_service("/chat"));
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/ws", listener.local_addr()?);
    /// # let server = realtime.clone();
    /// # tokio::spawn(async move { server.serve(listener, router, std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// // What a client says, and what it hears:
    /// client.send(r#"{"type":"say","ref":1,"text":"hi"}"#.into()).await?;
    /// assert_eq!(client.next().await.unwrap()?.to_text()?, r#"{"type":"said","text":"hi"}"#);
    /// assert_eq!(client.next().await.unwrap()?.to_text()?, r#"{"type":"ack","ref":1,"data":true}"#);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// When there is no such namespace.
    pub fn plain_service(&self, namespace: &str) -> PlainService {
        self.websockets(namespace, Dialect::Plain)
    }

    /// A door for WebSockets that speak nothing but their own: each message goes to [`Namespace::on_message`] of that
    /// namespace, and [`Socket::send`] answers.
    ///
    /// ```
    /// use gifchat_realtime::{Config, Message, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let shout = Namespace::new("/shout").on_message(|socket, message| async move {
    ///     socket.send(match message {
    ///         Message::Text(text) => Message::Text(text.to_uppercase()),
    ///         binary => binary,
    ///     });
    /// });
    /// let realtime = Realtime::builder(Config::default()).namespace(shout).build()?;
    /// let router = axum::Router::new().route_service("/ws", realtime.raw_service("/shout"));
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/ws", listener.local_addr()?);
    /// # let server = realtime.clone();
    /// # tokio::spawn(async move { server.serve(listener, router, std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # client.send(r#"hi"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"HI"# {}
    /// # Ok(())
    /// # }
    /// ```
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
    /// ```
    /// use gifchat_realtime::{Admission, Config, Frame, Namespace, Realtime};
    /// use http_body_util::BodyExt;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let realtime = Realtime::builder(Config::default()).namespace(Namespace::new("/chat")).build()?;
    /// let (socket, stream) = realtime.event_stream("/chat", Admission::new(())).map_err(|refused| refused.message)?;
    /// socket.join("red");
    /// // Here what the room has said so far is read from wherever it is kept; say that was up to number 7.
    /// realtime.to("/chat", "red").emit_frame(&Frame::event("/chat", "chat", "hi")?.with_id(8));
    /// let past = Frame::event("/chat", "past", &["good", "morning"])?.with_id(7);
    /// stream.start(&[past], Some(7));
    ///
    /// let mut response = http::Response::builder().header("content-type", "text/event-stream").body(stream)?;
    /// let mut heard = Vec::new();
    /// let expected = concat!(
    ///     "id: 7\nevent: past\ndata: [\"good\",\"morning\"]\n\n",
    ///     "id: 8\nevent: chat\ndata: \"hi\"\n\n",
    /// );
    /// while heard.len() < expected.len() {
    ///     let frame = response.body_mut().frame().await.ok_or("ended")??;
    ///     heard.extend_from_slice(frame.data_ref().ok_or("no data")?);
    /// }
    /// assert_eq!(heard, expected.as_bytes());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Refused`] with 503 when the server has no room, 404 when there is no such namespace.
    pub fn event_stream(&self, namespace: &str, admission: Admission) -> Result<(Socket, EventStream), Refused> {
        let shared = &self.shared;
        let (namespace, handlers) =
            shared.namespace(namespace).ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, "no such namespace"))?;
        let mut permit = shared.permit(admission.address)?;
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
        self.shared.ending.store(true, Ordering::Release);
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
