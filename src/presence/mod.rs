//! Who is in which room.
//!
//! The rules are a pure state machine ([`state`]); here is its thin shell: one lock, one timer, and the promise that
//! events are published in the order in which they became true, because they are published under that lock.

#[cfg(test)]
mod model;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::bus::Bus;
use crate::domain::{Caller, Event, Member, Refusal, Room, RoomId, RoomSummary, SessionId, Timestamp};
use crate::env::Env;
use state::State;
pub use state::{Entered, Timing};

/// After the store refused to remove an empty room, how long until it is asked again.
const RETRY: Duration = Duration::from_secs(5);

/// The live rooms and the people in them. Several nodes will share them over Redis.
#[derive(Clone, Debug)]
pub enum Presence {
    Local(Arc<Local>),
}

/// Presence of one node, in memory.
#[derive(Debug)]
pub struct Local {
    env: Env,
    bus: Bus,
    state: Mutex<State>,
    /// Rung when the earliest deadline has moved forward.
    timer: Notify,
    /// Rung when a room's grace period is over.
    expiry: Notify,
}

/// One connection's place in a room, given back when it is dropped.
#[derive(Debug)]
#[must_use = "a place that is dropped is given back"]
pub struct Place {
    presence: Presence,
    room: RoomId,
    session: SessionId,
}

impl Presence {
    /// `found` are the rooms in the store at start: nobody is in them, each gets its grace period.
    pub fn local(env: Env, bus: Bus, timing: Timing, found: Vec<Room>) -> Self {
        let mut state = State::new(timing);
        let now = env.now();
        for room in found {
            state.open(room, now);
        }
        Self::Local(Arc::new(Local { env, bus, state: Mutex::new(state), timer: Notify::new(), expiry: Notify::new() }))
    }

    /// Opens a room that has just been stored and announces it. Its grace period begins.
    pub fn open(&self, room: Room) {
        let created = Event::RoomCreated(room.summary(0));
        self.change(|state, now, events| {
            state.open(room, now);
            events.push(created);
        });
    }

    /// Takes a place for one more connection of the caller. The limit is exact, and a session counts once however
    /// many connections it has; the first one is announced to those already there.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], also while the room is being removed; [`Refusal::RoomFull`].
    pub fn enter(&self, room: RoomId, caller: &Caller) -> Result<(Place, Entered), Refusal> {
        let entered = self.change(|state, _, events| state.enter(room, caller, events))?;
        Ok((Place { presence: self.clone(), room, session: caller.session }, entered))
    }

    /// Shuts the door of a room that is about to be removed: nobody enters, nobody posts. `None` when there is no such
    /// room, or it is being removed already. Followed by [`Presence::removed`] or [`Presence::reopen`].
    pub fn shut(&self, room: RoomId) -> Option<Arc<Room>> {
        self.state().shut(room)
    }

    /// The room is gone from the store: forgets it with everybody in it, and announces that.
    pub fn removed(&self, room: RoomId) {
        self.change(|state, _, events| {
            if state.removed(room) {
                events.push(Event::RoomRemoved(room));
            }
        });
    }

    /// The room could not be removed from the store: its door opens again; when empty, it expires a little later.
    pub fn reopen(&self, room: RoomId) {
        self.change(|state, now, _| state.reopen(room, now + RETRY));
    }

    pub fn room(&self, room: RoomId) -> Option<Arc<Room>> {
        self.state().room(room)
    }

    pub fn summary(&self, room: RoomId) -> Option<RoomSummary> {
        self.state().summary(room)
    }

    /// All rooms that can be entered, oldest first.
    pub fn summaries(&self) -> Vec<RoomSummary> {
        self.state().summaries()
    }

    /// How many rooms a session owns, those that are being removed included.
    pub fn owned_by(&self, session: SessionId) -> u32 {
        self.state().owned_by(session)
    }

    /// Who is in the room: the owner first, then by arrival.
    pub fn members(&self, room: RoomId) -> Option<Vec<Member>> {
        self.state().members(room)
    }

    pub fn is_present(&self, room: RoomId, session: SessionId) -> bool {
        self.state().is_present(room, session)
    }

    /// The timer: announces exits when their damping is over and finds the rooms whose grace period is over. One task
    /// runs it, for ever.
    pub async fn keep_time(&self) {
        let Self::Local(local) = self;
        loop {
            let next = self.state().next_deadline();
            match next {
                None => local.timer.notified().await,
                Some(at) => tokio::select! {
                    () = local.timer.notified() => {}
                    () = local.env.sleep_until(at) => self.change(|state, now, events| state.tick(now, events)),
                },
            }
        }
    }

    /// The next room whose grace period is over; its door is shut (see [`Presence::shut`]). One task asks.
    pub async fn next_expired(&self) -> RoomId {
        let Self::Local(local) = self;
        loop {
            if let Some(room) = self.state().take_expired() {
                return room;
            }
            local.expiry.notified().await;
        }
    }

    /// Changes the state and publishes what came of it, under one lock.
    fn change<T>(&self, change: impl FnOnce(&mut State, Timestamp, &mut Vec<Event>) -> T) -> T {
        let Self::Local(local) = self;
        let mut events = Vec::new();
        let mut state = self.state();
        let before = state.next_deadline();
        let outcome = change(&mut state, local.env.now(), &mut events);
        for event in &events {
            local.bus.publish(event);
        }
        let after = state.next_deadline();
        let expired = state.has_expired();
        drop(state);
        if after.is_some_and(|after| before.is_none_or(|before| after < before)) {
            local.timer.notify_one();
        }
        if expired {
            local.expiry.notify_one();
        }
        outcome
    }

    /// A panic under the lock cannot leave the state half changed in a way that matters more than going on.
    fn state(&self) -> MutexGuard<'_, State> {
        let Self::Local(local) = self;
        local.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    pub const fn room(&self) -> RoomId {
        self.room
    }

    /// Gives the place back. After the last connection of a session the exit is announced when the damping is over.
    pub fn leave(self) {
        drop(self);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.presence.change(|state, now, _| state.leave(self.room, self.session, now));
    }
}
