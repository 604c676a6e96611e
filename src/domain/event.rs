//! What happens, as everybody concerned hears it.

use super::{Member, Message, Position, RoomId, RoomSummary, Whisper};

/// One thing that happened. It is published after it is true (a message: after it is stored), in order.
#[derive(Clone, Debug)]
pub enum Event {
    /// Heard in the lobby.
    RoomCreated(RoomSummary),
    /// Heard in the lobby: title, limit, owner, lock or member count changed.
    RoomUpdated(RoomSummary),
    /// Heard in the lobby and in the room itself.
    RoomRemoved(RoomId),
    /// Heard in the room by all, the sender too (who comes does not hear that they came).
    Posted(Message),
    /// Somebody came or went, but it could not be stored, or is not to be: heard like [`Event::Posted`], without a number.
    Joined {
        room: RoomId,
        member: Member,
        members: u32,
    },
    Left {
        room: RoomId,
        member: Member,
        members: u32,
    },
    /// Heard by the one in whose mailbox it lies.
    Whispered(Whisper),
    /// Heard in the room by the others; it may get lost.
    Typing {
        room: RoomId,
        member: Member,
    },
    /// Heard in the room by all.
    Away {
        room: RoomId,
        member: Member,
        away: bool,
    },
    /// Heard by the owner: so many have joined in a short time.
    RaidWatch {
        room: RoomId,
        owner: Member,
        joins: u32,
    },
    /// Heard in a silent room: how far it has come.
    Head {
        room: RoomId,
        position: Position,
    },
}
