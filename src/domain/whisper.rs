//! What one person says to one other. It has no number in the room's order, where it would leave a gap for everybody:
//! each of the two has it in a mailbox of their own, which has an order of its own.

use super::{ChatText, ClientMessageId, Member, MessageId, RoomId, SessionId, Timestamp};

/// A whisper as it lies in the mailbox of one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whisper {
    pub id: MessageId,
    pub room: RoomId,
    /// Whose mailbox.
    pub reader: SessionId,
    /// Whether that is the writer's.
    pub is_mine: bool,
    /// Numbers the whispers of a mailbox from 1 without gaps.
    pub number: i64,
    /// The `seq` of the room's newest message at the time: it is shown after that.
    pub after: i64,
    pub from: Member,
    pub to: Member,
    pub text: ChatText,
    /// What the writer called it; in the writer's mailbox alone.
    pub client_message_id: Option<ClientMessageId>,
    pub created_at: Timestamp,
}

impl Whisper {
    /// In whose mailbox it lies, as others may know them.
    pub const fn reader_member(&self) -> &Member {
        if self.is_mine { &self.from } else { &self.to }
    }
}
