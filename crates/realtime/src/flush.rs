//! Delivering: what has come for a shard goes out to its connections.
//!
//! The frames of a topic are joined once, and each member gets the same bytes in one send. A connection that one
//! flush has several pieces for (it is in several topics, or is spoken to alone as well) gets them joined in the
//! order in which they came.

use bytes::Bytes;
use std::sync::atomic::Ordering;

use crate::frame::Frame;
use crate::hub::NO_SLOT;
use crate::inbox::Item;
use crate::session::Seat;
use crate::shard::Shard;

/// A joined run is cut there, in bytes.
const RUN: usize = 256 * 1024;

/// Frames joined for one send.
struct Run<'a> {
    bytes: Bytes,
    frames: Vec<&'a Frame>,
}

impl Shard {
    /// Delivers and empties `items`; says how many packets went out.
    pub(crate) fn flush(&mut self, items: &mut Vec<Item>) -> usize {
        if items.is_empty() {
            return 0;
        }
        let mut dirty = Vec::new();
        let mut alone = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match item {
                Item::Publish { topic, .. } => {
                    let slot = topic.on(self.id).slot.load(Ordering::Relaxed);
                    if slot != NO_SLOT {
                        let pending = &mut self.topics[slot as usize].pending;
                        if pending.is_empty() {
                            dirty.push(slot as usize);
                        }
                        pending.push(index as u32);
                    }
                }
                Item::Emit { to, .. } => {
                    let place = self.place_of(to.0.session);
                    alone.extend(
                        place
                            .filter(|&place| self.sessions[place].seat_of(to).is_some())
                            .map(|place| (place, index as u32)),
                    );
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
            if !self.is_crossing(place, !crossing.is_empty()) {
                let frame = frame_of(&items[index as usize]);
                self.sessions[place].send(place, frame, &self.shared.config, &mut self.effects);
                delivered += 1;
            }
        }
        for place in crossing {
            delivered += self.flush_crossing(place, items, &alone);
        }
        for slot in dirty {
            self.topics[slot].pending.clear();
        }
        items.clear();
        delivered
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
        let excepting = local.pending.iter().any(|&index| excepts(&items[index as usize]));
        let runs = runs(local.pending.iter().map(|&index| frame_of(&items[index as usize])));
        let mut delivered = 0;
        for &place in &local.members {
            let session = &mut self.sessions[place as usize];
            if any_crossing && session.flush == self.flushes && session.pieces > 1 {
                continue;
            }
            let place = place as usize;
            if excepting && let Some(seat) = session.seats.iter().find(|seat| is_in(seat, slot)) {
                let left = local.pending.iter().map(|&index| &items[index as usize]).filter(|item| hears(seat, item));
                let own = self::runs(left.map(frame_of));
                for run in &own {
                    delivered += run.frames.len();
                    session.send_run(
                        place,
                        &run.bytes,
                        run.frames.iter().copied(),
                        &self.shared.config,
                        &mut self.effects,
                    );
                }
                continue;
            }
            for run in &runs {
                delivered += run.frames.len();
                session.send_run(place, &run.bytes, run.frames.iter().copied(), &self.shared.config, &mut self.effects);
            }
        }
        delivered
    }

    fn flush_crossing(&mut self, place: usize, items: &[Item], alone: &[(usize, u32)]) -> usize {
        let session = &mut self.sessions[place];
        let mut indices: Vec<u32> = Vec::new();
        for seat in &session.seats {
            for &(slot, _) in &seat.topics {
                let pending = self.topics[slot as usize].pending.iter().copied();
                indices.extend(pending.filter(|&index| hears(seat, &items[index as usize])));
            }
        }
        let first = alone.partition_point(|&(other, _)| other < place);
        indices.extend(alone[first..].iter().take_while(|&&(other, _)| other == place).map(|&(_, index)| index));
        indices.sort_unstable();
        for run in &runs(indices.iter().map(|&index| frame_of(&items[index as usize]))) {
            session.send_run(place, &run.bytes, run.frames.iter().copied(), &self.shared.config, &mut self.effects);
        }
        indices.len()
    }
}

fn frame_of(item: &Item) -> &Frame {
    match item {
        Item::Publish { frame, .. } | Item::Emit { frame, .. } => frame,
        _ => unreachable!("a flush is made of deliveries"),
    }
}

fn excepts(item: &Item) -> bool {
    matches!(item, Item::Publish { except: Some(_), .. })
}

fn is_in(seat: &Seat, slot: usize) -> bool {
    seat.topics.iter().any(|&(there, _)| there as usize == slot)
}

fn hears(seat: &Seat, item: &Item) -> bool {
    match item {
        Item::Publish { except: Some(except), .. } => !except.iter().any(|id| **id == *seat.socket.0.id),
        _ => true,
    }
}

/// Joins frames; one alone is shared as it is.
fn runs<'a>(frames: impl Iterator<Item = &'a Frame>) -> Vec<Run<'a>> {
    let mut runs = Vec::new();
    let mut frames = frames.peekable();
    while let Some(first) = frames.next() {
        let mut run = vec![first];
        let mut size = first.websocket().len();
        while let Some(next) = frames.next_if(|next| size + next.websocket().len() <= RUN) {
            size += next.websocket().len();
            run.push(next);
        }
        let bytes = match run[..] {
            [only] => only.websocket().clone(),
            _ => {
                let mut joined = Vec::with_capacity(size);
                for frame in &run {
                    joined.extend_from_slice(frame.websocket());
                }
                Bytes::from(joined)
            }
        };
        runs.push(Run { bytes, frames: run });
    }
    runs
}
