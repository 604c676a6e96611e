//! Who of a shard is in which topic.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::hub::{NO_SLOT, Topic};
use crate::shard::Shard;
use crate::socket::Socket;

/// The members that a topic has on this shard.
pub(crate) struct LocalTopic {
    pub(crate) topic: Arc<Topic>,
    /// Places of connections. Leaving moves the last one into the gap.
    pub(crate) members: Vec<u32>,
    /// What the current flush has for it, as indices into the flush.
    pub(crate) pending: Vec<u32>,
}

impl Shard {
    pub(crate) fn join(&mut self, socket: &Socket, topic: Arc<Topic>) {
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
            let slot =
                self.topics.insert(LocalTopic { topic: Arc::clone(&topic), members: vec![], pending: vec![] }) as u32;
            topic.on(self.id).slot.store(slot, Ordering::Relaxed);
            slot
        } else {
            known
        };
        let topics = &mut self.sessions[place].seats[seat].topics;
        if topics.iter().any(|&(there, _)| there == slot) {
            return self.shared.hub.leave(&topic, self.id);
        }
        let members = &mut self.topics[slot as usize].members;
        topics.push((slot, members.len() as u32));
        members.push(place as u32);
    }

    pub(crate) fn leave(&mut self, socket: &Socket, room: &str) {
        let Some(place) = self.place_of(socket.0.session) else { return };
        let Some(seat) = self.sessions[place].seat_of(socket) else { return };
        let topics = &mut self.sessions[place].seats[seat].topics;
        let named = |&(slot, _): &(u32, u32)| self.topics[slot as usize].topic.is_named(socket.namespace(), room);
        if let Some(index) = topics.iter().position(named) {
            let (slot, position) = topics.swap_remove(index);
            self.forget_member(slot, position);
        }
    }

    pub(crate) fn forget_member(&mut self, slot: u32, position: u32) {
        let local = &mut self.topics[slot as usize];
        local.members.swap_remove(position as usize);
        if let Some(&moved) = local.members.get(position as usize) {
            let from = local.members.len() as u32;
            let topics = self.sessions[moved as usize].seats.iter_mut().flat_map(|seat| &mut seat.topics);
            for entry in topics.filter(|entry| **entry == (slot, from)) {
                entry.1 = position;
            }
        }
        self.shared.hub.leave(&local.topic, self.id);
        if local.members.is_empty() {
            local.topic.on(self.id).slot.store(NO_SLOT, Ordering::Relaxed);
            self.topics.remove(slot as usize);
        }
    }
}
