//! Frames of a WebSocket, well made and not, cut anywhere.

#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    max_message: u8,
    cuts: &'a [u8],
    pieces: Vec<Piece<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Piece<'a> {
    /// A frame, its kind one of those there are, its length written as it is or too long.
    Frame {
        kind: u8,
        is_final: bool,
        width: u8,
        mask: [u8; 4],
        payload: &'a [u8],
    },
    Long {
        kind: u8,
        byte: u8,
        length: u8,
    },
    Raw(&'a [u8]),
}

fn frame(kind: u8, is_final: bool, width: u8, mask: [u8; 4], payload: &[u8], out: &mut Vec<u8>) {
    out.push([0, 1, 2, 8, 9, 10][usize::from(kind) % 6] | if is_final { 0x80 } else { 0 });
    let length = payload.len();
    match width % 4 {
        3 => {
            out.push(0xff);
            out.extend((length as u64).to_be_bytes());
        }
        2 => {
            out.push(0xfe);
            out.extend((length as u16).to_be_bytes());
        }
        _ if length < 126 => out.push(0x80 | length as u8),
        _ => {
            out.push(0xfe);
            out.extend((length as u16).to_be_bytes());
        }
    }
    out.extend(mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

fuzz_target!(|input: Input<'_>| {
    let mut bytes = Vec::new();
    for piece in &input.pieces {
        match *piece {
            Piece::Frame { kind, is_final, width, mask, payload } => {
                frame(kind, is_final, width, mask, payload, &mut bytes)
            }
            Piece::Long { kind, byte, length } => frame(kind, true, 0, [0; 4], &vec![byte; length.into()], &mut bytes),
            Piece::Raw(raw) => bytes.extend(raw),
        }
    }
    gifchat_realtime::fuzzing::websocket(&bytes, input.cuts, usize::from(input.max_message));
});
