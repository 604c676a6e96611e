//! As little of HTTP, WebSocket (RFC 6455), Engine.IO 4 and Socket.IO 5 as the raw servers need: a limit to compare
//! with must not spend time on what the comparison does not use.

use anyhow::{Context, bail, ensure};

use crate::websocket;

/// Larger heads and frames than anybody who drives a bench sends.
const MOST_HEAD: usize = 16 * 1024;
const MOST_FRAME: usize = 1024 * 1024;

/// The answer to a WebSocket handshake and the Engine.IO open packet, and the length of the request; `None`: more
/// must arrive.
pub fn handshake(bytes: &[u8], sid: u64) -> anyhow::Result<Option<(Vec<u8>, usize)>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        ensure!(bytes.len() < MOST_HEAD, "an endless head");
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..end]).context("a head that is no text")?;
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    let (_, key) = fields
        .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"))
        .context("only WebSocket is spoken here")?;
    let mut answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        tungstenite::handshake::derive_accept_key(key.trim().as_bytes())
    )
    .into_bytes();
    // These servers send no pings; the generator does not miss them.
    let open = format!(
        "0{{\"sid\":\"{sid:016x}\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}}"
    );
    websocket::write_server_text(&mut answer, open.as_bytes());
    Ok(Some((answer, end + 4)))
}

/// A client's frame: its opcode, and where its payload, now unmasked, lies.
#[derive(Debug, PartialEq, Eq)]
pub struct ClientFrame {
    pub opcode: u8,
    pub begin: usize,
    pub end: usize,
}

/// The first whole frame of `bytes`, unmasked in place; `None`: more must arrive.
pub fn read_frame(bytes: &mut [u8]) -> anyhow::Result<Option<ClientFrame>> {
    let [first, second, rest @ ..] = &*bytes else { return Ok(None) };
    let opcode = first & 0x0f;
    ensure!(first & 0xf0 == 0x80 && second & 0x80 != 0, "a frame that is fragmented, extended or not masked");
    let (length, header) = match (second & 0x7f, rest) {
        (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 4),
        (126, _) => return Ok(None),
        (127, _) => bail!("a giant frame"),
        (short, _) => (usize::from(short), 2),
    };
    ensure!(length <= MOST_FRAME, "a frame of {length} bytes");
    let (begin, end) = (header + 4, header + 4 + length);
    let Some(mask) = bytes.get(header..begin).and_then(|mask| <[u8; 4]>::try_from(mask).ok()) else { return Ok(None) };
    let Some(payload) = bytes.get_mut(begin..end) else { return Ok(None) };
    for (at, byte) in payload.iter_mut().enumerate() {
        *byte ^= mask[at % 4];
    }
    Ok(Some(ClientFrame { opcode, begin, end }))
}

/// What a client says in namespace `/chat`. Texts are as they were in the JSON, quotes escaped.
#[derive(Debug, PartialEq, Eq)]
pub enum Said<'a> {
    Connect,
    Join {
        /// The number of the acknowledgement that is asked for, as digits.
        ack: &'a [u8],
        room: &'a [u8],
    },
    Chat {
        room: &'a [u8],
        chat: &'a [u8],
    },
    Other,
}

/// Looks at a packet with no more than is needed: the members of `chat` come as the generator writes them.
pub fn read_packet(packet: &[u8]) -> Said<'_> {
    if packet.starts_with(b"40/chat") {
        return Said::Connect;
    }
    let Some(event) = packet.strip_prefix(b"42/chat,") else { return Said::Other };
    if let Some((room, chat)) =
        event.strip_prefix(b"[\"chat\",{\"room\":\"").and_then(|rest| split(rest, b"\",\"chat\":\""))
        && let Some(chat) = chat.strip_suffix(b"\"}]")
    {
        return Said::Chat { room, chat };
    }
    let digits = event.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (ack, event) = event.split_at(digits);
    match event.strip_prefix(b"[\"joinroom\",\"").and_then(|rest| rest.strip_suffix(b"\"]")) {
        Some(room) => Said::Join { ack, room },
        None => Said::Other,
    }
}

fn split<'a>(bytes: &'a [u8], between: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(between.len()).position(|window| window == between)?;
    Some((&bytes[..at], &bytes[at + between.len()..]))
}

/// The answer to [`Said::Connect`].
pub fn write_connected(out: &mut Vec<u8>, sid: u64) {
    websocket::write_server_text(out, format!("40/chat,{{\"sid\":\"{sid:016x}\"}}").as_bytes());
}

/// The answer to [`Said::Join`].
pub fn write_joined(out: &mut Vec<u8>, ack: &[u8]) {
    if !ack.is_empty() {
        websocket::write_server_text(out, &[b"43/chat,", ack, b"[true]"].concat());
    }
}

/// The event that everybody in the room gets: byte for byte what the example `fanout` of crates/realtime sends.
pub fn write_chat(out: &mut Vec<u8>, room: &[u8], chat: &[u8]) {
    let parts: [&[u8]; 5] = [
        b"42/chat,[\"chat\",{\"_id\":\"0123456789abcdef01234567\",\"room\":\"",
        room,
        b"\",\"user\":\"#a1b2c3\",\"chat\":\"",
        chat,
        b"\",\"createdAt\":\"2026-01-01T00:00:00.000Z\"}]",
    ];
    websocket::write_server_header(out, parts.iter().map(|part| part.len()).sum());
    parts.iter().for_each(|part| out.extend_from_slice(part));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handshake_of_the_rfc_is_answered_as_in_the_rfc() {
        let request = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n\
            sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nrest";
        let (answer, length) = handshake(request, 1).unwrap().unwrap();
        assert_eq!(length, request.len() - 4);
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        assert!(String::from_utf8_lossy(&answer[..end]).contains("Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
        let open = websocket::read(&answer[end..]).unwrap().unwrap();
        assert!(open.payload.starts_with(b"0{\"sid\":\"0000000000000001\""));
        assert_eq!(handshake(&request[..40], 1).unwrap(), None);
        assert!(handshake(b"GET / HTTP/1.1\r\n\r\n", 1).is_err());
    }

    #[test]
    fn frames_are_unmasked_also_when_they_come_in_parts() {
        for length in [0, 5, 125, 126, 2000] {
            let mut frame = Vec::new();
            websocket::write_text(&mut frame, &vec![b'a'; length]);
            let begin = frame.len() - length;
            frame[begin - 4..begin].copy_from_slice(&[1, 0, 3, 0]);
            for part in 0..frame.len() {
                assert_eq!(read_frame(&mut frame[..part]).unwrap(), None);
            }
            let read = read_frame(&mut frame).unwrap().unwrap();
            assert_eq!(read, ClientFrame { opcode: 1, begin, end: begin + length });
            let masked = frame[begin..].iter().enumerate().all(|(at, byte)| *byte == b'a' ^ [1, 0, 3, 0][at % 4]);
            assert!(masked);
        }
        assert!(read_frame(&mut [0x81, 0x00]).is_err());
        assert!(read_frame(&mut [0x81, 0xff]).is_err());
    }

    #[test]
    fn packets_are_told_apart() {
        assert_eq!(read_packet(b"40/chat,"), Said::Connect);
        assert_eq!(read_packet(b"42/chat,[\"joinroom\",\"a\"]"), Said::Join { ack: b"", room: b"a" });
        assert_eq!(read_packet(b"42/chat,12[\"joinroom\",\"a\"]"), Said::Join { ack: b"12", room: b"a" });
        let chat = br#"42/chat,["chat",{"room":"r-1","chat":"say \"no\""}]"#;
        assert_eq!(read_packet(chat), Said::Chat { room: b"r-1", chat: br#"say \"no\""# });
        for other in [&b"3"[..], b"42/chat,[\"chat\",{}]", b"42/chat,", b"42[\"joinroom\",\"a\"]"] {
            assert_eq!(read_packet(other), Said::Other);
        }
    }

    #[test]
    fn the_event_is_one_frame_of_the_agreed_size() {
        let mut out = Vec::new();
        write_chat(&mut out, b"room-1", &[b'x'; 50]);
        let frame = websocket::read(&out).unwrap().unwrap();
        assert_eq!(frame.length, out.len());
        assert_eq!(out.len(), 187);
        let event: serde_json::Value = serde_json::from_slice(&frame.payload[b"42/chat,".len()..]).unwrap();
        assert_eq!(event[1]["room"], "room-1");
        assert_eq!(event[1]["chat"].as_str().unwrap().len(), 50);
    }
}
