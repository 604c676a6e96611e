//! What people say.

use super::{ChatText, ClientMessageId, GifHash, Member, MessageId, RoomId, SessionId, Timestamp};

/// A stored message. `seq` numbers the messages of a room from 1 without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub room: RoomId,
    pub seq: i64,
    pub session: SessionId,
    /// The person as they were when they said it.
    pub member: Member,
    pub content: Content,
    /// What the sender called it; only the sender can make sense of it.
    pub client_message_id: Option<ClientMessageId>,
    pub created_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Text(ChatText),
    Gif(Gif),
}

/// A GIF that is stored, and what a page must know before it loads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gif {
    pub hash: GifHash,
    /// Pixels.
    pub width: u32,
    pub height: u32,
    pub frames: u32,
    /// One loop, in milliseconds.
    pub duration_ms: u32,
    /// Size of the file.
    pub bytes: u64,
}

impl Gif {
    /// Its name under `/gif/`.
    pub fn file_name(&self) -> String {
        format!("{}.gif", self.hash)
    }
}

/// How far somebody has read: what they bring back after a lost connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub epoch: i64,
    pub seq: i64,
}

/// The position a client claims on joining. Without an epoch it vouches for its `seq` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    pub epoch: Option<i64>,
    pub seq: i64,
}

/// A room as it is at one moment, for somebody who enters it.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub room: super::RoomSummary,
    pub me: Member,
    /// Who is here: the owner first, then by arrival.
    pub members: Vec<Member>,
    /// In `seq` order: all since the claimed position when `recovered`, else the newest page.
    pub messages: Vec<Message>,
    pub position: Position,
    pub recovered: bool,
}
