//! What a server does with its clients: handlers for each namespace.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::binary::Args;
use crate::frame::Frame;
use crate::plain;
use crate::reason::DisconnectReason;
use crate::socket::Socket;

pub(crate) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;
type Connecting = Pin<Box<dyn Future<Output = Result<(), ConnectError>> + Send>>;

type OnConnect = Box<dyn Fn(Socket, Auth) -> Connecting + Send + Sync>;
type OnConnected = Box<dyn Fn(Socket) -> Work + Send + Sync>;
type OnEvent = Box<dyn Fn(Socket, Incoming) -> Work + Send + Sync>;
type OnMessage = Box<dyn Fn(Socket, Message) -> Work + Send + Sync>;
type OnDisconnect = Box<dyn Fn(Socket, DisconnectReason) -> Work + Send + Sync>;

/// The handlers of one namespace, or of several that are made alike ([`crate::Builder::namespaces`]).
///
/// All handlers of one connection run one after another in the order in which the client spoke, the disconnect
/// handler last; what they await holds up this client alone. They run on the thread that owns the connection, so
/// they must not block.
///
/// ```
/// use gifchat_realtime::{Config, Namespace, Realtime};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let chat = Namespace::new("/chat")
///     .on_connected(|socket| async move {
///         let _ = socket.emit("welcome", socket.id());
///     })
///     .on("say", |socket, event| async move {
///         if let Some(text) = event.arg::<String>(0) {
///             let _ = socket.emit("said", &text);
///         }
///     })
///     .on_other(|_, event| async move { println!("nobody handles {}", event.name()) })
///     .on_disconnect(|socket, reason| async move { println!("{} has gone: {reason}", socket.id()) });
/// let realtime = Realtime::builder(Config::default()).namespace(chat).build()?;
/// # use futures_util::{SinkExt, StreamExt};
/// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
/// # let server = realtime.clone();
/// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
/// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
/// # client.send(r#"40/chat,"#.into()).await?;
/// # client.send(r#"42/chat,["say","hi"]"#.into()).await?;
/// # while client.next().await.ok_or("closed")??.to_text()? != r#"42/chat,["said","hi"]"# {}
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Namespace {
    pub(crate) name: String,
    on_connect: Vec<OnConnect>,
    on_connected: Option<OnConnected>,
    on_event: HashMap<String, OnEvent>,
    on_other: Option<OnEvent>,
    on_message: Option<OnMessage>,
    on_disconnect: Option<OnDisconnect>,
}

impl Namespace {
    /// A namespace begins with `/`; `/` alone is the one that clients join when they name none.
    ///
    /// # Panics
    /// When the name does not begin with `/`, or holds a comma, a question mark or a NUL.
    pub fn new(name: &str) -> Self {
        assert!(is_name(name), "{name:?} is no name of a namespace");
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Asked before a client is let in; several are asked in the order in which they were added, until one refuses. A
    /// refusal reaches the client as `connect_error` (`error` in clients of version 2), with its message and data.
    ///
    /// ```
    /// use gifchat_realtime::{Config, ConnectError, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Login {
    ///     token: String,
    /// }
    ///
    /// let members = Namespace::new("/").on_connect(|socket, auth| async move {
    ///     match auth.read::<Login>() {
    ///         Some(login) if login.token == "secret" => {
    ///             socket.set(login);
    ///             Ok(())
    ///         }
    ///         _ => Err(ConnectError { message: "who are you?".into(), data: Some(serde_json::json!({ "code": 401 })) }),
    ///     }
    /// });
    /// let realtime = Realtime::builder(Config::default()).namespace(members).build()?;
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
    /// # let server = realtime.clone();
    /// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # client.send(r#"40"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"44{"message":"who are you?","data":{"code":401}}"# {}
    /// # client.send(r#"40{"token":"secret"}"#.into()).await?;
    /// # while !client.next().await.ok_or("closed")??.to_text()?.starts_with(r#"40{"sid":"#) {}
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_connect<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(Socket, Auth) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), ConnectError>> + Send + 'static,
    {
        self.on_connect.push(Box::new(move |socket, auth| Box::pin(handler(socket, auth))));
        self
    }

    /// Runs once the client has been let in and before its first event is handled.
    #[must_use]
    pub fn on_connected<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(Socket) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.on_connected = Some(Box::new(move |socket| Box::pin(handler(socket))));
        self
    }

    /// Handles the events of one name. An event that nobody handles is ignored.
    #[must_use]
    pub fn on<F, Fut>(mut self, event: &str, handler: F) -> Self
    where
        F: Fn(Socket, Incoming) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.on_event.insert(event.to_owned(), Box::new(move |socket, incoming| Box::pin(handler(socket, incoming))));
        self
    }

    /// Handles the events that no other handler is there for.
    #[must_use]
    pub fn on_other<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(Socket, Incoming) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.on_other = Some(Box::new(move |socket, incoming| Box::pin(handler(socket, incoming))));
        self
    }

    /// Handles the messages of connections that speak Engine.IO alone ([`crate::Builder::engine`]).
    #[must_use]
    pub fn on_message<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(Socket, Message) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.on_message = Some(Box::new(move |socket, message| Box::pin(handler(socket, message))));
        self
    }

    /// Runs exactly once for every socket that was let in, after its last event.
    #[must_use]
    pub fn on_disconnect<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(Socket, DisconnectReason) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.on_disconnect = Some(Box::new(move |socket, reason| Box::pin(handler(socket, reason))));
        self
    }

    pub(crate) fn handles(&self, event: &str) -> bool {
        self.on_other.is_some() || self.on_event.contains_key(event)
    }

    pub(crate) async fn connect(&self, socket: Socket, auth: Option<Box<RawValue>>) {
        let auth = Auth(auth.map(Into::into));
        for handler in &self.on_connect {
            if let Err(error) = handler(socket.clone(), auth.clone()).await {
                return socket.refuse(&error);
            }
        }
        if socket.accept()
            && let Some(handler) = &self.on_connected
        {
            handler(socket).await;
        }
    }

    pub(crate) fn event(&self, socket: Socket, incoming: Incoming) -> Option<Work> {
        let handler = self.on_event.get(&incoming.name).or(self.on_other.as_ref())?;
        Some(handler(socket, incoming))
    }

    pub(crate) fn message(&self, socket: Socket, message: Message) -> Option<Work> {
        Some(self.on_message.as_ref()?(socket, message))
    }

    pub(crate) fn disconnected(&self, socket: Socket, reason: DisconnectReason) -> Option<Work> {
        Some(self.on_disconnect.as_ref()?(socket, reason))
    }
}

/// Longest name of a namespace that a client may ask for, in bytes.
const MOST_NAME: usize = 256;

/// Whether a namespace can be called so.
pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with('/') && name.len() <= MOST_NAME && !name.contains([',', '?', '\0'])
}

impl std::fmt::Debug for Namespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Namespace").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a client sent to introduce itself (`auth` of the JavaScript client).
#[derive(Clone, Debug)]
pub struct Auth(Option<std::sync::Arc<RawValue>>);

impl Auth {
    /// The object, if there is one of that shape. Of clients of version 2 it is the query of the namespace.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.raw()).ok()
    }

    /// The object as JSON text; `{}` when the client sent none.
    pub fn raw(&self) -> &str {
        self.0.as_ref().map_or("{}", |auth| auth.get())
    }
}

/// A refusal to let a client into a namespace: the `connect_error` it receives.
#[derive(Debug, Clone, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ConnectError {
    /// What the client's `error.message` is.
    pub message: String,
    /// What its `error.data` is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub data: Option<serde_json::Value>,
}

impl ConnectError {
    /// A refusal without data.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), data: None }
    }
}

/// A message of a client that speaks Engine.IO alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Text(String),
    Binary(Bytes),
}

impl Message {
    /// Bytes it holds.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How a client wants to be answered.
#[derive(Debug)]
pub(crate) enum AckTo {
    Number(u64),
    Reference(Box<RawValue>),
}

impl AckTo {
    fn frame(&self, socket: &Socket, args: &Args) -> Frame {
        match self {
            Self::Number(id) => Frame::ack(socket.namespace(), *id, args),
            Self::Reference(reference) => plain::ack(reference, args),
        }
    }
}

/// An event of a client, or its acknowledgement of one of ours.
#[derive(Debug)]
pub struct Incoming {
    pub(crate) name: String,
    pub(crate) args: Args,
    pub(crate) ack: Option<(AckTo, Socket)>,
}

impl Incoming {
    /// The name of the event; empty for an acknowledgement.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All arguments, for example to be sent on as they are.
    pub fn args(&self) -> &Args {
        &self.args
    }

    /// An argument; `None` when it is missing or of another shape.
    pub fn arg<T: DeserializeOwned>(&self, index: usize) -> Option<T> {
        self.args.get(index)
    }

    /// An argument as JSON text.
    pub fn raw(&self, index: usize) -> Option<&str> {
        self.args.raw(index)
    }

    /// Whether the client asked for an acknowledgement.
    pub fn wants_ack(&self) -> bool {
        self.ack.is_some()
    }

    /// Acknowledges with one argument; does nothing when the client did not ask.
    ///
    /// ```
    /// use gifchat_realtime::{Args, Config, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let sums = Namespace::new("/")
    ///     .on("add", |_, event| async move {
    ///         let sum = event.arg::<i64>(0).zip(event.arg::<i64>(1)).and_then(|(one, two)| one.checked_add(two));
    ///         let _ = event.ack(&sum);
    ///     })
    ///     .on("back", |_, event| async move {
    ///         let args: Args = event.args().clone();
    ///         event.ack_with(&args);
    ///     });
    /// let realtime = Realtime::builder(Config::default()).namespace(sums).build()?;
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
    /// # let server = realtime.clone();
    /// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # client.send(r#"40"#.into()).await?;
    /// # client.send(r#"427["add",1,2]"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"437[3]"# {}
    /// # client.send(r#"428["back","a",null]"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"438["a",null]"# {}
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When `arg` does not become JSON.
    pub fn ack<T: Serialize + ?Sized>(self, arg: &T) -> Result<(), serde_json::Error> {
        if self.ack.is_some() {
            self.ack_with(&Args::of(arg)?);
        }
        Ok(())
    }

    /// The same with any number of arguments.
    pub fn ack_with(self, args: &Args) {
        if let Some((to, socket)) = &self.ack {
            socket.emit_frame(to.frame(socket, args));
        }
    }

    /// The acknowledgement with one argument, for [`Socket::release`] to send; `None` when the client did not ask for
    /// one.
    ///
    /// # Errors
    /// When `arg` does not become JSON.
    pub fn into_ack<T: Serialize + ?Sized>(self, arg: &T) -> Result<Option<Frame>, serde_json::Error> {
        let Some((to, socket)) = &self.ack else { return Ok(None) };
        Ok(Some(to.frame(socket, &Args::of(arg)?)))
    }

    /// What it holds in memory, roughly, for the bound on waiting packets.
    pub(crate) fn weight(&self) -> usize {
        self.name.len() + self.args.weight() + 64
    }
}
