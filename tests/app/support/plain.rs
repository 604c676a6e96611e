//! A client of `/ws`: JSON in text frames.

use std::collections::{HashMap, VecDeque};

use futures_util::{SinkExt, StreamExt};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::{Heard, PATIENCE};

pub struct Plain {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    heard: VecDeque<Heard>,
    /// By their `ref` as JSON.
    acks: HashMap<String, Value>,
    next_ref: u64,
}

impl Plain {
    /// The status of the refusal, if it is one.
    pub async fn connect(host: &str, headers: HeaderMap) -> Result<Self, u16> {
        let mut request = format!("ws://{host}/ws").into_client_request().unwrap();
        request.headers_mut().extend(headers);
        match tokio_tungstenite::connect_async(request).await {
            Ok((stream, _)) => Ok(Self { stream, heard: VecDeque::new(), acks: HashMap::new(), next_ref: 0 }),
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    /// Says something of our own making.
    pub async fn raw(&mut self, message: impl Into<Message>) {
        self.stream.send(message.into()).await.unwrap();
    }

    /// Says a command as it is, with or without a `ref`.
    pub async fn say(&mut self, command: Value) {
        self.raw(command.to_string()).await;
    }

    /// Does not wait for the answer, which [`Plain::answer`] does.
    pub async fn ask(&mut self, name: &str, mut fields: Value) -> Value {
        self.next_ref += 1;
        let reference = json!(self.next_ref);
        fields["type"] = json!(name);
        fields["ref"] = reference.clone();
        self.say(fields).await;
        reference
    }

    /// The answer to a command with that `ref`, without `type` and `ref`.
    pub async fn answer(&mut self, reference: &Value) -> Value {
        loop {
            if let Some(answer) = self.acks.remove(&reference.to_string()) {
                return answer;
            }
            self.take().await;
        }
    }

    /// Asks and waits for the answer. Events that come meanwhile are kept.
    pub async fn call(&mut self, name: &str, fields: Value) -> Value {
        let reference = self.ask(name, fields).await;
        self.answer(&reference).await
    }

    pub async fn hear(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return heard;
            }
            self.take().await;
        }
    }

    /// The next event of that name; others before it are skipped.
    pub async fn next(&mut self, name: &str) -> Value {
        loop {
            let heard = self.hear().await;
            if heard.name == name {
                return heard.payload;
            }
        }
    }

    /// The next event that has a number, of whatever kind; others before it are skipped.
    pub async fn next_numbered(&mut self) -> Heard {
        loop {
            let heard = self.hear().await;
            if heard.seq().is_some() {
                return heard;
            }
        }
    }

    /// All events that were sent to us before the server answered a question of ours, which we ask now.
    pub async fn heard_so_far(&mut self) -> Vec<Heard> {
        assert_eq!(self.call("nothing", json!({})).await["error"]["code"], "unknown-command");
        self.heard.drain(..).collect()
    }

    /// Events that came and were not taken.
    pub fn untaken(&mut self) -> Vec<Heard> {
        self.heard.drain(..).collect()
    }

    /// Answers that nobody has taken.
    pub fn unasked(&self) -> usize {
        self.acks.len()
    }

    /// Hears out what comes until the server closes; the code of its close frame, if there was one.
    pub async fn end(mut self) -> Option<u16> {
        loop {
            match self.message().await {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// What still comes until the connection ends, however it does: events, and answers that nobody has taken.
    pub async fn rest(&mut self) -> (Vec<Heard>, Vec<Value>) {
        while let Some(Ok(message)) = self.message().await {
            if !message.is_close() {
                self.look_at(message);
            }
        }
        (self.untaken(), self.acks.drain().map(|(_, answer)| answer).collect())
    }

    async fn take(&mut self) {
        let message = self.message().await.expect("the connection is open").unwrap();
        self.look_at(message);
    }

    fn look_at(&mut self, message: Message) {
        let Message::Text(text) = message else {
            assert!(message.is_ping(), "nobody asked for {message:?}");
            return;
        };
        let mut frame: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
        let name = frame.remove("type").unwrap();
        if name == "ack" {
            let reference = frame.remove("ref").unwrap();
            let before = self.acks.insert(reference.to_string(), frame.into());
            assert_eq!(before, None, "{reference} is answered once");
            return;
        }
        let payload = frame.remove("data").unwrap_or_else(|| frame.into());
        self.heard.push_back(Heard { name: name.as_str().unwrap().to_owned(), payload });
    }

    async fn message(&mut self) -> Option<tungstenite::Result<Message>> {
        tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("a message in time")
    }
}
