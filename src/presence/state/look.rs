//! What can be asked of a room without changing it.

use std::sync::Arc;

use super::{Live, State};
use crate::domain::{Listed, Member, MemberId, Refusal, Room, RoomId, RoomSummary, Sanction, SanctionKind, SessionId};

/// A room as it is found in the store at start.
#[derive(Clone, Debug)]
pub struct Found {
    pub room: Room,
    /// Who is called how in it, of those who chose a name.
    pub names: Vec<(SessionId, String)>,
    pub sanctions: Vec<Sanction>,
}

/// Somebody who is in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seated {
    pub session: SessionId,
    pub member: Member,
    /// `false`: for a moment without any connection.
    pub is_connected: bool,
}

impl State {
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
        let owned = self.rooms.values().filter(|live| live.is_owner(session)).count();
        u32::try_from(owned).unwrap_or(u32::MAX)
    }

    /// The owner first, then by arrival.
    pub fn members(&self, room: RoomId) -> Option<Vec<Listed>> {
        let live = self.live(room)?;
        let mut present: Vec<_> = live.present.iter().collect();
        present.sort_unstable_by_key(|(session, present)| (!live.is_owner(**session), present.arrival));
        Some(present.into_iter().filter_map(|(session, _)| live.listed(*session)).collect())
    }

    pub fn listed(&self, room: RoomId, session: SessionId) -> Option<Listed> {
        self.live(room)?.listed(session)
    }

    pub fn find(&self, room: RoomId, member: MemberId) -> Option<Seated> {
        let (session, present) = self.live(room)?.present.iter().find(|(_, present)| present.member.id == member)?;
        let is_connected = present.connections > 0;
        Some(Seated { session: *session, member: present.member.clone(), is_connected })
    }

    /// Those who are here, in no order.
    pub fn names(&self, room: RoomId) -> Option<Vec<Member>> {
        Some(self.live(room)?.present.values().map(|present| present.member.clone()).collect())
    }

    pub fn is_present(&self, room: RoomId, session: SessionId) -> bool {
        self.live(room).is_some_and(|live| live.present.contains_key(&session))
    }

    /// Whether a stay goes on.
    pub fn is_seated(&self, room: RoomId, session: SessionId, arrival: u64) -> bool {
        let present = self.live(room).and_then(|live| live.present.get(&session));
        present.is_some_and(|present| present.arrival == arrival)
    }

    /// What holds against whom, for the owner: the newest first.
    pub fn sanctions(&self, room: RoomId, by: SessionId) -> Result<Vec<Sanction>, Refusal> {
        let live = self.live(room).ok_or(Refusal::NoSuchRoom)?;
        if !live.is_owner(by) {
            return Err(Refusal::NotOwner);
        }
        let mut all: Vec<_> = live.sanctions.all().cloned().collect();
        all.sort_by_key(|sanction| std::cmp::Reverse(sanction.created_at));
        Ok(all)
    }

    pub(super) fn live(&self, room: RoomId) -> Option<&Live> {
        self.rooms.get(&room).filter(|live| !live.shut)
    }
}

impl Live {
    pub fn summary(&self) -> RoomSummary {
        self.room.summary(self.members())
    }

    fn listed(&self, session: SessionId) -> Option<Listed> {
        let present = self.present.get(&session)?;
        Some(Listed {
            member: present.member.clone(),
            is_owner: self.is_owner(session),
            is_away: present.is_away(),
            // What is over is forgotten at its deadline.
            is_muted: self.sanctions.has(session, SanctionKind::Mute),
        })
    }
}
