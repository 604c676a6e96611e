//! What comes from the server, looked at as little as possible: a raider reads thousands of frames a second.

/// Bytes of a message that are looked at.
const LOOK: usize = 48;

/// What a raider wants to know of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The answer to `join`: in, or not.
    Joined(bool),
    /// The answer to a post: taken, or refused.
    Answered(bool),
    /// The namespace is open.
    Connected,
    /// To be answered with these frames, or the server takes the raider for dead.
    Ping,
    /// Of the engine, in a text.
    EnginePing,
    Close,
    Other,
}

/// Cuts a stream of unmasked WebSocket frames. Keeps the begin of one frame at most.
#[derive(Debug, Default)]
pub struct Frames {
    begin: Vec<u8>,
    /// Bytes of the last frame that are still to come.
    rest: usize,
}

impl Frames {
    pub fn read(&mut self, bytes: &[u8], mut see: impl FnMut(Seen)) {
        let skipped = self.rest.min(bytes.len());
        self.rest -= skipped;
        let bytes = &bytes[skipped..];
        if self.begin.is_empty() {
            self.cut(bytes, &mut see);
        } else {
            let mut joined = std::mem::take(&mut self.begin);
            joined.extend_from_slice(bytes);
            self.cut(&joined, &mut see);
        }
    }

    fn cut(&mut self, mut bytes: &[u8], see: &mut impl FnMut(Seen)) {
        while let Some((opcode, head, length)) = header(bytes) {
            let look = length.min(LOOK);
            let Some(message) = bytes.get(head..head + look) else { break };
            see(seen(opcode, message));
            let whole = head + length;
            self.rest = whole.saturating_sub(bytes.len());
            bytes = &bytes[whole.min(bytes.len())..];
        }
        self.begin = bytes.to_vec();
    }
}

/// Opcode, bytes of the header, bytes of the payload.
fn header(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    let (head, length) = match second & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        short => (2, usize::from(short)),
    };
    Some((first & 0x0f, head, length))
}

fn seen(opcode: u8, message: &[u8]) -> Seen {
    const REFUSED: &[u8] = b"\"error\":";
    let starts = |begin: &[u8]| message.starts_with(begin);
    let refused = || message.windows(REFUSED.len()).any(|window| window == REFUSED);
    match opcode {
        8 => Seen::Close,
        9 => Seen::Ping,
        1 if message == b"2" => Seen::EnginePing,
        1 if starts(b"40/chat") => Seen::Connected,
        1 if starts(b"43/chat,0") || starts(b"{\"type\":\"ack\",\"ref\":0,") => Seen::Joined(!refused()),
        1 if starts(b"43/chat,1") || starts(b"{\"type\":\"ack\",\"ref\":1,") => Seen::Answered(!refused()),
        _ => Seen::Other,
    }
}

/// A text as a client sends it: masked, with a key that changes nothing.
pub fn text(payload: &str) -> Vec<u8> {
    frame(1, payload.as_bytes())
}

pub fn pong() -> Vec<u8> {
    frame(10, b"")
}

fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | short as u8),
        long => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(long as u16).to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_server(payload: &str) -> Vec<u8> {
        let mut frame = vec![0x81];
        if payload.len() < 126 {
            frame.push(payload.len() as u8);
        } else {
            frame.push(126);
            frame.extend_from_slice(&(payload.len() as u16).to_be_bytes());
        }
        frame.extend_from_slice(payload.as_bytes());
        frame
    }

    #[test]
    fn frames_are_told_apart_however_they_are_cut() {
        let long = format!("42/chat,[\"chat\",{{\"chat\":\"{}\"}}]", "x".repeat(300));
        let stream: Vec<u8> = [
            "40/chat,{\"sid\":\"x\"}",
            "43/chat,0[{\"room\":{}}]",
            &long,
            "43/chat,1[{\"error\":{\"code\":\"too-often\"}}]",
            "{\"type\":\"ack\",\"ref\":1,\"_id\":\"0a\"}",
            "2",
        ]
        .into_iter()
        .flat_map(from_server)
        .collect();
        let expected = [
            Seen::Connected,
            Seen::Joined(true),
            Seen::Other,
            Seen::Answered(false),
            Seen::Answered(true),
            Seen::EnginePing,
        ];
        for size in 1..stream.len() {
            let (mut frames, mut seen) = (Frames::default(), Vec::new());
            stream.chunks(size).for_each(|chunk| frames.read(chunk, |one| seen.push(one)));
            assert_eq!(seen, expected, "in pieces of {size}");
        }
    }
}
