//! Members that come back whenever their connection ends, say something all the time, and miss nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::numbered::seqs_of;
use super::said::Said;
pub use super::said::Way;
use super::{Events, Heard, Person};

/// Between two messages of one member, so that nobody who comes back has missed too much.
const PACE: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orders {
    Talk,
    /// What was begun to be said is said to its end.
    Finish,
    /// Until that `seq` has been heard, with everything before it.
    HearUntil(i64),
}

pub struct Steady {
    pub way: Way,
    person: Person,
    room: String,
    orders: watch::Receiver<Orders>,
    pub counts: Arc<Counts>,
    /// What is not acknowledged yet: its client message id.
    pending: Option<String>,
    /// Client message ids with the `seq` they were acknowledged with.
    pub acked: Vec<(String, i64)>,
    epoch: Option<i64>,
    pub last: i64,
    /// Whether the room's answer to the join has come in this life, and the numbers heard before it.
    is_in: bool,
    early: Vec<i64>,
    pub lives: u32,
    /// Delays of `shutdown`, in milliseconds.
    pub told: Vec<u64>,
}

/// For who watches.
#[derive(Debug, Default)]
pub struct Counts {
    said: AtomicU64,
    acked: AtomicU64,
}

impl Counts {
    pub fn acked(&self) -> u64 {
        self.acked.load(Ordering::Acquire)
    }

    /// Whether everything that was said is acknowledged.
    pub fn is_even(&self) -> bool {
        self.said.load(Ordering::Acquire) == self.acked()
    }
}

impl Steady {
    pub fn new(way: Way, person: Person, room: &str, orders: watch::Receiver<Orders>) -> Self {
        Self {
            way,
            person,
            room: room.to_owned(),
            orders,
            counts: Arc::default(),
            pending: None,
            acked: Vec::new(),
            epoch: None,
            last: 0,
            is_in: false,
            early: Vec::new(),
            lives: 0,
            told: Vec::new(),
        }
    }

    /// Lives one life after another until it is told that it has heard everything.
    pub async fn live(mut self) -> Self {
        while !self.is_done() {
            self.lives += 1;
            self.is_in = false;
            self.early.clear();
            match self.way {
                Way::SocketIo | Way::Plain => self.over_websocket().await,
                Way::Polling => self.over_polling().await,
                Way::Events => self.over_events().await,
            }
        }
        self
    }

    fn is_done(&self) -> bool {
        matches!(*self.orders.borrow(), Orders::HearUntil(seq) if self.last >= seq)
    }

    /// The next thing to say, or again what is not acknowledged.
    fn words(&mut self) -> Option<Value> {
        let talks = *self.orders.borrow() == Orders::Talk;
        if self.pending.is_none() && talks {
            let number = self.counts.said.fetch_add(1, Ordering::AcqRel) + 1;
            self.pending = Some(format!("{:?}-{number}", self.way));
        }
        let id = self.pending.as_ref()?;
        Some(json!({"room": self.room, "chat": id, "clientMessageId": id}))
    }

    fn answered(&mut self, answer: &Value) {
        if let Some(code) = answer["error"]["code"].as_str() {
            assert!(matches!(code, "shutting-down" | "busy" | "not-in-room"), "{:?}: {answer}", self.way);
            return;
        }
        let id = self.pending.take().expect("one answer for each post");
        assert_eq!(answer["clientMessageId"], *id, "{answer}");
        self.acked.push((id, answer["seq"].as_i64().unwrap()));
        self.counts.acked.fetch_add(1, Ordering::Release);
    }

    /// Joins where it was.
    fn join(&self) -> Value {
        match self.epoch {
            Some(epoch) => json!({"room": self.room, "since": {"epoch": epoch, "seq": self.last}}),
            None => json!({"room": self.room}),
        }
    }

    fn joined(&mut self, snapshot: &Value) {
        assert!(snapshot["epoch"].is_i64(), "{:?}: {snapshot}", self.way);
        if self.epoch.is_some() || self.last > 0 {
            assert_eq!(snapshot["recovered"], true, "{:?} comes back with its position", self.way);
        }
        self.epoch = snapshot["epoch"].as_i64();
        for seq in seqs_of(&snapshot["messages"]) {
            if self.last == 0 {
                self.last = seq - 1;
            }
            self.hear(seq);
        }
        self.is_in = true;
        for seq in std::mem::take(&mut self.early) {
            self.hear(seq);
        }
    }

    /// Everything that has a number, of whatever kind.
    fn hear(&mut self, seq: i64) {
        assert!(seq <= self.last + 1, "{:?} has missed what is between {} and {seq}", self.way, self.last);
        self.last = self.last.max(seq);
    }

    fn heard(&mut self, heard: &Heard) {
        if heard.name == "shutdown" {
            self.told.push(heard.payload["reconnectionDelay"].as_u64().unwrap());
        }
        match heard.seq() {
            Some(seq) if self.is_in => self.hear(seq),
            Some(seq) => self.early.push(seq),
            None => {}
        }
    }

    async fn over_websocket(&mut self) {
        let address: SocketAddr = self.person.host().parse().unwrap();
        let path = if self.way == Way::Plain { "/ws" } else { "/socket.io/?EIO=4&transport=websocket" };
        let stream = TcpStream::connect(address).await.expect("nobody is refused");
        let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
        request.headers_mut().extend(self.person.headers());
        let Ok((mut stream, _)) = tokio_tungstenite::client_async(request, stream).await else { return };
        let told = self.told.len();
        let greeting = if self.way == Way::Plain { self.way.encode("join", 1, self.join()) } else { "40/chat,".into() };
        if stream.send(Message::text(greeting)).await.is_err() {
            return;
        }
        let mut ticks = tokio::time::interval(PACE);
        loop {
            tokio::select! {
                _ = ticks.tick() => {
                    if self.is_done() {
                        return;
                    }
                    if self.is_in && self.pending.is_none() {
                        self.say(&mut stream).await;
                    }
                }
                message = stream.next() => match message {
                    Some(Ok(Message::Text(text))) => match self.way.decode(&text) {
                        Said::Open => drop(stream.send(Message::text(self.way.encode("join", 1, self.join()))).await),
                        Said::Ping => drop(stream.send(Message::text("3")).await),
                        Said::JoinAck(snapshot) => {
                            self.joined(&snapshot);
                            // What was not acknowledged in the life before is said again.
                            if self.pending.is_some() {
                                self.say(&mut stream).await;
                            }
                        }
                        Said::PostAck(answer) => self.answered(&answer),
                        Said::Event(heard) => self.heard(&heard),
                        Said::Other => {}
                    },
                    Some(Ok(Message::Close(frame))) => {
                        assert_eq!(frame.map(|frame| u16::from(frame.code)), Some(1012));
                        return assert!(!self.is_in || self.told.len() == told + 1, "{:?} was told", self.way);
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => {
                        return assert!(!self.is_in || self.told.len() == told + 1, "{:?} was told", self.way);
                    }
                }
            }
        }
    }

    async fn say(&mut self, stream: &mut WebSocketStream<TcpStream>) {
        if let Some(words) = self.words() {
            // An error is the end of the connection, which is seen when it is read.
            let _ = stream.send(Message::text(self.way.encode("chat", 2, words))).await;
        }
    }

    async fn over_polling(&mut self) {
        let http = reqwest::Client::builder().default_headers(self.person.headers()).build().unwrap();
        let url = format!("http://{}/socket.io/?EIO=4&transport=polling", self.person.host());
        let Some(open) = text(http.get(&url).send().await).await else { return };
        let Some(open) = open.strip_prefix('0') else { return };
        let open: Value = serde_json::from_str(open).unwrap();
        let url = format!("{url}&sid={}", open["sid"].as_str().unwrap());
        let mut to_send = vec![String::from("40/chat,")];
        let mut ticks = tokio::time::interval(PACE);
        let poll = || text_of(&http, &url);
        let mut polling = Box::pin(poll());
        loop {
            if !to_send.is_empty() && text(http.post(&url).body(to_send.join("\u{1e}")).send().await).await.is_none() {
                return;
            }
            to_send.clear();
            tokio::select! {
                _ = ticks.tick() => {
                    if self.is_done() {
                        return;
                    }
                    if self.is_in && self.pending.is_none() && let Some(words) = self.words() {
                        to_send.push(self.way.encode("chat", 2, words));
                    }
                }
                packets = &mut polling => {
                    let Some(packets) = packets else { return };
                    for packet in packets.split('\u{1e}') {
                        match self.way.decode(packet) {
                            Said::Open => to_send.push(self.way.encode("join", 1, self.join())),
                            Said::Ping => to_send.push(String::from("3")),
                            Said::JoinAck(snapshot) => {
                                self.joined(&snapshot);
                                if self.pending.is_some() && let Some(words) = self.words() {
                                    to_send.push(self.way.encode("chat", 2, words));
                                }
                            }
                            Said::PostAck(answer) => self.answered(&answer),
                            Said::Event(heard) => self.heard(&heard),
                            Said::Other if packet == "1" => return,
                            Said::Other => {}
                        }
                    }
                    polling = Box::pin(poll());
                }
            }
        }
    }

    async fn over_events(&mut self) {
        let last = (self.last > 0).then(|| self.last.to_string());
        let url = format!("http://{}/room/{}", self.person.host(), self.room);
        let http = reqwest::Client::builder().default_headers(self.person.headers()).pool_max_idle_per_host(0);
        let http = http.build().unwrap();
        let mut request = http.get(format!("{url}/events"));
        if let Some(last) = &last {
            request = request.header("last-event-id", last);
        }
        let response = match request.send().await {
            Ok(response) if response.status() == 200 => response,
            Ok(response) => panic!("{}", response.status()),
            Err(error) => return assert!(!error.is_connect(), "{error:?}"),
        };
        let mut events = Events::of(response);
        let told = self.told.len();
        let mut ticks = tokio::time::interval(PACE);
        loop {
            tokio::select! {
                biased;
                event = events.try_next() => {
                    let Some(event) = event else {
                        return assert!(!self.is_in || self.told.len() == told + 1, "the reader was told");
                    };
                    if event.heard.name == "snapshot" {
                        self.joined(&event.heard.payload);
                    }
                    self.heard(&event.heard);
                    assert_eq!(event.retry.is_some(), event.heard.name == "shutdown");
                }
                _ = ticks.tick() => {
                    if self.is_done() {
                        return;
                    }
                    if !self.is_in {
                        continue;
                    }
                    let Some(words) = self.words() else { continue };
                    match http.post(format!("{url}/chat")).json(&words).send().await {
                        Ok(answer) if answer.status() == 201 => {
                            if let Ok(message) = answer.json().await {
                                self.answered(&message);
                            }
                        }
                        Ok(answer) => assert!(matches!(answer.status().as_u16(), 403 | 503), "{answer:?}"),
                        Err(error) => assert!(!error.is_connect(), "{error:?}"),
                    }
                }
            }
        }
    }
}

async fn text_of(http: &reqwest::Client, url: &str) -> Option<String> {
    text(http.get(url).send().await).await
}

/// What was answered; nothing when the connection was cut or the session is not known, but never because nobody listens.
async fn text(answer: reqwest::Result<reqwest::Response>) -> Option<String> {
    match answer {
        Ok(answer) if answer.status() == 200 => answer.text().await.ok(),
        Ok(answer) => {
            assert!(matches!(answer.status().as_u16(), 400 | 503), "{answer:?}");
            None
        }
        Err(error) => {
            assert!(!error.is_connect(), "{error:?}");
            None
        }
    }
}
