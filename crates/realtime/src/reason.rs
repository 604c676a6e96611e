//! Why a connection ended.

/// The reason given to disconnect handlers. The words are those of Node's socket.io where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The client left the namespace.
    ClientLeft,
    /// [`crate::Socket::disconnect`].
    ServerDisconnected,
    /// The client closed the connection, or it is gone.
    TransportClosed,
    /// The connection failed.
    TransportError,
    /// No pong in time.
    PingTimeout,
    /// No namespace was joined in time.
    ConnectTimeout,
    /// The client said something that is not the protocol.
    ProtocolError,
    /// More waited for the client than the bounds allow.
    OutboxFull,
    /// The client took nothing for too long.
    Stalled,
    /// [`crate::Broadcast::expel`].
    Expelled,
    /// The server ends.
    ServerShutdown,
}

impl DisconnectReason {
    /// The words of it, as logs have them.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientLeft => "client namespace disconnect",
            Self::ServerDisconnected => "server namespace disconnect",
            Self::TransportClosed => "transport close",
            Self::TransportError => "transport error",
            Self::PingTimeout => "ping timeout",
            Self::ConnectTimeout => "connect timeout",
            Self::ProtocolError => "parse error",
            Self::OutboxFull => "outbox full",
            Self::Stalled => "stalled",
            Self::Expelled => "expelled",
            Self::ServerShutdown => "server shutting down",
        }
    }

    /// Whether what the client had said before still counts: the end came from its side.
    pub(crate) const fn is_clients(self) -> bool {
        matches!(self, Self::ClientLeft | Self::TransportClosed | Self::TransportError | Self::PingTimeout)
    }

    /// Whether it ended because it does not read.
    pub(crate) const fn is_of_deaf(self) -> bool {
        matches!(self, Self::OutboxFull | Self::Stalled)
    }

    /// Whether a client that polls is told the end by an answer of its own. The JavaScript client v4 takes note of an end
    /// before it handles what stands in front of it in the same answer, and then does not handle that.
    pub(crate) const fn is_said_alone(self) -> bool {
        matches!(self, Self::Expelled)
    }

    /// The status code of our WebSocket close frame (RFC 6455, section 7.4.1, and its registry at IANA).
    pub(crate) const fn close_code(self) -> u16 {
        match self {
            // Service Restart, of the IANA registry of close codes: come back later.
            Self::ServerShutdown => 1012,
            Self::ProtocolError => 1002,
            Self::OutboxFull | Self::Stalled | Self::ConnectTimeout | Self::PingTimeout | Self::Expelled => 1008,
            _ => 1000,
        }
    }
}

impl std::fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
