//! Settings of a server and their defaults.

use std::time::Duration;

/// What a server allows and how long it waits. Every bound of the crate is here.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the server is mounted, with a slash at both ends.
    pub path: String,
    /// How many threads own connections; 0 takes one for each core.
    pub shards: usize,
    /// The server pings a connection that long after the last pong (Engine.IO 4, "heartbeat").
    pub ping_interval: Duration,
    /// A connection without a pong for that long after a ping is closed.
    pub ping_timeout: Duration,
    /// A connection must have joined a namespace, and an upgrade must be done, within that time.
    pub connect_timeout: Duration,
    /// Largest body of a polling request in bytes, told to clients as `maxPayload`.
    pub max_payload: usize,
    /// A polling body must have arrived within that time.
    pub body_timeout: Duration,
    /// Largest WebSocket message in bytes, fragments joined.
    pub max_message: usize,
    /// Connections at once; the next one is answered 503.
    pub max_connections: usize,
    /// What may wait for one connection in bytes. Beyond it the connection is closed.
    pub outbox_bytes: usize,
    /// What may wait for one connection in packets. Beyond it the connection is closed.
    pub outbox_packets: usize,
    /// A connection that has taken nothing of what waits for it for that long is closed.
    pub stall_limit: Duration,
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
            max_payload: 100_000,
            body_timeout: Duration::from_secs(10),
            max_message: 64 * 1024,
            max_connections: 100_000,
            outbox_bytes: 1024 * 1024,
            outbox_packets: 4096,
            stall_limit: Duration::from_secs(30),
            send_buffer: Some(128 * 1024),
            inbound_packets: 64,
            inbound_bytes: 256 * 1024,
            pending_acks: 256,
        }
    }
}
