//! The rules of presence as a pure state machine: no clock, no tasks, no locks. Time and ids come in with each call;
//! what is told at once and what is to be stored goes out through the [`Moment`] and the queue of acts.

mod acts;
mod agenda;
mod configure;
mod enter;
mod exit;
mod hints;
mod lines;
mod look;
mod moderate;
mod names;
mod owner;
mod raid;
mod rooms;
mod sanctions;
mod speak;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

pub use acts::{Queued, Ticket};
pub use enter::Entered;
pub use look::{Found, Seated};
pub use moderate::Sanctioned;
pub use raid::{Attempt, Cleaned};
pub use speak::{Speech, Voice};

use crate::domain::{
    Bucket, ClientMessageId, Event, Flood, Member, MessageId, NetworkHash, Refusal, Room, RoomId, SessionId, Timestamp,
};
use acts::Acts;
use agenda::Agenda;
use lines::Telling;
use names::Looks;
use raid::Joins;
use sanctions::Sanctions;

/// How long things that may be undone are left open.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// From a session's last connection to its exit. Until then it keeps its place, and coming back is silent.
    pub exit_damping: Duration,
    /// The same for the owner of a room, who loses it with the exit; and how long others wait for an owner who has not
    /// come.
    pub owner_grace: Duration,
    /// From the moment a room is empty to its removal.
    pub empty_grace: Duration,
    /// How long who was kicked stays out.
    pub kick_time: Duration,
}

/// When something happens, and what everybody is told of it at once.
pub struct Moment<'a> {
    pub now: Timestamp,
    pub events: Vec<Event>,
    /// Makes the ids of entries.
    pub ids: &'a mut dyn FnMut() -> MessageId,
}

#[derive(Debug)]
pub struct State {
    timing: Timing,
    rooms: HashMap<RoomId, Live>,
    agenda: Agenda,
    acts: Acts,
    expired: VecDeque<RoomId>,
}

/// A room in which people may be.
#[derive(Debug)]
struct Live {
    room: Arc<Room>,
    present: HashMap<SessionId, Present>,
    /// Those who left last, newest at the end: they can still be banned, and coming back does not clear their slate.
    gone: VecDeque<Gone>,
    /// The names that people chose here.
    names: HashMap<SessionId, String>,
    /// How the names of those who are here look.
    looks: Looks,
    sanctions: Sanctions,
    /// What listeners know of people about whom something is on its way to being stored.
    telling: HashMap<SessionId, Telling>,
    /// Numbers arrivals.
    arrivals: u64,
    /// While it is being removed nobody gets in.
    shut: bool,
    expires_at: Option<Timestamp>,
    /// Set while somebody is here and the owner has not come.
    takeover_at: Option<Timestamp>,
    /// Who owns it could not be stored: the next act says it again.
    owner_unsaved: bool,
    joins: Joins,
}

/// Somebody with a place: connected, or gone for less than the damping.
#[derive(Debug)]
struct Present {
    member: Member,
    arrival: u64,
    network: Option<NetworkHash>,
    connections: u32,
    /// How many of the connections look elsewhere.
    away: u32,
    /// Set while no connection is left.
    exits_at: Option<Timestamp>,
    slate: Slate,
}

/// What is held against somebody when they want to speak.
#[derive(Clone, Debug)]
struct Slate {
    arrived_at: Timestamp,
    spoke_at: Option<Timestamp>,
    /// What they called what they said last: said again, it is a retry.
    last_said: Option<ClientMessageId>,
    typed_at: Option<Timestamp>,
    flood: Flood,
    /// What they may say while a raid lasts.
    in_a_raid: Option<Bucket>,
}

#[derive(Debug)]
struct Gone {
    session: SessionId,
    member: Member,
    network: Option<NetworkHash>,
    slate: Slate,
}

/// One room at one moment, with all that its rules need: they are methods of this.
struct Scene<'a, 'b> {
    timing: &'a Timing,
    id: RoomId,
    live: &'a mut Live,
    agenda: &'a mut Agenda,
    acts: &'a mut Acts,
    moment: &'a mut Moment<'b>,
}

impl Present {
    /// All connections look elsewhere, or none is left.
    const fn is_away(&self) -> bool {
        self.away == self.connections
    }
}

impl Live {
    /// People with a place; those in their exit damping have one.
    fn members(&self) -> u32 {
        u32::try_from(self.present.len()).unwrap_or(u32::MAX)
    }

    fn is_owner(&self, session: SessionId) -> bool {
        self.room.owner_session == session
    }

    fn member(&self, session: SessionId) -> Result<&Present, Refusal> {
        self.present.get(&session).ok_or(Refusal::NotInRoom)
    }
}

impl State {
    /// A room whose door is open.
    fn scene<'a, 'b>(&'a mut self, room: RoomId, moment: &'a mut Moment<'b>) -> Result<Scene<'a, 'b>, Refusal> {
        self.any(room, moment).filter(|scene| !scene.live.shut).ok_or(Refusal::NoSuchRoom)
    }

    /// A room, also while it is being removed.
    fn any<'a, 'b>(&'a mut self, room: RoomId, moment: &'a mut Moment<'b>) -> Option<Scene<'a, 'b>> {
        let live = self.rooms.get_mut(&room)?;
        Some(Scene { timing: &self.timing, id: room, live, agenda: &mut self.agenda, acts: &mut self.acts, moment })
    }
}

impl Scene<'_, '_> {
    fn tell(&mut self, event: Event) {
        self.moment.events.push(event);
    }

    /// Tells the lobby what the room looks like now.
    fn tell_lobby(&mut self) {
        let summary = self.live.room.summary(self.live.members());
        self.tell(Event::RoomUpdated(summary));
    }

    const fn now(&self) -> Timestamp {
        self.moment.now
    }
}
