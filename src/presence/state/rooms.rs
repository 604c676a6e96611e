//! Rooms come, expire, and go.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::acts::Acts;
use super::agenda::{Agenda, Due};
use super::{Found, Joins, Live, Looks, Moment, Sanctions, Scene, State, Timing};
use crate::domain::{Room, RoomId, Timestamp};

impl State {
    pub fn new(timing: Timing) -> Self {
        Self {
            timing,
            rooms: HashMap::new(),
            agenda: Agenda::default(),
            acts: Acts::default(),
            expired: VecDeque::new(),
        }
    }

    /// A room comes into being, with nobody in it.
    pub fn open(&mut self, room: Room, now: Timestamp) {
        self.restore(Found { room, names: Vec::new(), sanctions: Vec::new() }, now);
    }

    /// A room as the store knows it, with nobody in it.
    pub fn restore(&mut self, found: Found, now: Timestamp) {
        let id = found.room.id;
        let mut live = Live {
            room: Arc::new(found.room),
            present: HashMap::new(),
            gone: VecDeque::new(),
            names: found.names.into_iter().collect(),
            looks: Looks::default(),
            sanctions: Sanctions::default(),
            telling: HashMap::new(),
            arrivals: 0,
            shut: false,
            expires_at: None,
            takeover_at: None,
            owner_unsaved: false,
            joins: Joins::default(),
        };
        for sanction in found.sanctions.into_iter().filter(|sanction| sanction.holds_at(now)) {
            if let Some(until) = sanction.until {
                self.agenda.add(until, Due::Lapse(id, sanction.session, sanction.kind));
            }
            live.sanctions.impose(sanction);
        }
        self.agenda.set(&mut live.expires_at, now + self.timing.empty_grace, Due::Expiry(id));
        self.rooms.insert(id, live);
    }

    /// Does what was due until now, each thing as if at its own time.
    pub fn tick(&mut self, moment: &mut Moment<'_>) {
        let now = moment.now;
        while let Some((at, due)) = self.agenda.take(now) {
            moment.now = at;
            let (Due::Exit(room, _) | Due::Takeover(room) | Due::Lapse(room, ..) | Due::Expiry(room)) = due;
            let Some(mut scene) = self.any(room, moment) else { continue };
            match due {
                Due::Exit(_, session) => scene.exit(session),
                Due::Takeover(_) => scene.take_over_late(),
                Due::Lapse(_, session, kind) => drop(scene.live.sanctions.lift(session, kind)),
                Due::Expiry(_) => {
                    scene.live.expires_at = None;
                    scene.live.shut = true;
                    self.expired.push_back(room);
                }
            }
        }
        moment.now = now;
    }

    pub fn shut(&mut self, room: RoomId) -> Option<Arc<Room>> {
        let live = self.rooms.get_mut(&room).filter(|live| !live.shut)?;
        live.shut = true;
        self.agenda.clear(&mut live.expires_at, Due::Expiry(room));
        Some(Arc::clone(&live.room))
    }

    /// The door opens again. Empty rooms expire at `retry_at`.
    pub fn reopen(&mut self, room: RoomId, retry_at: Timestamp) {
        let Some(live) = self.rooms.get_mut(&room).filter(|live| live.shut) else { return };
        live.shut = false;
        if live.present.is_empty() {
            self.agenda.set(&mut live.expires_at, retry_at, Due::Expiry(room));
        }
    }

    /// Forgets a room and everybody in it. Whether it was there.
    pub fn removed(&mut self, room: RoomId) -> bool {
        let Some(mut live) = self.rooms.remove(&room) else { return false };
        self.agenda.clear(&mut live.expires_at, Due::Expiry(room));
        self.agenda.clear(&mut live.takeover_at, Due::Takeover(room));
        for (session, present) in &mut live.present {
            self.agenda.clear(&mut present.exits_at, Due::Exit(room, *session));
        }
        for sanction in live.sanctions.all() {
            if let Some(until) = sanction.until {
                self.agenda.remove(until, Due::Lapse(room, sanction.session, sanction.kind));
            }
        }
        true
    }

    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.agenda.next()
    }

    pub fn take_expired(&mut self) -> Option<RoomId> {
        self.expired.pop_front()
    }

    pub fn has_expired(&self) -> bool {
        !self.expired.is_empty()
    }
}

impl Scene<'_, '_> {
    /// Begins the grace period of a room that has become empty.
    pub fn expire_when_empty(&mut self) {
        if self.live.present.is_empty() {
            self.agenda.clear(&mut self.live.takeover_at, Due::Takeover(self.id));
            if !self.live.shut && self.live.expires_at.is_none() {
                let at = self.now() + self.timing.empty_grace;
                self.agenda.set(&mut self.live.expires_at, at, Due::Expiry(self.id));
            }
        }
    }
}
