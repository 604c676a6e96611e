//! How a connection wants its events: the language it speaks, and what carries it.

/// What the other side of a connection understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Socket.IO over Engine.IO.
    SocketIo,
    /// Engine.IO and nothing above it.
    EngineIo,
    /// JSON objects over a WebSocket ([`crate::plain`]).
    Plain,
    /// Messages of a WebSocket, as they are.
    Raw,
    /// Server-sent events: it only listens.
    EventStream,
}

/// How an event becomes bytes for a connection. Text is the same in both versions of Engine.IO; they differ in
/// attachments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Engine4,
    /// For clients that take no binary (`b64=1` in the query).
    Engine4Base64,
    Engine3,
    Engine3Base64,
    Plain,
    EventStream,
}

impl Encoding {
    pub(crate) const COUNT: usize = 6;

    pub(crate) const fn is_base64(self) -> bool {
        matches!(self, Self::Engine4Base64 | Self::Engine3Base64)
    }

    /// Engine.IO 3, in which the client pings and polling counts its packets' letters.
    pub(crate) const fn is_version_3(self) -> bool {
        matches!(self, Self::Engine3 | Self::Engine3Base64)
    }
}
