//! Our own reading of what the server sends: written from its manual (docs/asyncapi.yaml), not from its code.

use std::borrow::Cow;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::history::{Answer, Position, Shown, hash};

/// What comes from a server, whichever way.
#[derive(Clone, Debug)]
pub enum Heard {
    /// The answer to `join`, with the member that one is.
    Joined {
        answer: Answer,
        me: u64,
    },
    /// `join` was refused: the problem's code.
    NotJoined(String),
    /// The answer to the post of this number.
    Acked {
        number: u64,
        seq: i64,
        shown: Shown,
    },
    NotAcked {
        number: u64,
        code: String,
    },
    Said {
        seq: i64,
        shown: Shown,
    },
    /// The newest message of the room, in silence.
    Head(Position),
    /// The server is about to end, and says how long to wait.
    Shutdown(Duration),
    RoomRemoved,
    /// Anything else: who came, who went, a heartbeat.
    Other,
}

#[derive(Deserialize)]
struct MessageJson<'a> {
    #[serde(rename = "_id", borrow)]
    id: Cow<'a, str>,
    seq: i64,
    #[serde(borrow)]
    member: Cow<'a, str>,
    #[serde(borrow, default)]
    chat: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    gif: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "clientMessageId")]
    client_message_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct SnapshotJson<'a> {
    #[serde(borrow)]
    me: MeJson<'a>,
    #[serde(borrow)]
    messages: Vec<MessageJson<'a>>,
    seq: i64,
    epoch: i64,
    recovered: bool,
}

#[derive(Deserialize)]
struct MeJson<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

#[derive(Deserialize)]
struct RefusedJson<'a> {
    #[serde(borrow)]
    error: ProblemJson<'a>,
}

/// In an ack it has a `code`, over HTTP a `type` that ends in it.
#[derive(Deserialize)]
struct ProblemJson<'a> {
    #[serde(borrow, default)]
    code: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct HeadJson {
    epoch: i64,
    seq: i64,
}

#[derive(Deserialize)]
struct ShutdownJson {
    #[serde(rename = "reconnectionDelay")]
    delay: f64,
}

/// An event's name and its JSON.
pub fn event(name: &str, json: &str) -> anyhow::Result<Heard> {
    Ok(match name {
        "chat" => {
            let (seq, shown) = message(json)?;
            Heard::Said { seq, shown }
        }
        "head" => {
            let head: HeadJson = serde_json::from_str(json).with_context(|| format!("no head: {json}"))?;
            Heard::Head(Position { epoch: head.epoch, seq: head.seq })
        }
        "shutdown" => {
            let shutdown: ShutdownJson = serde_json::from_str(json).with_context(|| format!("no shutdown: {json}"))?;
            Heard::Shutdown(Duration::try_from_secs_f64(shutdown.delay / 1000.0)?)
        }
        "removeRoom" => Heard::RoomRemoved,
        _ => Heard::Other,
    })
}

/// What a command was answered: `number` is `None` for `join`, else that of the post.
pub fn answer(number: Option<u64>, json: &str) -> anyhow::Result<Heard> {
    if let Ok(refused) = serde_json::from_str::<RefusedJson<'_>>(json) {
        let code = code(&refused.error).with_context(|| format!("a refusal without a code: {json}"))?;
        return Ok(match number {
            None => Heard::NotJoined(code),
            Some(number) => Heard::NotAcked { number, code },
        });
    }
    let Some(number) = number else { return snapshot(json, false) };
    let (seq, shown) = message(json)?;
    Ok(Heard::Acked { number, seq, shown })
}

/// `in_stream`: an event stream's, after which the missed messages follow.
pub fn snapshot(json: &str, in_stream: bool) -> anyhow::Result<Heard> {
    let snapshot: SnapshotJson<'_> = serde_json::from_str(json).with_context(|| format!("no snapshot: {json:.300}"))?;
    let messages = snapshot.messages.iter().map(shown).collect::<anyhow::Result<_>>()?;
    let position = Position { epoch: snapshot.epoch, seq: snapshot.seq };
    let answer = Answer { position, recovered: snapshot.recovered, messages, follow: in_stream && snapshot.recovered };
    Ok(Heard::Joined { answer, me: u64::from_str_radix(&snapshot.me.id, 16)? })
}

pub fn message(json: &str) -> anyhow::Result<(i64, Shown)> {
    let message: MessageJson<'_> = serde_json::from_str(json).with_context(|| format!("no message: {json:.300}"))?;
    shown(&message)
}

/// A list of them.
pub fn messages(json: &str) -> anyhow::Result<Vec<(i64, Shown)>> {
    let messages: Vec<MessageJson<'_>> = serde_json::from_str(json)?;
    messages.iter().map(shown).collect()
}

/// The code of problem details over HTTP.
pub fn problem(json: &str) -> Option<String> {
    serde_json::from_str::<ProblemJson<'_>>(json).ok().as_ref().and_then(code)
}

fn code(problem: &ProblemJson<'_>) -> Option<String> {
    let kind = || problem.kind.as_deref().and_then(|kind| kind.rsplit('/').next());
    problem.code.as_deref().or_else(kind).map(str::to_owned)
}

fn shown(message: &MessageJson<'_>) -> anyhow::Result<(i64, Shown)> {
    if message.seq < 1 {
        bail!("a message has the seq {}", message.seq);
    }
    let content = message.chat.as_ref().or(message.gif.as_ref()).context("a message has a text or a GIF")?;
    let shown = Shown {
        id: u128::from_str_radix(&message.id, 16).context("an _id is hexadecimal")?,
        member: u64::from_str_radix(&message.member, 16).context("a member is hexadecimal")?,
        client_message_id: message.client_message_id.as_deref().map_or(0, hash),
        text: hash(content),
    };
    Ok((message.seq, shown))
}

/// A Socket.IO event or ack of protocol 5 after its type digit: `/chat,12["name",{...}]`, or an ack's `/chat,12[{...}]`.
#[derive(Debug)]
pub struct Packet<'a> {
    pub id: Option<u64>,
    pub name: Option<Cow<'a, str>>,
    pub argument: &'a str,
}

#[derive(Deserialize)]
struct EventJson<'a>(#[serde(borrow)] Cow<'a, str>, #[serde(borrow)] &'a RawValue);

#[derive(Deserialize)]
struct AckJson<'a>(#[serde(borrow)] [&'a RawValue; 1]);

/// `None` for another namespace.
pub fn packet<'a>(rest: &'a str, is_event: bool) -> anyhow::Result<Option<Packet<'a>>> {
    let Some(rest) = rest.strip_prefix("/chat,") else { return Ok(None) };
    let digits = rest.find(|c: char| !c.is_ascii_digit()).with_context(|| format!("no packet: {rest:.100}"))?;
    let (id, array) = rest.split_at(digits);
    let id = if id.is_empty() { None } else { Some(id.parse()?) };
    if is_event {
        let EventJson(name, argument) =
            serde_json::from_str(array).with_context(|| format!("no event of one argument: {array:.100}"))?;
        return Ok(Some(Packet { id, name: Some(name), argument: argument.get() }));
    }
    let AckJson([argument]) =
        serde_json::from_str(array).with_context(|| format!("no ack of one argument: {array:.100}"))?;
    Ok(Some(Packet { id, name: None, argument: argument.get() }))
}

/// The type and the `ref` of a frame of `/ws`.
#[derive(Debug, Deserialize)]
pub struct PlainFrame<'a> {
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
    #[serde(default, rename = "ref")]
    pub reference: Option<u64>,
}

/// Where the history of a room's page ends, and the messages in it.
pub fn page(html: &str) -> anyhow::Result<(Position, Vec<i64>)> {
    let (_, room) = html.split_once("<chat-room").context("the page has no room")?;
    let (tag, body) = room.split_once('>').context("the room's tag has an end")?;
    let position = Position { epoch: attribute(tag, "data-epoch")?, seq: attribute(tag, "data-seq")? };
    let mut messages = Vec::new();
    for article in body.split("<article") {
        let Some((tag, _)) = article.split_once('>') else { continue };
        // The page's templates are articles without a number.
        if let Ok(seq) = attribute(tag, "data-seq")
            && seq > 0
        {
            messages.push(seq);
        }
    }
    Ok((position, messages))
}

fn attribute(tag: &str, name: &str) -> anyhow::Result<i64> {
    let (_, value) = tag.split_once(&format!("{name}=\"")).with_context(|| format!("no {name}"))?;
    let (value, _) = value.split_once('"').with_context(|| format!("{name} has no end"))?;
    value.parse().with_context(|| format!("{name} is {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = r##"{"_id":"0a","room":"r","user":"#1f932d","chat":"h\"i","createdAt":"","seq":7,"member":"b","name":"n","clientMessageId":"c-1"}"##;

    #[test]
    fn messages_are_read() {
        let expected = Shown { id: 10, member: 11, client_message_id: hash("c-1"), text: hash("h\"i") };
        assert_eq!(message(MESSAGE).unwrap(), (7, expected));
        assert_eq!(messages(&format!("[{MESSAGE}]")).unwrap(), [(7, expected)]);
        for broken in
            [MESSAGE.replace(":7", ":0"), MESSAGE.replace("\"0a\"", "\"xyz\""), MESSAGE.replace("\"chat\"", "\"text\"")]
        {
            assert!(message(&broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn events_and_answers_are_read() {
        assert!(matches!(event("chat", MESSAGE).unwrap(), Heard::Said { seq: 7, .. }));
        let head = event("head", r#"{"room":"r","epoch":5,"seq":9}"#).unwrap();
        assert!(matches!(head, Heard::Head(Position { epoch: 5, seq: 9 })));
        let shutdown = event("shutdown", r#"{"reconnectionDelay":1500}"#).unwrap();
        assert!(matches!(shutdown, Heard::Shutdown(delay) if delay == Duration::from_millis(1500)));
        assert!(matches!(event("removeRoom", "\"r\"").unwrap(), Heard::RoomRemoved));
        assert!(matches!(event("later", "1").unwrap(), Heard::Other));
        assert!(event("chat", "1").is_err());

        assert!(matches!(answer(Some(3), MESSAGE).unwrap(), Heard::Acked { number: 3, seq: 7, .. }));
        let refused = r#"{"error":{"code":"room-full","title":"","status":409,"detail":""}}"#;
        assert!(matches!(answer(None, refused).unwrap(), Heard::NotJoined(code) if code == "room-full"));
        assert!(matches!(answer(Some(3), refused).unwrap(), Heard::NotAcked { number: 3, .. }));
        let snapshot = format!(
            r##"{{"room":{{}},"me":{{"id":"f","name":"n","color":"#"}},"members":[],"messages":[{MESSAGE}],"seq":7,"epoch":5,"recovered":true}}"##
        );
        let Heard::Joined { answer, me: 15 } = answer(None, &snapshot).unwrap() else { panic!() };
        assert_eq!((answer.position, answer.messages.len(), answer.follow), (Position { epoch: 5, seq: 7 }, 1, false));
        assert_eq!(problem(r#"{"type":"/problems/too-often","title":""}"#).as_deref(), Some("too-often"));
        assert_eq!(problem("<html>"), None);
    }

    #[test]
    fn packets_are_read() {
        let event = packet(r#"/chat,["chat",{"a":1}]"#, true).unwrap().unwrap();
        assert_eq!((event.id, event.name.as_deref(), event.argument), (None, Some("chat"), r#"{"a":1}"#));
        let ack = packet(r#"/chat,12[{"a":1}]"#, false).unwrap().unwrap();
        assert_eq!((ack.id, ack.name, ack.argument), (Some(12), None, r#"{"a":1}"#));
        assert!(packet("/room,[\"x\",1]", true).unwrap().is_none());
        assert!(packet("/chat,12", false).is_err());
    }

    #[test]
    fn a_page_says_where_its_history_ends() {
        let html = r#"<chat-room class="room" data-room="x" data-epoch="5" data-seq="8" data-owner="o">
            <article class="msg" data-id="a" data-seq="7"><p>data-seq="9"</p></article><article data-seq="8"></article>
            </chat-room><template><article class="msg u" data-id="" data-seq=""></article></template>"#;
        assert_eq!(page(html).unwrap(), (Position { epoch: 5, seq: 8 }, vec![7, 8]));
        assert!(page("<chat-room data-seq=\"8\">").is_err());
        assert!(page("").is_err());
    }
}
