//! The rules of presence as a pure state machine: no clock, no tasks, no locks. Time comes in with each call, events
//! go out through the list that is handed in.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::{Caller, Event, Member, Refusal, Room, RoomId, RoomSummary, SessionId, Timestamp};

/// How long things that may be undone are left open.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// From a session's last connection to its exit. Until then it keeps its place, and coming back is silent.
    pub exit_damping: Duration,
    /// From the moment a room is empty to its removal.
    pub empty_grace: Duration,
}

/// How a connection entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// As the first one of its session: the others heard of it.
    First,
    /// Beside another one, or back within the damping: nobody heard of it.
    Again,
}

#[derive(Debug)]
pub struct State {
    timing: Timing,
    rooms: HashMap<RoomId, Live>,
    deadlines: BTreeSet<(Timestamp, Due)>,
    expired: VecDeque<RoomId>,
}

#[derive(Debug)]
struct Live {
    room: Arc<Room>,
    present: HashMap<SessionId, Present>,
    /// Numbers arrivals.
    arrivals: u64,
    /// While it is being removed nobody gets in.
    shut: bool,
    expires_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Present {
    member: Member,
    arrival: u64,
    connections: u32,
    /// Set while no connection is left.
    exits_at: Option<Timestamp>,
}

/// What happens at a deadline. A deadline that no longer holds is taken out at once, so each one here is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Exit(RoomId, SessionId),
    Expiry(RoomId),
}

impl State {
    pub fn new(timing: Timing) -> Self {
        Self { timing, rooms: HashMap::new(), deadlines: BTreeSet::new(), expired: VecDeque::new() }
    }

    /// A room comes into being, with nobody in it.
    pub fn open(&mut self, room: Room, now: Timestamp) {
        let id = room.id;
        let live = Live { room: Arc::new(room), present: HashMap::new(), arrivals: 0, shut: false, expires_at: None };
        self.rooms.insert(id, live);
        self.expire_at(id, now + self.timing.empty_grace);
    }

    pub fn enter(&mut self, room: RoomId, caller: &Caller, events: &mut Vec<Event>) -> Result<Entered, Refusal> {
        let live = self.rooms.get_mut(&room).filter(|live| !live.shut).ok_or(Refusal::NoSuchRoom)?;
        if let Some(present) = live.present.get_mut(&caller.session) {
            present.connections += 1;
            if let Some(at) = present.exits_at.take() {
                self.deadlines.remove(&(at, Due::Exit(room, caller.session)));
            }
            return Ok(Entered::Again);
        }
        if live.members() >= live.room.limit.get() {
            return Err(Refusal::RoomFull);
        }
        live.arrivals += 1;
        let present = Present { member: caller.member.clone(), arrival: live.arrivals, connections: 1, exits_at: None };
        live.present.insert(caller.session, present);
        if let Some(at) = live.expires_at.take() {
            self.deadlines.remove(&(at, Due::Expiry(room)));
        }
        events.push(Event::Joined { room, member: caller.member.clone(), members: live.members() });
        events.push(Event::RoomUpdated(live.summary()));
        Ok(Entered::First)
    }

    /// One connection of the session leaves a room it entered. Nothing happens when the room is gone.
    pub fn leave(&mut self, room: RoomId, session: SessionId, now: Timestamp) {
        let Some(present) = self.rooms.get_mut(&room).and_then(|live| live.present.get_mut(&session)) else { return };
        present.connections = present.connections.saturating_sub(1);
        if present.connections == 0 && present.exits_at.is_none() {
            let at = now + self.timing.exit_damping;
            present.exits_at = Some(at);
            self.deadlines.insert((at, Due::Exit(room, session)));
        }
    }

    /// Does what was due until now, each thing as if at its own time.
    pub fn tick(&mut self, now: Timestamp, events: &mut Vec<Event>) {
        while let Some(&(at, due)) = self.deadlines.first()
            && at <= now
        {
            self.deadlines.pop_first();
            match due {
                Due::Exit(room, session) => self.exit(room, session, at, events),
                Due::Expiry(room) => {
                    if let Some(live) = self.rooms.get_mut(&room) {
                        live.expires_at = None;
                        live.shut = true;
                        self.expired.push_back(room);
                    }
                }
            }
        }
    }

    pub fn shut(&mut self, room: RoomId) -> Option<Arc<Room>> {
        let live = self.rooms.get_mut(&room).filter(|live| !live.shut)?;
        live.shut = true;
        if let Some(at) = live.expires_at.take() {
            self.deadlines.remove(&(at, Due::Expiry(room)));
        }
        Some(Arc::clone(&live.room))
    }

    /// The door opens again. Empty rooms expire at `retry_at`.
    pub fn reopen(&mut self, room: RoomId, retry_at: Timestamp) {
        let Some(live) = self.rooms.get_mut(&room).filter(|live| live.shut) else { return };
        live.shut = false;
        if live.present.is_empty() {
            self.expire_at(room, retry_at);
        }
    }

    /// Forgets a room and everybody in it. Whether it was there.
    pub fn removed(&mut self, room: RoomId) -> bool {
        let Some(live) = self.rooms.remove(&room) else { return false };
        if let Some(at) = live.expires_at {
            self.deadlines.remove(&(at, Due::Expiry(room)));
        }
        for (session, present) in live.present {
            if let Some(at) = present.exits_at {
                self.deadlines.remove(&(at, Due::Exit(room, session)));
            }
        }
        true
    }

    pub fn room(&self, room: RoomId) -> Option<Arc<Room>> {
        self.live(room).map(|live| Arc::clone(&live.room))
    }

    pub fn summary(&self, room: RoomId) -> Option<RoomSummary> {
        self.live(room).map(Live::summary)
    }

    pub fn summaries(&self) -> Vec<RoomSummary> {
        let mut rooms: Vec<_> = self.rooms.values().filter(|live| !live.shut).map(Live::summary).collect();
        rooms.sort_unstable_by_key(|room| (room.created_at, room.id));
        rooms
    }

    pub fn owned_by(&self, session: SessionId) -> u32 {
        let owned = self.rooms.values().filter(|live| live.room.owner_session == session).count();
        u32::try_from(owned).unwrap_or(u32::MAX)
    }

    pub fn members(&self, room: RoomId) -> Option<Vec<Member>> {
        let live = self.live(room)?;
        let mut present: Vec<_> = live.present.iter().collect();
        present.sort_unstable_by_key(|(session, present)| (**session != live.room.owner_session, present.arrival));
        Some(present.into_iter().map(|(_, present)| present.member.clone()).collect())
    }

    pub fn is_present(&self, room: RoomId, session: SessionId) -> bool {
        self.live(room).is_some_and(|live| live.present.contains_key(&session))
    }

    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|&(at, _)| at)
    }

    pub fn take_expired(&mut self) -> Option<RoomId> {
        self.expired.pop_front()
    }

    pub fn has_expired(&self) -> bool {
        !self.expired.is_empty()
    }

    fn exit(&mut self, room: RoomId, session: SessionId, at: Timestamp, events: &mut Vec<Event>) {
        let Some(live) = self.rooms.get_mut(&room) else { return };
        let Some(gone) = live.present.remove(&session) else { return };
        events.push(Event::Left { room, member: gone.member, members: live.members() });
        events.push(Event::RoomUpdated(live.summary()));
        if live.present.is_empty() && !live.shut {
            self.expire_at(room, at + self.timing.empty_grace);
        }
    }

    fn expire_at(&mut self, room: RoomId, at: Timestamp) {
        if let Some(live) = self.rooms.get_mut(&room) {
            live.expires_at = Some(at);
            self.deadlines.insert((at, Due::Expiry(room)));
        }
    }

    fn live(&self, room: RoomId) -> Option<&Live> {
        self.rooms.get(&room).filter(|live| !live.shut)
    }
}

impl Live {
    /// People with a place; those in their exit damping have one.
    fn members(&self) -> u32 {
        u32::try_from(self.present.len()).unwrap_or(u32::MAX)
    }

    fn summary(&self) -> RoomSummary {
        self.room.summary(self.members())
    }
}
