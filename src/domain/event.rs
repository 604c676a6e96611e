//! What happens, as everybody concerned hears it.

use super::{Member, Message, Position, RoomId, RoomSummary};

/// One thing that happened. It is published after it is true (a message: after it is stored), in order.
#[derive(Clone, Debug)]
pub enum Event {
    /// Heard in the lobby.
    RoomCreated(RoomSummary),
    /// Heard in the lobby: title, limit, owner or member count changed.
    RoomUpdated(RoomSummary),
    /// Heard in the lobby and in the room itself.
    RoomRemoved(RoomId),
    /// Heard in the room by those already there; `members` counts the newcomer.
    Joined { room: RoomId, member: Member, members: u32 },
    /// Heard in the room by those still there.
    Left { room: RoomId, member: Member, members: u32 },
    /// Heard in the room by all, the sender too.
    Posted(Message),
    /// Heard in a silent room: how far it has come.
    Head { room: RoomId, position: Position },
}
