//! One connection, whichever door it goes through.

use std::fmt;

use serde_json::{Value, json};

use super::event_stream::EventStream;
use super::plain::Plain;
use super::polling::Polling;
use super::socketio::SocketIo;
use crate::history::Since;
use crate::http::{Http, Person};
use crate::wire::Heard;

/// The ways into the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Door {
    SocketIoWebSocket,
    SocketIoPolling,
    /// `/ws`.
    Plain,
    /// `GET /room/<id>/events`; posts go over HTTP.
    EventStream,
}

impl Door {
    pub const ALL: [Self; 4] = [Self::SocketIoWebSocket, Self::SocketIoPolling, Self::Plain, Self::EventStream];
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SocketIoWebSocket => "socket.io",
            Self::SocketIoPolling => "polling",
            Self::Plain => "ws",
            Self::EventStream => "sse",
        })
    }
}

/// Why a connection is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It could not be made, or ended: what the network says.
    Network(String),
    /// The server ended it, or answered a request with this status or code.
    Refused(String),
    /// Nothing was heard for longer than the heartbeat allows.
    Silence,
    /// A post was not acked in time.
    NoAck,
    /// The room is further than what was heard here.
    BehindHead,
    /// We were told to.
    Cut,
    /// What came is not what the manual says.
    Nonsense(String),
}

impl Loss {
    pub fn network(error: impl fmt::Display) -> Self {
        Self::Network(error.to_string())
    }

    /// For counting.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Network(_) => "network",
            Self::Refused(_) => "refused",
            Self::Silence => "silence",
            Self::NoAck => "no ack",
            Self::BehindHead => "behind head",
            Self::Cut => "cut",
            Self::Nonsense(_) => "nonsense",
        }
    }
}

/// What a link needs to know to be opened.
#[derive(Clone, Debug)]
pub struct Target {
    pub http: Http,
    pub person: Person,
    pub room: String,
}

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Say,
    Whisper {
        to: u64,
    },
    /// A message of its own.
    Edit {
        target: i64,
    },
    Remove {
        target: i64,
    },
    React {
        target: i64,
        on: bool,
    },
}

/// An act on its way, with its text if it has one.
#[derive(Clone, Debug)]
pub struct Post {
    pub number: u64,
    pub client_message_id: String,
    pub text: String,
    pub act: Act,
}

impl Post {
    /// The command's name and fields.
    pub fn command(&self, room: &str) -> (&'static str, Value) {
        let Self { client_message_id, text, .. } = self;
        match self.act {
            Act::Say => ("chat", json!({"room": room, "chat": text, "clientMessageId": client_message_id})),
            Act::Whisper { to } => {
                let to = format!("{to:016x}");
                ("whisper", json!({"room": room, "to": to, "chat": text, "clientMessageId": client_message_id}))
            }
            Act::Edit { target } => ("edit", json!({"room": room, "target": target, "chat": text})),
            Act::Remove { target } => ("remove", json!({"room": room, "target": target})),
            Act::React { target, on } => ("react", json!({"room": room, "target": target, "emoji": "👍", "on": on})),
        }
    }
}

/// `since` of a `join`, `null` for who comes first.
pub fn claim(since: Option<Since>) -> Value {
    since
        .map_or(Value::Null, |Since { epoch, seq, whispers }| json!({"epoch": epoch, "seq": seq, "whispers": whispers}))
}

#[derive(Debug)]
pub enum Link {
    SocketIo(Box<SocketIo>),
    Polling(Box<Polling>),
    Plain(Box<Plain>),
    EventStream(Box<EventStream>),
}

impl Link {
    /// Connects and asks to join; the answer is heard like everything else.
    pub async fn open(door: Door, target: &Target, since: Option<Since>, last_id: &str) -> Result<Self, Loss> {
        Ok(match door {
            Door::SocketIoWebSocket => Self::SocketIo(Box::new(SocketIo::open(target, since).await?)),
            Door::SocketIoPolling => Self::Polling(Box::new(Polling::open(target, since).await?)),
            Door::Plain => Self::Plain(Box::new(Plain::open(target, since).await?)),
            Door::EventStream => Self::EventStream(Box::new(EventStream::open(target, since, last_id).await?)),
        })
    }

    /// The next that comes. Cancel safe.
    pub async fn next(&mut self) -> Result<Heard, Loss> {
        match self {
            Self::SocketIo(link) => link.next().await,
            Self::Polling(link) => link.next().await,
            Self::Plain(link) => link.next().await,
            Self::EventStream(link) => link.next().await,
        }
    }

    /// Sends a post; false where posts go over HTTP.
    pub async fn post(&mut self, room: &str, post: &Post) -> Result<bool, Loss> {
        match self {
            Self::SocketIo(link) => link.post(room, post).await?,
            Self::Polling(link) => link.post(room, post),
            Self::Plain(link) => link.post(room, post).await?,
            Self::EventStream(_) => return Ok(false),
        }
        Ok(true)
    }

    /// Sends what was only gathered until now.
    pub async fn flush(&mut self) -> Result<(), Loss> {
        match self {
            Self::SocketIo(link) => link.flush().await,
            Self::Plain(link) => link.flush().await,
            Self::Polling(_) | Self::EventStream(_) => Ok(()),
        }
    }

    /// What an event stream would send as `Last-Event-ID`.
    pub fn last_id(&self) -> Option<&str> {
        match self {
            Self::EventStream(link) => Some(link.last_id()),
            _ => None,
        }
    }
}
