//! What is said over Socket.IO in `/chat` and over `/ws`: a join with the number 1, posts with the number 2, their answers,
//! and events.

use serde_json::{Value, json};

use super::Heard;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    SocketIo,
    Polling,
    Plain,
    /// Server-sent events; it posts over HTTP, each time over a new connection.
    Events,
}

/// What a packet or frame says.
pub enum Said {
    Open,
    Event(Heard),
    JoinAck(Value),
    PostAck(Value),
    Ping,
    Other,
}

impl Way {
    pub fn encode(self, name: &str, number: u64, mut words: Value) -> String {
        if self != Self::Plain {
            return format!("42/chat,{number}{}", json!([name, words]));
        }
        words["type"] = json!(name);
        words["ref"] = json!(number);
        words.to_string()
    }

    pub fn decode(self, text: &str) -> Said {
        let of_ack = |number: &Value, answer| if *number == 1 { Said::JoinAck(answer) } else { Said::PostAck(answer) };
        if self == Self::Plain {
            let frame: Value = serde_json::from_str(text).unwrap();
            let name = frame["type"].as_str().unwrap().to_owned();
            return if name == "ack" { of_ack(&frame["ref"].clone(), frame) } else { event(name, frame) };
        }
        if let Some(ack) = text.strip_prefix("43/chat,") {
            let (number, args) = ack.split_at(1);
            let mut args: Value = serde_json::from_str(args).unwrap();
            return of_ack(&serde_json::from_str(number).unwrap(), args[0].take());
        }
        if let Some(args) = text.strip_prefix("42/chat,") {
            let mut args: Value = serde_json::from_str(args).unwrap();
            return event(args[0].as_str().unwrap().to_owned(), args[1].take());
        }
        match text {
            "2" => Said::Ping,
            _ if text.starts_with("40/chat,") => Said::Open,
            _ => Said::Other,
        }
    }
}

fn event(name: String, payload: Value) -> Said {
    Said::Event(Heard { name, payload })
}
