//! Server-sent events (WHATWG HTML, "Server-sent events"): fields of lines, an empty line ends an event.

use std::collections::VecDeque;

use reqwest::{Method, Response};

use super::link::{Loss, Target};
use crate::history::Since;
use crate::wire::{self, Heard};

#[derive(Debug)]
pub struct EventStream {
    answer: Response,
    fields: Fields,
    /// What was read and not heard yet, with its id.
    heard: VecDeque<(Option<String>, Heard)>,
    last_id: String,
}

impl EventStream {
    pub async fn open(target: &Target, since: Option<Since>, last_id: &str) -> Result<Self, Loss> {
        // A reader that has the page's history says so in the address; a browser that reconnects adds the header.
        let since = since.map_or_else(String::new, |Since { epoch, seq, whispers }| {
            format!("?epoch={epoch}&since={seq}&whispers={whispers}")
        });
        let path = format!("/room/{}/events{since}", target.room);
        let mut request = target.http.request(Method::GET, &path, Some(&target.person));
        if !last_id.is_empty() {
            request = request.header("last-event-id", last_id);
        }
        let answer = request.send().await.map_err(Loss::network)?;
        let status = answer.status();
        if status != 200 {
            let body = answer.text().await.map_err(Loss::network)?;
            return Err(Loss::Refused(wire::problem(&body).unwrap_or_else(|| status.as_u16().to_string())));
        }
        Ok(Self { answer, fields: Fields::default(), heard: VecDeque::new(), last_id: last_id.to_owned() })
    }

    pub async fn next(&mut self) -> Result<Heard, Loss> {
        loop {
            if let Some((id, heard)) = self.heard.pop_front() {
                if let Some(id) = id {
                    self.last_id = id;
                }
                return Ok(heard);
            }
            let Some(chunk) = self.answer.chunk().await.map_err(Loss::network)? else {
                return Err(Loss::Network(String::from("end of stream")));
            };
            let nonsense = |error: anyhow::Error| Loss::Nonsense(format!("{error:#}"));
            for event in self.fields.read(&chunk) {
                let heard = match event.name.as_str() {
                    "snapshot" => wire::snapshot(&event.data, true).map_err(nonsense)?,
                    name => wire::event(name, &event.data).map_err(nonsense)?,
                };
                self.heard.push_back((event.id, heard));
            }
            // A comment is a sign of life, too.
            self.heard.push_back((None, Heard::Other));
        }
    }

    pub fn last_id(&self) -> &str {
        &self.last_id
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Event {
    name: String,
    data: String,
    id: Option<String>,
}

/// The bytes of a stream, as events.
#[derive(Debug, Default)]
struct Fields {
    line: Vec<u8>,
    event: Event,
}

impl Fields {
    fn read(&mut self, chunk: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if self.line.last() == Some(&b'\n') {
                let line = std::mem::take(&mut self.line);
                let line = String::from_utf8_lossy(&line);
                events.extend(self.field(line.trim_end_matches(['\n', '\r'])));
            }
        }
        events
    }

    fn field(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return (!event.data.is_empty()).then_some(event);
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.event.name),
            "id" => self.event.id = Some(value.to_owned()),
            "data" => {
                if !self.event.data.is_empty() {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_they_are_cut() {
        let stream =
            ": hi\n\nretry: 5\nevent: chat\nid: 7\ndata: {\"가\":\ndata:1}\r\n\r\nevent: x\n\nid: 8\ndata: y\n\n"
                .as_bytes();
        let expected = [
            Event { name: String::from("chat"), data: String::from("{\"가\":\n1}"), id: Some(String::from("7")) },
            Event { name: String::new(), data: String::from("y"), id: Some(String::from("8")) },
        ];
        for size in 1..stream.len() {
            let mut fields = Fields::default();
            let events: Vec<Event> = stream.chunks(size).flat_map(|chunk| fields.read(chunk)).collect();
            assert_eq!(events, expected, "in pieces of {size}");
        }
    }
}
