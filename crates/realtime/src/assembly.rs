//! An event that waits for its attachments: they follow it as binary messages, with nothing between.

use bytes::Bytes;
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
    pub(crate) fn new(namespace: &str, purpose: Purpose, values: Vec<Box<RawValue>>, missing: usize) -> Self {
        Self { namespace: namespace.into(), purpose, values, attachments: Vec::new(), missing, bytes: 0 }
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
