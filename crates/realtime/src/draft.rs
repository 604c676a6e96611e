//! A packet of Socket.IO on its way to become a frame.

use std::ops::Range;

use bytes::Bytes;
use serde_json::value::RawValue;

use crate::frame::{Frame, Parts};
use crate::framing::HEAD;
use crate::packet::{EVENT, write_head};

/// A packet of Socket.IO on its way to become a frame.
pub(crate) struct Draft<'a> {
    pub(crate) text: Vec<u8>,
    kind: u8,
    namespace: &'a str,
    id: Option<u64>,
    /// Where what follows the packet's head begins.
    body: usize,
    name: Range<usize>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(kind: u8, namespace: &'a str, id: Option<u64>) -> Self {
        let mut text = Vec::with_capacity(256);
        text.resize(HEAD, 0);
        write_head(&mut text, kind, 0, namespace, id);
        Self { body: text.len(), text, kind, namespace, id, name: 0..0 }
    }

    pub(crate) fn event(namespace: &'a str, id: Option<u64>, event: &str) -> Result<Self, serde_json::Error> {
        let mut draft = Self::new(EVENT, namespace, id);
        draft.text.push(b'[');
        let start = draft.text.len();
        serde_json::to_writer(&mut draft.text, event)?;
        draft.name = start..draft.text.len();
        draft.text.push(b',');
        Ok(draft)
    }

    pub(crate) fn values(&mut self, values: &[Box<RawValue>]) {
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.text.push(b',');
            }
            self.text.extend_from_slice(value.get().as_bytes());
        }
    }

    pub(crate) fn close_event(mut self, count: usize, attachments: Vec<Bytes>) -> Frame {
        if count == 0 {
            // The comma that waited for the first.
            self.text.pop();
        }
        let args = self.text.len().min(self.name.end + 1)..self.text.len();
        self.text.push(b']');
        let moved = self.announce(attachments.len());
        let shift = |range: Range<usize>| range.start + moved..range.end + moved;
        let parts = Parts { name: shift(self.name), args: shift(args), count };
        Frame::new(self.text, attachments, Some(parts))
    }

    pub(crate) fn close(mut self, attachments: Vec<Bytes>) -> Frame {
        self.announce(attachments.len());
        Frame::new(self.text, attachments, None)
    }

    /// How many attachments there are is known at the end, and said in the head: how far the body has moved.
    fn announce(&mut self, attachments: usize) -> usize {
        if attachments == 0 {
            return 0;
        }
        let body = self.text.split_off(self.body);
        self.text.truncate(HEAD);
        write_head(&mut self.text, self.kind, attachments, self.namespace, self.id);
        let moved = self.text.len() - self.body;
        self.text.extend_from_slice(&body);
        moved
    }
}
