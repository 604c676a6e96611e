//! Who owns a room: exactly one, and while somebody is here one who is here, or will be one soon.

use super::acts::{Draft, Queued, Undo};
use super::agenda::Due;
use super::{Moment, Scene, State};
use crate::domain::{Change, Member, MemberId, Notice, NoticeCode, Refusal, RoomId, SanctionKind, SessionId};

impl State {
    /// The owner makes somebody else the owner.
    pub fn hand_over(
        &mut self,
        room: RoomId,
        by: SessionId,
        member: MemberId,
        moment: &mut Moment<'_>,
    ) -> Result<Queued, Refusal> {
        self.scene(room, moment)?.hand_over(by, member)
    }
}

impl Scene<'_, '_> {
    fn hand_over(&mut self, by: SessionId, member: MemberId) -> Result<Queued, Refusal> {
        let whom = self.whom(by, member)?;
        if !self.live.present.contains_key(&whom.session) {
            return Err(Refusal::NoSuchMember);
        }
        let old = self.live.room.owner.clone();
        let mut draft = self.draft();
        self.notice(&mut draft, (by, old), Notice::new(NoticeCode::OwnerHanded).whom(whom.member));
        self.set_owner(whom.session, &mut draft);
        draft.undo = Undo::HandOver { from: by, to: whom.session };
        let queued = self.queue(draft);
        self.tell_lobby();
        Ok(queued)
    }

    /// The owner before, if the new one still is it and the old one is still here.
    pub fn hand_back(&mut self, from: SessionId, to: SessionId) {
        let old = self.live.present.get(&from).map(|present| present.member.clone());
        if let (Some(old), true) = (old, self.live.is_owner(to)) {
            self.own(from, old);
            self.tell_lobby();
        }
    }

    /// The owner did not come in time.
    pub fn take_over_late(&mut self) {
        self.live.takeover_at = None;
        let mut draft = self.draft();
        self.take_over(&mut draft);
        self.queue(draft);
        self.tell_lobby();
    }

    /// The owner has gone: who has been here longest owns the room now. Who is connected and may speak comes before who is
    /// not. Nobody here: it stays as it is.
    pub fn take_over(&mut self, draft: &mut Draft) {
        let holds = |session, kind| self.live.sanctions.holds(session, kind, self.moment.now);
        let rank = |(session, present): &(&SessionId, &super::Present)| {
            let is_quiet = holds(**session, SanctionKind::Mute) || holds(**session, SanctionKind::Shadow);
            (is_quiet, present.connections == 0, present.arrival)
        };
        let Some((&session, present)) = self.live.present.iter().min_by_key(rank) else { return };
        let (new, old) = (present.member.clone(), self.live.room.owner.clone());
        self.notice(draft, (session, new), Notice::new(NoticeCode::OwnerLeft).whom(old));
        self.set_owner(session, draft);
    }

    /// Somebody who is here owns the room now. Owners are not muted.
    fn set_owner(&mut self, session: SessionId, draft: &mut Draft) {
        let Some(member) = self.live.present.get(&session).map(|present| present.member.clone()) else { return };
        draft.change(Change::Owner(session, member.clone()));
        if self.lift(session, SanctionKind::Mute, draft) {
            let unmuted = Notice::new(NoticeCode::Unmuted).whom(member.clone());
            self.notice(draft, (session, member.clone()), unmuted);
        }
        self.lift(session, SanctionKind::Shadow, draft);
        self.own(session, member);
    }

    fn own(&mut self, session: SessionId, member: Member) {
        self.agenda.clear(&mut self.live.takeover_at, Due::Takeover(self.id));
        let room = self.room_mut();
        (room.owner_session, room.owner) = (session, member);
    }
}
