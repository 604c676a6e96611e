//! How a connection of each mode gets into its room, and what its messages look like.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::ValueEnum;
use sha2::{Digest, Sha256};

use crate::client::{Client, Shared};
use crate::http;

/// A server that answers a connection before it listens to it may lose the first event: joining is tried again.
const JOIN_TRIES: u32 = 15;
const JOIN_TIME: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// The whole product: rooms over HTTP, cookies, admission, join, messages that are stored and acknowledged.
    App,
    /// The delivery engine alone: the example `fanout` of crates/realtime.
    Fanout,
}

impl Mode {
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Fanout => "fanout",
        }
    }

    /// Whether a message is answered with an acknowledgement; otherwise its own sender's delivery stands for it.
    pub const fn acknowledges(self) -> bool {
        matches!(self, Self::App)
    }
}

/// A room, and the cookie of who made it (empty in fanout).
pub struct Room {
    pub id: String,
    owner: String,
}

impl Room {
    /// A room that somebody else has made.
    pub const fn known(id: String) -> Self {
        Self { id, owner: String::new() }
    }
}

pub async fn make_room(mode: Mode, server: SocketAddr, number: u32, members: u32) -> anyhow::Result<Room> {
    if mode == Mode::Fanout {
        return Ok(Room::known(format!("room-{number}")));
    }
    let answer =
        http::request(server, "POST", "/room", "", &format!("title=bench+{number}&max={members}&password=")).await?;
    ensure!(answer.status == 201, "making a room was answered {}", answer.status);
    let room: serde_json::Value = serde_json::from_str(&answer.body).context("the new room is no JSON")?;
    let id = room["_id"].as_str().context("the new room has no _id")?.to_owned();
    Ok(Room { id, owner: answer.cookies() })
}

/// Connects member `place` of `room`, the first of which is its owner.
pub async fn enter(
    mode: Mode,
    shared: &Rc<Shared>,
    server: SocketAddr,
    room: &Room,
    place: u32,
    index: u32,
) -> anyhow::Result<Rc<Client>> {
    let cookie = match (mode, place) {
        (Mode::Fanout, _) => String::new(),
        (Mode::App, 0) => room.owner.clone(),
        (Mode::App, _) => come(server, &room.id).await?,
    };
    let client = Client::connect(Rc::clone(shared), server, index, &cookie).await?;
    let event = match mode {
        Mode::App => "join",
        Mode::Fanout => "joinroom",
    };
    let join = format!("42/chat,0[\"{event}\",\"{}\"]", room.id);
    for _ in 0..JOIN_TRIES {
        client.send(join.as_bytes())?;
        let answer = match mode {
            // It loses nothing, so it is given the time it needs.
            Mode::App => Ok(client.until(b"43/chat,0").await),
            Mode::Fanout => tokio::time::timeout(JOIN_TIME, client.until(b"43/chat,0")).await,
        };
        let Ok(answer) = answer else {
            shared.repeated.set(shared.repeated.get() + 1);
            continue;
        };
        let answer = answer?;
        ensure!(!answer.starts_with("[{\"error\""), "joining was refused: {answer}");
        return Ok(client);
    }
    bail!("joining was not acknowledged")
}

/// The cookie of somebody new who may join. From the page; where many come at once, for the proof of work that is asked for then.
async fn come(server: SocketAddr, room: &str) -> anyhow::Result<String> {
    let page = http::ask(server, "GET", &format!("/room/{room}"), "", "").await?;
    let cookies = page.cookies();
    if page.status == 200 {
        return Ok(cookies);
    }
    let door = format!("/room/{room}/enter");
    let refused = http::ask(server, "POST", &door, &cookies, "password=").await?;
    let problem: serde_json::Value = serde_json::from_str(&refused.body).context("a refusal is no JSON")?;
    let challenge = &problem["challenge"];
    let (salt, bits) = challenge["salt"].as_str().zip(challenge["bits"].as_u64()).with_context(|| {
        format!("the page of a room was answered {}, entering {}: {problem}", page.status, refused.status)
    })?;
    let form = format!("password=&salt={salt}&nonce={}", solve(salt, bits));
    http::request(server, "POST", &door, &cookies, &form).await?;
    Ok(cookies)
}

/// A nonce for which SHA-256 of `<salt>:<nonce>` begins with so many zero bits: few, our servers are told.
fn solve(salt: &str, bits: u64) -> String {
    let mut nonce = 0_u64;
    loop {
        let hash = Sha256::digest(format!("{salt}:{nonce:x}"));
        let first = hash.iter().take(8).fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
        if u64::from(first.leading_zeros()) >= bits {
            return format!("{nonce:x}");
        }
        nonce += 1;
    }
}

/// A message to `room`: 10 digits of who, 16 of when (hexadecimal, nanoseconds), and letters to fill.
pub fn message(mode: Mode, room: &str, index: u32, nanos: u64, letters: usize) -> String {
    let text = format!("{MARK}{index:010}{nanos:016x}");
    let ack = if mode.acknowledges() { "1" } else { "" };
    format!("42/chat,{ack}[\"chat\",{{\"room\":\"{room}\",\"chat\":\"{text:x<letters$}\"}}]")
}

/// What begins the text of our messages; nothing else on the wire has it.
pub const MARK: &str = "~@~";

/// Who sent the message in this frame, and when.
pub fn read_message(frame: &[u8]) -> Option<(u32, u64)> {
    let mark = MARK.as_bytes();
    let at = frame.windows(mark.len()).position(|window| window == mark)? + mark.len();
    let digits = std::str::from_utf8(frame.get(at..at + 26)?).ok()?;
    Some((digits[..10].parse().ok()?, u64::from_str_radix(&digits[10..], 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_solved_begins_with_zeros() {
        let hash = Sha256::digest(format!("ab:{}", solve("ab", 9)));
        assert!(hash[0] == 0 && hash[1] < 0x80, "{hash:x?}");
    }

    #[test]
    fn a_message_says_who_and_when() {
        let message = message(Mode::App, "abc", 7, 0x1234, 64);
        assert_eq!(read_message(message.as_bytes()), Some((7, 0x1234)));
        assert!(message.starts_with("42/chat,1[\"chat\",{\"room\":\"abc\",\"chat\":\"~@~0000000007"), "{message}");
        let text = message.split("\"chat\":\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(text.len(), 64);
        assert_eq!(read_message(b"42/chat,[\"join\",{}]"), None);
        assert_eq!(read_message(b"~@~000"), None);
    }
}
