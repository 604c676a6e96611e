//! An event that waits for its attachments: they follow it as binary messages, with nothing between.

use bytes::Bytes;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::binary::Args;

/// What is to be done when the last attachment is there.
#[derive(Debug)]
pub(crate) enum Purpose {
    Event { name: String, ack: Option<u64> },
    Ack { id: u64 },
}

#[derive(Debug)]
pub(crate) struct Assembly {
    pub(crate) namespace: Box<str>,
    pub(crate) purpose: Purpose,
    values: Vec<Box<RawValue>>,
    attachments: Vec<Bytes>,
    missing: usize,
    bytes: usize,
}

impl Assembly {
    /// `None` when a placeholder names an attachment that is not announced. A server may send on what it was sent, and the
    /// clients that get such a packet would hang up.
    pub(crate) fn new(namespace: &str, purpose: Purpose, values: Vec<Box<RawValue>>, announced: usize) -> Option<Self> {
        let are_right = values.iter().all(|value| {
            serde_json::from_str(value.get()).is_ok_and(|value: Value| has_right_placeholders(&value, announced))
        });
        let namespace = namespace.into();
        are_right.then(|| Self { namespace, purpose, values, attachments: Vec::new(), missing: announced, bytes: 0 })
    }

    /// Takes an attachment; `None` when all of them together are too large, otherwise whether it was the last.
    pub(crate) fn take(&mut self, attachment: Bytes, most_bytes: usize) -> Option<bool> {
        self.bytes += attachment.len();
        self.attachments.push(attachment);
        self.missing = self.missing.saturating_sub(1);
        (self.bytes <= most_bytes).then_some(self.missing == 0)
    }

    pub(crate) fn into_parts(self) -> (Purpose, Args) {
        (self.purpose, Args { values: self.values, attachments: self.attachments })
    }
}

fn has_right_placeholders(value: &Value, announced: usize) -> bool {
    match value {
        Value::Object(fields) if fields.get("_placeholder") == Some(&Value::Bool(true)) => {
            fields.get("num").and_then(Value::as_u64).is_some_and(|num| num < announced as u64)
        }
        Value::Object(fields) => fields.values().all(|value| has_right_placeholders(value, announced)),
        Value::Array(values) => values.iter().all(|value| has_right_placeholders(value, announced)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_must_be_of_announced_attachments() {
        let assembly = |json: &str| {
            let values = serde_json::from_str(json).unwrap();
            Assembly::new("/", Purpose::Ack { id: 1 }, values, 2)
        };
        for right in ["[]", r#"[1,{"a":[{"_placeholder":true,"num":1}]}]"#, r#"[{"_placeholder":false,"num":9}]"#] {
            assert!(assembly(right).is_some(), "{right}");
        }
        for wrong in ["2", "-1", "0.5", "\"0\"", "null"] {
            assert!(assembly(&format!(r#"[[{{"_placeholder":true,"num":{wrong}}}]]"#)).is_none(), "{wrong}");
        }
        assert!(assembly(r#"[{"_placeholder":true}]"#).is_none());
    }

    #[test]
    fn attachments_have_a_limit_together() {
        let mut assembly = Assembly::new("/", Purpose::Ack { id: 1 }, vec![], 3).unwrap();
        assert_eq!(assembly.take(Bytes::from_static(b"123"), 5), Some(false));
        assert_eq!(assembly.take(Bytes::from_static(b"45"), 5), Some(false));
        assert_eq!(assembly.take(Bytes::from_static(b"6"), 5), None);
    }
}
