//! What holds of every parser, whatever a stranger sends: each function panics when it does not. For `fuzz/`, which
//! brings the bytes.

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};
use tower_service::Service as _;

use crate::assembly::{Assembly, Purpose};
use crate::binary::{Args, Binary};
use crate::config::Config;
use crate::encoding::Encoding;
use crate::frame::Frame;
use crate::handshake;
use crate::namespace::Namespace;
use crate::outbox::Piece;
use crate::packet::{Body, EnginePacket, SEPARATOR, SocketPacket};
use crate::plain::{Command, ack};
use crate::polling::{Malformed, Payload, Received, join};
use crate::server::Realtime;
use crate::websocket::{Message, Reader, Violation};

const POLLING: [Encoding; 4] = [Encoding::Engine4, Encoding::Engine4Base64, Encoding::Engine3, Encoding::Engine3Base64];

fn split(body: Bytes, is_version_3: bool, is_binary: bool) -> Result<Vec<Received>, Malformed> {
    let mut payload = Payload::new(body, is_version_3, is_binary);
    std::iter::from_fn(|| payload.next().transpose()).collect()
}

/// A body of a polling request: it is refused, or its packets are what was in it, and no more than that.
pub fn payload(body: &[u8], is_version_3: bool, is_binary: bool) {
    let Ok(received) = split(Bytes::copy_from_slice(body), is_version_3, is_binary) else { return };
    assert!(received.len() <= body.len() + 1);
    let mut packets = Vec::new();
    for received in received {
        match received {
            Received::Text(text) => packets.extend(std::str::from_utf8(&text).ok().map(|text| (text.to_owned(), None))),
            Received::Binary(bytes) => packets.push((String::new(), Some(bytes.to_vec()))),
        }
    }
    let size = |(text, bytes): &(String, Option<Vec<u8>>)| text.len() + bytes.as_ref().map_or(0, Vec::len);
    assert!(packets.iter().map(size).sum::<usize>() <= body.len());
    payload_of(&packets);
}

/// Packets that we join are split into the same, in every encoding. The bytes, where there are some, are a binary message.
pub fn payload_of(packets: &[(String, Option<Vec<u8>>)]) {
    for encoding in POLLING {
        let mut pieces = Vec::new();
        let mut expected = Vec::new();
        for (text, bytes) in packets {
            let is_ours = !text.is_empty() && !text.starts_with('b') && !text.as_bytes().contains(&SEPARATOR);
            let (bytes, is_binary) = match bytes {
                Some(bytes) => (Bytes::copy_from_slice(bytes), true),
                None if is_ours => (Bytes::copy_from_slice(text.as_bytes()), false),
                None => continue,
            };
            pieces.push(Piece { bytes: bytes.clone(), packets: 1, is_binary });
            expected.push(if is_binary { Received::Binary(bytes) } else { Received::Text(bytes) });
        }
        let body = join(&pieces, encoding);
        assert_eq!(split(body.bytes, encoding.is_version_3(), body.is_binary), Ok(expected), "{encoding:?}");
    }
}

/// A packet as text, and the binary messages behind it: it is refused, or what comes out of it can be sent on, over
/// everything that we speak.
pub fn packet(text: &str, attachments: &[Vec<u8>]) {
    let Some(EnginePacket::Message(message)) = EnginePacket::parse(text) else { return };
    let Some(packet) = SocketPacket::parse(message) else { return };
    assert!(packet.namespace.starts_with('/') && !packet.namespace.contains([',', '?']));
    let (purpose, values) = match packet.body {
        Body::Connect(auth) => return assert!(auth.is_none_or(|auth| auth.get().starts_with('{'))),
        Body::Disconnect => return,
        Body::Event { name, args, ack } => (Purpose::Event { name, ack }, args),
        Body::Ack { id, args } => (Purpose::Ack { id }, args),
    };
    let values: Vec<Box<RawValue>> = values.into_iter().map(ToOwned::to_owned).collect();
    let (purpose, args) = match packet.attachments {
        0 => (purpose, Args { values, attachments: Vec::new() }),
        announced => {
            let assembly = Assembly::new(packet.namespace, purpose, values, announced);
            let parts = assembly.and_then(|assembly| assemble(assembly, announced, attachments));
            let Some(parts) = parts else { return };
            parts
        }
    };
    for index in 0..args.len() {
        let mut found = Vec::new();
        if let Some(tree) = args.get::<Tree>(index) {
            tree.leaves(&mut found);
        }
        assert!(found.iter().all(|bytes| args.attachments.contains(bytes)));
    }
    send_on(packet.namespace, &purpose, &args);
}

/// Bytes that one event may bring along.
const MOST: usize = 256;

fn assemble(mut assembly: Assembly, announced: usize, attachments: &[Vec<u8>]) -> Option<(Purpose, Args)> {
    let mut bytes = 0;
    for (index, attachment) in attachments.iter().enumerate().take(announced) {
        bytes += attachment.len();
        let expected = (bytes <= MOST).then_some(index + 1 == announced);
        assert_eq!(assembly.take(Bytes::copy_from_slice(attachment), MOST), expected);
        if expected? {
            let (purpose, args) = assembly.into_parts();
            assert_eq!(args.attachments.len(), announced);
            return Some((purpose, args));
        }
    }
    None
}

/// An argument with bytes anywhere in it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Tree {
    Bytes(Binary),
    List(Vec<Tree>),
    Map(BTreeMap<String, Tree>),
    Other(#[allow(dead_code, reason = "it is read, that is all")] serde_json::Value),
}

impl Tree {
    fn leaves(self, into: &mut Vec<Bytes>) {
        match self {
            Self::Bytes(bytes) => into.push(bytes.0),
            Self::List(list) => list.into_iter().for_each(|tree| tree.leaves(into)),
            Self::Map(map) => map.into_values().for_each(|tree| tree.leaves(into)),
            Self::Other(_) => {}
        }
    }
}

/// What one client said reaches others as it was said.
fn send_on(namespace: &str, purpose: &Purpose, args: &Args) {
    let (frame, name, number) = match purpose {
        Purpose::Event { name, ack } => {
            let frame = Frame::event_asking(namespace, *ack, name, args).expect("it is JSON already");
            (frame, Some(name), *ack)
        }
        Purpose::Ack { id } => (Frame::ack(namespace, *id, args), None, Some(*id)),
    };
    let text = frame.text().expect("an event has a text");
    let text = std::str::from_utf8(&text).expect("our texts are UTF-8");
    let Some(EnginePacket::Message(message)) = EnginePacket::parse(text) else { panic!("{text}") };
    let again = SocketPacket::parse(message).expect("what we write is read");
    assert_eq!((again.namespace, again.attachments), (namespace, args.attachments.len()));
    let (name_again, values, number_again) = match again.body {
        Body::Event { name, args, ack } => (Some(name), args, ack),
        Body::Ack { id, args } => (None, args, Some(id)),
        _ => panic!("{text}"),
    };
    assert_eq!((name_again.as_ref(), number_again), (name, number));
    assert!(values.iter().map(|value| value.get()).eq(args.values.iter().map(|value| value.get())));
    if name.is_none() {
        return;
    }
    let plain = frame.shared(Encoding::Plain).expect("an event is text");
    let (message, _) = read([plain_of_client(plain)], usize::MAX, true);
    let [Heard::Text(object)] = &message[..] else { panic!("{message:?}") };
    assert!(is_json(object), "{object}");
    let stream = frame.shared(Encoding::EventStream).expect("an event is text");
    let lines: Vec<&[u8]> = stream.split(|&byte| byte == b'\n' || byte == b'\r').collect();
    let [event, data, b"", b""] = lines[..] else { panic!("{stream:?}") };
    assert!(event.starts_with(b"event: "));
    let data = data.strip_prefix(b"data: ").and_then(|data| std::str::from_utf8(data).ok());
    assert!(data.is_some_and(is_json), "{stream:?}");
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

/// A frame of ours as a client would send it: masked, with zeros.
fn plain_of_client(frame: &[u8]) -> Vec<u8> {
    let head = match frame[1] {
        126 => 4,
        127 => 10,
        _ => 2,
    };
    let mut masked = frame[..head].to_vec();
    masked[1] |= 0x80;
    masked.extend([0; 4]);
    masked.extend(&frame[head..]);
    masked
}

/// A message as it is remembered.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    Close,
}

/// Bytes of a WebSocket in pieces: cut or not, with pauses or without, they are the same messages and the same end.
pub fn websocket(bytes: &[u8], cuts: &[u8], max_message: usize) {
    let whole = read([bytes.to_vec()], max_message, true);
    let mut pieces = Vec::new();
    let mut rest = bytes;
    for &cut in cuts {
        let (piece, tail) = rest.split_at(usize::from(cut).min(rest.len()));
        pieces.push(piece.to_vec());
        rest = tail;
    }
    pieces.push(rest.to_vec());
    assert_eq!(read(pieces.clone(), max_message, true), whole);
    assert_eq!(read(pieces, max_message, false), whole);
}

fn read(
    pieces: impl IntoIterator<Item = Vec<u8>>,
    max_message: usize,
    at_once: bool,
) -> (Vec<Heard>, Result<(), Violation>) {
    let mut reader = Reader::default();
    let mut heard = Vec::new();
    for mut piece in pieces {
        let mut from = &mut piece[..];
        loop {
            let before = heard.len();
            let outcome = reader.read(from, max_message, |message| {
                heard.push(match message {
                    Message::Text(text) => Heard::Text(text.to_owned()),
                    Message::Binary(bytes) => Heard::Binary(bytes.to_vec()),
                    Message::Ping(bytes) => Heard::Ping(bytes.to_vec()),
                    Message::Pong => Heard::Pong,
                    Message::Close => Heard::Close,
                });
                at_once
            });
            if outcome.is_err() {
                return (heard, outcome);
            }
            if at_once || heard.len() == before {
                break;
            }
            from = &mut [];
        }
        // Its bytes, as its Debug output lists them: one message at most, and the head of a frame or a whole control frame.
        if max_message < 1 << 16 {
            let held = format!("{reader:?}").split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).count();
            assert!(held <= max_message + 14 + 125, "{held} bytes are held");
        }
    }
    let limit = |message: &Heard| match message {
        Heard::Text(text) => text.len() <= max_message,
        Heard::Binary(bytes) => bytes.len() <= max_message,
        Heard::Ping(bytes) => bytes.len() <= 125,
        Heard::Pong | Heard::Close => true,
    };
    assert!(heard.iter().all(limit));
    (heard, Ok(()))
}

/// A request to a server that has no room: it is answered at once, by the rules of the protocol.
pub fn request(method: u8, query: &[u8], headers: &[(u8, Vec<u8>)]) {
    const NAMES: [HeaderName; 6] = [
        header::CONNECTION,
        header::UPGRADE,
        header::SEC_WEBSOCKET_VERSION,
        header::SEC_WEBSOCKET_KEY,
        header::CONTENT_TYPE,
        header::IF_NONE_MATCH,
    ];
    let method = [Method::GET, Method::POST, Method::OPTIONS, Method::PUT][usize::from(method) % 4].clone();
    let uri = http::Uri::try_from([b"/socket.io/?", query].concat());
    let Ok(uri) = uri else { return };
    let make = || {
        let mut request = Request::new(Full::new(Bytes::from_static(b"4")));
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri.clone();
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                request.headers_mut().append(NAMES[usize::from(*name) % NAMES.len()].clone(), value);
            }
        }
        let upgrade = hyper::upgrade::on(Request::new(()));
        request.extensions_mut().insert(upgrade);
        request
    };
    let realtime = full_server();
    let is_handshake = handshake::begin(&mut make().into_parts().0).is_some();
    let plain = now(realtime.plain_service("/").call(make()));
    assert_eq!(plain.status() == StatusCode::SERVICE_UNAVAILABLE, is_handshake);

    let answered = now(realtime.service().call(make()));
    let field = |wanted: &str| {
        let mut pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        pairs.rfind(|(name, _)| *name == wanted).map(|(_, value)| value)
    };
    let is_version = matches!(field("EIO"), Some("3" | "4"));
    let expected = match (field("transport"), field("sid")) {
        _ if !is_version => Some(5),
        (Some("polling"), None) if method == Method::GET => None,
        (Some("polling"), None) => Some(2),
        (Some("polling"), Some(_)) if method == Method::GET || method == Method::POST => Some(1),
        (Some("polling"), Some(_)) => Some(3),
        (Some("websocket"), _) if !is_handshake => Some(3),
        (Some("websocket"), None) => None,
        (Some("websocket"), Some(_)) => Some(1),
        _ => Some(0),
    };
    let status = if expected.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::SERVICE_UNAVAILABLE };
    assert_eq!(answered.status(), status);
    let body = now(answered.into_body().collect()).to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).expect("an error is JSON");
    assert_eq!(body["code"], expected.unwrap_or(3));
}

fn full_server() -> &'static Realtime {
    static SERVER: OnceLock<Realtime> = OnceLock::new();
    SERVER.get_or_init(|| {
        let config = Config { max_connections: 0, shards: 1, ..Config::default() };
        Realtime::builder(config).namespace(Namespace::new("/")).build().expect("a thread")
    })
}

/// What a future gives that has nothing to wait for.
fn now<T, E: std::fmt::Debug>(future: impl Future<Output = Result<T, E>>) -> T {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(output)) => output,
        Poll::Ready(Err(error)) => panic!("{error:?}"),
        Poll::Pending => panic!("it waits"),
    }
}

/// A command of a plain WebSocket: it is refused, or its answer is JSON that begins with its reference.
pub fn command(text: &str) {
    let Some(command) = Command::parse(text) else { return };
    if let Ok(object) = serde_json::from_str::<serde_json::Value>(text) {
        assert_eq!(object["type"], command.name);
    }
    let Some(reference) = command.reference else { return };
    let object = command.object.to_owned();
    let raw = |values| Args { values, attachments: Vec::new() };
    for args in
        [Args::none(), raw(vec![reference.to_owned()]), raw(vec![object.clone()]), raw(vec![object.clone(), object])]
    {
        let answer = ack(reference, &args).text().expect("an answer is text");
        let answer = std::str::from_utf8(&answer).expect("an answer is UTF-8");
        assert!(is_json(answer), "{answer}");
        assert!(answer.starts_with(&format!("{{\"type\":\"ack\",\"ref\":{}", reference.get())), "{answer}");
    }
}
