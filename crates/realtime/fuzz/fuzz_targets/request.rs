//! Requests: queries, and the headers that open a WebSocket.

#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    method: u8,
    query: Vec<Part<'a>>,
    /// A right one to begin with, so that one wrong header is found.
    is_handshake: bool,
    headers: Vec<(u8, Value<'a>)>,
}

#[derive(Arbitrary, Debug)]
enum Part<'a> {
    Version(u8),
    Polling,
    WebSocket,
    Session(&'a [u8]),
    Base64(bool),
    Raw(&'a [u8]),
}

#[derive(Arbitrary, Debug)]
enum Value<'a> {
    Tokens(Vec<u8>),
    Raw(&'a [u8]),
}

fuzz_target!(|input: Input<'_>| {
    let mut query = Vec::new();
    for part in &input.query {
        match part {
            Part::Version(version) => query.extend(format!("EIO={}", 2 + version % 4).bytes()),
            Part::Polling => query.extend(b"transport=polling"),
            Part::WebSocket => query.extend(b"transport=websocket"),
            Part::Session(sid) => query.extend([b"sid=", *sid].concat()),
            Part::Base64(is_base64) => query.extend(format!("b64={}", u8::from(*is_base64)).bytes()),
            Part::Raw(raw) => query.extend(*raw),
        }
        query.push(b'&');
    }
    let mut headers: Vec<(u8, Vec<u8>)> = Vec::new();
    if input.is_handshake {
        let right: [&[u8]; 4] = [b"keep-alive, Upgrade", b"websocket", b"13", b"dGhlIHNhbXBsZSBub25jZQ=="];
        headers.extend((0..).zip(right.map(<[u8]>::to_vec)));
    }
    for (name, value) in &input.headers {
        const TOKENS: [&[u8]; 8] = [b"upgrade", b"Upgrade", b"websocket", b",", b" ", b"13", b"close", b"\t"];
        let value = match value {
            Value::Tokens(tokens) => tokens.iter().flat_map(|&token| TOKENS[usize::from(token) % 8]).copied().collect(),
            Value::Raw(raw) => raw.to_vec(),
        };
        headers.push((*name, value));
    }
    gifchat_realtime::fuzzing::request(input.method, &query, &headers);
});
