//! A server: its namespaces, its threads, and speaking to many clients at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use http::StatusCode;
use tokio::sync::oneshot;

use crate::admission::{Admission, Refused};
use crate::broadcast::Broadcast;
use crate::builder::Builder;
use crate::config::Config;
use crate::encoding::{Dialect, Encoding};
use crate::event_stream::{EventStream, Feed};
use crate::frame::Frame;
use crate::hub::EVERYBODY;
use crate::ids::random_id;
use crate::inbox::{Farewell, Item};
use crate::plain_service::PlainService;
use crate::service::Service;
use crate::session::{NewLink, NewSession};
use crate::shared::Shared;
use crate::socket::{NewSocket, Socket};

/// A running server. Cloning gives another handle of the same.
#[derive(Clone)]
pub struct Realtime {
    pub(crate) shared: Arc<Shared>,
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

    /// A door for WebSockets that speak nothing but their own: each message goes to [`crate::Namespace::on_message`] of that
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
    /// handlers only the one for the end runs; to let the reader in or not is the caller's part.
    ///
    /// ```
    /// use gifchat_realtime::{Admission, Config, Frame, Namespace, Realtime};
    /// use http_body_util::BodyExt;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let realtime = Realtime::builder(Config::default()).namespace(Namespace::new("/chat")).build()?;
    /// let (socket, stream) = realtime.event_stream("/chat", Admission::new(())).map_err(|refused| refused.message)?;
    /// socket.hold("red");
    /// // Here what the room has said so far is read from wherever it is kept; say that was up to number 7.
    /// realtime.to("/chat", "red").emit_frame(&Frame::event("/chat", "chat", "hi")?.with_id(8));
    /// let past = Frame::event("/chat", "past", &["good", "morning"])?.with_id(7);
    /// socket.release("red", vec![past], Some(7));
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
        self.shutdown_with(|_| Vec::new()).await;
    }

    /// The same, and every client is told something last. `farewell` is called once for each connection, on the thread of its
    /// shard, with the sockets that the connection has; it must not block. The frames go out in their order, behind everything that
    /// was published or emitted before.
    ///
    /// WebSockets are closed with code 1012 (Service Restart), polls are answered with the close packet of Engine.IO, and
    /// event streams end.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gifchat_realtime::{Config, Frame, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let realtime = Realtime::builder(Config::default()).namespace(Namespace::new("/chat")).build()?;
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/ws", listener.local_addr()?);
    /// # let (server, router) = (realtime.clone(), realtime.plain_service("/chat"));
    /// # tokio::spawn(async move { server.serve(listener, router, std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # while realtime.to_all("/chat").sockets().await.is_empty() {}
    /// realtime
    ///     .shutdown_with(|sockets| {
    ///         let bye = |namespace| Frame::event(namespace, "bye", "back in a second").ok();
    ///         let later = |frame: Frame| frame.with_retry(Duration::from_secs(1));
    ///         sockets.iter().filter_map(|socket| bye(socket.namespace()).map(later)).collect()
    ///     })
    ///     .await;
    /// # assert_eq!(client.next().await.unwrap()?.to_text()?, r#"{"type":"bye","data":"back in a second"}"#);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn shutdown_with(&self, farewell: impl Fn(&[Socket]) -> Vec<Frame> + Send + Sync + 'static) {
        self.shared.ending.store(true, Ordering::Release);
        let farewell: Farewell = Arc::new(farewell);
        let mut ends = Vec::new();
        for inbox in self.shared.hub.inboxes() {
            let (done, end) = oneshot::channel();
            inbox.push(Item::Shutdown { farewell: Arc::clone(&farewell), done });
            ends.push(end);
        }
        for end in ends {
            let _ = end.await;
        }
    }
}
