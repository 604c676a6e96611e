//! A member that stops reading: their window shuts, and the server has to keep what it cannot send.

use std::collections::VecDeque;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use socket2::{Domain, SockRef, Socket, Type};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::{Heard, PATIENCE, Person};

/// What the kernel takes for us although we do not read, in bytes.
const RECEIVE_BUFFER: usize = 16 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    SocketIo,
    /// It does not shut a window: it does not ask.
    Polling,
    Plain,
    Events,
}

pub const DOORS: [Door; 4] = [Door::SocketIo, Door::Polling, Door::Plain, Door::Events];

pub struct Deaf {
    pub id: Value,
    /// How far the room had come when they joined: the next number is the first that they hear.
    pub head: i64,
    pub door: Door,
    way: Way,
}

enum Way {
    WebSocket(Box<WebSocketStream<TcpStream>>),
    Http(BufReader<TcpStream>),
    Polling { http: reqwest::Client, url: String, packets: VecDeque<String> },
}

impl Deaf {
    /// Joins, and reads nothing from then on.
    pub async fn enter(person: &Person, room: &str, door: Door) -> Self {
        person.look(room).await;
        let address: SocketAddr = person.host().parse().unwrap();
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.set_recv_buffer_size(RECEIVE_BUFFER).unwrap();
        socket.connect(&address.into()).unwrap();
        socket.set_nonblocking(true).unwrap();
        let stream = TcpStream::from_std(socket.into()).unwrap();
        let (way, hello) = match door {
            Door::SocketIo => {
                let mut stream = upgrade(person, "/socket.io/?EIO=4&transport=websocket", stream).await;
                stream.send(Message::text("40/chat,")).await.unwrap();
                stream.send(Message::text(format!("42/chat,0{}", json!(["join", room])))).await.unwrap();
                (Way::WebSocket(Box::new(stream)), "ack")
            }
            Door::Polling => {
                let http = reqwest::Client::builder().default_headers(person.headers()).build().unwrap();
                let url = format!("http://{address}/socket.io/?EIO=4&transport=polling");
                let open = http.get(&url).send().await.unwrap().text().await.unwrap();
                let open: Value = serde_json::from_str(&open[1..]).unwrap();
                let url = format!("{url}&sid={}", open["sid"].as_str().unwrap());
                let packets = format!("40/chat,\u{1e}42/chat,0{}", json!(["join", room]));
                assert_eq!(http.post(&url).body(packets).send().await.unwrap().status(), 200);
                (Way::Polling { http, url, packets: VecDeque::new() }, "ack")
            }
            Door::Plain => {
                let mut stream = upgrade(person, "/ws", stream).await;
                let join = json!({"type": "join", "room": room, "ref": 0});
                stream.send(Message::text(join.to_string())).await.unwrap();
                (Way::WebSocket(Box::new(stream)), "ack")
            }
            Door::Events => {
                let (host, cookie) = (person.host(), person.cookie());
                let head = format!("GET /room/{room}/events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
                let mut stream = stream;
                stream.write_all(head.as_bytes()).await.unwrap();
                (Way::Http(BufReader::new(stream)), "snapshot")
            }
        };
        let mut deaf = Self { id: Value::Null, head: 0, door, way };
        let snapshot = deaf.hear().await.expect("a snapshot");
        assert_eq!(snapshot.name, hello, "{snapshot:?}");
        deaf.id = snapshot.payload["me"]["id"].clone();
        assert!(deaf.id.is_string(), "{snapshot:?}");
        deaf.head = snapshot.payload["seq"].as_i64().unwrap();
        deaf
    }

    /// Opens the window again, for who wants to hear after all.
    pub fn listen(&self) {
        let stream = match &self.way {
            Way::WebSocket(stream) => stream.get_ref(),
            Way::Http(reader) => reader.get_ref(),
            Way::Polling { .. } => return,
        };
        SockRef::from(stream).set_recv_buffer_size(1 << 20).unwrap();
    }

    /// The next event or answer; `None` when the connection is at its end, whichever that is.
    pub async fn hear(&mut self) -> Option<Heard> {
        tokio::time::timeout(PATIENCE, self.next()).await.expect("something, or the end, in time")
    }

    /// The `seq` of everything numbered that still comes, and the last event.
    pub async fn hear_out(&mut self, until: &str) -> (Vec<i64>, Option<Heard>) {
        self.listen();
        let mut seqs = Vec::new();
        let mut last = None;
        while let Some(heard) = self.hear().await {
            seqs.extend(heard.seq());
            let is_last = heard.name == until;
            last = Some(heard);
            if is_last {
                break;
            }
        }
        (seqs, last)
    }

    async fn next(&mut self) -> Option<Heard> {
        match &mut self.way {
            Way::WebSocket(stream) => loop {
                let Message::Text(text) = stream.next().await?.ok()? else { continue };
                if self.door == Door::Plain {
                    let mut payload: Value = serde_json::from_str(&text).unwrap();
                    let name = payload["type"].take().as_str().unwrap().to_owned();
                    return Some(Heard { name, payload });
                }
                if let Some(heard) = packet(&text) {
                    return Some(heard);
                }
            },
            Way::Polling { http, url, packets } => loop {
                while let Some(next) = packets.pop_front() {
                    if let Some(heard) = packet(&next) {
                        return Some(heard);
                    }
                }
                let answer = http.get(&*url).send().await.ok().filter(|answer| answer.status() == 200)?;
                packets.extend(answer.text().await.ok()?.split('\u{1e}').map(str::to_owned));
                if packets.iter().any(|packet| packet == "1") {
                    return None;
                }
            },
            Way::Http(reader) => {
                let mut name = None;
                loop {
                    let mut line = String::new();
                    // The last piece of the body is an empty one.
                    if reader.read_line(&mut line).await.ok()? == 0 || line == "0\r\n" {
                        return None;
                    }
                    if let Some(event) = line.strip_prefix("event: ") {
                        name = Some(event.trim_end().to_owned());
                    } else if let Some(data) = line.strip_prefix("data: ") {
                        // The last one may be cut off.
                        let payload = serde_json::from_str(data).ok()?;
                        return Some(Heard { name: name?, payload });
                    }
                }
            }
        }
    }
}

/// The event or the answer in a packet.
fn packet(text: &str) -> Option<Heard> {
    if let Some(event) = text.strip_prefix("42/chat,") {
        let mut event: Value = serde_json::from_str(event).unwrap();
        return Some(Heard { name: event[0].as_str().unwrap().to_owned(), payload: event[1].take() });
    }
    let mut answer: Value = serde_json::from_str(text.strip_prefix("43/chat,0")?).unwrap();
    Some(Heard { name: String::from("ack"), payload: answer[0].take() })
}

async fn upgrade(person: &Person, path: &str, stream: TcpStream) -> WebSocketStream<TcpStream> {
    let mut request = format!("ws://{}{path}", person.host()).into_client_request().unwrap();
    request.headers_mut().extend(person.headers());
    tokio_tungstenite::client_async(request, stream).await.unwrap().0
}
