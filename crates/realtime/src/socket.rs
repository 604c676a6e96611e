//! A client in a namespace, as handlers and other threads hold it.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use serde::Serialize;

use crate::acks::Acks;
use crate::binary::Args;
use crate::broadcast::Broadcast;
use crate::encoding::Dialect;
use crate::frame::Frame;
use crate::hub::{EVERYBODY, Hub};
use crate::inbox::Item;
use crate::namespace::{ConnectError, Message, Namespace};
use crate::packet;
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
    pub(crate) namespace: Arc<str>,
    pub(crate) handlers: Arc<Namespace>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) shard: usize,
    pub(crate) session: SessionKey,
    pub(crate) peer: Arc<dyn Any + Send + Sync>,
    pub(crate) dialect: Dialect,
    /// Protocol 4 of Socket.IO: what it is answered when it connects has no data.
    is_version_4: bool,
    state: AtomicU8,
    /// Whether it was ever let in, and whether its disconnect handler was already promised to it.
    accepted: AtomicBool,
    parted: AtomicBool,
    data: OnceLock<Box<dyn Any + Send + Sync>>,
    pub(crate) acks: Mutex<Acks>,
    pub(crate) max_acks: usize,
}

/// The client has asked to join and was not answered.
const CONNECTING: u8 = 0;
pub(crate) const CONNECTED: u8 = 1;
/// The client has gone; what it said before still counts.
const GONE: u8 = 2;
/// We have ended it; nothing of it counts any more.
const ENDED: u8 = 3;

/// What a socket is made of.
pub(crate) struct NewSocket<'a> {
    pub(crate) id: Arc<str>,
    pub(crate) namespace: Arc<str>,
    pub(crate) handlers: Arc<Namespace>,
    pub(crate) hub: &'a Arc<Hub>,
    pub(crate) shard: usize,
    pub(crate) session: SessionKey,
    pub(crate) peer: &'a Arc<dyn Any + Send + Sync>,
    pub(crate) dialect: Dialect,
    pub(crate) is_version_4: bool,
    pub(crate) max_acks: usize,
}

impl Socket {
    pub(crate) fn new(new: NewSocket<'_>) -> Self {
        Self(Arc::new(Inner {
            id: new.id,
            namespace: new.namespace,
            handlers: new.handlers,
            hub: Arc::clone(new.hub),
            shard: new.shard,
            session: new.session,
            peer: Arc::clone(new.peer),
            dialect: new.dialect,
            is_version_4: new.is_version_4,
            state: AtomicU8::new(CONNECTING),
            accepted: AtomicBool::new(false),
            parted: AtomicBool::new(false),
            data: OnceLock::new(),
            acks: Mutex::default(),
            max_acks: new.max_acks,
        }))
    }

    /// Its public id: random, told to its client, good for nothing but telling sockets apart.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The namespace it is in; one of several that are made alike is told by this.
    pub fn namespace(&self) -> &str {
        &self.0.namespace
    }

    /// What [`crate::Builder::admit`] attached to the connection, if it is of that type.
    pub fn peer<T: Any + Send + Sync>(&self) -> Option<&T> {
        (*self.0.peer).downcast_ref()
    }

    /// Keeps a value with the socket, once; false when there is one already.
    /// What is to change later is put into a lock or an atomic.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use gifchat_realtime::{Config, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// struct Said(AtomicU32);
    ///
    /// let counting = Namespace::new("/")
    ///     .on_connected(|socket| async move { drop(socket.set(Said(AtomicU32::new(0)))) })
    ///     .on("say", |socket, event| async move {
    ///         if let Some(Said(count)) = socket.get() {
    ///             let _ = event.ack(&(count.fetch_add(1, Ordering::Relaxed) + 1));
    ///         }
    ///     });
    /// let realtime = Realtime::builder(Config::default()).namespace(counting).build()?;
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
    /// # let server = realtime.clone();
    /// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # client.send(r#"40"#.into()).await?;
    /// # client.send(r#"421["say"]"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"431[1]"# {}
    /// # client.send(r#"422["say"]"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"432[2]"# {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn set<T: Any + Send + Sync>(&self, value: T) -> bool {
        self.0.data.set(Box::new(value)).is_ok()
    }

    /// The value that was kept, if it is of that type.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0.data.get()?.downcast_ref()
    }

    /// Whether its client speaks plain JSON objects over a WebSocket ([`crate::Realtime::plain_service`]).
    pub fn is_plain(&self) -> bool {
        self.0.dialect == Dialect::Plain
    }

    /// Whether it was let in and has not ended. It may end right after this returns.
    pub fn is_connected(&self) -> bool {
        self.state() == CONNECTED
    }

    pub(crate) fn state(&self) -> u8 {
        self.0.state.load(Ordering::Acquire)
    }

    fn tell(&self, item: Item) {
        self.0.hub.inboxes()[self.0.shard].push(item);
    }

    /// Everything published to the room after this returns is delivered to the socket, nothing from before.
    pub fn join(&self, room: &str) {
        self.enter(self.namespace(), room, false);
    }

    /// Joins the room, but lets nothing of it through: everything published to it after this returns is kept until
    /// [`Socket::release`], which is to follow soon. So there is a moment to read what was published before. A socket
    /// that is in the room already hears nothing more of it from here on, until it is released. What is kept has
    /// bounds of its own, as large as those of an outbox.
    pub fn hold(&self, room: &str) {
        self.enter(self.namespace(), room, true);
    }

    /// Ends a [`Socket::hold`]: sends `first`, then what was kept, but for events that have a number
    /// ([`Frame::with_id`], [`Frame::with_number`]) up to `after`, whether they were kept or are still to come. So a client
    /// gets what was stored until a moment and what was published around it, each once and in order, as long as a room's
    /// events are published in the order of their numbers, which never go back.
    ///
    /// Each room has numbers of its own. Who is held in several gets what is kept for each when that is released:
    /// nothing of any comes before what the first release sends first.
    ///
    /// ```
    /// use gifchat_realtime::{Config, Frame, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let log = Namespace::new("/log").on("follow", |socket, event| async move {
    ///     socket.hold("lines");
    ///     // Read what is stored; line 7 may be published meanwhile, and be among what was read.
    ///     let stored = 7;
    ///     socket.release("lines", event.into_ack(&stored).into_iter().flatten().collect(), Some(stored));
    /// });
    /// let realtime = Realtime::builder(Config::default()).namespace(log).build()?;
    /// realtime.to("/log", "lines").emit_frame(&Frame::event("/log", "line", "the eighth")?.with_id(8));
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
    /// # let server = realtime.clone();
    /// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # client.send("40/log,".into()).await?;
    /// # client.send(r#"42/log,1["follow"]"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != "43/log,1[7]" {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn release(&self, room: &str, first: Vec<Frame>, after: Option<u64>) {
        self.tell(Item::Release { socket: self.clone(), room: room.to_owned(), first, after });
    }

    fn enter(&self, namespace: &str, room: &str, is_held: bool) {
        if self.state() <= CONNECTED {
            let topic = self.0.hub.join(namespace, room, self.0.shard);
            self.tell(Item::Join { socket: self.clone(), topic, is_held });
        }
    }

    /// From here on it hears what is said to all of another namespace, too. For plain WebSockets and event streams, which
    /// are in one namespace only; Socket.IO clients join the namespace itself.
    pub fn listen(&self, namespace: &str) {
        self.enter(namespace, EVERYBODY, false);
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

    /// The same with any number of arguments.
    ///
    /// # Errors
    /// As [`Socket::emit`].
    pub fn emit_with(&self, event: &str, args: &Args) -> Result<(), serde_json::Error> {
        self.emit_frame(Frame::event_with(self.namespace(), event, args)?);
        Ok(())
    }

    /// Sends what was encoded before, for this socket's namespace.
    pub fn emit_frame(&self, frame: Frame) {
        self.emit_as(frame, false);
    }

    /// Sends it only if it can go out at once: a hint that may be lost, like "is typing".
    ///
    /// ```
    /// use gifchat_realtime::{Config, Frame, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let chat = Namespace::new("/").on_connected(|socket| async move {
    ///     if let Ok(typing) = Frame::event(socket.namespace(), "typing", "ann") {
    ///         socket.emit_volatile(typing);
    ///     }
    /// });
    /// let realtime = Realtime::builder(Config::default()).namespace(chat).build()?;
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
    /// # let server = realtime.clone();
    /// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # client.send(r#"40"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"42["typing","ann"]"# {}
    /// # Ok(())
    /// # }
    /// ```
    pub fn emit_volatile(&self, frame: Frame) {
        self.emit_as(frame, true);
    }

    fn emit_as(&self, frame: Frame, is_volatile: bool) {
        if self.state() <= CONNECTED {
            self.tell(Item::Emit { to: self.clone(), frame, is_volatile });
        }
    }

    /// Sends a message to a client that speaks Engine.IO alone, or nothing but WebSocket.
    pub fn send(&self, message: Message) {
        self.emit_frame(match message {
            Message::Text(text) if self.0.dialect == Dialect::Raw => Frame::packet(text.as_bytes()),
            Message::Text(text) => Frame::packet(format!("4{text}").as_bytes()),
            Message::Binary(bytes) => Frame::binary(bytes),
        });
    }

    /// Everybody in a room of its namespace but itself.
    pub fn to<'a>(&'a self, room: &'a str) -> Broadcast<'a> {
        Broadcast::new(&self.0.hub, self.namespace(), room).but(Arc::clone(&self.0.id))
    }

    /// Everybody in a room of its namespace, itself too if it is there.
    pub fn within<'a>(&'a self, room: &'a str) -> Broadcast<'a> {
        Broadcast::new(&self.0.hub, self.namespace(), room)
    }

    /// As [`crate::Realtime::ready`].
    pub async fn ready(&self) {
        self.0.hub.ready().await;
    }

    /// Everybody in its namespace but itself.
    pub fn broadcast(&self) -> Broadcast<'_> {
        self.to(EVERYBODY)
    }

    /// Ends this namespace for the client. From here on nothing more is accepted from it; what was emitted before is
    /// still sent, then it is told.
    pub fn disconnect(&self) {
        if self.end() {
            let farewell = (self.0.dialect == Dialect::SocketIo).then(|| Frame::disconnect(self.namespace()));
            self.tell(Item::Unseat { socket: self.clone(), farewell });
        }
    }

    /// Ends the whole connection at once, with all its namespaces and whatever waits to be sent.
    pub fn close(&self) {
        self.end();
        self.tell(Item::Close { key: self.0.session, reason: DisconnectReason::ServerDisconnected });
    }

    fn end(&self) -> bool {
        self.0.state.swap(ENDED, Ordering::AcqRel) <= CONNECTED
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
            let data = (!self.0.is_version_4).then(|| Connected { sid: self.id() });
            if self.0.dialect == Dialect::SocketIo
                && let Ok(frame) = Frame::answer_connect(packet::CONNECT, self.namespace(), data.as_ref())
            {
                self.emit_frame(frame);
            }
            self.join(EVERYBODY);
        }
        accepted
    }

    pub(crate) fn refuse(&self, error: &ConnectError) {
        self.0.state.store(ENDED, Ordering::Release);
        let farewell = match self.0.dialect {
            Dialect::SocketIo => Frame::answer_connect(packet::CONNECT_ERROR, self.namespace(), Some(error)).ok(),
            Dialect::Plain => Frame::event(self.namespace(), "connect_error", error).ok(),
            _ => None,
        };
        self.tell(Item::Unseat { socket: self.clone(), farewell });
    }

    /// Marks the end as it reached the shard; true, once, when its disconnect handler is to run.
    pub(crate) fn part(&self, by_client: bool) -> bool {
        self.0.state.fetch_max(if by_client { GONE } else { ENDED }, Ordering::AcqRel);
        self.acks().waiting.clear();
        self.0.accepted.load(Ordering::Acquire) && !self.0.parted.swap(true, Ordering::AcqRel)
    }

    /// Lets it in without having been asked: the reader of an event stream.
    pub(crate) fn admit(&self) {
        self.0.state.store(CONNECTED, Ordering::Release);
        self.0.accepted.store(true, Ordering::Release);
    }

    /// Whether what the client said is still to be handled.
    pub(crate) fn is_heard(&self) -> bool {
        matches!(self.state(), CONNECTED | GONE)
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket").field("namespace", &self.namespace()).field("id", &self.id()).finish_non_exhaustive()
    }
}
