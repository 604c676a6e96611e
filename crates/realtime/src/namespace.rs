//! What a server does with its clients: handlers for each namespace.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::frame::Frame;
use crate::reason::DisconnectReason;
use crate::socket::Socket;

pub(crate) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;
type Connecting = Pin<Box<dyn Future<Output = Result<(), ConnectError>> + Send>>;

type OnConnect = Box<dyn Fn(Socket, Auth) -> Connecting + Send + Sync>;
type OnConnected = Box<dyn Fn(Socket) -> Work + Send + Sync>;
type OnEvent = Box<dyn Fn(Socket, Incoming) -> Work + Send + Sync>;
type OnDisconnect = Box<dyn Fn(Socket, DisconnectReason) -> Work + Send + Sync>;

/// The handlers of one namespace.
///
/// All handlers of one connection run one after another in the order in which the client spoke, the disconnect
/// handler last; what they await holds up this client alone. They run on the thread that owns the connection, so
/// they must not block.
#[derive(Default)]
pub struct Namespace {
    pub(crate) name: String,
    on_connect: Option<OnConnect>,
    on_connected: Option<OnConnected>,
    on_event: HashMap<String, OnEvent>,
    on_disconnect: Option<OnDisconnect>,
}

impl Namespace {
    /// A namespace begins with `/`; `/` alone is the one that clients join when they name none.
    ///
    /// # Panics
    /// When the name does not begin with `/`, or holds a comma, a question mark or a NUL.
    pub fn new(name: &str) -> Self {
        assert!(name.starts_with('/') && !name.contains([',', '?', '\0']), "{name:?} is no name of a namespace");
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Asked before a client is let in. A refusal reaches it as `connect_error`.
    #[must_use]
    pub fn on_connect<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(Socket, Auth) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), ConnectError>> + Send + 'static,
    {
        self.on_connect = Some(Box::new(move |socket, auth| Box::pin(handler(socket, auth))));
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
        self.on_event.contains_key(event)
    }

    pub(crate) async fn connect(&self, socket: Socket, auth: Option<Box<RawValue>>) {
        let decided = match &self.on_connect {
            Some(handler) => handler(socket.clone(), Auth(auth)).await,
            None => Ok(()),
        };
        match decided {
            Ok(()) => {
                if socket.accept()
                    && let Some(handler) = &self.on_connected
                {
                    handler(socket).await;
                }
            }
            Err(error) => socket.refuse(&error),
        }
    }

    pub(crate) async fn event(&self, socket: Socket, incoming: Incoming) {
        if let Some(handler) = self.on_event.get(&incoming.name) {
            handler(socket, incoming).await;
        }
    }

    pub(crate) async fn disconnected(&self, socket: Socket, reason: DisconnectReason) {
        if let Some(handler) = &self.on_disconnect {
            handler(socket, reason).await;
        }
    }
}

impl std::fmt::Debug for Namespace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Namespace").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a client sent to introduce itself (`auth` of the JavaScript client).
#[derive(Debug)]
pub struct Auth(Option<Box<RawValue>>);

impl Auth {
    /// The object, if there is one of that shape.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.0.as_ref()?.get()).ok()
    }
}

/// A refusal to let a client into a namespace: the `connect_error` it receives.
#[derive(Debug, Clone, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ConnectError {
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub data: Option<serde_json::Value>,
}

impl ConnectError {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), data: None }
    }
}

/// An event of a client, or its acknowledgement of one of ours.
#[derive(Debug)]
pub struct Incoming {
    pub(crate) name: String,
    pub(crate) args: Vec<Box<RawValue>>,
    pub(crate) ack: Option<(u64, Socket)>,
}

impl Incoming {
    /// The name of the event; empty for an acknowledgement.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// An argument; `None` when it is missing or of another shape.
    pub fn arg<T: DeserializeOwned>(&self, index: usize) -> Option<T> {
        serde_json::from_str(self.args.get(index)?.get()).ok()
    }

    /// An argument as JSON text.
    pub fn raw(&self, index: usize) -> Option<&str> {
        self.args.get(index).map(|arg| arg.get())
    }

    /// Whether the client asked for an acknowledgement.
    pub fn wants_ack(&self) -> bool {
        self.ack.is_some()
    }

    /// Acknowledges with one argument; does nothing when the client did not ask.
    ///
    /// # Errors
    /// When `arg` does not become JSON.
    pub fn ack<T: Serialize + ?Sized>(self, arg: &T) -> Result<(), serde_json::Error> {
        if let Some((id, socket)) = self.ack {
            socket.emit_frame(Frame::ack(socket.namespace(), id, arg)?);
        }
        Ok(())
    }

    /// What it holds in memory, roughly, for the bound on waiting packets.
    pub(crate) fn weight(&self) -> usize {
        self.name.len() + self.args.iter().map(|arg| arg.get().len()).sum::<usize>() + 64
    }
}
