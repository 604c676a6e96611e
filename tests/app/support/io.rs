//! A small Socket.IO 5 client over Engine.IO 4: WebSocket alone or long-polling alone. It says and hears exactly what
//! is written on the wire; it forgives nothing.

#![allow(clippy::disallowed_methods, reason = "a test hears everything, however much it is")]

use std::collections::{HashMap, VecDeque};

use futures_util::{SinkExt, StreamExt};
use reqwest::header::HeaderMap;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};

use super::PATIENCE;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    WebSocket,
    Polling,
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    pub name: String,
    pub payload: Value,
}

impl Heard {
    /// Its number in the room's order, which everything has that is stored there, whatever its kind. The `seq` of a
    /// `head`, and of an answer, is a position.
    pub fn seq(&self) -> Option<i64> {
        let is_position = matches!(self.name.as_str(), "head" | "snapshot" | "ack");
        self.payload["seq"].as_i64().filter(|_| !is_position)
    }
}

/// One connection, in one namespace.
pub struct Io {
    say: UnboundedSender<String>,
    packets: UnboundedReceiver<String>,
    /// How the connection ended: the last packet of a poll, the code of a WebSocket's close frame, or nothing good.
    ended: oneshot::Receiver<String>,
    namespace: String,
    heard: VecDeque<Heard>,
    acks: HashMap<u64, Value>,
    next_ack: u64,
}

impl Io {
    /// The status of the refusal, if it is one.
    pub async fn connect(host: &str, transport: Transport, headers: HeaderMap) -> Result<Self, u16> {
        let (say, to_say) = unbounded_channel();
        let (hear, packets) = unbounded_channel();
        let (end, ended) = oneshot::channel();
        match transport {
            Transport::WebSocket => websocket(host, headers, to_say, hear, end).await?,
            Transport::Polling => polling(host, headers, to_say, hear, end).await?,
        }
        let (heard, acks) = (VecDeque::new(), HashMap::new());
        Ok(Self { say, packets, ended, namespace: String::new(), heard, acks, next_ack: 0 })
    }

    /// Joins a namespace and waits until the server has let it in.
    pub async fn attach(&mut self, namespace: &str) {
        self.namespace = namespace.to_owned();
        self.raw(&format!("40{namespace},"));
        let answer = self.packet().await;
        assert!(answer.starts_with(&format!("40{namespace},{{\"sid\":")), "{answer}");
    }

    /// Says something of our own making.
    pub fn raw(&self, packet: &str) {
        let _ = self.say.send(packet.to_owned());
    }

    pub fn emit(&self, event: &str, arg: Value) {
        self.raw(&format!("42{},{}", self.namespace, Value::from(vec![Value::from(event), arg])));
    }

    /// Emits and does not wait for the acknowledgement, which [`Io::answer`] does.
    pub fn ask(&mut self, event: &str, arg: Value) -> u64 {
        let id = self.next_ack;
        self.next_ack += 1;
        self.raw(&format!("42{},{id}{}", self.namespace, Value::from(vec![Value::from(event), arg])));
        id
    }

    pub async fn answer(&mut self, id: u64) -> Value {
        loop {
            if let Some(answer) = self.acks.remove(&id) {
                return answer;
            }
            self.take_packet().await;
        }
    }

    /// Emits and waits for the acknowledgement. Events that come meanwhile are kept.
    pub async fn call(&mut self, event: &str, arg: Value) -> Value {
        let id = self.ask(event, arg);
        self.answer(id).await
    }

    /// The next event.
    pub async fn hear(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return heard;
            }
            self.take_packet().await;
        }
    }

    /// All events that were sent to us before the server answered a question of ours, which we ask now.
    pub async fn heard_so_far(&mut self) -> Vec<Heard> {
        self.call("chat", Value::Null).await;
        self.heard.drain(..).collect()
    }

    /// Whether an event with this payload has come and was not taken yet.
    pub fn has_heard(&self, payload: &Value) -> bool {
        self.heard.iter().any(|heard| heard.payload == *payload)
    }

    /// Whether the server still answers us.
    pub async fn is_alive(&mut self) -> bool {
        self.call("chat", Value::Null).await["error"]["code"] == "id-invalid"
    }

    /// Events that came and were not taken.
    pub fn untaken(&mut self) -> Vec<Heard> {
        self.heard.drain(..).collect()
    }

    /// Leaves the namespace, as a closing page does, and waits for nothing.
    pub fn close(self) {
        self.raw(&format!("41{},", self.namespace));
    }

    /// Hears out what comes until the server ends the connection. How it ended, and what was acknowledged until then and
    /// not taken yet.
    pub async fn end(mut self) -> (String, Vec<Value>) {
        let (_, acks) = self.rest().await;
        let how = tokio::time::timeout(PATIENCE, self.ended).await.expect("an end in time");
        (how.unwrap_or_else(|_| String::from("nothing")), acks)
    }

    /// What still comes until the connection ends, however it does: events, and answers that nobody has taken.
    pub async fn rest(&mut self) -> (Vec<Heard>, Vec<Value>) {
        while let Some(packet) = self.next_packet().await {
            self.take(&packet);
        }
        (self.untaken(), self.acks.drain().map(|(_, answer)| answer).collect())
    }

    async fn take_packet(&mut self) {
        let packet = self.packet().await;
        self.take(&packet);
    }

    fn take(&mut self, packet: &str) {
        let prefix = format!("{},", self.namespace);
        let (kind, rest) = packet.split_at(2);
        let rest = rest.strip_prefix(&prefix).unwrap_or(rest);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, body) = rest.split_at(digits);
        match kind {
            "42" => {
                let mut args: Vec<Value> = serde_json::from_str(body).unwrap();
                assert_eq!(args.len(), 2, "an event has one argument: {packet}");
                let payload = args.pop().unwrap();
                let name = args.pop().unwrap().as_str().unwrap().to_owned();
                self.heard.push_back(Heard { name, payload });
            }
            "43" => {
                let mut args: Vec<Value> = serde_json::from_str(body).unwrap();
                assert_eq!(args.len(), 1, "an ack has one argument: {packet}");
                self.acks.insert(id.parse().unwrap(), args.pop().unwrap());
            }
            _ => panic!("nobody asked for {packet}"),
        }
    }

    async fn packet(&mut self) -> String {
        self.next_packet().await.expect("the connection is open")
    }

    async fn next_packet(&mut self) -> Option<String> {
        tokio::time::timeout(PATIENCE, self.packets.recv()).await.expect("a packet in time")
    }
}

async fn websocket(
    host: &str,
    headers: HeaderMap,
    mut to_say: UnboundedReceiver<String>,
    hear: UnboundedSender<String>,
    end: oneshot::Sender<String>,
) -> Result<(), u16> {
    let mut request = format!("ws://{host}/socket.io/?EIO=4&transport=websocket").into_client_request().unwrap();
    request.headers_mut().extend(headers);
    let connected = tokio_tungstenite::connect_async(request).await;
    let (stream, _) = connected.map_err(|error| match error {
        tungstenite::Error::Http(response) => response.status().as_u16(),
        other => panic!("{other}"),
    })?;
    let (mut sink, mut source) = stream.split();
    let open = source.next().await.unwrap().unwrap();
    assert!(open.to_text().unwrap().starts_with('0'), "{open}");
    tokio::spawn(async move {
        // Once the server has closed it, there may still be something to hear.
        let mut can_say = true;
        loop {
            tokio::select! {
                say = to_say.recv(), if can_say => match say {
                    Some(packet) => can_say = sink.send(Message::text(packet)).await.is_ok(),
                    None => {
                        let _ = sink.close().await;
                        return;
                    }
                },
                heard = source.next() => match heard {
                    Some(Ok(Message::Text(packet))) => match packet.as_str() {
                        "2" => can_say = sink.send(Message::text("3")).await.is_ok(),
                        packet => if hear.send(packet.to_owned()).is_err() { return },
                    },
                    Some(Ok(Message::Close(frame))) => {
                        let _ = end.send(frame.map_or(0, |frame| u16::from(frame.code)).to_string());
                        return;
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
            }
        }
    });
    Ok(())
}

async fn polling(
    host: &str,
    headers: HeaderMap,
    mut to_say: UnboundedReceiver<String>,
    hear: UnboundedSender<String>,
    end: oneshot::Sender<String>,
) -> Result<(), u16> {
    let http = reqwest::Client::builder().default_headers(headers).build().unwrap();
    let url = format!("http://{host}/socket.io/?EIO=4&transport=polling");
    let response = http.get(&url).send().await.unwrap();
    if response.status() != 200 {
        return Err(response.status().as_u16());
    }
    let open: Value = serde_json::from_str(&response.text().await.unwrap()[1..]).unwrap();
    let url = format!("{url}&sid={}", open["sid"].as_str().unwrap());
    let (pongs, mut to_pong) = unbounded_channel::<String>();
    tokio::spawn({
        let (http, url) = (http.clone(), url.clone());
        async move {
            loop {
                let packet = tokio::select! {
                    packet = to_say.recv() => packet,
                    Some(pong) = to_pong.recv() => Some(pong),
                };
                let last = packet.is_none();
                let sent = http.post(&url).body(packet.unwrap_or_else(|| String::from("1"))).send().await;
                if last || !sent.is_ok_and(|response| response.status() == 200) {
                    return;
                }
            }
        }
    });
    tokio::spawn(async move {
        while let Ok(response) = http.get(&url).send().await {
            if response.status() != 200 {
                return;
            }
            for packet in response.text().await.unwrap_or_default().split('\u{1e}') {
                let open = match packet {
                    "2" => pongs.send(String::from("3")).is_ok(),
                    "1" => {
                        let _ = end.send(String::from("1"));
                        return;
                    }
                    "6" => true,
                    packet => hear.send(packet.to_owned()).is_ok(),
                };
                if !open {
                    return;
                }
            }
        }
    });
    Ok(())
}
