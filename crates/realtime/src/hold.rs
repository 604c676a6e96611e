//! Held back: what is said in a room while a socket is being told what was said there before.
//!
//! A socket that is held in a topic is counted as a member, but is not in the list that deliveries go through: what is
//! published is kept beside that list until [`crate::Socket::release`] sends what came before, then the kept rest. All of
//! that happens on its shard, so no event is lost, doubled or early in between.
//!
//! Who reads a store may read what is about to be published. So a released socket is still looked at, one event at a
//! time, until the numbers that it has got already are past; then it is a member like any other.

use std::sync::Arc;

use crate::flush::{hears, is_in, is_volatile, runs};
use crate::frame::Frame;
use crate::inbox::Item;
use crate::reason::DisconnectReason;
use crate::session::Seat;
use crate::shard::Shard;
use crate::socket::Socket;
use crate::topics::HELD;

/// A socket that is held in a topic.
pub(crate) struct Hold {
    /// Place of its connection.
    pub(crate) place: u32,
    pub(crate) socket: Socket,
    state: State,
}

enum State {
    Keeping {
        frames: Vec<Frame>,
        bytes: usize,
        /// What it had got when it was held.
        after: u64,
    },
    /// Released; what is numbered up to there it has got.
    Passing { after: u64 },
}

/// What becomes of a delivery for somebody who is held.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Kept,
    Dropped,
    /// It goes out like what is sent to this socket alone.
    Passes,
}

impl Hold {
    pub(crate) fn new(place: usize, socket: &Socket) -> Self {
        let state = State::Keeping { frames: Vec::new(), bytes: 0, after: 0 };
        Self { place: place as u32, socket: socket.clone(), state }
    }

    pub(crate) fn is_of(&self, socket: &Socket) -> bool {
        Arc::ptr_eq(&self.socket.0, &socket.0)
    }
}

impl Shard {
    /// Offers a delivery to one who is held in the topic. The topic is one of `past` when nothing that somebody there has
    /// got can come any more.
    pub(crate) fn offer(
        &mut self,
        slot: usize,
        index: usize,
        item: &Item,
        frame: &Frame,
        past: &mut Vec<usize>,
    ) -> Fate {
        let hold = &mut self.topics[slot].held[index];
        let config = &self.shared.config;
        if !hears(&hold.socket, item) {
            return Fate::Dropped;
        }
        match &mut hold.state {
            State::Passing { after } => {
                let is_old = frame.number().is_some_and(|id| id <= *after);
                if frame.number().is_some_and(|id| id >= *after) && !past.contains(&slot) {
                    past.push(slot);
                }
                if is_old { Fate::Dropped } else { Fate::Passes }
            }
            // It could not go out at once.
            State::Keeping { .. } if is_volatile(item) => Fate::Dropped,
            State::Keeping { frames, bytes, .. } => {
                *bytes += frame.size(self.sessions[hold.place as usize].encoding);
                frames.push(frame.clone());
                if *bytes > config.outbox_bytes || frames.len() > config.outbox_packets {
                    self.effects.doomed.push((hold.place as usize, DisconnectReason::OutboxFull));
                }
                Fate::Kept
            }
        }
    }

    /// Makes members of those whose numbers are past.
    pub(crate) fn admit_past(&mut self, slot: usize) {
        let last = self.topics[slot].last;
        let mut index = 0;
        while let Some(hold) = self.topics[slot].held.get(index) {
            if matches!(hold.state, State::Passing { after } if after <= last) {
                let hold = self.topics[slot].held.swap_remove(index);
                self.add_member(slot, hold.place as usize, &hold.socket);
            } else {
                index += 1;
            }
        }
    }

    fn add_member(&mut self, slot: usize, place: usize, socket: &Socket) {
        let Some(seat) = self.sessions[place].seat_of(socket) else { return };
        let topics = &mut self.sessions[place].seats[seat].topics;
        if let Some(entry) = topics.iter_mut().find(|(there, _)| *there as usize == slot) {
            let members = &mut self.topics[slot].members;
            entry.1 = members.len() as u32;
            members.push(place as u32);
        }
    }

    /// Where a seat is held, if it hears none of these topics otherwise: the slot, and its index among those held there.
    pub(crate) fn only_held(&self, seat: &Seat, slots: &[usize]) -> Option<(usize, usize)> {
        let mut there = seat.topics.iter().filter(|(slot, _)| slots.contains(&(*slot as usize)));
        let slot = there.next().filter(|(_, position)| *position == HELD)?.0 as usize;
        let index = self.topics[slot].held.iter().position(|hold| hold.is_of(&seat.socket))?;
        there.all(|(_, position)| *position == HELD).then_some((slot, index))
    }

    /// A member is one no more until it is released; what was published until now it has got.
    pub(crate) fn hold(&mut self, socket: &Socket, slot: u32) {
        let Some(place) = self.place_of(socket.0.session) else { return };
        let Some(seat) = self.sessions[place].seat_of(socket) else { return };
        let topics = &mut self.sessions[place].seats[seat].topics;
        let Some(entry) = topics.iter_mut().find(|(there, _)| *there == slot) else { return };
        let position = std::mem::replace(&mut entry.1, HELD);
        if position == HELD {
            let held = &mut self.topics[slot as usize].held;
            if let Some(hold) = held.iter_mut().find(|hold| hold.is_of(socket))
                && let State::Passing { after } = hold.state
            {
                hold.state = State::Keeping { frames: Vec::new(), bytes: 0, after };
            }
        } else {
            self.remove_member(slot, position);
            self.topics[slot as usize].held.push(Hold::new(place, socket));
        }
    }

    /// Sends `first`, then what was kept, but for what is numbered up to `after`.
    pub(crate) fn release(&mut self, socket: &Socket, room: &str, first: &[Frame], mut after: Option<u64>) {
        let Some(place) = self.place_of(socket.0.session) else { return };
        let Some(seat) = self.sessions[place].seat_of(socket) else { return };
        let mut kept = Vec::new();
        if let Some((_, slot)) = self.topic_of(&self.sessions[place].seats[seat], room)
            && let Some(hold) = self.topics[slot].held.iter_mut().find(|hold| hold.is_of(socket))
            && let State::Keeping { frames, after: got, .. } = &mut hold.state
        {
            kept = std::mem::take(frames);
            after = after.max(Some(*got));
            hold.state = State::Passing { after: after.unwrap_or(0) };
            self.admit_past(slot);
        }
        let is_new = |frame: &&Frame| frame.number().zip(after).is_none_or(|(id, after)| id > after);
        let session = &mut self.sessions[place];
        for run in &runs(first.iter().chain(kept.iter().filter(is_new)), session.encoding) {
            session.send_run(place, run, &self.shared.config, &mut self.effects);
        }
    }

    /// Which topic of a seat has this name: its index there, and its slot.
    pub(crate) fn topic_of(&self, seat: &Seat, room: &str) -> Option<(usize, usize)> {
        let namespace = seat.socket.namespace();
        let mut slots = seat.topics.iter().map(|(slot, _)| *slot as usize).enumerate();
        slots.find(|(_, slot)| self.topics[*slot].topic.is_named(namespace, room))
    }

    /// Places and seats of those who are held in a topic.
    pub(crate) fn held_in(&self, slot: usize) -> impl Iterator<Item = (usize, usize)> {
        self.topics[slot].held.iter().filter_map(move |hold| {
            let seats = &self.sessions[hold.place as usize].seats;
            let seat = seats.iter().position(|seat| is_in(seat, slot) && hold.is_of(&seat.socket))?;
            Some((hold.place as usize, seat))
        })
    }
}
