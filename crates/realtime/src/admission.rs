//! Who may connect, and what is kept of the request that did.

use std::any::Any;
use std::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, StatusCode};

/// Decides about one request; its error is the answer.
pub(crate) type Guard = Box<dyn Fn(&Parts) -> Result<(), Refused> + Send + Sync>;

/// Decides about a new connection, and says what is to be kept with it.
pub(crate) type Admit = Box<dyn Fn(&Parts) -> Result<Admission, Refused> + Send + Sync>;

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

    /// Counts it for that address ([`crate::Config::max_per_address`]).
    #[must_use]
    pub fn from_address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Admission")
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
