//! A connection that joins with a command and is answered, whichever it is.

use serde_json::Value;

use super::{Heard, Io, Person, Plain, Transport};

pub enum Door {
    Io(Box<Io>),
    Plain(Box<Plain>),
}

/// What a command will be answered by.
#[derive(Clone, Debug)]
pub enum Asked {
    Io(u64),
    Plain(Value),
}

impl Door {
    pub async fn io(person: &Person, transport: Transport) -> Self {
        Self::Io(Box::new(person.connect(transport).await))
    }

    pub async fn plain(person: &Person) -> Self {
        Self::Plain(Box::new(person.plain().await))
    }

    /// One of each.
    pub async fn all(person: &Person) -> [Self; 3] {
        [
            Self::io(person, Transport::WebSocket).await,
            Self::io(person, Transport::Polling).await,
            Self::plain(person).await,
        ]
    }

    pub async fn ask(&mut self, command: &str, argument: Value) -> Asked {
        match self {
            Self::Io(io) => Asked::Io(io.ask(command, argument)),
            Self::Plain(plain) => Asked::Plain(plain.ask(command, argument).await),
        }
    }

    pub async fn answer(&mut self, asked: Asked) -> Value {
        match (self, asked) {
            (Self::Io(io), Asked::Io(id)) => io.answer(id).await,
            (Self::Plain(plain), Asked::Plain(reference)) => plain.answer(&reference).await,
            (_, other) => panic!("{other:?} was asked by another door"),
        }
    }

    pub async fn call(&mut self, command: &str, argument: Value) -> Value {
        let asked = self.ask(command, argument).await;
        self.answer(asked).await
    }

    /// The next event of that name; others before it are skipped.
    pub async fn next(&mut self, name: &str) -> Value {
        match self {
            Self::Io(io) => io.next(name).await,
            Self::Plain(plain) => plain.next(name).await,
        }
    }

    /// The next event that has a number, of whatever kind; others before it are skipped.
    pub async fn next_numbered(&mut self) -> Heard {
        match self {
            Self::Io(io) => io.next_numbered().await,
            Self::Plain(plain) => plain.next_numbered().await,
        }
    }

    /// Events that came and were not taken.
    pub fn untaken(&mut self) -> Vec<Heard> {
        match self {
            Self::Io(io) => io.untaken(),
            Self::Plain(plain) => plain.untaken(),
        }
    }

    /// What still comes until the connection ends, however it does: events, and answers.
    pub async fn rest(&mut self) -> (Vec<Heard>, Vec<Value>) {
        match self {
            Self::Io(io) => io.rest().await,
            Self::Plain(plain) => plain.rest().await,
        }
    }
}
