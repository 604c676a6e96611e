//! An Engine.IO and Socket.IO server that delivers one event to many people at once.
//!
//! Connections live on shards: threads that own their sockets and everything that waits for them. An event is
//! encoded once; publishing it rings each shard that has listeners once; the shard sends every listener the same
//! bytes with one call. See `README.md` for the shape, and [`Config`] for every bound.
//!
//! ```no_run
//! use gifchat_realtime::{Config, Namespace, Realtime};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let realtime = Realtime::builder(Config::default())
//!     .namespace(Namespace::new("/").on("reply", |socket, event| async move {
//!         let text: Option<String> = event.arg(0);
//!         let _ = socket.emit("news", &text);
//!     }))
//!     .build()?;
//! let router: axum::Router = axum::Router::new()
//!     .route_service("/socket.io/", realtime.service())
//!     .route_service("/socket.io/{file}", realtime.service());
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! axum::serve(listener, router).await?;
//! # Ok(())
//! # }
//! ```

mod assembly;
mod binary;
mod broadcast;
mod client;
mod config;
mod encoding;
mod event_stream;
mod flush;
mod frame;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod handshake;
mod hub;
mod ids;
mod inbox;
mod lifecycle;
mod namespace;
mod outbox;
mod packet;
mod permit;
mod plain;
mod polling;
mod reason;
mod receive;
mod serve;
mod server;
mod service;
mod session;
mod shard;
mod socket;
mod stream;
mod timers;
mod topics;
mod websocket;
mod wheel;

pub use binary::{Args, Binary};
pub use broadcast::Broadcast;
pub use config::Config;
pub use event_stream::EventStream;
pub use frame::Frame;
pub use namespace::{Auth, ConnectError, Incoming, Message, Namespace};
pub use reason::DisconnectReason;
pub use server::{Admission, Builder, Handshake, Realtime, Refused};
pub use service::{PlainService, Service};
pub use socket::{AckError, Socket};
pub use tower_http::cors::CorsLayer;
