//! What a TCP connection is set to.

use std::io;
use std::time::Duration;

use socket2::SockRef;

use crate::config::Config;

/// The options of every connection, or of the listener they come from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    send_buffer: Option<usize>,
    user_timeout: Duration,
}

impl Options {
    pub(crate) fn of(config: &Config) -> Self {
        // Twice: our own limit comes first, and it has a name.
        Self { send_buffer: config.send_buffer, user_timeout: config.stall_limit.saturating_mul(2) }
    }

    pub(crate) fn set(self, socket: SockRef<'_>) -> io::Result<()> {
        socket.set_tcp_nodelay(true)?;
        socket.set_tcp_user_timeout(Some(self.user_timeout))?;
        if let Some(size) = self.send_buffer {
            socket.set_send_buffer_size(size)?;
        }
        Ok(())
    }
}
