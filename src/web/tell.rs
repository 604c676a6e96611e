//! What the bus tells, told to the sockets.

use gifchat_realtime::{Frame, Realtime};
use serde::Serialize;

use super::socketio::{CHAT, LOBBY};
use crate::bus::Listener;
use crate::domain::{Content, Event, MemberId, Message, NoticeCode, RoomId, Whisper};
use crate::wire::{self, EntryView};

/// The topic of one person in a room: their connections there, and nobody else's. Whispers go over it.
pub(super) fn own_topic(room: RoomId, member: MemberId) -> String {
    format!("{room}/{member}")
}

/// Of those of them that did not ask what was before: they would hear that they came themselves.
pub(super) fn quiet_topic(room: RoomId, member: MemberId) -> String {
    format!("{room}/{member}/quiet")
}

/// Tells the sockets whatever the bus tells.
pub fn listener(realtime: Realtime) -> Listener {
    Box::new(move |event| {
        if let Err(error) = tell(&realtime, event) {
            tracing::error!(%error, "an event does not become JSON");
        }
    })
}

fn tell(realtime: &Realtime, event: &Event) -> Result<(), serde_json::Error> {
    let (name, payload) = wire::event(event);
    let frame = |namespace| Frame::event(namespace, name, &payload);
    match event {
        Event::RoomCreated(_) | Event::RoomUpdated(_) => realtime.to_all(LOBBY).emit_frame(&frame(LOBBY)?),
        Event::RoomRemoved(room) => {
            realtime.to_all(LOBBY).emit_frame(&frame(LOBBY)?);
            realtime.to(CHAT, &room.to_string()).emit_frame(&frame(CHAT)?);
        }
        Event::Posted(message) => {
            let (room, frame) = (message.room.to_string(), number(frame(CHAT)?, message));
            match &message.content {
                Content::Notice(notice) if notice.code == NoticeCode::Joined => {
                    let quiet = quiet_topic(message.room, message.member.id);
                    realtime.to(CHAT, &room).except_room(&quiet).emit_frame(&frame);
                }
                _ => realtime.to(CHAT, &room).emit_frame(&frame),
            }
        }
        Event::Joined { room, member, .. } => {
            // It has no number by which it could be left out of what the one who comes hears after the answer.
            let own = own_topic(*room, member.id);
            realtime.to(CHAT, &room.to_string()).except_room(&own).emit_frame(&frame(CHAT)?);
        }
        Event::Left { room, .. } | Event::Away { room, .. } | Event::Head { room, .. } => {
            realtime.to(CHAT, &room.to_string()).emit_frame(&frame(CHAT)?);
        }
        Event::Whispered(whisper) => {
            let own = own_topic(whisper.room, whisper.reader_member().id);
            realtime.to(CHAT, &own).emit_frame(&number_of(frame(CHAT)?, whisper));
        }
        Event::Typing { room, member } => {
            let own = own_topic(*room, member.id);
            realtime.to(CHAT, &room.to_string()).except_room(&own).volatile().emit_frame(&frame(CHAT)?);
        }
        Event::RaidWatch { room, owner, .. } => {
            realtime.to(CHAT, &own_topic(*room, owner.id)).emit_frame(&frame(CHAT)?);
        }
    }
    Ok(())
}

/// The connections of these people in a room end. When this is done, nothing more comes from them or goes to them; the
/// last that they heard, if they could take it, is the farewell.
pub(super) async fn shut_out(
    realtime: &Realtime,
    room: RoomId,
    members: &[MemberId],
    farewell: Option<&Message>,
) -> Result<(), serde_json::Error> {
    let farewell = farewell.map(|message| {
        let view = EntryView::new(message);
        Frame::event(CHAT, view.name(), &view)
    });
    let farewell = farewell.transpose()?;
    let out: Vec<_> =
        members.iter().map(|member| realtime.to(CHAT, &own_topic(room, *member)).expel(farewell.clone())).collect();
    for gone in out {
        gone.await;
    }
    Ok(())
}

/// Encodes an event for sockets in a room.
pub(super) fn frame(name: &str, payload: &impl Serialize) -> Result<Frame, serde_json::Error> {
    Frame::event(CHAT, name, payload)
}

/// In event streams a message's `seq` is its `id`.
pub(super) fn number(frame: Frame, message: &Message) -> Frame {
    frame.with_id(message.seq.unsigned_abs())
}

/// A whisper has a number of its own, which is none of the room's.
fn number_of(frame: Frame, whisper: &Whisper) -> Frame {
    frame.with_number(whisper.number.unsigned_abs())
}
