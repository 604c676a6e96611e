//! Somebody leaves a room.

use super::acts::Queued;
use super::agenda::Due;
use super::{Gone, Moment, Present, Scene, State};
use crate::domain::{Event, Notice, NoticeCode, Refusal, RoomId, SessionId};

/// Of how many people a room remembers that they were here.
const MOST_GONE: usize = 128;

impl State {
    /// One connection, which looked elsewhere or not, leaves the stay in which it entered. Nothing happens when that stay
    /// has ended or the room is gone.
    pub fn leave(&mut self, room: RoomId, session: SessionId, arrival: u64, away: bool, moment: &mut Moment<'_>) {
        if let Some(mut scene) = self.any(room, moment) {
            scene.leave(session, arrival, away);
        }
    }

    /// All connections of a session leave at once, without damping.
    pub fn leave_now(&mut self, room: RoomId, session: SessionId, moment: &mut Moment<'_>) -> Result<Queued, Refusal> {
        let mut scene = self.scene(room, moment)?;
        scene.live.member(session)?;
        Ok(scene.exit_line(session))
    }
}

impl Scene<'_, '_> {
    fn leave(&mut self, session: SessionId, arrival: u64, away: bool) {
        let grace = if self.live.is_owner(session) { self.timing.owner_grace } else { self.timing.exit_damping };
        let at = self.now() + grace;
        let stay = self.live.present.get_mut(&session).filter(|present| present.arrival == arrival);
        let Some(present) = stay.filter(|present| present.connections > 0) else { return };
        let was_away = present.is_away();
        present.connections -= 1;
        present.away = present.away.saturating_sub(u32::from(away));
        if present.connections == 0 {
            self.agenda.set(&mut present.exits_at, at, Due::Exit(self.id, session));
        }
        if present.is_away() && !was_away {
            let member = present.member.clone();
            self.tell(Event::Away { room: self.id, member, away: true });
        }
    }

    /// The end of a stay, with its line.
    pub fn exit(&mut self, session: SessionId) {
        self.exit_line(session);
    }

    fn exit_line(&mut self, session: SessionId) -> Queued {
        let Some(gone) = self.remove(session) else { return Queued::Nothing };
        let mut draft = self.draft();
        if self.live.room.raid_since.is_some() {
            self.tell_unnumbered(session, gone.member, false);
        } else {
            let left = Notice::new(NoticeCode::Left).members(self.live.members());
            self.notice(&mut draft, (session, gone.member.clone()), left);
            self.line(&mut draft, session, &gone.member, true, false);
        }
        if self.live.is_owner(session) {
            self.take_over(&mut draft);
        }
        let queued = self.queue(draft);
        self.tell_lobby();
        self.expire_when_empty();
        queued
    }

    /// Takes somebody off the list; nobody is told of it here.
    pub fn remove(&mut self, session: SessionId) -> Option<Present> {
        let mut gone = self.live.present.remove(&session)?;
        self.agenda.clear(&mut gone.exits_at, Due::Exit(self.id, session));
        self.live.looks.give_back(&gone.member.name, session);
        if self.live.gone.len() == MOST_GONE {
            self.live.gone.pop_front();
        }
        self.live.gone.push_back(Gone {
            session,
            member: gone.member.clone(),
            network: gone.network,
            slate: gone.slate.clone(),
        });
        Some(gone)
    }
}
