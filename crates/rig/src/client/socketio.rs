//! Socket.IO (protocol 5 over Engine.IO 4): what is said over either transport, and the link over WebSocket.

use serde_json::json;

use super::link::{Loss, Post, Target, claim};
use super::web_socket::WebSocket;
use crate::history::Since;
use crate::wire::{self, Heard};

/// Ack ids: 0 is that of `join`, a post's is one more than its number.
const JOIN: u64 = 0;

/// What a packet means to the client.
pub enum Meaning {
    Open(String),
    Ping,
    Connected,
    Heard(Heard),
}

/// Reads an Engine.IO packet.
pub fn read(packet: &str) -> Result<Meaning, Loss> {
    let nonsense = |error: anyhow::Error| Loss::Nonsense(format!("{error:#}"));
    if let Some(open) = packet.strip_prefix('0') {
        let open: serde_json::Value = serde_json::from_str(open).map_err(|error| nonsense(error.into()))?;
        let sid = open["sid"].as_str().ok_or_else(|| Loss::Nonsense(String::from("an open packet without sid")))?;
        return Ok(Meaning::Open(sid.to_owned()));
    }
    if packet == "2" {
        return Ok(Meaning::Ping);
    }
    if packet == "1" || packet.starts_with("41") {
        return Err(Loss::Refused(String::from("disconnected")));
    }
    if packet.starts_with("44") {
        return Err(Loss::Refused(format!("connect error {packet}")));
    }
    if packet.starts_with("40/chat,") {
        return Ok(Meaning::Connected);
    }
    let is_event = packet.starts_with("42");
    let Some(rest) = packet.strip_prefix(if is_event { "42" } else { "43" }) else {
        return Ok(Meaning::Heard(Heard::Other));
    };
    let Some(packet) = wire::packet(rest, is_event).map_err(nonsense)? else {
        return Ok(Meaning::Heard(Heard::Other));
    };
    let heard = match (packet.name, packet.id) {
        (Some(name), _) => wire::event(&name, packet.argument),
        (None, Some(id)) => wire::answer(id.checked_sub(JOIN + 1), packet.argument),
        (None, None) => return Err(Loss::Nonsense(String::from("an ack without an id"))),
    };
    Ok(Meaning::Heard(heard.map_err(nonsense)?))
}

pub const CONNECT: &str = "40/chat,";

pub fn join(room: &str, since: Option<Since>) -> String {
    let join = json!(["join", {"room": room, "since": claim(since)}]);
    format!("42/chat,{JOIN}{join}")
}

pub fn post(room: &str, post: &Post) -> String {
    let (name, command) = post.command(room);
    format!("42/chat,{}{}", post.number + JOIN + 1, json!([name, command]))
}

#[derive(Debug)]
pub struct SocketIo(WebSocket);

impl SocketIo {
    pub async fn open(target: &Target, since: Option<Since>) -> Result<Self, Loss> {
        let mut socket = WebSocket::open(target, "/socket.io/?EIO=4&transport=websocket").await?;
        loop {
            let Some(packet) = socket.next().await? else { continue };
            match read(&packet)? {
                Meaning::Open(_) => socket.feed(CONNECT.to_owned()).await?,
                Meaning::Connected => break,
                _ => continue,
            }
            socket.flush().await?;
        }
        socket.feed(join(&target.room, since)).await?;
        socket.flush().await?;
        Ok(Self(socket))
    }

    pub async fn next(&mut self) -> Result<Heard, Loss> {
        let Some(packet) = self.0.next().await? else { return Ok(Heard::Other) };
        match read(&packet)? {
            Meaning::Heard(heard) => Ok(heard),
            Meaning::Ping => {
                self.0.feed(String::from("3")).await?;
                self.0.flush().await?;
                Ok(Heard::Other)
            }
            Meaning::Open(_) | Meaning::Connected => Ok(Heard::Other),
        }
    }

    pub async fn post(&mut self, room: &str, message: &Post) -> Result<(), Loss> {
        self.0.feed(post(room, message)).await
    }

    pub async fn flush(&mut self) -> Result<(), Loss> {
        self.0.flush().await
    }
}
