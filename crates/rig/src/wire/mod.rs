//! Our own reading of what the server sends: written from its manual (docs/asyncapi.yaml), not from its code.

use std::borrow::Cow;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::history::{Answer, Change, Entry, Position, Shown, Whisper};

mod element;

pub use element::{Element, Elements, element};
use element::{ElementJson, PersonJson, elements};

/// Of the members in an answer, those whom a client remembers.
const PEERS: usize = 32;

/// What comes from a server, whichever way.
#[derive(Clone, Debug)]
pub enum Heard {
    /// The answer to `join`, with the member that one is, and some of the others.
    Joined {
        answer: Answer,
        me: u64,
        others: Vec<u64>,
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
    /// The answer to the whisper of this number.
    Whispered {
        number: u64,
        whisper: Whisper,
    },
    /// The answer to the edit, removal or reaction of this number: `None` when it was so before.
    Changed {
        number: u64,
        stored: Option<(i64, Change)>,
    },
    Event(Element),
    /// The newest message of the room, in silence.
    Head(Position),
    /// The server is about to end, and says how long to wait.
    Shutdown(Duration),
    RoomRemoved,
    /// Anything else: who came, who went, a heartbeat.
    Other,
}

#[derive(Deserialize)]
struct SnapshotJson<'a> {
    #[serde(borrow)]
    me: PersonJson<'a>,
    #[serde(borrow)]
    members: Vec<PersonJson<'a>>,
    #[serde(borrow)]
    messages: Vec<ElementJson<'a>>,
    seq: i64,
    epoch: i64,
    whispers: i64,
    recovered: bool,
}

#[derive(Deserialize)]
struct WhisperedJson<'a> {
    #[serde(borrow)]
    whisper: ElementJson<'a>,
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
        "chat" | "whisper" | "edit" | "remove" | "react" | "purge" | "purged" | "join" | "exit" | "nick" | "owner"
        | "settings" | "kick" | "ban" | "unban" | "mute" | "unmute" | "raid" => Heard::Event(element(json)?),
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
    if let Ok(whispered) = serde_json::from_str::<WhisperedJson<'_>>(json) {
        return match whispered.whisper.read()? {
            Element::Whisper(whisper) => Ok(Heard::Whispered { number, whisper }),
            other => bail!("no whisper: {other:?}"),
        };
    }
    let answer: ElementJson<'_> = serde_json::from_str(json).with_context(|| format!("no answer: {json:.300}"))?;
    if answer.is_unchanged() {
        return Ok(Heard::Changed { number, stored: None });
    }
    Ok(match answer.read().with_context(|| format!("no answer: {json:.300}"))? {
        Element::Entry(seq, Entry::Said(shown)) => Heard::Acked { number, seq, shown },
        Element::Entry(seq, Entry::Change(change)) => Heard::Changed { number, stored: Some((seq, change)) },
        other => bail!("no answer to a post: {other:?}"),
    })
}

/// `in_stream`: an event stream's, after which the missed messages follow.
pub fn snapshot(json: &str, in_stream: bool) -> anyhow::Result<Heard> {
    let snapshot: SnapshotJson<'_> = serde_json::from_str(json).with_context(|| format!("no snapshot: {json:.300}"))?;
    let Elements { entries, whispers } = elements(&snapshot.messages)?;
    let position = Position { epoch: snapshot.epoch, seq: snapshot.seq };
    let SnapshotJson { recovered, whispers: newest, .. } = snapshot;
    let follow = in_stream && recovered;
    let answer = Answer { position, whispers: newest, recovered, entries, letters: whispers, follow };
    let me = snapshot.me.member()?;
    // The newest, who will be here for a while.
    let others = snapshot
        .members
        .iter()
        .rev()
        .map(PersonJson::member)
        .filter(|other| !matches!(other, Ok(other) if *other == me));
    let others = others.take(PEERS).collect::<anyhow::Result<_>>()?;
    Ok(Heard::Joined { answer, me, others })
}

/// A page of history.
pub fn history(json: &str) -> anyhow::Result<Elements> {
    let list: Vec<ElementJson<'_>> = serde_json::from_str(json)?;
    elements(&list)
}

/// The code of problem details over HTTP.
pub fn problem(json: &str) -> Option<String> {
    serde_json::from_str::<ProblemJson<'_>>(json).ok().as_ref().and_then(code)
}

fn code(problem: &ProblemJson<'_>) -> Option<String> {
    let kind = || problem.kind.as_deref().and_then(|kind| kind.rsplit('/').next());
    problem.code.as_deref().or_else(kind).map(str::to_owned)
}

/// What has to be solved before one is let in: a salt, and how many zero bits.
pub fn challenge(json: &str) -> Option<(String, u32)> {
    #[derive(Deserialize)]
    struct Challenge {
        salt: String,
        bits: u32,
    }
    #[derive(Deserialize)]
    struct Problem {
        challenge: Challenge,
    }
    let Challenge { salt, bits } = serde_json::from_str::<Problem>(json).ok()?.challenge;
    Some((salt, bits))
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
mod tests;
