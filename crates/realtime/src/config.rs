//! Settings of a server and their defaults.

use std::time::Duration;

/// What a server allows and how long it waits. Every bound of the crate is here.
///
/// ```
/// use std::time::Duration;
/// use gifchat_realtime::Config;
///
/// let config = Config { ping_interval: Duration::from_secs(10), max_attachments: 0, ..Config::default() };
/// assert_eq!((config.path.as_str(), config.outbox_bytes), ("/socket.io/", 1024 * 1024));
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the server is mounted, with a slash at both ends.
    pub path: String,
    /// How many threads own connections; 0 takes one for each core.
    pub shards: usize,
    /// Engine.IO 4, plain WebSockets and event streams: the server pings a connection that long after the last pong.
    /// Engine.IO 3: the client is told to ping that often.
    pub ping_interval: Duration,
    /// A connection without a pong for that long after a ping is closed; in Engine.IO 3 one without a ping for that
    /// long after it was due.
    pub ping_timeout: Duration,
    /// A connection must have joined a namespace, and an upgrade must be done, within that time.
    pub connect_timeout: Duration,
    /// [`crate::Realtime::serve`]: the head of a request must have come within that time, from the connection's begin or
    /// the last answer.
    pub header_timeout: Duration,
    /// A new WebSocket waits so long before its first packet. Only for clients that do not listen yet when the handshake's
    /// answer arrives, as those of the official protocol suites; zero for all others.
    pub first_packet_delay: Duration,
    /// Largest body of a polling request in bytes, told to clients as `maxPayload`.
    pub max_payload: usize,
    /// A polling body must have arrived within that time.
    pub body_timeout: Duration,
    /// Largest WebSocket message in bytes, fragments joined.
    pub max_message: usize,
    /// Attachments of one event or acknowledgement; with 0 whoever announces one is closed. Together they are
    /// bounded by [`Config::inbound_bytes`] or one message, whichever is more.
    pub max_attachments: usize,
    /// Namespaces that one connection may be in.
    pub max_namespaces: usize,
    /// Connections at once; the next one is answered 503.
    pub max_connections: usize,
    /// Connections at once from one address, as [`crate::Admission::from_address`] says it; a /64 counts as one IPv6
    /// address. 0: no bound.
    pub max_per_address: usize,
    /// Connections at once that have not joined a namespace yet. 0: no bound of its own.
    pub max_pending: usize,
    /// The name of a cookie that tells the client the name of its connection, as Node's server can. `None`: no cookie.
    pub cookie: Option<String>,
    /// What may wait for one connection in bytes. Beyond it the connection is closed.
    pub outbox_bytes: usize,
    /// What may wait for one connection in packets. Beyond it the connection is closed.
    pub outbox_packets: usize,
    /// A connection that has taken nothing of what waits for it for that long is closed.
    pub stall_limit: Duration,
    /// How long the end of the server waits for what is still to be sent.
    pub flush_timeout: Duration,
    /// The kernel's send buffer of a WebSocket in bytes (`SO_SNDBUF`). What hides in there is not seen by the
    /// bounds above, so it is kept small. `None` leaves the system's.
    pub send_buffer: Option<usize>,
    /// Packets of one client that may wait while its handler is busy. Beyond it nothing more is read from it.
    pub inbound_packets: usize,
    /// The same in bytes.
    pub inbound_bytes: usize,
    /// Acknowledgements that one socket may owe at once.
    pub pending_acks: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            path: String::from("/socket.io/"),
            shards: 0,
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(10),
            header_timeout: Duration::from_secs(10),
            first_packet_delay: Duration::ZERO,
            max_payload: 100_000,
            body_timeout: Duration::from_secs(10),
            max_message: 64 * 1024,
            max_attachments: 10,
            max_namespaces: 32,
            max_connections: 100_000,
            max_per_address: 0,
            max_pending: 16 * 1024,
            cookie: None,
            outbox_bytes: 1024 * 1024,
            outbox_packets: 4096,
            stall_limit: Duration::from_secs(30),
            flush_timeout: Duration::from_secs(3),
            send_buffer: Some(128 * 1024),
            inbound_packets: 64,
            inbound_bytes: 256 * 1024,
            pending_acks: 256,
        }
    }
}
