//! Who of a shard is in which topic.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::hold::Hold;
use crate::hub::{NO_SLOT, Topic};
use crate::shard::Shard;
use crate::socket::Socket;

/// In place of a position among the members: it is held (see `hold.rs`).
pub(crate) const HELD: u32 = u32::MAX;

/// The members that a topic has on this shard.
pub(crate) struct LocalTopic {
    pub(crate) topic: Arc<Topic>,
    /// Places of connections. Leaving moves the last one into the gap.
    pub(crate) members: Vec<u32>,
    /// Those for whom deliveries are kept.
    pub(crate) held: Vec<Hold>,
    /// The highest number of an event that came by.
    pub(crate) last: u64,
    /// What the current flush has for it, as indices into the flush.
    pub(crate) pending: Vec<u32>,
}

impl LocalTopic {
    fn new(topic: &Arc<Topic>) -> Self {
        Self { topic: Arc::clone(topic), members: vec![], held: vec![], last: 0, pending: vec![] }
    }
}

impl Shard {
    pub(crate) fn join(&mut self, socket: &Socket, topic: Arc<Topic>, is_held: bool) {
        let seated = self
            .place_of(socket.0.session)
            .and_then(|place| self.sessions[place].seat_of(socket).map(|seat| (place, seat)));
        let Some((place, seat)) = seated else { return self.shared.hub.leave(&topic, self.id) };
        if topic.is_everybody()
            && let Some(permit) = &mut self.sessions[place].permit
        {
            permit.settle();
        }
        let known = topic.on(self.id).slot.load(Ordering::Relaxed);
        let slot = if known == NO_SLOT {
            let slot = self.topics.insert(LocalTopic::new(&topic)) as u32;
            topic.on(self.id).slot.store(slot, Ordering::Relaxed);
            slot
        } else {
            known
        };
        let topics = &mut self.sessions[place].seats[seat].topics;
        if topics.iter().any(|&(there, _)| there == slot) {
            self.shared.hub.leave(&topic, self.id);
            if is_held {
                self.hold(socket, slot);
            }
            return;
        }
        let local = &mut self.topics[slot as usize];
        if is_held {
            topics.push((slot, HELD));
            local.held.push(Hold::new(place, socket));
        } else {
            topics.push((slot, local.members.len() as u32));
            local.members.push(place as u32);
        }
    }

    pub(crate) fn leave(&mut self, socket: &Socket, room: &str) {
        let Some(place) = self.place_of(socket.0.session) else { return };
        let Some(seat) = self.sessions[place].seat_of(socket) else { return };
        if let Some((index, _)) = self.topic_of(&self.sessions[place].seats[seat], room) {
            let (slot, position) = self.sessions[place].seats[seat].topics.swap_remove(index);
            self.forget_member(socket, slot, position);
        }
    }

    pub(crate) fn forget_member(&mut self, socket: &Socket, slot: u32, position: u32) {
        if position == HELD {
            self.topics[slot as usize].held.retain(|hold| !hold.is_of(socket));
        } else {
            self.remove_member(slot, position);
        }
        let local = &self.topics[slot as usize];
        self.shared.hub.leave(&local.topic, self.id);
        if local.members.is_empty() && local.held.is_empty() {
            local.topic.on(self.id).slot.store(NO_SLOT, Ordering::Relaxed);
            self.topics.remove(slot as usize);
        }
    }

    /// Takes one out of the list; the last one moves into the gap.
    pub(crate) fn remove_member(&mut self, slot: u32, position: u32) {
        let local = &mut self.topics[slot as usize];
        local.members.swap_remove(position as usize);
        if let Some(&moved) = local.members.get(position as usize) {
            let from = local.members.len() as u32;
            let topics = self.sessions[moved as usize].seats.iter_mut().flat_map(|seat| &mut seat.topics);
            for entry in topics.filter(|entry| **entry == (slot, from)) {
                entry.1 = position;
            }
        }
    }
}
