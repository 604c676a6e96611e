//! `/ws`: JSON frames.

use serde_json::json;

use super::link::{Loss, Post, Target, claim};
use super::web_socket::WebSocket;
use crate::history::Since;
use crate::wire::{self, Heard, PlainFrame};

/// The `ref` of `join`; a post's is one more than its number.
const JOIN: u64 = 0;

#[derive(Debug)]
pub struct Plain(WebSocket);

impl Plain {
    pub async fn open(target: &Target, since: Option<Since>) -> Result<Self, Loss> {
        let mut socket = WebSocket::open(target, "/ws").await?;
        let join = json!({"type": "join", "ref": JOIN, "room": target.room, "since": claim(since)});
        socket.feed(join.to_string()).await?;
        socket.flush().await?;
        Ok(Self(socket))
    }

    pub async fn next(&mut self) -> Result<Heard, Loss> {
        let Some(frame) = self.0.next().await? else { return Ok(Heard::Other) };
        read(&frame).map_err(|error| Loss::Nonsense(format!("{error:#}")))
    }

    pub async fn post(&mut self, room: &str, post: &Post) -> Result<(), Loss> {
        let (name, mut command) = post.command(room);
        command["type"] = json!(name);
        command["ref"] = json!(post.number + JOIN + 1);
        self.0.feed(command.to_string()).await
    }

    pub async fn flush(&mut self) -> Result<(), Loss> {
        self.0.flush().await
    }
}

fn read(frame: &str) -> anyhow::Result<Heard> {
    let head: PlainFrame<'_> = serde_json::from_str(frame)?;
    match (&*head.kind, head.reference) {
        ("ack", Some(reference)) => wire::answer(reference.checked_sub(JOIN + 1), frame),
        ("ack", None) => anyhow::bail!("an ack without a ref"),
        (name, _) => wire::event(name, frame),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Entry;
    use crate::wire::Element;

    #[test]
    fn frames_are_read() {
        let chat = r#"{"type":"chat","_id":"0a","room":"r","user":"c","chat":"hi","createdAt":"","seq":7,"member":"b","name":"n"}"#;
        let Heard::Event(Element::Entry(7, Entry::Said(shown))) = read(chat).unwrap() else { panic!() };
        assert_eq!((shown.id, shown.member, shown.client_message_id), (10, 11, 0));
        let refused = r#"{"type":"ack","ref":3,"error":{"code":"not-in-room","title":"","status":403,"detail":""}}"#;
        let Heard::NotAcked { number: 2, code } = read(refused).unwrap() else { panic!() };
        assert_eq!(code, "not-in-room");
        assert!(matches!(read(r#"{"type":"ack","ref":0,"error":{"code":"x"}}"#).unwrap(), Heard::NotJoined(_)));
        assert!(matches!(read(r#"{"type":"typing","user":"c"}"#).unwrap(), Heard::Other));
        assert!(read(r#"{"type":"chat","seq":1}"#).is_err());
        assert!(read("{").is_err());
    }
}
