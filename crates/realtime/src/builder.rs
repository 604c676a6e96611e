//! Putting a server together.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use http::HeaderMap;
use http::request::Parts;
use tower_http::cors::CorsLayer;

use crate::admission::{Admission, Admit, Guard, Refused};
use crate::config::Config;
use crate::frame::Frame;
use crate::hub::Hub;
use crate::inbox::Inbox;
use crate::namespace::Namespace;
use crate::server::Realtime;
use crate::shard;
use crate::shared::{Headers, IsMatch, Named, Registry, Shared};

/// Puts a server together.
pub struct Builder {
    pub(crate) config: Config,
    pub(crate) namespaces: HashMap<Arc<str>, Arc<Namespace>>,
    pub(crate) alike: Vec<(IsMatch, Arc<Namespace>)>,
    pub(crate) engine: Option<Named>,
    pub(crate) guard: Guard,
    pub(crate) admit: Admit,
    pub(crate) headers: Option<Headers>,
    pub(crate) cors: Option<CorsLayer>,
}

impl Builder {
    /// Adds a namespace, in place of one of the same name.
    #[must_use]
    pub fn namespace(mut self, namespace: Namespace) -> Self {
        self.namespaces.insert(namespace.name.as_str().into(), Arc::new(namespace));
        self
    }

    /// Adds namespaces that are made when a client asks for one: all whose name `is_match`. The handlers are those of
    /// `namespace`, whose own name does not matter; [`crate::Socket::namespace`] says which one it is.
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
