//! Every door. Thin: parse, call a use case, answer.

mod api;
pub mod assets;
mod body;
mod commands;
mod connections;
mod docs;
mod error;
mod events;
mod export;
mod farewell;
mod files;
mod gif;
mod headers;
mod health;
mod library;
mod look;
mod negotiate;
mod new_room;
mod openapi;
mod origin;
mod pages;
mod provider;
mod proxies;
mod qr;
mod router;
mod seat;
pub mod serve;
mod session;
mod socketio;
mod tell;
mod tenor;
mod texts;
mod upload;
mod views;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gifchat_realtime::Realtime;

pub use body::BodyLimits;
pub use farewell::farewell;
pub use origin::Origins;
pub use proxies::Proxies;
pub use router::router;
pub use session::Sessions;
pub use socketio::{Hall, open};
pub use tell::listener;

use crate::chat::Chat;
use crate::domain::{Invalid, RoomId};
use crate::env::Env;

/// What the doors need.
#[derive(Debug)]
pub struct Doors {
    pub chat: Arc<Chat>,
    pub env: Env,
    pub realtime: Realtime,
    pub sessions: Sessions,
    pub origins: Origins,
    pub proxies: Proxies,
    pub bodies: BodyLimits,
    /// Who has one reads the library as it would read Tenor.
    pub tenor_keys: Vec<String>,
    pub ending: AtomicBool,
}

impl Doors {
    /// From here on the server says that it is not ready, and still serves.
    pub fn begin_ending(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// What commands are done with.
    fn hands(&self) -> commands::Hands {
        commands::Hands { chat: Arc::clone(&self.chat), realtime: self.realtime.clone() }
    }

    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }
}

/// The room that a path names. An id that cannot be one is no room.
fn room_id(text: &str) -> Result<RoomId, error::Problem> {
    text.parse().map_err(|_: Invalid| crate::domain::Refusal::NoSuchRoom.into())
}
