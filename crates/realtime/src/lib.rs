#![doc = include_str!("../README.md")]
//!
//! ## Where each feature is
//!
//! Each of these has an example that is run as a test.
//!
//! | feature | see |
//! |---|---|
//! | namespaces, events | [`Namespace`] |
//! | connect middleware, refusals with data | [`Namespace::on_connect`] |
//! | acknowledging a client's event; asking a client | [`Incoming::ack`]; [`Socket::emit_with_ack`] |
//! | rooms, broadcast operators | [`Broadcast`] |
//! | finding, moving and disconnecting sockets | [`Broadcast::sockets`] |
//! | ending the connections of a room at once | [`Broadcast::expel`] |
//! | binary | [`Binary`] |
//! | volatile events | [`Socket::emit_volatile`] |
//! | one encoding for many receivers | [`Frame`] |
//! | dynamic namespaces | [`Builder::namespaces`] |
//! | handshake data; who is let in; origins | [`Handshake`]; [`Builder::admit`]; [`Builder::guard`] |
//! | typed data of a socket | [`Socket::set`] |
//! | plain WebSocket; WebSocket and nothing else | [`Realtime::plain_service`]; [`Realtime::raw_service`] |
//! | server-sent events | [`Realtime::event_stream`] |
//! | Engine.IO alone | [`Builder::engine`] |
//! | CORS | [`Builder::cors`] |
//! | serving, and ending in order | [`Realtime::serve`], [`Realtime::shutdown_with`] |
//! | limits | [`Config`] |

mod acks;
mod admission;
mod assembly;
mod binary;
mod broadcast;
mod builder;
mod client;
mod config;
mod draft;
mod encoding;
mod event_stream;
mod expel;
mod flush;
mod frame;
mod framing;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod handshake;
mod hold;
mod hub;
mod ids;
mod inbox;
mod job;
mod lifecycle;
mod namespace;
mod options;
mod outbox;
mod packet;
mod permit;
mod plain;
mod plain_service;
mod polling;
mod probe;
mod reason;
mod receive;
mod send;
mod serve;
mod server;
mod service;
mod session;
mod shard;
mod shared;
mod socket;
mod stream;
mod timers;
mod topics;
mod websocket;
mod wheel;

pub use acks::AckError;
pub use admission::{Admission, Handshake, Refused};
pub use binary::{Args, Binary};
pub use broadcast::Broadcast;
pub use builder::Builder;
pub use config::Config;
pub use event_stream::EventStream;
pub use frame::Frame;
pub use inbox::together;
pub use namespace::{Auth, ConnectError, Incoming, Message, Namespace};
pub use plain_service::PlainService;
pub use reason::DisconnectReason;
pub use server::Realtime;
pub use service::Service;
pub use socket::Socket;
pub use tower_http::cors::CorsLayer;
