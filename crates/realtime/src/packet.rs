//! Packets of Engine.IO (protocols 3 and 4) and Socket.IO (protocols 4 and 5), as text.
//!
//! Sources: the protocol texts of both projects, in both revisions. The texts differ in who pings, and in what a
//! connection to a namespace says: protocol 4 has a query there, protocol 5 an object.

use serde_json::value::RawValue;

pub(crate) const CONNECT: u8 = b'0';
pub(crate) const DISCONNECT: u8 = b'1';
pub(crate) const EVENT: u8 = b'2';
pub(crate) const ACK: u8 = b'3';
pub(crate) const CONNECT_ERROR: u8 = b'4';
const BINARY_EVENT: u8 = b'5';

/// Separates packets in a polling body (Engine.IO 4, "Payload").
pub(crate) const SEPARATOR: u8 = 0x1e;

/// An Engine.IO packet of a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EnginePacket<'a> {
    Close,
    /// With data only in the probe of an upgrade.
    Ping(&'a str),
    Pong,
    Message(&'a str),
    Upgrade,
    Noop,
}

impl<'a> EnginePacket<'a> {
    /// `None` for a packet that no client may send.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (kind, data) = text.split_at_checked(1)?;
        Some(match kind {
            "1" => Self::Close,
            "2" => Self::Ping(data),
            "3" => Self::Pong,
            "4" => Self::Message(data),
            "5" => Self::Upgrade,
            "6" => Self::Noop,
            _ => return None,
        })
    }
}

/// A Socket.IO packet of a client.
#[derive(Debug)]
pub(crate) struct SocketPacket<'a> {
    pub(crate) namespace: &'a str,
    /// What followed `?` in the namespace.
    pub(crate) query: &'a str,
    /// Binary messages that follow and belong to it.
    pub(crate) attachments: usize,
    pub(crate) body: Body<'a>,
}

#[derive(Debug)]
pub(crate) enum Body<'a> {
    /// The auth object, if there is one.
    Connect(Option<&'a RawValue>),
    Disconnect,
    Event {
        name: String,
        args: Vec<&'a RawValue>,
        ack: Option<u64>,
    },
    Ack {
        id: u64,
        args: Vec<&'a RawValue>,
    },
}

/// Event names that belong to the libraries; a client that sends one is not one.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

impl<'a> SocketPacket<'a> {
    /// Reads `<type>[<attachments>-][<namespace>,][<ack id>][JSON]`. `None` for anything else: the connection is to
    /// be closed.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (kind, rest) = text.split_at_checked(1)?;
        let (attachments, rest) = match kind {
            "5" | "6" => {
                let (count, rest) = rest.split_once('-')?;
                (whole(count)?, rest)
            }
            _ => (0, rest),
        };
        let (namespace, rest) =
            if rest.starts_with('/') { rest.split_once(',').unwrap_or((rest, "")) } else { ("/", rest) };
        let (namespace, query) = namespace.split_once('?').unwrap_or((namespace, ""));
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, data) = rest.split_at(digits);
        let id = if id.is_empty() { None } else { Some(id.parse().ok()?) };
        let body = match kind {
            "0" if id.is_none() => Body::Connect(parse_auth(data)?),
            "1" if id.is_none() && data.is_empty() => Body::Disconnect,
            "2" | "5" => {
                let mut args: Vec<&RawValue> = serde_json::from_str(data).ok()?;
                if args.is_empty() {
                    return None;
                }
                Body::Event { name: parse_name(args.remove(0))?, args, ack: id }
            }
            "3" | "6" => Body::Ack { id: id?, args: serde_json::from_str(data).ok()? },
            _ => return None,
        };
        Some(Self { namespace, query, attachments, body })
    }
}

/// Digits and nothing else.
fn whole(digits: &str) -> Option<usize> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// Nothing, or an object.
fn parse_auth(data: &str) -> Option<Option<&RawValue>> {
    if data.is_empty() {
        return Some(None);
    }
    let auth: &RawValue = serde_json::from_str(data).ok()?;
    auth.get().starts_with('{').then_some(Some(auth))
}

/// A string, or a number, which is taken as the text it is written as.
fn parse_name(value: &RawValue) -> Option<String> {
    let name = match value.get().as_bytes().first()? {
        b'"' => serde_json::from_str(value.get()).ok()?,
        b'-' | b'0'..=b'9' => value.get().to_owned(),
        _ => return None,
    };
    (!RESERVED.contains(&name.as_str())).then_some(name)
}

/// Starts a Socket.IO packet inside an Engine.IO message: `4<kind>[<attachments>-][<namespace>,][<id>]`.
pub(crate) fn write_head(out: &mut Vec<u8>, kind: u8, attachments: usize, namespace: &str, id: Option<u64>) {
    out.extend([b'4', if attachments > 0 { kind + (BINARY_EVENT - EVENT) } else { kind }]);
    if attachments > 0 {
        out.extend_from_slice(attachments.to_string().as_bytes());
        out.push(b'-');
    }
    if namespace != "/" {
        out.extend_from_slice(namespace.as_bytes());
        out.push(b',');
    }
    if let Some(id) = id {
        out.extend_from_slice(id.to_string().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(text: &str) -> Option<(String, String, Vec<String>, Option<u64>)> {
        let packet = SocketPacket::parse(text)?;
        match packet.body {
            Body::Event { name, args, ack } => {
                Some((packet.namespace.into(), name, args.iter().map(|arg| arg.get().to_owned()).collect(), ack))
            }
            _ => None,
        }
    }

    #[test]
    fn reads_events() {
        let read = |namespace: &str, name: &str, args: &[&str], ack| {
            Some((namespace.to_owned(), name.to_owned(), args.iter().map(|&arg| arg.to_owned()).collect(), ack))
        };
        assert_eq!(event(r#"2["news"]"#), read("/", "news", &[], None));
        assert_eq!(
            event(r#"2/chat,12["chat",{"a":1},null]"#),
            read("/chat", "chat", &[r#"{"a":1}"#, "null"], Some(12))
        );
        assert_eq!(event(r#"2/chat?token=1,["chat"]"#), read("/chat", "chat", &[], None));
        assert_eq!(event(r#"2[7,"x"]"#), read("/", "7", &[r#""x""#], None));
        assert_eq!(event(r#"2["error",1]"#), read("/", "error", &["1"], None));
    }

    #[test]
    fn refuses_what_is_malformed() {
        for wrong in [
            "",
            "2",
            "2[]",
            "2{}",
            r#"2[{"a":1}]"#,
            "2[null]",
            "2[[]]",
            r#"2["connect"]"#,
            r#"2["disconnect",1]"#,
            r#"2["a""#,
            r#"2/chat["a"]"#,
            "3[1]",
            "3/chat,[1]",
            r#"31{"a":1}"#,
            "9",
            r#"4{"message":"x"}"#,
            r#"5["a"]"#,
            r#"5-["a"]"#,
            r#"5+1-["a"]"#,
            r#"599999999999999999999999-["a"]"#,
            "61-[]",
            "0[]",
            "0\"x\"",
            "01{}",
            "1[]",
            r#"299999999999999999999999["a"]"#,
            "가",
            r#"2["a"]x"#,
        ] {
            assert!(SocketPacket::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn reads_connect_disconnect_and_ack() {
        assert!(matches!(SocketPacket::parse("0").unwrap().body, Body::Connect(None)));
        let packet = SocketPacket::parse(r#"0/chat,{"token":"x"}"#).unwrap();
        assert!(matches!(packet.body, Body::Connect(Some(auth)) if auth.get() == r#"{"token":"x"}"#));
        let packet = SocketPacket::parse("1/chat,").unwrap();
        assert!(matches!(packet.body, Body::Disconnect));
        assert_eq!(packet.namespace, "/chat");
        assert!(matches!(SocketPacket::parse("1/chat").unwrap().body, Body::Disconnect));
        assert!(
            matches!(SocketPacket::parse("3/chat,7[1,2]").unwrap().body, Body::Ack { id: 7, args } if args.len() == 2)
        );
    }

    #[test]
    fn reads_announcements_of_attachments_and_queries() {
        let packet = SocketPacket::parse(r#"52-/chat,7["a",{"_placeholder":true,"num":0}]"#).unwrap();
        assert_eq!((packet.attachments, packet.namespace), (2, "/chat"));
        assert!(matches!(packet.body, Body::Event { ack: Some(7), .. }));
        let packet = SocketPacket::parse(r#"61-5[{"_placeholder":true,"num":0}]"#).unwrap();
        assert!(matches!((packet.attachments, packet.body), (1, Body::Ack { id: 5, .. })));
        let packet = SocketPacket::parse("0/chat?token=x&b").unwrap();
        assert_eq!((packet.namespace, packet.query), ("/chat", "token=x&b"));
        let mut text = Vec::new();
        write_head(&mut text, ACK, 3, "/chat", Some(1));
        assert_eq!(text, b"463-/chat,1");
    }

    #[test]
    fn reads_engine_packets() {
        assert_eq!(EnginePacket::parse("2probe"), Some(EnginePacket::Ping("probe")));
        assert_eq!(EnginePacket::parse("4"), Some(EnginePacket::Message("")));
        for wrong in ["", "0{}", "7", "b4AQ==", "가"] {
            assert_eq!(EnginePacket::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,64}") {
            let _ = EnginePacket::parse(&text);
            let _ = SocketPacket::parse(&text);
        }

        #[test]
        fn what_is_written_is_read(namespace in "/[a-z]{0,8}", id in proptest::option::of(any::<u64>()), word in ".{0,16}") {
            let mut text = Vec::new();
            write_head(&mut text, EVENT, 0, &namespace, id);
            text.extend(serde_json::to_vec(&["name", &word]).unwrap());
            let text = String::from_utf8(text).unwrap();
            let Some(EnginePacket::Message(message)) = EnginePacket::parse(&text) else { panic!("no message") };
            let word = serde_json::to_string(&word).unwrap();
            prop_assert_eq!(event(message), Some((namespace, "name".into(), vec![word], id)));
        }
    }
}
