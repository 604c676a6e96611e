//! Long-polling: requests that wait for an answer, and how packets lie in a body.
//!
//! Version 4 separates packets by a control character; version 3 puts each one's length in front, in UTF-16 code units
//! or, in a binary body, in bytes (Engine.IO 3, "Payload").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, Bytes};
use tokio::sync::oneshot;

use crate::encoding::Encoding;
use crate::framing::base64_packet;
use crate::outbox::Piece;
use crate::packet::SEPARATOR;

/// Digits of a length; more than any limit on bodies has.
const MOST_DIGITS: usize = 9;

/// What a shard answers to a polling request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Packets for the client.
    Payload(Body),
    /// The client's packets were taken.
    Taken,
    Refused(EngineError),
}

/// A body, and whether it is binary.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    pub(crate) is_binary: bool,
}

/// The errors of Engine.IO, with their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EngineError {
    UnknownTransport = 0,
    UnknownSession = 1,
    BadMethod = 2,
    BadRequest = 3,
    Forbidden = 4,
    UnsupportedVersion = 5,
}

impl EngineError {
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::UnknownTransport => "Transport unknown",
            Self::UnknownSession => "Session ID unknown",
            Self::BadMethod => "Bad handshake method",
            Self::BadRequest => "Bad request",
            Self::Forbidden => "Forbidden",
            Self::UnsupportedVersion => "Unsupported protocol version",
        }
    }
}

/// A connection that polls.
#[derive(Debug, Default)]
pub(crate) struct Polling {
    /// The request that waits for packets.
    pub(crate) poll: Option<oneshot::Sender<Answer>>,
    /// Whether there has been one.
    pub(crate) has_polled: bool,
    /// Whether it came when a WebSocket was on its way to take over.
    pub(crate) is_late: bool,
    /// The request whose packets wait for room in the queue of the connection's handlers, and what is left of them.
    pub(crate) payload: Option<(oneshot::Sender<Answer>, Payload)>,
    /// The handshake of a client of version 3, which is answered when its handlers have begun: it is in the root namespace
    /// without asking, and its first poll finds what they said.
    pub(crate) opened: Option<oneshot::Sender<()>>,
}

/// Joins packets into the body of an answer.
pub(crate) fn join(pieces: &[Piece], encoding: Encoding) -> Body {
    let is_binary = encoding == Encoding::Engine3 && pieces.iter().any(|piece| piece.is_binary);
    let mut body = Vec::with_capacity(pieces.iter().map(|piece| piece.bytes.len() / 3 * 4 + 16).sum());
    for (index, piece) in pieces.iter().enumerate() {
        if is_binary {
            // A string or not, the length in digits that are numbers, 255.
            body.push(u8::from(piece.is_binary));
            let length = piece.bytes.len() + usize::from(piece.is_binary);
            body.extend(length.to_string().bytes().map(|digit| digit - b'0'));
            body.push(255);
            if piece.is_binary {
                body.push(4);
            }
            body.extend_from_slice(&piece.bytes);
        } else {
            let encoded = piece.is_binary.then(|| base64_packet(encoding.is_version_3(), &piece.bytes));
            let packet = encoded.as_ref().map_or(&piece.bytes[..], |packet| packet.as_bytes());
            if encoding.is_version_3() {
                body.extend_from_slice(utf16_length(packet).to_string().as_bytes());
                body.push(b':');
            } else if index > 0 {
                body.push(SEPARATOR);
            }
            body.extend_from_slice(packet);
        }
    }
    Body { bytes: body.into(), is_binary }
}

/// One packet that is text, as a body.
pub(crate) fn join_text(packet: &'static str, encoding: Encoding) -> Body {
    let piece = Piece { bytes: Bytes::from_static(packet.as_bytes()), packets: 1, is_binary: false };
    join(&[piece], encoding)
}

/// Our texts are UTF-8: what is no continuation begins a character, and the longest ones take two units.
fn utf16_length(text: &[u8]) -> usize {
    text.iter().map(|&byte| usize::from(byte & 0xc0 != 0x80) + usize::from(byte >= 0xf0)).sum()
}

/// The packets of a body that a client sent, one after the other.
#[derive(Debug)]
pub(crate) struct Payload {
    rest: Bytes,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Separated,
    Counted,
    CountedBinary,
}

/// A packet of a body: text of Engine.IO, or a binary message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Text(Bytes),
    Binary(Bytes),
}

/// The body is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl Payload {
    pub(crate) fn new(body: Bytes, is_version_3: bool, is_binary: bool) -> Self {
        let kind = match (is_version_3, is_binary) {
            (false, _) => Kind::Separated,
            (true, false) => Kind::Counted,
            (true, true) => Kind::CountedBinary,
        };
        Self { rest: body, kind }
    }

    /// # Errors
    /// Nothing after it can be read.
    pub(crate) fn next(&mut self) -> Result<Option<Received>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        match self.kind {
            Kind::Separated => self.separated(),
            Kind::Counted => self.counted(),
            Kind::CountedBinary => self.counted_binary(),
        }
        .map(Some)
    }

    fn separated(&mut self) -> Result<Received, Malformed> {
        let end = self.rest.iter().position(|&byte| byte == SEPARATOR);
        let packet = self.rest.split_to(end.unwrap_or(self.rest.len()));
        if end.is_some() {
            self.rest.advance(1);
        }
        match packet.strip_prefix(b"b") {
            Some(base64) => decode(base64),
            None => Ok(Received::Text(packet)),
        }
    }

    fn counted(&mut self) -> Result<Received, Malformed> {
        let digits = self.rest.iter().take(MOST_DIGITS + 1).position(|&byte| byte == b':').ok_or(Malformed)?;
        let units = number(self.rest[..digits].iter().map(|&digit| digit.wrapping_sub(b'0')))?;
        self.rest.advance(digits + 1);
        let end = utf8_end(&self.rest, units).ok_or(Malformed)?;
        let packet = self.rest.split_to(end);
        match packet.strip_prefix(b"b4") {
            Some(base64) => decode(base64),
            None if packet.starts_with(b"b") => Err(Malformed),
            None => Ok(Received::Text(packet)),
        }
    }

    fn counted_binary(&mut self) -> Result<Received, Malformed> {
        let is_binary = match self.rest.get_u8() {
            0 => false,
            1 => true,
            _ => return Err(Malformed),
        };
        let digits = self.rest.iter().take(MOST_DIGITS + 1).position(|&byte| byte == 255).ok_or(Malformed)?;
        let length = number(self.rest[..digits].iter().copied())?;
        self.rest.advance(digits + 1);
        if length > self.rest.len() {
            return Err(Malformed);
        }
        let mut packet = self.rest.split_to(length);
        if !is_binary {
            return Ok(Received::Text(packet));
        }
        if !packet.starts_with(&[4]) {
            return Err(Malformed);
        }
        packet.advance(1);
        Ok(Received::Binary(packet))
    }
}

/// A binary message that is written as text.
pub(crate) fn decode(base64: &[u8]) -> Result<Received, Malformed> {
    STANDARD.decode(base64).map(|bytes| Received::Binary(bytes.into())).map_err(|_| Malformed)
}

/// At least one digit, none above 9.
fn number(digits: impl ExactSizeIterator<Item = u8>) -> Result<usize, Malformed> {
    if digits.len() == 0 || digits.len() > MOST_DIGITS {
        return Err(Malformed);
    }
    digits
        .into_iter()
        .try_fold(0, |number, digit| (digit <= 9).then_some(number * 10 + usize::from(digit)))
        .ok_or(Malformed)
}

/// Where so many UTF-16 code units end in UTF-8; `None` when there are fewer, or in the middle of a character.
fn utf8_end(text: &[u8], units: usize) -> Option<usize> {
    let mut left = units;
    let mut at = 0;
    while left > 0 {
        let (length, taken) = match *text.get(at)? {
            0..0x80 => (1, 1),
            0xc0..0xe0 => (2, 1),
            0xe0..0xf0 => (3, 1),
            0xf0..0xf8 => (4, 2),
            _ => return None,
        };
        left = left.checked_sub(taken)?;
        at += length;
    }
    (at <= text.len()).then_some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn piece(bytes: impl Into<Bytes>, is_binary: bool) -> Piece {
        Piece { bytes: bytes.into(), packets: 1, is_binary }
    }

    fn all(mut payload: Payload) -> Result<Vec<Received>, Malformed> {
        std::iter::from_fn(|| payload.next().transpose()).collect()
    }

    #[test]
    fn a_trailing_separator_is_an_empty_packet_less() {
        let payload = Payload::new(Bytes::from_static(b"4a\x1ebAQID\x1e"), false, false);
        let packets = [Received::Text("4a".into()), Received::Binary(Bytes::from_static(&[1, 2, 3]))];
        assert_eq!(all(payload).unwrap(), packets);
    }

    #[test]
    fn lengths_of_version_3_count_code_units() {
        let hello = [piece("4hello", false), piece("4가😀", false), piece(&[1, 2, 3, 4][..], true)];
        let text = join(&hello, Encoding::Engine3Base64);
        assert_eq!(text.bytes, "6:4hello4:4가😀10:b4AQIDBA==".as_bytes());
        assert!(!text.is_binary);
        let binary = join(&hello[..1], Encoding::Engine3);
        assert_eq!((&binary.bytes[..], binary.is_binary), (&b"6:4hello"[..], false));
        let binary = join(&[piece("4hello", false), piece(&[1, 2, 3, 4][..], true)], Encoding::Engine3);
        assert_eq!(binary.bytes[..], [0, 6, 255, 52, 104, 101, 108, 108, 111, 1, 5, 255, 4, 1, 2, 3, 4]);
        assert!(binary.is_binary);
    }

    #[test]
    fn malformed_bodies_are_refused() {
        for wrong in ["abc", ":4", "1", "-1:4", "9999999999:4", "5:4abc", "1:😀", "3:4\u{e9}", "2:b3", "4:b4A=", "+1:4"]
        {
            let payload = Payload::new(Bytes::from_static(wrong.as_bytes()), true, false);
            assert_eq!(all(payload), Err(Malformed), "{wrong}");
        }
        for wrong in [
            &[2, 1, 255, 52][..],
            &[0, 255, 52],
            &[0, 1, 52],
            &[0, 10, 255],
            &[0, 9, 255, 52],
            &[1, 1, 255, 52],
            &[1, 0, 255],
        ] {
            let payload = Payload::new(Bytes::from_static(wrong), true, true);
            assert_eq!(all(payload), Err(Malformed), "{wrong:?}");
        }
        assert_eq!(all(Payload::new(Bytes::from_static(b"b$"), false, false)), Err(Malformed));
    }

    proptest! {
        #[test]
        fn what_is_joined_is_split(
            pieces in proptest::collection::vec((any::<bool>(), ".{1,9}"), 1..9),
            encoding in proptest::sample::select(vec![Encoding::Engine4, Encoding::Engine3, Encoding::Engine3Base64])
        ) {
            let pieces: Vec<Piece> = pieces.into_iter()
                .map(|(is_binary, text)| piece(format!("4{}", text.replace('\u{1e}', "")), is_binary))
                .collect();
            let expected: Vec<Received> = pieces.iter()
                .map(|piece| if piece.is_binary { Received::Binary(piece.bytes.clone()) } else { Received::Text(piece.bytes.clone()) })
                .collect();
            let body = join(&pieces, encoding);
            let payload = Payload::new(body.bytes, encoding.is_version_3(), body.is_binary);
            prop_assert_eq!(all(payload).unwrap(), expected);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100), version_3: bool, binary: bool) {
            let _ = all(Payload::new(bytes.into(), version_3, binary));
        }
    }
}
