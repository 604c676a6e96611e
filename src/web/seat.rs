//! A socket's place in a room, and what it hears there.

use std::sync::{Mutex, MutexGuard, PoisonError};

use gifchat_realtime::{Frame, Socket};

use super::tell::{own_topic, quiet_topic};
use crate::chat::Chat;
use crate::domain::{MemberId, RoomId, Snapshot};
use crate::presence::Place;

/// The place a socket has. One at a time: joins and exits do not say which room they are of.
type Seat = Mutex<Option<Place>>;

/// Gives a socket what it is to sit on.
pub(super) fn prepare(socket: &Socket) {
    socket.set(Seat::default());
}

pub(super) fn seat(socket: &Socket) -> MutexGuard<'_, Option<Place>> {
    static NOWHERE: Seat = Mutex::new(None);
    socket.get::<Seat>().unwrap_or(&NOWHERE).lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a socket hears of a room as one of its members.
#[derive(Clone, Debug)]
pub(super) struct Ears {
    room: RoomId,
    all: String,
    own: String,
    quiet: String,
}

impl Ears {
    pub(super) fn new(room: RoomId, member: MemberId) -> Self {
        Self { room, all: room.to_string(), own: own_topic(room, member), quiet: quiet_topic(room, member) }
    }

    /// It hears everything from now on, and keeps it until [`Ears::open`] or [`Ears::close`].
    pub(super) fn prick(&self, socket: &Socket) {
        socket.leave(&self.quiet);
        self.hold(socket);
    }

    fn hold(&self, socket: &Socket) {
        socket.hold(&self.own);
        socket.hold(&self.all);
    }

    /// Who does not ask what was before is not to hear that they came.
    pub(super) fn prick_quietly(&self, socket: &Socket) {
        socket.join(&self.quiet);
        self.hold(socket);
    }

    /// What it is told first, and then all that is not in the snapshot. Whispers come before what they were said after:
    /// a reader that is cut off in between, and comes back with its last message, is told them again rather than never.
    pub(super) fn open(&self, socket: &Socket, first: Vec<Frame>, snapshot: Option<&Snapshot>) {
        let whispers = snapshot.map(|snapshot| snapshot.whispers.unsigned_abs());
        socket.release(&self.own, first, whispers);
        socket.release(&self.all, Vec::new(), snapshot.map(|snapshot| snapshot.position.seq.unsigned_abs()));
    }

    /// The socket was not let in. If it is in the room already, it goes on hearing it: unless that stay has ended.
    pub(super) fn close(&self, socket: &Socket, chat: &Chat) {
        if seat(socket).as_ref().is_some_and(|place| place.room() == self.room && chat.is_seated(place)) {
            self.open(socket, Vec::new(), None);
        } else {
            self.leave(socket);
        }
    }

    pub(super) fn leave(&self, socket: &Socket) {
        for topic in [&self.quiet, &self.own, &self.all] {
            socket.leave(topic);
        }
    }
}

/// Takes the new place, and gives up the one before.
pub(super) fn sit(socket: &Socket, place: Place, member: MemberId) {
    let room = place.room();
    if let Some(before) = seat(socket).replace(place)
        && before.room() != room
    {
        Ears::new(before.room(), member).leave(socket);
    }
}
