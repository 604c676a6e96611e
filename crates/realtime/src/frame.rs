//! An event as bytes: encoded at most once per encoding, shared by all who receive it.

use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::binary::{Args, writing};
use crate::draft::Draft;
use crate::encoding::Encoding;
use crate::framing::{HEAD, binary_packet, close_object, write_header};
use crate::packet::{ACK, DISCONNECT};

/// An event, or another packet, for any number of connections. Cloning shares the bytes.
///
/// The text that Socket.IO clients get is made at once; what plain WebSockets and event streams get is made from the
/// same bytes when the first of them needs it.
///
/// ```
/// use gifchat_realtime::{Config, Frame, Namespace, Realtime};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
///
/// let realtime = Realtime::builder(Config::default()).namespace(Namespace::new("/chat")).build()?;
/// let news = Frame::event("/chat", "news", "hello")?;
/// realtime.to("/chat", "red").emit_frame(&news);
/// for socket in realtime.to("/chat", "blue").sockets().await {
///     socket.emit_frame(news.clone());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Frame(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    /// The Engine.IO packet in a WebSocket frame. Polling sends the same bytes without the frame's header.
    text: Bytes,
    head: u8,
    attachments: Box<[Bytes]>,
    event: Option<Parts>,
    id: Option<u64>,
    number: Option<u64>,
    retry: Option<Duration>,
    plain: OnceLock<Bytes>,
    event_stream: OnceLock<Bytes>,
}

/// Where in the text the parts of an event are.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    /// The name, as JSON.
    pub(crate) name: Range<usize>,
    /// The arguments, as JSON, with commas between them.
    pub(crate) args: Range<usize>,
    pub(crate) count: usize,
}

impl Frame {
    /// Encodes an event with one argument for the sockets of a namespace.
    ///
    /// # Errors
    /// When `arg` does not become JSON (a map whose keys are no strings).
    pub fn event<T: Serialize + ?Sized>(namespace: &str, event: &str, arg: &T) -> Result<Self, serde_json::Error> {
        let mut attachments = Vec::new();
        let mut draft = Draft::event(namespace, None, event)?;
        writing(&mut attachments, || serde_json::to_writer(&mut draft.text, arg))?;
        Ok(draft.close_event(1, attachments))
    }

    /// The same with any number of arguments.
    ///
    /// # Errors
    /// As [`Frame::event`].
    pub fn event_with(namespace: &str, event: &str, args: &Args) -> Result<Self, serde_json::Error> {
        Self::event_asking(namespace, None, event, args)
    }

    /// The same, asking for an acknowledgement of that number.
    pub(crate) fn event_asking(
        namespace: &str,
        id: Option<u64>,
        event: &str,
        args: &Args,
    ) -> Result<Self, serde_json::Error> {
        let mut draft = Draft::event(namespace, id, event)?;
        draft.values(&args.values);
        Ok(draft.close_event(args.values.len(), args.attachments.clone()))
    }

    /// Numbers the event: in event streams it is the `id`, with which a reader that comes back says which was the last it
    /// has. It is also what [`crate::Socket::release`] compares, unless there is [another number](Frame::with_number) for
    /// that.
    #[must_use]
    pub fn with_id(mut self, id: u64) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        inner.id = Some(id);
        inner.event_stream = OnceLock::new();
        self
    }

    /// Numbers the event among those of its room, for [`crate::Socket::release`] alone: no client sees it, and event streams
    /// get no `id` by it. For rooms that count for themselves beside one whose numbers are the `id`.
    ///
    /// ```
    /// use gifchat_realtime::Frame;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let said = Frame::event("/chat", "chat", "to all")?.with_id(112);
    /// let whispered = Frame::event("/chat", "whisper", "to one")?.with_number(3);
    /// # drop((said, whispered));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_number(mut self, number: u64) -> Self {
        Arc::make_mut(&mut self.0).number = Some(number);
        self
    }

    /// Tells the readers of event streams how long to wait before they connect again once the stream has ended: the
    /// `retry` field, in whole milliseconds. Other connections get the event as it is.
    #[must_use]
    pub fn with_retry(mut self, retry: Duration) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        inner.retry = Some(retry);
        inner.event_stream = OnceLock::new();
        self
    }

    pub(crate) fn ack(namespace: &str, id: u64, args: &Args) -> Self {
        let mut draft = Draft::new(ACK, namespace, Some(id));
        draft.text.push(b'[');
        draft.values(&args.values);
        draft.text.push(b']');
        draft.close(args.attachments.clone())
    }

    /// CONNECT (`0`) or CONNECT_ERROR (`4`) with its data, if it has some.
    pub(crate) fn answer_connect<T: Serialize>(
        kind: u8,
        namespace: &str,
        data: Option<&T>,
    ) -> Result<Self, serde_json::Error> {
        let mut draft = Draft::new(kind, namespace, None);
        if let Some(data) = data {
            serde_json::to_writer(&mut draft.text, data)?;
        }
        Ok(draft.close(Vec::new()))
    }

    pub(crate) fn disconnect(namespace: &str) -> Self {
        Draft::new(DISCONNECT, namespace, None).close(Vec::new())
    }

    /// Any Engine.IO packet that is already text, or the text of a plain WebSocket.
    pub(crate) fn packet(text: &[u8]) -> Self {
        let mut payload = vec![0; HEAD];
        payload.extend_from_slice(text);
        Self::new(payload, Vec::new(), None)
    }

    /// A binary message of Engine.IO.
    pub(crate) fn binary(message: Bytes) -> Self {
        Self(Arc::new(Inner {
            text: Bytes::new(),
            head: 0,
            attachments: Box::new([message]),
            event: None,
            id: None,
            number: None,
            retry: None,
            plain: OnceLock::new(),
            event_stream: OnceLock::new(),
        }))
    }

    /// `payload` begins with [`HEAD`] bytes of room for its header.
    pub(crate) fn new(mut payload: Vec<u8>, attachments: Vec<Bytes>, event: Option<Parts>) -> Self {
        let length = payload.len() - HEAD;
        let start = write_header(&mut payload, OpCode::Data(Data::Text), length);
        let event = event.map(|parts| Parts {
            name: parts.name.start - start..parts.name.end - start,
            args: parts.args.start - start..parts.args.end - start,
            ..parts
        });
        Self(Arc::new(Inner {
            text: Bytes::from(payload).slice(start..),
            head: (HEAD - start) as u8,
            attachments: attachments.into(),
            event,
            id: None,
            number: None,
            retry: None,
            plain: OnceLock::new(),
            event_stream: OnceLock::new(),
        }))
    }

    /// The text, framed for a WebSocket of Engine.IO.
    pub(crate) fn websocket(&self) -> &Bytes {
        &self.0.text
    }

    /// The text alone, as a polling body carries it; `None` for a binary message.
    pub(crate) fn text(&self) -> Option<Bytes> {
        (!self.0.text.is_empty()).then(|| self.0.text.slice(usize::from(self.0.head)..))
    }

    pub(crate) fn attachments(&self) -> &[Bytes] {
        &self.0.attachments
    }

    /// Which it is of those of its room.
    pub(crate) fn number(&self) -> Option<u64> {
        self.0.number.or(self.0.id)
    }

    /// The bytes for a connection of that encoding, when they are one piece that can be shared.
    pub(crate) fn shared(&self, encoding: Encoding) -> Option<&Bytes> {
        match encoding {
            Encoding::Plain if self.0.event.is_none() && !self.0.attachments.is_empty() => None,
            Encoding::Plain => Some(self.0.plain.get_or_init(|| self.encode_plain())),
            Encoding::EventStream => Some(self.0.event_stream.get_or_init(|| self.encode_event_stream())),
            _ if self.0.attachments.is_empty() => Some(&self.0.text),
            _ => None,
        }
    }

    /// How long [`Frame::write`] is, roughly (it is, exactly, without attachments).
    pub(crate) fn size(&self, encoding: Encoding) -> usize {
        match self.shared(encoding) {
            Some(bytes) => bytes.len(),
            None => {
                let attachments = self.0.attachments.iter().map(|bytes| bytes.len() / 3 * 4 + HEAD + 6);
                self.0.text.len() + attachments.sum::<usize>()
            }
        }
    }

    /// Appends the bytes for a connection of that encoding.
    pub(crate) fn write(&self, encoding: Encoding, out: &mut Vec<u8>) {
        if let Some(bytes) = self.shared(encoding) {
            return out.extend_from_slice(bytes);
        }
        out.extend_from_slice(&self.0.text);
        for attachment in &self.0.attachments {
            out.extend_from_slice(&binary_packet(encoding, attachment));
        }
    }

    /// `{"type":<name>,...}`: the fields of an argument that is an object, `data` for any other.
    fn encode_plain(&self) -> Bytes {
        let Some(Parts { name, args, count }) = self.0.event.clone() else { return self.0.text.clone() };
        let (name, args) = (&self.0.text[name], &self.0.text[args]);
        let mut payload = vec![0; HEAD];
        payload.extend_from_slice(b"{\"type\":");
        payload.extend_from_slice(name);
        close_object(&mut payload, args, count);
        Self::new(payload, Vec::new(), None).0.text.clone()
    }

    /// The fields of an event in a stream, and the empty line that ends it.
    fn encode_event_stream(&self) -> Bytes {
        let Some(Parts { name, args, count }) = self.0.event.clone() else { return Bytes::new() };
        let (name, args) = (&self.0.text[name], &self.0.text[args]);
        let mut out = Vec::with_capacity(args.len() + name.len() + 48);
        if let Some(id) = self.0.id {
            out.extend_from_slice(b"id: ");
            out.extend_from_slice(id.to_string().as_bytes());
            out.push(b'\n');
        }
        if let Some(retry) = self.0.retry {
            out.extend_from_slice(b"retry: ");
            out.extend_from_slice(retry.as_millis().to_string().as_bytes());
            out.push(b'\n');
        }
        out.extend_from_slice(b"event: ");
        // Between its quotation marks; what would break the line is escaped in JSON.
        out.extend_from_slice(&name[1..name.len() - 1]);
        out.extend_from_slice(b"\ndata: ");
        // A client may have written them, and JSON may break lines between its tokens: a field may not.
        let line = args.iter().map(|&byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte });
        if count == 1 {
            out.extend(line);
        } else {
            out.push(b'[');
            out.extend(line);
            out.push(b']');
        }
        out.extend_from_slice(b"\n\n");
        Bytes::from(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::Binary;

    fn text(frame: &Frame) -> String {
        String::from_utf8(frame.text().unwrap().to_vec()).unwrap()
    }

    #[test]
    fn an_event_is_framed_once_for_all_transports() {
        let frame = Frame::event("/chat", "chat", "hi").unwrap();
        assert_eq!(text(&frame), r#"42/chat,["chat","hi"]"#);
        assert_eq!(frame.websocket()[..2], [0x81, 21]);
        assert_eq!(frame.websocket()[2..], frame.text().unwrap()[..]);
        for encoding in [Encoding::Engine3, Encoding::Engine4Base64] {
            assert_eq!(frame.shared(encoding), Some(frame.websocket()));
        }
    }

    #[test]
    fn the_header_grows_with_the_payload() {
        for (length, head) in [(1, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let frame = Frame::packet(&vec![b'x'; length]);
            assert_eq!(frame.websocket().len(), head + length, "{length}");
            assert_eq!(frame.text().unwrap().len(), length);
        }
        assert_eq!(Frame::packet(&[b'x'; 126]).websocket()[..4], [0x81, 126, 0, 126]);
    }

    #[test]
    fn the_root_namespace_is_not_written() {
        assert_eq!(text(&Frame::ack("/", 3, &Args::of(&1).unwrap())), "433[1]");
        assert_eq!(text(&Frame::disconnect("/chat")), "41/chat,");
        assert_eq!(text(&Frame::event_with("/", "x", &Args::none()).unwrap()), "42[\"x\"]");
    }

    #[test]
    fn plain_sockets_and_event_streams_get_the_same_arguments() {
        let plain = |frame: &Frame| String::from_utf8(frame.shared(Encoding::Plain).unwrap()[2..].to_vec()).unwrap();
        let stream = |frame: &Frame| String::from_utf8(frame.shared(Encoding::EventStream).unwrap().to_vec()).unwrap();
        let word = || Frame::event("/chat", "gone", "x").unwrap();
        let object = Frame::event("/chat", "chat", &serde_json::json!({"a": 1})).unwrap().with_id(7);
        assert_eq!(plain(&object), r#"{"type":"chat","a":1}"#);
        assert_eq!(stream(&object), "id: 7\nevent: chat\ndata: {\"a\":1}\n\n");
        assert_eq!(object.number(), Some(7));
        for both in [object.clone().with_number(9), word().with_number(9).with_id(7)] {
            assert_eq!(both.number(), Some(9));
            assert!(stream(&both).starts_with("id: 7\nevent: "));
        }
        assert_eq!(stream(&word().with_number(9)), stream(&word()));
        let last = object.with_retry(Duration::from_millis(1500));
        assert_eq!(stream(&last), "id: 7\nretry: 1500\nevent: chat\ndata: {\"a\":1}\n\n");
        assert_eq!(plain(&last), r#"{"type":"chat","a":1}"#);
        assert_eq!(plain(&word()), r#"{"type":"gone","data":"x"}"#);
        assert_eq!(stream(&word()), "event: gone\ndata: \"x\"\n\n");
        let empty = Frame::event("/chat", "e", &serde_json::json!({})).unwrap();
        assert_eq!(plain(&empty), r#"{"type":"e"}"#);
        let many = Frame::event_with("/", "m", &Args::of(&1).unwrap().and(&2).unwrap()).unwrap();
        assert_eq!(
            (plain(&many), stream(&many)),
            (r#"{"type":"m","data":[1,2]}"#.into(), "event: m\ndata: [1,2]\n\n".into())
        );
        let none = Frame::event_with("/", "n", &Args::none()).unwrap();
        assert_eq!((plain(&none), stream(&none)), (r#"{"type":"n"}"#.into(), "event: n\ndata: []\n\n".into()));
    }

    #[test]
    fn attachments_follow_their_event_as_each_version_wants_them() {
        let frame = Frame::event("/chat", "file", &Binary(Bytes::from_static(&[1, 2, 3]))).unwrap();
        assert_eq!(text(&frame), r#"451-/chat,["file",{"_placeholder":true,"num":0}]"#);
        let written = |encoding| {
            let mut out = Vec::new();
            frame.write(encoding, &mut out);
            assert!(out.len() <= frame.size(encoding));
            out.split_off(frame.websocket().len())
        };
        assert_eq!(written(Encoding::Engine4), [0x82, 3, 1, 2, 3]);
        assert_eq!(written(Encoding::Engine3), [0x82, 4, 4, 1, 2, 3]);
        assert_eq!(written(Encoding::Engine4Base64), b"\x81\x05bAQID");
        assert_eq!(written(Encoding::Engine3Base64), b"\x81\x06b4AQID");
        assert_eq!(&frame.shared(Encoding::Plain).unwrap()[2..], br#"{"type":"file","_placeholder":true,"num":0}"#);
    }
}
