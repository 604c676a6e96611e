//! Plain WebSocket: JSON objects, for clients without a Socket.IO library.
//!
//! A command is `{"type": <name>, "ref"?: <string or number>, ...}`. It reaches the handler of that name with the
//! whole object as its one argument; the answer is `{"type": "ack", "ref": <the same>, ...}`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::binary::Args;
use crate::frame::Frame;
use crate::framing::close_object;

/// Longest `ref` as JSON, in bytes: it is kept until the answer.
const MOST_REFERENCE: usize = 64;

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type", borrow)]
    name: Cow<'a, str>,
    #[serde(rename = "ref", borrow, default)]
    reference: Option<&'a RawValue>,
}

/// A command of a client.
#[derive(Debug)]
pub(crate) struct Command<'a> {
    pub(crate) name: String,
    pub(crate) reference: Option<&'a RawValue>,
    pub(crate) object: &'a RawValue,
}

impl<'a> Command<'a> {
    /// `None` for what is no such object.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let object: &RawValue = serde_json::from_str(text).ok()?;
        let Head { name, reference } = serde_json::from_str(object.get()).ok()?;
        let fits = |reference: &&RawValue| {
            let json = reference.get();
            json.len() <= MOST_REFERENCE
                && json.starts_with(['"', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
        };
        let object_only = object.get().starts_with('{');
        (object_only && reference.as_ref().is_none_or(fits)).then(|| Self {
            name: name.into_owned(),
            reference,
            object,
        })
    }
}

/// The answer to a command.
pub(crate) fn ack(reference: &RawValue, args: &Args) -> Frame {
    let mut text = br#"{"type":"ack","ref":"#.to_vec();
    text.extend_from_slice(reference.get().as_bytes());
    let values: Vec<&str> = args.values.iter().map(|value| value.get()).collect();
    close_object(&mut text, values.join(",").as_bytes(), values.len());
    Frame::packet(&text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_a_command_with_its_reference() {
        let text = r#" {"ref": "a", "room": [1], "type": "jo\u0069n"} "#;
        let command = Command::parse(text).unwrap();
        assert_eq!((command.name.as_str(), command.reference.unwrap().get()), ("join", "\"a\""));
        assert_eq!(command.object.get(), text.trim());
        assert!(Command::parse(r#"{"type":"x"}"#).unwrap().reference.is_none());
        assert!(Command::parse(r#"{"type":"x","ref":null}"#).unwrap().reference.is_none());
    }

    #[test]
    fn refuses_what_is_no_command() {
        let long = format!(r#"{{"type":"x","ref":"{}"}}"#, "a".repeat(63));
        for wrong in
            ["", "{}", "[]", r#"["x",null]"#, r#"{"type":1}"#, r#"{"type":"x"} 1"#, r#"{"type":"x","ref":{}}"#, &long]
        {
            assert!(Command::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn answers_with_the_fields_of_an_object_or_with_data() {
        let reference = RawValue::from_string("7".into()).unwrap();
        let text = |args| String::from_utf8(ack(&reference, &args).text().unwrap().to_vec()).unwrap();
        assert_eq!(text(Args::of(&serde_json::json!({"a": 1})).unwrap()), r#"{"type":"ack","ref":7,"a":1}"#);
        assert_eq!(text(Args::of(&true).unwrap()), r#"{"type":"ack","ref":7,"data":true}"#);
        assert_eq!(text(Args::none()), r#"{"type":"ack","ref":7}"#);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,64}") {
            let _ = Command::parse(&text);
        }
    }
}
