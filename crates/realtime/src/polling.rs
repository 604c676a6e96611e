//! Long-polling, as a shard sees it: requests that wait for an answer.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use tokio::sync::oneshot;

use crate::packet::SEPARATOR;

/// What a shard answers to a polling request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Packets for the client.
    Payload(Bytes),
    /// The client's packets were taken.
    Taken,
    Refused(EngineError),
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
#[derive(Debug)]
pub(crate) struct Polling {
    /// Its secret name in requests.
    pub(crate) sid: Arc<str>,
    /// The request that waits for packets.
    pub(crate) poll: Option<oneshot::Sender<Answer>>,
    /// The request whose packets wait for room in the queue of the connection's handlers, and what is left of them.
    pub(crate) payload: Option<(oneshot::Sender<Answer>, Bytes)>,
}

/// Joins packets into the body of an answer.
pub(crate) fn join(packets: &[Bytes]) -> Bytes {
    if let [packet] = packets {
        return packet.clone();
    }
    let mut body = BytesMut::with_capacity(packets.iter().map(|packet| packet.len() + 1).sum());
    for (index, packet) in packets.iter().enumerate() {
        if index > 0 {
            body.put_u8(SEPARATOR);
        }
        body.put_slice(packet);
    }
    body.freeze()
}

/// Takes the first packet off a body.
pub(crate) fn split(body: &mut Bytes) -> Option<Bytes> {
    if body.is_empty() {
        return None;
    }
    let end = body.iter().position(|&byte| byte == SEPARATOR);
    let packet = body.split_to(end.unwrap_or(body.len()));
    if end.is_some() {
        let _ = body.split_to(1);
    }
    Some(packet)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_trailing_separator_is_an_empty_packet_less() {
        let mut body = Bytes::from_static(b"4a\x1e");
        assert_eq!(split(&mut body).unwrap(), "4a");
        assert_eq!(split(&mut body), None);
    }

    proptest! {
        #[test]
        fn what_is_joined_is_split(packets in proptest::collection::vec("[a-z가]{1,9}", 1..9)) {
            let packets: Vec<Bytes> = packets.into_iter().map(Bytes::from).collect();
            let mut body = join(&packets);
            let split: Vec<Bytes> = std::iter::from_fn(|| split(&mut body)).collect();
            prop_assert_eq!(split, packets);
        }
    }
}
