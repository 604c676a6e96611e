//! An event as bytes: encoded once, shared by all who receive it.

use bytes::Bytes;
use serde::Serialize;
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::packet::write_head;

/// Room in front of a payload for the longest header of a server's frame (RFC 6455, section 5.2).
const HEAD: usize = 10;

/// One Engine.IO packet, framed for WebSocket. Polling sends the same bytes without the frame's header.
/// Cloning shares the bytes.
#[derive(Clone, Debug)]
pub struct Frame {
    bytes: Bytes,
    head: u8,
}

impl Frame {
    /// Encodes an event with one argument for the sockets of a namespace.
    ///
    /// # Errors
    /// When `arg` does not become JSON (a map whose keys are no strings).
    pub fn event<T: Serialize + ?Sized>(namespace: &str, event: &str, arg: &T) -> Result<Self, serde_json::Error> {
        Self::write(b'2', namespace, None, |out| {
            out.push(b'[');
            serde_json::to_writer(&mut *out, event)?;
            out.push(b',');
            serde_json::to_writer(&mut *out, arg)?;
            out.push(b']');
            Ok(())
        })
    }

    /// The same, asking for an acknowledgement.
    pub(crate) fn event_with_ack<T: Serialize + ?Sized>(
        namespace: &str,
        id: u64,
        event: &str,
        arg: &T,
    ) -> Result<Self, serde_json::Error> {
        Self::write(b'2', namespace, Some(id), |out| serde_json::to_writer(out, &(event, arg)))
    }

    pub(crate) fn ack<T: Serialize + ?Sized>(namespace: &str, id: u64, arg: &T) -> Result<Self, serde_json::Error> {
        Self::write(b'3', namespace, Some(id), |out| serde_json::to_writer(out, &[arg]))
    }

    /// CONNECT (`0`) or CONNECT_ERROR (`4`) with its data.
    pub(crate) fn answer_connect<T: Serialize>(kind: u8, namespace: &str, data: &T) -> Result<Self, serde_json::Error> {
        Self::write(kind, namespace, None, |out| serde_json::to_writer(out, data))
    }

    pub(crate) fn disconnect(namespace: &str) -> Self {
        let mut payload = Vec::with_capacity(HEAD + 16);
        payload.resize(HEAD, 0);
        write_head(&mut payload, b'1', namespace, None);
        Self::close_head(payload)
    }

    /// Any Engine.IO packet that is already text.
    pub(crate) fn packet(text: &[u8]) -> Self {
        let mut payload = vec![0; HEAD];
        payload.extend_from_slice(text);
        Self::close_head(payload)
    }

    fn write(
        kind: u8,
        namespace: &str,
        id: Option<u64>,
        body: impl FnOnce(&mut Vec<u8>) -> Result<(), serde_json::Error>,
    ) -> Result<Self, serde_json::Error> {
        let mut payload = Vec::with_capacity(256);
        payload.resize(HEAD, 0);
        write_head(&mut payload, kind, namespace, id);
        body(&mut payload)?;
        Ok(Self::close_head(payload))
    }

    /// Puts the header right before the payload that begins at [`HEAD`].
    fn close_head(mut payload: Vec<u8>) -> Self {
        let header = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
        let length = (payload.len() - HEAD) as u64;
        let head = header.len(length);
        let start = HEAD - head;
        let mut slot = &mut payload[start..HEAD];
        header.format(length, &mut slot).expect("a slice of the header's own length takes it");
        Self { bytes: Bytes::from(payload).slice(start..), head: head as u8 }
    }

    /// Header and payload, as a WebSocket sends them.
    pub(crate) fn websocket(&self) -> &Bytes {
        &self.bytes
    }

    /// The payload alone, as a polling body carries it.
    pub(crate) fn polling(&self) -> Bytes {
        self.bytes.slice(usize::from(self.head)..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_framed_once_for_both_transports() {
        let frame = Frame::event("/chat", "chat", "hi").unwrap();
        assert_eq!(&frame.polling()[..], br#"42/chat,["chat","hi"]"#);
        assert_eq!(frame.websocket()[..2], [0x81, 21]);
        assert_eq!(&frame.websocket()[2..], &frame.polling()[..]);
    }

    #[test]
    fn the_header_grows_with_the_payload() {
        for (length, head) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let frame = Frame::packet(&vec![b'x'; length]);
            assert_eq!(frame.websocket().len(), head + length, "{length}");
            assert_eq!(frame.polling().len(), length);
        }
        assert_eq!(Frame::packet(&[b'x'; 126]).websocket()[..4], [0x81, 126, 0, 126]);
    }

    #[test]
    fn the_root_namespace_is_not_written() {
        assert_eq!(&Frame::ack("/", 3, &1).unwrap().polling()[..], b"433[1]");
        assert_eq!(&Frame::disconnect("/chat").polling()[..], b"41/chat,");
    }
}
