//! One connection of a raw server.

use anyhow::ensure;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{SendFlags, send};

/// Who has so much waiting is closed.
const MOST_PENDING: usize = 4 * 1024 * 1024;

#[derive(Debug)]
pub struct Connection {
    pub socket: OwnedFd,
    /// The handshake is done.
    pub is_open: bool,
    /// It is about to be removed.
    pub is_over: bool,
    /// Its room, and its place among the members.
    pub place: Option<(usize, usize)>,
    /// A frame or head of which only a part has arrived.
    pub partial: Vec<u8>,
    pending: Vec<u8>,
}

impl Connection {
    pub const fn new(socket: OwnedFd) -> Self {
        Self { socket, is_open: false, is_over: false, place: None, partial: Vec::new(), pending: Vec::new() }
    }

    /// Sends at once what the kernel takes and keeps the rest; whether from now on it waits until more can be sent.
    pub fn send(&mut self, bytes: &[u8]) -> anyhow::Result<bool> {
        if !self.pending.is_empty() {
            ensure!(self.pending.len() + bytes.len() <= MOST_PENDING, "a reader that is too slow");
            self.pending.extend_from_slice(bytes);
            return Ok(false);
        }
        let sent = self.send_now(bytes)?;
        self.pending.extend_from_slice(&bytes[sent..]);
        Ok(!self.pending.is_empty())
    }

    /// Goes on with what waits; whether all of it is sent.
    pub fn send_pending(&mut self) -> anyhow::Result<bool> {
        let pending = std::mem::take(&mut self.pending);
        let sent = self.send_now(&pending)?;
        if sent < pending.len() {
            self.pending = pending;
            self.pending.drain(..sent);
        }
        Ok(self.pending.is_empty())
    }

    fn send_now(&self, bytes: &[u8]) -> anyhow::Result<usize> {
        match send(&self.socket, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            Ok(sent) => Ok(sent),
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}
