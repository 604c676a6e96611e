//! What is to be stored in a room: entries of its history, together with what they change.

use super::{
    ChatText, ClientMessageId, Content, Member, MemberId, MemberLimit, MessageId, Preset, RoomId, Sanction,
    SanctionKind, SessionId, Slow, Timestamp, Title,
};

/// An entry of a room's history on its way to being stored.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub id: MessageId,
    pub room: RoomId,
    pub session: SessionId,
    pub member: Member,
    pub content: Content,
    /// The `seq` of the message it answers. One that is not there, or cannot be answered, is no reason to refuse it.
    pub reply: Option<i64>,
    pub mentions: Vec<MemberId>,
    pub client_message_id: Option<ClientMessageId>,
}

/// A whisper on its way to being stored.
#[derive(Clone, Debug)]
pub struct NewWhisper {
    pub id: MessageId,
    pub room: RoomId,
    pub from: (SessionId, Member),
    pub to: (SessionId, Member),
    pub text: ChatText,
    pub client_message_id: Option<ClientMessageId>,
}

/// Entries and changes that are stored in one go, or not at all.
#[derive(Clone, Debug)]
pub struct Act {
    pub room: RoomId,
    pub entries: Vec<NewMessage>,
    pub changes: Vec<Change>,
}

/// What an act changes beside the history. (What an edit, removal or reaction changes, its content says.)
#[derive(Clone, Debug)]
pub enum Change {
    /// The session is called so in this room.
    Rename(SessionId, String),
    Owner(SessionId, Member),
    Room(RoomChange),
    /// It takes the place of one of the same kind for the same session.
    Impose(Sanction),
    Lift(SessionId, SanctionKind),
}

/// What of a room is to be another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomChange {
    pub title: Option<Title>,
    pub limit: Option<MemberLimit>,
    /// `Some(None)` removes it.
    pub password_hash: Option<Option<String>>,
    pub locked: Option<bool>,
    pub slow: Option<Slow>,
    pub preset: Option<Preset>,
    pub raid_since: Option<Option<Timestamp>>,
}

/// Who may change a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Who wrote it, unless it is older than this.
    Own { since: Timestamp },
    /// The owner of the room.
    Any,
}
