//! Who is in which room, who owns it, and who may speak there.
//!
//! The rules are a pure state machine ([`state`]); here is its thin shell: one lock, one timer, and the promise that
//! hints are published in the order in which they became true, because they are published under that lock. What is to be
//! stored waits in a queue ([`Presence::has_act`]) in that order, too; the store has the durable copy.

mod acts;
mod look;
mod moderate;
mod place;
mod speak;
mod state;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::bus::Bus;
use crate::domain::{Event, MessageId, Room, RoomId};
use crate::env::Env;
pub use acts::{Done, Fault, Stored};
pub use place::Place;
pub use speak::Spoken;
pub use state::{Attempt, Cleaned, Entered, Found, Sanctioned, Seated, Speech, Timing};
use state::{Moment, State};

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
    inner: Mutex<Inner>,
    /// Rung when the earliest deadline has moved forward.
    timer: Notify,
    /// Rung when a room's grace period is over.
    expiry: Notify,
    /// Rung when an act waits.
    acts: Notify,
}

#[derive(Debug)]
struct Inner {
    state: State,
    /// Who waits for which act to be stored.
    waiting: HashMap<u64, acts::Answer>,
}

impl Presence {
    /// `found` are the rooms in the store at start: nobody is in them, each gets its grace period.
    pub fn local(env: Env, bus: Bus, timing: Timing, found: Vec<Found>) -> Self {
        let mut state = State::new(timing);
        let now = env.now();
        for room in found {
            state.restore(room, now);
        }
        let inner = Mutex::new(Inner { state, waiting: HashMap::new() });
        let (timer, expiry, acts) = (Notify::new(), Notify::new(), Notify::new());
        Self::Local(Arc::new(Local { env, bus, inner, timer, expiry, acts }))
    }

    /// Opens a room that has just been stored and announces it. Its grace period begins.
    pub fn open(&self, room: Room) {
        let created = Event::RoomCreated(room.summary(0));
        self.change(|inner, moment| {
            inner.state.open(room, moment.now);
            moment.events.push(created);
        });
    }

    /// Shuts the door of a room that is about to be removed: nobody enters, nobody posts. `None` when there is no such
    /// room, or it is being removed already. Followed by [`Presence::removed`] or [`Presence::reopen`].
    pub fn shut(&self, room: RoomId) -> Option<Arc<Room>> {
        self.change(|inner, _| inner.state.shut(room))
    }

    /// The room is gone from the store: forgets it with everybody in it, and announces that.
    pub fn removed(&self, room: RoomId) {
        self.change(|inner, moment| {
            if inner.state.removed(room) {
                moment.events.push(Event::RoomRemoved(room));
            }
        });
    }

    /// The room could not be removed from the store: its door opens again; when empty, it expires a little later.
    pub fn reopen(&self, room: RoomId) {
        self.change(|inner, moment| inner.state.reopen(room, moment.now + RETRY));
    }

    /// The timer: what is due happens also when nobody asks. Ends the stays whose damping is over, makes somebody the
    /// owner of a room whose owner stays away, and finds the rooms whose grace period is over. One task runs it, for ever.
    pub async fn keep_time(&self) {
        let Self::Local(local) = self;
        loop {
            let next = self.inner().state.next_deadline();
            match next {
                None => local.timer.notified().await,
                Some(at) => tokio::select! {
                    () = local.timer.notified() => {}
                    () = local.env.sleep_until(at) => self.change(|_, _| ()),
                },
            }
        }
    }

    /// The next room whose grace period is over; its door is shut (see [`Presence::shut`]). One task asks.
    pub async fn next_expired(&self) -> RoomId {
        let Self::Local(local) = self;
        loop {
            if let Some(room) = self.inner().state.take_expired() {
                return room;
            }
            local.expiry.notified().await;
        }
    }

    /// Asks the state as it is at this moment.
    fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        self.change(|inner, _| look(&inner.state))
    }

    /// Changes the state and publishes what came of it, under one lock. What was due until now happens first: what
    /// somebody finds depends on the clock, never on whether the timer's task has had its turn.
    fn change<T>(&self, change: impl FnOnce(&mut Inner, &mut Moment<'_>) -> T) -> T {
        let Self::Local(local) = self;
        let mut inner = self.inner();
        let before = inner.state.next_deadline();
        let mut ids = || MessageId::from_bytes(local.env.random());
        let mut moment = Moment { now: local.env.now(), events: Vec::new(), ids: &mut ids };
        inner.state.tick(&mut moment);
        let outcome = change(&mut inner, &mut moment);
        for event in &moment.events {
            local.bus.publish(event);
        }
        let after = inner.state.next_deadline();
        let (has_expired, has_act) = (inner.state.has_expired(), inner.state.has_act());
        drop(inner);
        if after.is_some_and(|after| before.is_none_or(|before| after < before)) {
            local.timer.notify_one();
        }
        if has_expired {
            local.expiry.notify_one();
        }
        if has_act {
            local.acts.notify_one();
        }
        outcome
    }

    /// A panic under the lock cannot leave the state half changed in a way that matters more than going on.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        let Self::Local(local) = self;
        local.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
