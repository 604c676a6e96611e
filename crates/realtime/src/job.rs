//! What waits for a client's handlers.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::namespace::{Incoming, Message, Work};
use crate::reason::DisconnectReason;
use crate::socket::Socket;

/// What waits for the handlers, in order.
pub(crate) enum Job {
    Connect { socket: Socket, auth: Option<Box<RawValue>> },
    Event { socket: Socket, incoming: Incoming },
    Message { socket: Socket, message: Message },
    Disconnected { socket: Socket, reason: DisconnectReason },
}

impl Job {
    /// The handler's work; `None` when there is nothing to do any more.
    pub(crate) fn start(self) -> Option<Work> {
        match self {
            Self::Connect { socket, auth } => {
                let handlers = Arc::clone(&socket.0.handlers);
                Some(Box::pin(async move { handlers.connect(socket, auth).await }))
            }
            Self::Event { socket, incoming } if socket.is_heard() => {
                Arc::clone(&socket.0.handlers).event(socket, incoming)
            }
            Self::Message { socket, message } if socket.is_heard() => {
                Arc::clone(&socket.0.handlers).message(socket, message)
            }
            Self::Event { .. } | Self::Message { .. } => None,
            Self::Disconnected { socket, reason } => Arc::clone(&socket.0.handlers).disconnected(socket, reason),
        }
    }

    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Event { incoming, .. } => incoming.weight(),
            Self::Message { message, .. } => message.len() + 64,
            Self::Connect { auth, .. } => auth.as_ref().map_or(0, |auth| auth.get().len()) + 64,
            Self::Disconnected { .. } => 0,
        }
    }
}
