//! Packets of Engine.IO (protocol 4) and Socket.IO (protocol 5), as text.
//!
//! Sources: the protocol texts of both projects. Binary attachments are not taken by this server: a packet that
//! announces them is malformed here.

use serde_json::value::RawValue;

/// Separates packets in a polling body (Engine.IO 4, "Payload").
pub(crate) const SEPARATOR: u8 = 0x1e;

/// An Engine.IO packet of a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EnginePacket<'a> {
    Close,
    /// Only the probe of an upgrade carries data.
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
    /// Reads `<type>[<namespace>,][<ack id>][JSON]`. `None` for anything else: the connection is to be closed.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (kind, rest) = text.split_at_checked(1)?;
        let (namespace, rest) = if rest.starts_with('/') {
            let (namespace, rest) = rest.split_once(',').unwrap_or((rest, ""));
            (namespace.split('?').next().unwrap_or(namespace), rest)
        } else {
            ("/", rest)
        };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, data) = rest.split_at(digits);
        let id = if id.is_empty() { None } else { Some(id.parse().ok()?) };
        let body = match kind {
            "0" if id.is_none() => Body::Connect(parse_auth(data)?),
            "1" if id.is_none() && data.is_empty() => Body::Disconnect,
            "2" => {
                let mut args: Vec<&RawValue> = serde_json::from_str(data).ok()?;
                if args.is_empty() {
                    return None;
                }
                Body::Event { name: parse_name(args.remove(0))?, args, ack: id }
            }
            "3" => Body::Ack { id: id?, args: serde_json::from_str(data).ok()? },
            _ => return None,
        };
        Some(Self { namespace, body })
    }
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

/// Starts a Socket.IO packet inside an Engine.IO message: `4<kind>[<namespace>,][<id>]`.
pub(crate) fn write_head(out: &mut Vec<u8>, kind: u8, namespace: &str, id: Option<u64>) {
    out.extend([b'4', kind]);
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
            r#"51-["a",{"_placeholder":true,"num":0}]"#,
            "61-1[]",
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
            write_head(&mut text, b'2', &namespace, id);
            text.extend(serde_json::to_vec(&["name", &word]).unwrap());
            let text = String::from_utf8(text).unwrap();
            let Some(EnginePacket::Message(message)) = EnginePacket::parse(&text) else { panic!("no message") };
            let word = serde_json::to_string(&word).unwrap();
            prop_assert_eq!(event(message), Some((namespace, "name".into(), vec![word], id)));
        }
    }
}
