//! A reader of server-sent events, as strict as the format allows.

use reqwest::Response;
use serde_json::Value;

use super::{Heard, PATIENCE};

pub struct Events {
    response: Response,
    buffer: Vec<u8>,
}

/// An event, and its `id`.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub heard: Heard,
    pub id: Option<i64>,
    /// In milliseconds.
    pub retry: Option<u64>,
}

impl Events {
    pub fn of(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, buffer: Vec::new() }
    }

    /// The next event; `None` when the server has ended the stream as is right.
    pub async fn try_next(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
                if let Some(event) = event(std::str::from_utf8(&block[..end]).unwrap()) {
                    return Some(event);
                }
                continue;
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("an event in time");
            match chunk.expect("the stream is not cut off") {
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None => {
                    assert!(self.buffer.is_empty(), "it ends in the middle of an event");
                    return None;
                }
            }
        }
    }

    pub async fn event(&mut self) -> Event {
        self.try_next().await.expect("the stream goes on")
    }

    pub async fn hear(&mut self) -> Heard {
        self.event().await.heard
    }

    /// The next event, which must be of that name.
    pub async fn next(&mut self, name: &str) -> Value {
        let heard = self.hear().await;
        assert_eq!(heard.name, name, "{heard:?}");
        heard.payload
    }

    /// The next event of that name; others before it are skipped.
    pub async fn next_of(&mut self, name: &str) -> Value {
        loop {
            let heard = self.hear().await;
            if heard.name == name {
                return heard.payload;
            }
        }
    }

    /// The next event that has a number, of whatever kind; others before it are skipped.
    pub async fn next_numbered(&mut self) -> Heard {
        loop {
            let Event { heard, id, .. } = self.event().await;
            assert_eq!(id, heard.seq(), "the id is the number, and nothing else has one: {heard:?}");
            if id.is_some() {
                return heard;
            }
        }
    }

    /// The snapshot at its begin.
    pub async fn snapshot(&mut self) -> (Value, Option<i64>) {
        let Event { heard, id, .. } = self.event().await;
        assert_eq!(heard.name, "snapshot");
        (heard.payload, id)
    }
}

/// `None` for a comment.
fn event(block: &str) -> Option<Event> {
    let (mut name, mut data, mut id, mut retry) = (None, None, None, None);
    for line in block.split('\n').filter(|line| !line.starts_with(':')) {
        let (field, value) = line.split_once(": ").unwrap_or_else(|| panic!("no field: {line:?}"));
        let before = match field {
            "event" => name.replace(value),
            "data" => data.replace(value),
            "id" => id.replace(value),
            "retry" => retry.replace(value),
            _ => panic!("{line:?}"),
        };
        assert_eq!(before, None, "each field is one line: {block}");
    }
    let name = name?.to_owned();
    let payload = serde_json::from_str(data.unwrap()).unwrap();
    let (id, retry) = (id.map(|id| id.parse().unwrap()), retry.map(|retry| retry.parse().unwrap()));
    Some(Event { heard: Heard { name, payload }, id, retry })
}
