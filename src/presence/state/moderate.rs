//! The owner of a room shuts somebody out or silences them, and takes it back.

use std::time::Duration;

use super::acts::{Draft, Queued};
use super::{Moment, Scene, State};
use crate::domain::{
    Content, Member, MemberId, NetworkHash, Notice, NoticeCode, Refusal, RoomId, Sanction, SanctionKind, SessionId,
    Timestamp,
};

/// Against whom something holds now, and until when; `None`: as long as the room lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sanctioned {
    pub session: SessionId,
    pub member: Member,
    pub until: Option<Timestamp>,
}

/// Somebody whom the owner means: here, or gone lately.
#[derive(Debug)]
pub struct Whom {
    pub session: SessionId,
    pub member: Member,
    network: Option<NetworkHash>,
}

type Done = Result<(Sanctioned, Queued), Refusal>;

impl State {
    pub fn kick(&mut self, room: RoomId, by: SessionId, member: MemberId, moment: &mut Moment<'_>) -> Done {
        let mut scene = self.scene(room, moment)?;
        let whom = scene.whom(by, member)?;
        let until = Some(scene.now() + scene.timing.kick_time);
        Ok(scene.shut_out(whom, SanctionKind::Kick, until, false))
    }

    /// Bans somebody: this session, and newcomers from where it came. With `purge`, what they wrote goes.
    pub fn ban(
        &mut self,
        room: RoomId,
        by: SessionId,
        member: MemberId,
        lasts: Option<Duration>,
        purge: bool,
        moment: &mut Moment<'_>,
    ) -> Done {
        let mut scene = self.scene(room, moment)?;
        let whom = scene.whom(by, member)?;
        let until = lasts.map(|lasts| scene.now() + lasts);
        Ok(scene.shut_out(whom, SanctionKind::Ban, until, purge))
    }

    /// Lifts kick and ban.
    pub fn unban(
        &mut self,
        room: RoomId,
        by: SessionId,
        member: MemberId,
        moment: &mut Moment<'_>,
    ) -> Result<Queued, Refusal> {
        let kinds = [SanctionKind::Kick, SanctionKind::Ban];
        self.scene(room, moment)?.take_back(by, member, kinds, NoticeCode::Unbanned)
    }

    pub fn mute(
        &mut self,
        room: RoomId,
        by: SessionId,
        member: MemberId,
        lasts: Duration,
        moment: &mut Moment<'_>,
    ) -> Done {
        let mut scene = self.scene(room, moment)?;
        let whom = scene.whom(by, member)?;
        let until = Some(scene.now() + lasts);
        let mut draft = scene.draft();
        scene.sanction(&whom, SanctionKind::Mute, until, &mut draft);
        let done = Sanctioned { session: whom.session, member: whom.member, until };
        Ok((done, scene.queue(draft)))
    }

    /// Lifts mute and shadow mute.
    pub fn unmute(
        &mut self,
        room: RoomId,
        by: SessionId,
        member: MemberId,
        moment: &mut Moment<'_>,
    ) -> Result<Queued, Refusal> {
        let kinds = [SanctionKind::Shadow, SanctionKind::Mute];
        self.scene(room, moment)?.take_back(by, member, kinds, NoticeCode::Unmuted)
    }
}

impl Scene<'_, '_> {
    pub fn check_owner(&self, by: SessionId) -> Result<(), Refusal> {
        if self.live.is_owner(by) { Ok(()) } else { Err(Refusal::NotOwner) }
    }

    /// Whom the owner means.
    pub fn whom(&self, by: SessionId, member: MemberId) -> Result<Whom, Refusal> {
        self.check_owner(by)?;
        let here = self.live.present.iter().map(|(session, here)| (*session, &here.member, here.network));
        let gone = self.live.gone.iter().map(|gone| (gone.session, &gone.member, gone.network));
        let (session, member, network) =
            here.chain(gone).find(|(_, found, _)| found.id == member).ok_or(Refusal::NoSuchMember)?;
        if session == by {
            return Err(Refusal::CannotSelf);
        }
        Ok(Whom { session, member: member.clone(), network })
    }

    fn shut_out(
        &mut self,
        whom: Whom,
        kind: SanctionKind,
        until: Option<Timestamp>,
        purge: bool,
    ) -> (Sanctioned, Queued) {
        let mut draft = self.draft();
        let was_here = self.remove(whom.session).is_some();
        self.sanction(&whom, kind, until, &mut draft);
        if purge {
            let by = self.by_owner();
            self.entry(&mut draft, by, Content::Purge { members: vec![whom.member.id] });
        }
        // Also of who has left already: it may be read after a line that they came.
        self.line(&mut draft, whom.session, &whom.member, was_here, false);
        let queued = self.queue(draft);
        if was_here {
            self.tell_lobby();
            self.expire_when_empty();
        }
        (Sanctioned { session: whom.session, member: whom.member, until }, queued)
    }

    /// Imposes a sanction and says so.
    fn sanction(&mut self, whom: &Whom, kind: SanctionKind, until: Option<Timestamp>, draft: &mut Draft) {
        let code = match kind {
            SanctionKind::Kick => NoticeCode::Kicked,
            SanctionKind::Ban => NoticeCode::Banned,
            // Nobody is told of a shadow mute; it is not imposed here.
            SanctionKind::Mute | SanctionKind::Shadow => NoticeCode::Muted,
        };
        let by = self.by_owner();
        self.notice(draft, by, Notice::new(code).whom(whom.member.clone()).until(until));
        let network = whom.network.filter(|_| kind == SanctionKind::Ban);
        let (session, member, created_at) = (whom.session, whom.member.clone(), self.now());
        self.impose(Sanction { kind, session, member, network, created_at, until }, draft);
    }

    /// Lifts what holds of two kinds. What nobody was told of (a shadow mute) is lifted without a word.
    fn take_back(
        &mut self,
        by: SessionId,
        member: MemberId,
        kinds: [SanctionKind; 2],
        code: NoticeCode,
    ) -> Result<Queued, Refusal> {
        self.check_owner(by)?;
        let Some((session, whom)) = self.live.sanctions.whom(member).map(|it| (it.session, it.member.clone())) else {
            // Nothing holds against them: a repetition, if they are known at all.
            return self.whom(by, member).map(|_| Queued::Nothing);
        };
        let mut draft = self.draft();
        let mut is_heard = false;
        for kind in kinds {
            is_heard |= self.lift(session, kind, &mut draft) && kind != SanctionKind::Shadow;
        }
        if is_heard {
            let by = self.by_owner();
            self.notice(&mut draft, by, Notice::new(code).whom(whom));
        }
        Ok(self.queue(draft))
    }

    pub fn by_owner(&self) -> (SessionId, Member) {
        (self.live.room.owner_session, self.live.room.owner.clone())
    }
}
