//! Putting bytes into WebSocket frames and JSON into objects.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use crate::encoding::Encoding;

/// Room in front of a payload for the longest header of a server's frame (RFC 6455, section 5.2).
pub(crate) const HEAD: usize = 10;

/// Ends an object that has a first field already: with the fields of one object, or with `data`.
pub(crate) fn close_object(out: &mut Vec<u8>, args: &[u8], count: usize) {
    match args {
        [] => out.push(b'}'),
        [b'{', fields @ ..] if count == 1 => {
            // A client may have written it, with spaces.
            if fields.trim_ascii_start() != b"}" {
                out.push(b',');
            }
            out.extend_from_slice(fields);
        }
        _ => {
            out.extend_from_slice(b",\"data\":");
            if count == 1 {
                out.extend_from_slice(args);
            } else {
                out.push(b'[');
                out.extend_from_slice(args);
                out.push(b']');
            }
            out.push(b'}');
        }
    }
}

/// A binary message as a WebSocket of that encoding takes it.
pub(crate) fn binary_packet(encoding: Encoding, message: &[u8]) -> Vec<u8> {
    let mut payload = vec![0; HEAD];
    if encoding.is_base64() {
        payload.extend_from_slice(base64_packet(encoding.is_version_3(), message).as_bytes());
        return framed(payload, OpCode::Data(Data::Text));
    }
    if encoding.is_version_3() {
        // Engine.IO 3 puts the packet's kind in front, as a number.
        payload.push(4);
    }
    payload.extend_from_slice(message);
    framed(payload, OpCode::Data(Data::Binary))
}

/// A binary message as text: `b<base64>`, in version 3 with the packet's kind between.
pub(crate) fn base64_packet(is_version_3: bool, message: &[u8]) -> String {
    let mut packet = String::from(if is_version_3 { "b4" } else { "b" });
    STANDARD.encode_string(message, &mut packet);
    packet
}

/// A control frame of ours.
pub(crate) fn control(kind: Control, payload: &[u8]) -> Bytes {
    let mut frame = vec![0; HEAD];
    frame.extend_from_slice(payload);
    framed(frame, OpCode::Control(kind)).into()
}

fn framed(mut payload: Vec<u8>, opcode: OpCode) -> Vec<u8> {
    let length = payload.len() - HEAD;
    let start = write_header(&mut payload, opcode, length);
    payload.drain(..start);
    payload
}

/// Puts the header right before the payload that begins at [`HEAD`]; where it begins.
pub(crate) fn write_header(payload: &mut [u8], opcode: OpCode, length: usize) -> usize {
    let header = FrameHeader { opcode, ..FrameHeader::default() };
    let start = HEAD - header.len(length as u64);
    let mut slot = &mut payload[start..HEAD];
    header.format(length as u64, &mut slot).expect("a slice of the header's own length takes it");
    start
}
