//! A raider: joins like everybody, then posts without waiting for anything.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::frames::{self, Frames, Seen};
use crate::http::Person;

/// What raiders say begins with it.
pub const RUBBISH: &str = "rubbish";

/// What became of a raider's posts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Handed to the system.
    pub sent: u64,
    /// The connection took no more when they were due.
    pub held_back: u64,
    pub acked: u64,
    pub refused: u64,
}

impl Counts {
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            sent: self.sent + other.sent,
            held_back: self.held_back + other.held_back,
            acked: self.acked + other.acked,
            refused: self.refused + other.refused,
        }
    }
}

#[derive(Debug)]
pub struct Raider {
    stream: TcpStream,
    frames: Frames,
    /// One post, ready to be sent again and again.
    post: Vec<u8>,
    /// What is being written, and how much of it is out. Whole frames, so that an answer to a ping fits in between.
    writing: Vec<u8>,
    written: usize,
    pub counts: Counts,
    pub is_closed: bool,
}

/// Through which door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    SocketIo,
    Plain,
}

impl Raider {
    /// Connects from an address of its own and joins.
    ///
    /// # Errors
    /// When it is not let in.
    pub async fn join(
        server: SocketAddr,
        from: Ipv4Addr,
        way: Way,
        person: &Person,
        room: &str,
    ) -> anyhow::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let mut stream = socket.connect(server).await?;
        stream.set_nodelay(true)?;
        let path = match way {
            Way::SocketIo => "/socket.io/?EIO=4&transport=websocket",
            Way::Plain => "/ws",
        };
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCookie: {}\r\n\r\n",
            person.cookie
        );
        stream.write_all(request.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            ensure!(head.len() < 4096, "an answer without an end");
            head.push(stream.read_u8().await.context("no answer to the upgrade")?);
        }
        ensure!(head.starts_with(b"HTTP/1.1 101 "), "no upgrade: {}", String::from_utf8_lossy(&head));
        let (join, post) = match way {
            Way::SocketIo => (
                format!(r#"42/chat,0["join",{{"room":"{room}"}}]"#),
                format!(r#"42/chat,1["chat",{{"room":"{room}","chat":"{RUBBISH} {RUBBISH} {RUBBISH}"}}]"#),
            ),
            Way::Plain => (
                format!(r#"{{"type":"join","ref":0,"room":"{room}"}}"#),
                format!(r#"{{"type":"chat","ref":1,"room":"{room}","chat":"{RUBBISH} {RUBBISH} {RUBBISH}"}}"#),
            ),
        };
        let mut raider = Self {
            stream,
            frames: Frames::default(),
            post: frames::text(&post),
            writing: Vec::new(),
            written: 0,
            counts: Counts::default(),
            is_closed: false,
        };
        if way == Way::SocketIo {
            raider.stream.write_all(&frames::text("40/chat,")).await?;
            raider.until(|seen| (seen == Seen::Connected).then_some(true)).await?;
        }
        raider.stream.write_all(&frames::text(&join)).await?;
        let is_in = raider.until(|seen| if let Seen::Joined(is_in) = seen { Some(is_in) } else { None }).await?;
        ensure!(is_in, "a join was refused");
        Ok(raider)
    }

    async fn until(&mut self, is_it: impl Fn(Seen) -> Option<bool>) -> anyhow::Result<bool> {
        let mut scratch = vec![0; 4096];
        loop {
            let read = self.stream.read(&mut scratch).await?;
            if read == 0 {
                bail!("the connection was closed");
            }
            let mut found = None;
            self.frames.read(&scratch[..read], |seen| found = found.or_else(|| is_it(seen)));
            if let Some(found) = found {
                return Ok(found);
            }
        }
    }

    /// Reads what is there, and posts so often, if the connection takes it. Waits for nothing.
    pub fn turn(&mut self, posts: u64, scratch: &mut [u8]) {
        if self.is_closed {
            return;
        }
        let mut answers = Vec::new();
        loop {
            match self.stream.try_read(scratch) {
                Ok(0) => return self.close(),
                Ok(read) => {
                    let counts = &mut self.counts;
                    self.frames.read(&scratch[..read], |seen| match seen {
                        Seen::Answered(true) => counts.acked += 1,
                        Seen::Answered(false) => counts.refused += 1,
                        Seen::Ping => answers.extend(frames::pong()),
                        Seen::EnginePing => answers.extend(frames::text("3")),
                        _ => {}
                    });
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(_) => return self.close(),
            }
        }
        let is_stuck = !self.writing.is_empty();
        self.writing.extend(answers);
        if is_stuck {
            self.counts.held_back += posts;
        } else {
            (0..posts).for_each(|_| self.writing.extend_from_slice(&self.post));
            self.counts.sent += posts;
        }
        match self.stream.try_write(&self.writing[self.written..]) {
            Ok(written) => self.written += written,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return self.close(),
        }
        if self.written == self.writing.len() {
            self.writing.clear();
            self.written = 0;
        }
    }

    fn close(&mut self) {
        self.is_closed = true;
    }
}
