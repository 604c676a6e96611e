//! Somebody who only wants to talk, at one of three doors. Holds the server to the room's order, and measures.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use reqwest::header::{COOKIE, HeaderValue};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::raider::RUBBISH;
use super::talk::Talk;
use crate::http::{Http, Person};

/// How long joining may take, and a command.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    SocketIo,
    Plain,
    /// Reads an event stream and posts over HTTP.
    Stream,
}

/// What somebody has seen so far.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The newest `seq`.
    pub seq: i64,
    /// Messages of raiders that were shown.
    pub rubbish: u64,
    /// Members whose messages were purged.
    pub purged: u64,
    /// Posts of one's own that were refused, by code.
    pub refused: HashMap<String, u64>,
    pub wrong: Vec<String>,
}

/// A command and where its answer goes.
type Order = (Value, oneshot::Sender<Value>);

#[derive(Debug)]
pub struct Honest {
    pub person: Person,
    pub me: String,
    /// What the answer to `join` said.
    pub snapshot: Value,
    http: Http,
    room: String,
    number: usize,
    way: Way,
    talk: Arc<Talk>,
    seen: Arc<Mutex<Seen>>,
    orders: mpsc::Sender<Order>,
    task: JoinHandle<()>,
}

/// An event or answer, the parts that matter.
#[derive(Debug, Deserialize)]
struct Told<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(rename = "ref", default)]
    reference: Option<u64>,
    #[serde(default)]
    seq: Option<i64>,
    #[serde(borrow, default)]
    chat: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    members: Option<&'a RawValue>,
}

impl Honest {
    /// Joins; `person` was admitted before.
    ///
    /// # Errors
    /// When they are not let in.
    pub async fn join(
        http: &Http,
        room: &str,
        person: Person,
        number: usize,
        way: Way,
        talk: &Arc<Talk>,
    ) -> anyhow::Result<Self> {
        let mut link = Link::open(http, room, &person, way).await?;
        let snapshot = tokio::time::timeout(PATIENCE, link.joined(room)).await.context("no answer to `join`")??;
        if let Some(error) = snapshot.get("error") {
            bail!("a join was refused: {error}");
        }
        let seq = snapshot["seq"].as_i64().context("a snapshot has a seq")?;
        let me = snapshot["me"]["id"].as_str().context("a snapshot says who one is")?.to_owned();
        let seen = Arc::new(Mutex::new(Seen { seq, ..Seen::default() }));
        let (orders, ordered) = mpsc::channel(64);
        let runner =
            Runner { number, talk: Arc::clone(talk), seen: Arc::clone(&seen), answers: HashMap::new(), next: 1 };
        let task = tokio::spawn(runner.run(link, ordered));
        let (http, room, talk) = (http.clone(), room.to_owned(), Arc::clone(talk));
        Ok(Self { person, me, snapshot, http, room, number, way, talk, seen, orders, task })
    }

    /// Sends a command over one's own connection, or over HTTP from an event stream.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn order(&self, name: &str, mut command: Value) -> anyhow::Result<Value> {
        command["type"] = json!(name);
        command["room"] = json!(self.room);
        let answer = async {
            if self.way == Way::Stream {
                let door = if name == "chat" { name } else { "commands" };
                let path = format!("/room/{}/{door}", self.room);
                let request = self.http.request(Method::POST, &path, Some(&self.person)).json(&command);
                return Ok(request.send().await?.json().await?);
            }
            let (tell, told) = oneshot::channel();
            self.orders.send((command, tell)).await.context("their connection has ended")?;
            told.await.context("their connection has ended")
        };
        tokio::time::timeout(PATIENCE, answer)
            .await
            .with_context(|| format!("no answer to `{name}` in {PATIENCE:?}"))?
    }

    /// Says something, and notes when it was acked.
    pub async fn say(&self) {
        let (number, text) = self.talk.begin(self.number);
        match self.order("chat", json!({ "chat": text })).await {
            Ok(answer) if answer.get("seq").is_some() => self.talk.acked(number),
            Ok(answer) => {
                let code = answer["error"]["code"].as_str().or(answer["type"].as_str()).unwrap_or("no code").to_owned();
                *self.seen().refused.entry(code).or_default() += 1;
                self.talk.take_back(number);
            }
            Err(error) => self.seen().wrong.push(format!("{text} was not answered: {error:#}")),
        }
    }

    /// What they have seen until now.
    pub fn look(&self) -> Seen {
        self.seen().clone()
    }

    pub const fn way(&self) -> Way {
        self.way
    }

    pub const fn number(&self) -> usize {
        self.number
    }

    pub fn is_here(&self) -> bool {
        !self.task.is_finished()
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Honest {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Runner {
    number: usize,
    talk: Arc<Talk>,
    seen: Arc<Mutex<Seen>>,
    answers: HashMap<u64, oneshot::Sender<Value>>,
    next: u64,
}

impl Runner {
    async fn run(mut self, mut link: Link, mut orders: mpsc::Receiver<Order>) {
        let ended = loop {
            let step = tokio::select! {
                heard = link.next() => heard.and_then(|heard| match heard {
                    Some(heard) => self.hear(&heard),
                    None => Ok(()),
                }),
                Some((command, answer)) = orders.recv() => {
                    self.next += 1;
                    self.answers.insert(self.next, answer);
                    link.send(self.next, &command).await
                }
            };
            if let Err(error) = step {
                break error;
            }
        };
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .wrong
            .push(format!("their connection ended: {ended:#}"));
    }

    fn hear(&mut self, heard: &Heard) -> anyhow::Result<()> {
        let json: &str = &heard.json;
        let told: Told<'_> = serde_json::from_str(json).with_context(|| format!("no event: {json:.200}"))?;
        let name = heard.name.as_deref().or(told.kind.as_deref()).unwrap_or("ack");
        if name == "ack" {
            let reference = heard.reference.or(told.reference);
            if let Some(answer) = reference.and_then(|reference| self.answers.remove(&reference)) {
                let _ = answer.send(serde_json::from_str(json)?);
            }
            return Ok(());
        }
        if name == "chat" {
            let text = told.chat.as_deref().unwrap_or_default();
            if !text.starts_with(RUBBISH) {
                self.talk.heard(self.number, text);
            }
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if name == "chat" && told.chat.as_deref().is_some_and(|text| text.starts_with(RUBBISH)) {
            seen.rubbish += 1;
        }
        if name == "purge"
            && let Some(members) = told.members
        {
            seen.purged += serde_json::from_str::<Vec<Value>>(members.get())?.len() as u64;
        }
        if matches!(name, "head" | "typing" | "away" | "shutdown" | "snapshot") || told.error.is_some() {
            return Ok(());
        }
        if let Some(seq) = told.seq {
            if seq != seen.seq + 1 {
                let due = seen.seq + 1;
                seen.wrong.push(format!("seq {seq} was shown where {due} was due"));
            }
            seen.seq = seq;
        }
        Ok(())
    }
}

/// An event by name, or an answer by number; over `/ws` both are in the JSON.
#[derive(Debug)]
struct Heard {
    name: Option<String>,
    reference: Option<u64>,
    json: String,
}

type WebSocket = WebSocketStream<TcpStream>;

enum Link {
    SocketIo { socket: Box<WebSocket>, room: String },
    Plain { socket: Box<WebSocket>, room: String },
    Stream { answer: reqwest::Response, lines: Vec<u8>, name: String },
}

impl Link {
    async fn open(http: &Http, room: &str, person: &Person, way: Way) -> anyhow::Result<Self> {
        let room = room.to_owned();
        if way == Way::Stream {
            let answer = http.request(Method::GET, &format!("/room/{room}/events"), Some(person)).send().await?;
            ensure!(answer.status() == 200, "an event stream was answered {}", answer.status());
            return Ok(Self::Stream { answer, lines: Vec::new(), name: String::new() });
        }
        let path = if way == Way::Plain { "/ws" } else { "/socket.io/?EIO=4&transport=websocket" };
        let mut request = format!("ws://{}{path}", http.address()).into_client_request()?;
        request.headers_mut().insert(COOKIE, HeaderValue::from_str(&person.cookie)?);
        let stream = TcpStream::connect(http.address()).await?;
        stream.set_nodelay(true)?;
        let mut socket = Box::new(tokio_tungstenite::client_async(request, stream).await?.0);
        if way == Way::Plain {
            return Ok(Self::Plain { socket, room });
        }
        socket.send(Message::text("40/chat,")).await?;
        while !text(socket.next().await)?.is_some_and(|text| text.starts_with("40/chat")) {}
        Ok(Self::SocketIo { socket, room })
    }

    /// Asks to join, and returns what was answered.
    async fn joined(&mut self, room: &str) -> anyhow::Result<Value> {
        if !matches!(self, Self::Stream { .. }) {
            self.send(0, &json!({"type": "join", "room": room})).await?;
        }
        loop {
            let Some(heard) = self.next().await? else { continue };
            let is_stream = heard.name.as_deref() == Some("snapshot");
            let json: Value = serde_json::from_str(&heard.json)?;
            if is_stream || heard.reference == Some(0) || (json["type"] == "ack" && json["ref"] == 0) {
                return Ok(json);
            }
        }
    }

    async fn send(&mut self, number: u64, command: &Value) -> anyhow::Result<()> {
        let mut command = command.clone();
        match self {
            Self::SocketIo { socket, room } => {
                let name = command["type"].take();
                command["room"] = json!(room);
                let packet = format!("42/chat,{number}{}", json!([name, command]));
                socket.send(Message::text(packet)).await?;
            }
            Self::Plain { socket, room } => {
                command["ref"] = json!(number);
                command["room"] = json!(room);
                socket.send(Message::text(command.to_string())).await?;
            }
            Self::Stream { .. } => bail!("an event stream takes no commands"),
        }
        Ok(())
    }

    async fn next(&mut self) -> anyhow::Result<Option<Heard>> {
        match self {
            Self::Plain { socket, .. } => {
                let text = text(socket.next().await)?;
                if text.is_none() {
                    socket.flush().await?;
                }
                Ok(text.map(|text| Heard { name: None, reference: None, json: text.as_str().to_owned() }))
            }
            Self::SocketIo { socket, .. } => {
                let Some(text) = text(socket.next().await)? else { return Ok(None) };
                if text.as_str() == "2" {
                    socket.send(Message::text("3")).await?;
                }
                packet(&text)
            }
            Self::Stream { answer, lines, name } => loop {
                if let Some(end) = lines.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = lines.drain(..=end).collect();
                    let line = String::from_utf8_lossy(&line);
                    let line = line.trim_end();
                    if let Some(event) = line.strip_prefix("event:") {
                        event.trim().clone_into(name);
                    } else if let Some(data) = line.strip_prefix("data:") {
                        let heard = Heard { name: Some(name.clone()), reference: None, json: data.trim().to_owned() };
                        return Ok(Some(heard));
                    }
                } else {
                    let chunk = answer.chunk().await?.context("the end of the stream")?;
                    lines.extend_from_slice(&chunk);
                }
            },
        }
    }
}

fn packet(text: &str) -> anyhow::Result<Option<Heard>> {
    if let Some(rest) = text.strip_prefix("42/chat,") {
        let (name, json): (String, &RawValue) = serde_json::from_str(rest)?;
        return Ok(Some(Heard { name: Some(name), reference: None, json: json.get().to_owned() }));
    }
    if let Some(rest) = text.strip_prefix("43/chat,") {
        let (number, json) = rest.split_at(rest.find('[').context("an ack has an argument")?);
        let [json]: [&RawValue; 1] = serde_json::from_str(json)?;
        return Ok(Some(Heard { name: None, reference: Some(number.parse()?), json: json.get().to_owned() }));
    }
    Ok(None)
}

fn text(message: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>) -> anyhow::Result<Option<Utf8Bytes>> {
    match message.context("the end of the stream")?? {
        Message::Text(text) => Ok(Some(text)),
        Message::Close(close) => bail!("closed: {close:?}"),
        _ => Ok(None),
    }
}
