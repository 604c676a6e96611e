//! Delivering: what has come for a shard goes out to its connections.
//!
//! The frames of a topic are joined once for each encoding that its members have, and each member gets the same bytes in
//! one send. A connection that one flush has several pieces for (it is in several topics, or is spoken to alone as well)
//! gets them joined in the order in which they came.

use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::encoding::Encoding;
use crate::frame::Frame;
use crate::hold::Fate;
use crate::hub::{NO_SLOT, Selection, Topic};
use crate::inbox::Item;
use crate::session::{Seat, Session};
use crate::shard::Shard;
use crate::socket::Socket;
use crate::topics::{HELD, LocalTopic};

/// A joined run is cut there, in bytes.
const RUN: usize = 256 * 1024;

/// Frames joined for one send.
pub(crate) struct Run<'a> {
    pub(crate) bytes: Bytes,
    pub(crate) frames: Vec<&'a Frame>,
}

impl<'a> Run<'a> {
    /// Joins frames; one alone is shared as it is.
    pub(crate) fn of(frames: Vec<&'a Frame>, encoding: Encoding) -> Self {
        let bytes = match frames[..] {
            [only] if let Some(bytes) = only.shared(encoding) => bytes.clone(),
            _ => {
                let mut joined = Vec::with_capacity(frames.iter().map(|frame| frame.size(encoding)).sum());
                for frame in &frames {
                    frame.write(encoding, &mut joined);
                }
                Bytes::from(joined)
            }
        };
        Self { bytes, frames }
    }
}

/// The runs of one topic, made for an encoding when its first member comes up.
struct Runs<'a> {
    frames: Vec<&'a Frame>,
    made: [Option<Vec<Run<'a>>>; Encoding::COUNT],
}

impl<'a> Runs<'a> {
    fn of(&mut self, encoding: Encoding) -> &[Run<'a>] {
        let frames = &self.frames;
        self.made[encoding as usize].get_or_insert_with(|| runs(frames.iter().copied(), encoding))
    }
}

impl Shard {
    /// Delivers and empties `items`; says how many packets went out.
    pub(crate) fn flush(&mut self, items: &mut Vec<Item>) -> usize {
        if items.is_empty() {
            return 0;
        }
        let mut dirty = Vec::new();
        let mut alone = Vec::new();
        // Topics in which somebody who was held can become a member.
        let mut past = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match item {
                Item::Publish { topic, .. } => {
                    let Some(slot) = self.slot_of(topic) else { continue };
                    let frame = frame_of(item);
                    self.topics[slot].last = self.topics[slot].last.max(frame.number().unwrap_or(0));
                    for held in 0..self.topics[slot].held.len() {
                        if self.offer(slot, held, item, frame, &mut past) == Fate::Passes {
                            alone.push((self.topics[slot].held[held].place as usize, index as u32));
                        }
                    }
                    let LocalTopic { members, pending, .. } = &mut self.topics[slot];
                    if !members.is_empty() {
                        if pending.is_empty() {
                            dirty.push(slot);
                        }
                        pending.push(index as u32);
                    }
                }
                Item::Cast { selection, frame, .. } => {
                    let slots = self.slots_of(&selection.topics);
                    for (place, seat) in self.selected(selection) {
                        let held = self.only_held(&self.sessions[place].seats[seat], &slots);
                        let fate = held.map(|(slot, held)| self.offer(slot, held, item, frame, &mut past));
                        if fate.is_none_or(|fate| fate == Fate::Passes) {
                            alone.push((place, index as u32));
                        }
                    }
                }
                Item::Emit { to, .. } => {
                    let place = self.place_of(to.0.session);
                    let place = place.filter(|&place| self.sessions[place].seat_of(to).is_some());
                    alone.extend(place.map(|place| (place, index as u32)));
                }
                _ => {}
            }
        }
        alone.sort_unstable();
        let crossing = if dirty.len() + alone.len() > 1 { self.mark(&dirty, &alone) } else { Vec::new() };
        let mut delivered = 0;
        for &slot in &dirty {
            delivered += self.flush_topic(slot, items, !crossing.is_empty());
        }
        for &(place, index) in &alone {
            let item = &items[index as usize];
            if !self.is_crossing(place, !crossing.is_empty()) && !is_skipped(&self.sessions[place], item) {
                self.sessions[place].send(place, frame_of(item), &self.shared.config, &mut self.effects);
                delivered += 1;
            }
        }
        for place in crossing {
            delivered += self.flush_crossing(place, items, &alone);
        }
        for slot in dirty {
            self.topics[slot].pending.clear();
        }
        for slot in past {
            self.admit_past(slot);
        }
        items.clear();
        delivered
    }

    fn slot_of(&self, topic: &Topic) -> Option<usize> {
        let slot = topic.on(self.id).slot.load(Ordering::Relaxed);
        (slot != NO_SLOT).then_some(slot as usize)
    }

    fn slots_of(&self, topics: &[Arc<Topic>]) -> Vec<usize> {
        topics.iter().filter_map(|topic| self.slot_of(topic)).collect()
    }

    /// The places and the seats that a selection finds on this shard, each place once.
    pub(crate) fn selected(&self, selection: &Selection) -> Vec<(usize, usize)> {
        let except = self.slots_of(&selection.except_topics);
        let mut found = Vec::new();
        for slot in self.slots_of(&selection.topics) {
            let members = self.topics[slot].members.iter().filter_map(|&place| {
                let seats = &self.sessions[place as usize].seats;
                Some((place as usize, seats.iter().position(|seat| is_in(seat, slot))?))
            });
            found.extend(members.chain(self.held_in(slot)).filter(|&(place, seat)| {
                let seat = &self.sessions[place].seats[seat];
                !except.iter().any(|&slot| is_in(seat, slot))
                    && !selection.except.iter().any(|id| **id == *seat.socket.0.id)
            }));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Does something with each socket of a selection.
    pub(crate) fn visit(&self, selection: &Selection, act: &mut dyn FnMut(&Socket)) {
        for (place, seat) in self.selected(selection) {
            act(&self.sessions[place].seats[seat].socket);
        }
    }

    fn is_crossing(&self, place: usize, any: bool) -> bool {
        any && self.sessions[place].flush == self.flushes && self.sessions[place].pieces > 1
    }

    /// Finds the connections that this flush has several pieces for.
    fn mark(&mut self, dirty: &[usize], alone: &[(usize, u32)]) -> Vec<usize> {
        self.flushes = self.flushes.wrapping_add(1);
        let mut crossing = Vec::new();
        let members = dirty.iter().flat_map(|&slot| self.topics[slot].members.iter().map(|&place| place as usize));
        for place in members.chain(alone.iter().map(|&(place, _)| place)) {
            let session = &mut self.sessions[place];
            if session.flush != self.flushes {
                session.flush = self.flushes;
                session.pieces = 0;
            }
            session.pieces += 1;
            if session.pieces == 2 {
                crossing.push(place);
            }
        }
        crossing
    }

    fn flush_topic(&mut self, slot: usize, items: &[Item], any_crossing: bool) -> usize {
        let local = &self.topics[slot];
        let pending = || local.pending.iter().map(|&index| &items[index as usize]);
        let is_choosy = pending().any(is_choosy);
        let mut runs = Runs { frames: pending().map(frame_of).collect(), made: Default::default() };
        let mut delivered = 0;
        for &place in &local.members {
            let place = place as usize;
            let session = &mut self.sessions[place];
            if any_crossing && session.flush == self.flushes && session.pieces > 1 {
                continue;
            }
            if is_choosy && let Some(seat) = session.seats.iter().find(|seat| is_in(seat, slot)) {
                let heard = pending().filter(|item| hears(&seat.socket, item) && !is_skipped(session, item));
                for run in &self::runs(heard.map(frame_of), session.encoding) {
                    delivered += run.frames.len();
                    session.send_run(place, run, &self.shared.config, &mut self.effects);
                }
                continue;
            }
            for run in runs.of(session.encoding) {
                delivered += run.frames.len();
                session.send_run(place, run, &self.shared.config, &mut self.effects);
            }
        }
        delivered
    }

    fn flush_crossing(&mut self, place: usize, items: &[Item], alone: &[(usize, u32)]) -> usize {
        let session = &mut self.sessions[place];
        let mut indices: Vec<u32> = Vec::new();
        for seat in &session.seats {
            for &(slot, _) in seat.topics.iter().filter(|(_, position)| *position != HELD) {
                let pending = self.topics[slot as usize].pending.iter().copied();
                indices.extend(pending.filter(|&index| hears(&seat.socket, &items[index as usize])));
            }
        }
        let first = alone.partition_point(|&(other, _)| other < place);
        indices.extend(alone[first..].iter().take_while(|&&(other, _)| other == place).map(|&(_, index)| index));
        indices.sort_unstable();
        indices.retain(|&index| !is_skipped(session, &items[index as usize]));
        let frames = indices.iter().map(|&index| frame_of(&items[index as usize]));
        for run in &runs(frames, session.encoding) {
            session.send_run(place, run, &self.shared.config, &mut self.effects);
        }
        indices.len()
    }
}

fn frame_of(item: &Item) -> &Frame {
    match item {
        Item::Publish { frame, .. } | Item::Cast { frame, .. } | Item::Emit { frame, .. } => frame,
        _ => unreachable!("a flush is made of deliveries"),
    }
}

/// Whether not all members of the topic get it.
fn is_choosy(item: &Item) -> bool {
    matches!(item, Item::Publish { except: Some(_), .. } | Item::Publish { is_volatile: true, .. })
}

pub(crate) fn is_in(seat: &Seat, slot: usize) -> bool {
    seat.topics.iter().any(|&(there, _)| there as usize == slot)
}

pub(crate) fn hears(socket: &Socket, item: &Item) -> bool {
    match item {
        Item::Publish { except: Some(except), .. } => !except.iter().any(|id| **id == *socket.0.id),
        _ => true,
    }
}

/// What is volatile is left out when it could not go out at once.
fn is_skipped(session: &Session, item: &Item) -> bool {
    is_volatile(item) && !session.is_writable()
}

pub(crate) fn is_volatile(item: &Item) -> bool {
    match item {
        Item::Publish { is_volatile, .. } | Item::Cast { is_volatile, .. } | Item::Emit { is_volatile, .. } => {
            *is_volatile
        }
        _ => false,
    }
}

pub(crate) fn runs<'a>(frames: impl Iterator<Item = &'a Frame>, encoding: Encoding) -> Vec<Run<'a>> {
    let mut runs = Vec::new();
    let mut frames = frames.peekable();
    while let Some(first) = frames.next() {
        let mut run = vec![first];
        let mut size = first.size(encoding);
        while let Some(next) = frames.next_if(|next| size + next.size(encoding) <= RUN) {
            size += next.size(encoding);
            run.push(next);
        }
        runs.push(Run::of(run, encoding));
    }
    runs
}
