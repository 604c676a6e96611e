//! What others make of the acts: somebody in the room who keeps a list, and the store.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::*;
use crate::domain::{RoomSummary, Sanction, SanctionKind};
use crate::presence::state::configure::apply;

/// Somebody who writes down what they are told of one room.
#[derive(Debug)]
pub struct Reader {
    pub here: BTreeMap<MemberId, Member>,
    pub owner: MemberId,
    pub muted: BTreeMap<MemberId, Timestamp>,
    pub away: BTreeSet<MemberId>,
    pub lobby: RoomSummary,
}

impl Reader {
    pub fn new(room: &Room) -> Self {
        let (here, muted, away) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { here, owner: room.owner.id, muted, away, lobby: room.summary(0) }
    }

    pub fn read(&mut self, act: &Act) {
        for entry in &act.entries {
            let Content::Notice(notice) = &entry.content else { continue };
            let whom = notice.whom.as_ref().map(|whom| whom.id);
            match (notice.code, whom) {
                (NoticeCode::Joined, _) => self.joined(entry.member.clone()),
                (NoticeCode::Renamed, _) => {
                    if let Some(here) = self.here.get_mut(&entry.member.id) {
                        here.clone_from(&entry.member);
                    }
                }
                (NoticeCode::Left, _) => self.left(entry.member.id),
                (NoticeCode::Kicked | NoticeCode::Banned, Some(whom)) => self.left(whom),
                (NoticeCode::OwnerLeft, _) => self.owner = entry.member.id,
                (NoticeCode::OwnerHanded, Some(whom)) => self.owner = whom,
                (NoticeCode::Muted, Some(whom)) => drop(self.muted.insert(whom, notice.until.unwrap())),
                (NoticeCode::Unmuted, Some(whom)) => drop(self.muted.remove(&whom)),
                _ => {}
            }
        }
    }

    pub fn hear(&mut self, event: &Event) {
        match event {
            Event::Joined { member, .. } => self.joined(member.clone()),
            Event::Left { member, .. } => self.left(member.id),
            Event::Away { member, away: true, .. } => drop(self.away.insert(member.id)),
            Event::Away { member, away: false, .. } => drop(self.away.remove(&member.id)),
            Event::RoomUpdated(summary) => self.lobby = summary.clone(),
            Event::Typing { .. } | Event::RaidWatch { .. } => {}
            other => panic!("the state machine publishes no {other:?}"),
        }
    }

    fn joined(&mut self, member: Member) {
        self.here.insert(member.id, member);
    }

    fn left(&mut self, member: MemberId) {
        self.here.remove(&member);
    }
}

/// The durable copy of one room.
#[derive(Debug)]
pub struct Durable {
    pub room: Room,
    pub names: HashMap<SessionId, String>,
    pub sanctions: BTreeMap<(SessionId, SanctionKind), Sanction>,
}

impl Durable {
    pub fn new(room: Room) -> Self {
        Self { room, names: HashMap::new(), sanctions: BTreeMap::new() }
    }

    pub fn store(&mut self, act: &Act) {
        for change in &act.changes {
            match change.clone() {
                Change::Rename(session, name) => drop(self.names.insert(session, name)),
                Change::Owner(session, member) => (self.room.owner_session, self.room.owner) = (session, member),
                Change::Room(change) => apply(&mut self.room, &change),
                Change::Impose(it) => drop(self.sanctions.insert((it.session, it.kind), it)),
                Change::Lift(session, kind) => drop(self.sanctions.remove(&(session, kind))),
            }
        }
    }

    /// What a start would find.
    pub fn found(&self) -> Found {
        Found {
            room: self.room.clone(),
            names: self.names.clone().into_iter().collect(),
            sanctions: self.sanctions.values().cloned().collect(),
        }
    }
}
