//! Reading a client's WebSocket frames (RFC 6455) without a buffer of its own.
//!
//! Bytes come in a buffer that many connections share. Whole messages are handed on where they lie; only what is
//! unfinished at the end of a read is kept, and freed when it is done. The header is read by tungstenite.

use std::io::Cursor;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// What a client said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
    Ping(&'a [u8]),
    Pong,
    Close,
}

/// Why reading ended; the number goes into our close frame (RFC 6455, section 7.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    Protocol = 1002,
    /// A kind of message that is not taken here.
    Unsupported = 1003,
    /// Text that is no UTF-8, or not what was agreed on.
    BadData = 1007,
    TooLarge = 1009,
}

/// What one connection remembers between reads: nothing, most of the time.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// The beginning of a frame whose rest has not come.
    partial: Vec<u8>,
    /// The first fragments of a message whose rest has not come, and whether it is text.
    fragments: Option<Box<(bool, Vec<u8>)>>,
}

impl Reader {
    pub(crate) fn with_leftover(bytes: &[u8]) -> Self {
        Self { partial: bytes.to_vec(), fragments: None }
    }

    /// Whether it holds bytes that [`Reader::read`] has not looked at.
    pub(crate) fn has_leftover(&self) -> bool {
        !self.partial.is_empty()
    }

    /// Takes in `bytes` and hands on every message that is complete, in order, until `take` returns false (what is
    /// left is kept for the next call).
    ///
    /// # Errors
    /// At the first violation; nothing after it is read.
    pub(crate) fn read(
        &mut self,
        bytes: &mut [u8],
        max_message: usize,
        mut take: impl FnMut(Message<'_>) -> bool,
    ) -> Result<(), Violation> {
        if self.partial.is_empty() {
            let used = self.frames(bytes, max_message, &mut take)?;
            self.partial = bytes[used..].to_vec();
        } else {
            let mut joined = std::mem::take(&mut self.partial);
            joined.extend_from_slice(bytes);
            let used = self.frames(&mut joined, max_message, &mut take)?;
            if used > 0 {
                joined.drain(..used);
                // An idle connection holds no memory for what once came; one that is in the middle of a message goes on.
                joined.shrink_to_fit();
            }
            self.partial = joined;
        }
        Ok(())
    }

    /// How many bytes were whole frames.
    fn frames(
        &mut self,
        bytes: &mut [u8],
        max_message: usize,
        take: &mut impl FnMut(Message<'_>) -> bool,
    ) -> Result<usize, Violation> {
        let mut used = 0;
        while used < bytes.len() {
            let mut cursor = Cursor::new(&bytes[used..]);
            let Some((header, length)) = FrameHeader::parse(&mut cursor).map_err(|_| Violation::Protocol)? else {
                break;
            };
            let head = cursor.position() as usize;
            let length = self.check(&header, length, max_message)?;
            let Some(payload) = bytes[used..].get_mut(head..head + length) else { break };
            let mask = header.mask.ok_or(Violation::Protocol)?;
            for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
                *byte ^= mask;
            }
            used += head + length;
            if !self.frame(&header, payload, take)? {
                break;
            }
        }
        Ok(used)
    }

    /// What can be known before the payload has come.
    fn check(&self, header: &FrameHeader, length: u64, max_message: usize) -> Result<usize, Violation> {
        let is_control = matches!(header.opcode, OpCode::Control(_));
        let wrong = header.mask.is_none()
            || header.rsv1
            || header.rsv2
            || header.rsv3
            || (is_control && (!header.is_final || length > 125))
            || match header.opcode {
                OpCode::Data(Data::Continue) => self.fragments.is_none(),
                OpCode::Data(_) => self.fragments.is_some(),
                OpCode::Control(_) => false,
            };
        if wrong {
            return Err(Violation::Protocol);
        }
        let before = match (&self.fragments, is_control) {
            (Some(fragments), false) => fragments.1.len(),
            _ => 0,
        };
        usize::try_from(length)
            .ok()
            .filter(|length| length.saturating_add(before) <= max_message)
            .ok_or(Violation::TooLarge)
    }

    fn frame(
        &mut self,
        header: &FrameHeader,
        payload: &[u8],
        take: &mut impl FnMut(Message<'_>) -> bool,
    ) -> Result<bool, Violation> {
        match header.opcode {
            OpCode::Control(Control::Ping) => Ok(take(Message::Ping(payload))),
            OpCode::Control(Control::Pong) => Ok(take(Message::Pong)),
            OpCode::Control(_) => Ok(take(Message::Close)),
            OpCode::Data(kind) => {
                if !header.is_final {
                    let fragments = self.fragments.get_or_insert_with(|| Box::new((kind == Data::Text, Vec::new())));
                    fragments.1.extend_from_slice(payload);
                    return Ok(true);
                }
                match self.fragments.take() {
                    None => message(kind == Data::Text, payload, take),
                    Some(mut fragments) => {
                        fragments.1.extend_from_slice(payload);
                        message(fragments.0, &fragments.1, take)
                    }
                }
            }
        }
    }
}

fn message(is_text: bool, payload: &[u8], take: &mut impl FnMut(Message<'_>) -> bool) -> Result<bool, Violation> {
    if !is_text {
        return Ok(take(Message::Binary(payload)));
    }
    let text = std::str::from_utf8(payload).map_err(|_| Violation::BadData)?;
    Ok(take(Message::Text(text)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(opcode: OpCode, is_final: bool, payload: &[u8]) -> Vec<u8> {
        let mask = [1, 2, 3, 4];
        let header = FrameHeader { opcode, is_final, mask: Some(mask), ..FrameHeader::default() };
        let mut frame = Vec::new();
        header.format(payload.len() as u64, &mut frame).unwrap();
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        frame
    }

    fn text(payload: &str) -> Vec<u8> {
        masked(OpCode::Data(Data::Text), true, payload.as_bytes())
    }

    fn read(reader: &mut Reader, mut bytes: Vec<u8>) -> Result<Vec<String>, Violation> {
        let mut heard = Vec::new();
        reader.read(&mut bytes, 1000, |message| {
            heard.push(match message {
                Message::Text(text) => text.to_owned(),
                other => format!("{other:?}"),
            });
            true
        })?;
        Ok(heard)
    }

    #[test]
    fn keeps_nothing_between_whole_messages() {
        let mut reader = Reader::default();
        assert_eq!(read(&mut reader, [text("a"), text("나")].concat()), Ok(vec!["a".into(), "나".into()]));
        assert!(!reader.has_leftover());
        assert_eq!(reader.partial.capacity(), 0);
    }

    #[test]
    fn joins_fragments_with_a_ping_between_them() {
        let frames = [
            masked(OpCode::Data(Data::Text), false, b"a"),
            masked(OpCode::Control(Control::Ping), true, b"p"),
            masked(OpCode::Data(Data::Continue), true, b"b"),
        ];
        assert_eq!(read(&mut Reader::default(), frames.concat()), Ok(vec!["Ping([112])".into(), "ab".into()]));
    }

    #[test]
    fn stops_where_it_is_told_and_goes_on_later() {
        let mut reader = Reader::default();
        let mut heard = 0;
        reader
            .read(&mut [text("a"), text("b")].concat(), 1000, |_| {
                heard += 1;
                false
            })
            .unwrap();
        assert!(reader.has_leftover());
        reader
            .read(&mut [], 1000, |_| {
                heard += 1;
                true
            })
            .unwrap();
        assert_eq!(heard, 2);
        assert!(!reader.has_leftover());
    }

    #[test]
    fn names_each_violation() {
        let unmasked = vec![0x81, 1, b'a'];
        let reserved_bit = {
            let mut frame = text("a");
            frame[0] |= 0x40;
            frame
        };
        let reserved_opcode = vec![0x83, 0x81, 0, 0, 0, 0, 0];
        let long_ping = masked(OpCode::Control(Control::Ping), true, &[0; 126]);
        let split_ping = masked(OpCode::Control(Control::Ping), false, b"a");
        let stray = masked(OpCode::Data(Data::Continue), true, b"a");
        let interrupted = [masked(OpCode::Data(Data::Text), false, b"a"), text("b")].concat();
        for frame in [unmasked, reserved_bit, reserved_opcode, long_ping, split_ping, stray, interrupted] {
            assert_eq!(read(&mut Reader::default(), frame.clone()), Err(Violation::Protocol), "{frame:?}");
        }
        let not_utf8 = masked(OpCode::Data(Data::Text), true, &[0xff]);
        assert_eq!(read(&mut Reader::default(), not_utf8), Err(Violation::BadData));
    }

    #[test]
    fn refuses_a_large_message_by_its_header() {
        let huge = vec![0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
        assert_eq!(read(&mut Reader::default(), huge), Err(Violation::TooLarge));
        assert_eq!(read(&mut Reader::default(), text(&"x".repeat(1001))[..8].to_vec()), Err(Violation::TooLarge));
        assert!(read(&mut Reader::default(), text(&"x".repeat(1000))).is_ok());
        let halves = [
            masked(OpCode::Data(Data::Text), false, &[b'x'; 600]),
            masked(OpCode::Data(Data::Continue), true, &[b'x'; 401]),
        ];
        assert_eq!(read(&mut Reader::default(), halves.concat()), Err(Violation::TooLarge));
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same_messages(words in proptest::collection::vec(".{0,40}", 0..8), cuts in proptest::collection::vec(1usize..30, 0..40)) {
            let stream: Vec<u8> = words.iter().flat_map(|word| text(word)).collect();
            let mut reader = Reader::default();
            let mut heard = Vec::new();
            let mut rest = &stream[..];
            for cut in cuts {
                let (piece, tail) = rest.split_at(cut.min(rest.len()));
                heard.extend(read(&mut reader, piece.to_vec()).unwrap());
                rest = tail;
            }
            heard.extend(read(&mut reader, rest.to_vec()).unwrap());
            prop_assert_eq!(heard, words);
            prop_assert!(!reader.has_leftover());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&mut Reader::default(), bytes);
        }
    }
}
