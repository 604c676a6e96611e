//! Many come at once to disturb: the owner is told, has a button that keeps the peace, and one that takes it back.

use std::time::Duration;

use super::acts::{Draft, Queued};
use super::{Moment, Scene, State};
use crate::domain::{
    Bucket, Change, Content, Event, Flood, Member, MemberId, Notice, NoticeCode, Rate, Refusal, RoomChange, RoomId,
    Sanction, SanctionKind, SessionId, Surge, SurgeRule, Timestamp, Watch, Work,
};

/// From one word to the owner that many have come to the next.
const WATCH_INTERVAL: Duration = Duration::from_secs(30);
/// People in one entry that purges what they wrote: it is told as one event.
const PURGED_AT_ONCE: usize = 500;

/// In a raid, for everybody but the owner: more than people type. When hundreds post at once the server takes turns, and
/// nobody of them seems fast; these rates are below what then falls to each.
const IN_A_RAID: Rate = Rate { burst: 10, per_second: 2.0 };
/// The same for who came with the many, or since.
const NEWCOMER_IN_A_RAID: Rate = Rate { burst: 5, per_second: 1.0 };
/// How long before the button somebody may have come with the many.
const CAME_WITH_MANY: Duration = Duration::from_secs(600);

/// The joins of a room.
#[derive(Debug, Default)]
pub struct Joins {
    surge: Surge,
    /// The begin of the last surge, with those joins that made it one.
    many_since: Option<Timestamp>,
    told_at: Option<Timestamp>,
}

/// Somebody who wants to say something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// They are muted and are not to know.
    pub is_unheard: bool,
    /// How many would hear it.
    pub members: u32,
}

/// Who was banned because the room was cleaned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    pub banned: Vec<(SessionId, MemberId)>,
}

impl State {
    /// Whether somebody has to show some work before they are admitted, or enter.
    pub fn needs_work(
        &mut self,
        room: RoomId,
        session: SessionId,
        admitted: bool,
        moment: &mut Moment<'_>,
    ) -> Result<bool, Refusal> {
        let scene = self.scene(room, moment)?;
        let live = &*scene.live;
        let is_new = !admitted && !live.is_owner(session) && !live.present.contains_key(&session);
        Ok(is_new
            && (live.room.raid_since.is_some()
                || match live.room.preset.rules().work {
                    Work::Never => false,
                    Work::InASurge => live.joins.surge.is_on(scene.moment.now),
                    Work::Always => true,
                }))
    }

    /// Somebody wants to say something. `take` asks whether they are too fast for any room; here a raid's own rates come
    /// on top. In a raid, who is refused again and again is muted without being told, and is not asked any more.
    pub fn attempt(
        &mut self,
        room: RoomId,
        session: SessionId,
        take: impl FnOnce() -> Result<(), Refusal>,
        moment: &mut Moment<'_>,
    ) -> Result<Attempt, Refusal> {
        let mut scene = self.scene(room, moment)?;
        scene.live.member(session)?;
        let attempt = Attempt { is_unheard: scene.is_unheard(session), members: scene.live.members() };
        if !attempt.is_unheard {
            take().and_then(|()| scene.check_raid(session)).inspect_err(|_| scene.flooded(session))?;
        }
        Ok(attempt)
    }

    /// Somebody here was refused for being too fast.
    #[cfg(test)]
    pub fn flooded(&mut self, room: RoomId, session: SessionId, moment: &mut Moment<'_>) {
        if let Ok(mut scene) = self.scene(room, moment) {
            scene.flooded(session);
        }
    }

    /// Presses the raid button or takes it back. With `clean`, those who flooded are banned, and what they wrote goes.
    pub fn raid(
        &mut self,
        room: RoomId,
        by: SessionId,
        on: bool,
        clean: bool,
        moment: &mut Moment<'_>,
    ) -> Result<(Cleaned, Queued), Refusal> {
        let mut scene = self.scene(room, moment)?;
        scene.check_owner(by)?;
        Ok(scene.raid(on, clean))
    }
}

impl Scene<'_, '_> {
    /// Notes that somebody has come, and tells the owner when many do.
    pub fn watch_joins(&mut self) {
        let (now, rule) = (self.now(), SurgeRule::DEFAULT);
        let joins = &mut self.live.joins;
        if joins.surge.joined(rule, now) == Watch::Began {
            joins.many_since = joins.surge.first();
        }
        let is_due = joins.told_at.is_none_or(|at| at + WATCH_INTERVAL <= now);
        if joins.surge.is_on(now) && is_due && self.live.room.raid_since.is_none() {
            joins.told_at = Some(now);
            let joins = joins.surge.count(rule, now);
            self.tell(Event::RaidWatch { room: self.id, owner: self.live.room.owner.clone(), joins });
        }
    }

    /// Whether what somebody says is heard by nobody, and they are not to know.
    pub fn is_unheard(&self, session: SessionId) -> bool {
        self.live.sanctions.holds(session, SanctionKind::Shadow, self.moment.now)
    }

    fn check_raid(&mut self, session: SessionId) -> Result<(), Refusal> {
        let (now, is_owner) = (self.now(), self.live.is_owner(session));
        let Some(raid_since) = self.live.room.raid_since.filter(|_| !is_owner) else { return Ok(()) };
        let many_since = self.live.joins.many_since.filter(|&since| raid_since < since + CAME_WITH_MANY);
        let suspects_since = many_since.map_or(raid_since, |since| since.min(raid_since));
        let Some(present) = self.live.present.get_mut(&session) else { return Ok(()) };
        let is_newcomer = present.slate.arrived_at >= suspects_since;
        let rate = if is_newcomer { NEWCOMER_IN_A_RAID } else { IN_A_RAID };
        let bucket = present.slate.in_a_raid.get_or_insert_with(|| Bucket::full(rate, now));
        bucket.take(rate, now).map_err(|retry_after| Refusal::TooOften { retry_after })
    }

    fn flooded(&mut self, session: SessionId) {
        let now = self.now();
        let Some(present) = self.live.present.get_mut(&session) else { return };
        let floods = present.slate.flood.refused(Flood::DEFAULT, now);
        let member = present.member.clone();
        if floods && self.live.room.raid_since.is_some() && !self.live.is_owner(session) && !self.is_unheard(session) {
            let mut draft = self.draft();
            let kind = SanctionKind::Shadow;
            let shadow = Sanction { kind, session, member, network: None, created_at: now, until: None };
            self.impose(shadow, &mut draft);
            self.queue(draft);
        }
    }

    fn raid(&mut self, on: bool, clean: bool) -> (Cleaned, Queued) {
        let mut draft = self.draft();
        let cleaned = if clean { self.clean(&mut draft) } else { Cleaned::default() };
        if on != self.live.room.raid_since.is_some() {
            let by = self.by_owner();
            let code = if on { NoticeCode::RaidOn } else { NoticeCode::RaidOff };
            self.notice(&mut draft, by, Notice::new(code));
            let raid_since = on.then_some(self.now());
            self.room_mut().raid_since = raid_since;
            draft.change(Change::Room(RoomChange { raid_since: Some(raid_since), ..RoomChange::default() }));
            if !on {
                self.lift_shadows(&mut draft);
            }
        }
        let queued = self.queue(draft);
        if queued != Queued::Nothing {
            self.tell_lobby();
            self.expire_when_empty();
        }
        (cleaned, queued)
    }

    fn lift_shadows(&mut self, draft: &mut Draft) {
        let all = self.live.sanctions.all().filter(|it| it.kind == SanctionKind::Shadow);
        let sessions: Vec<_> = all.map(|shadow| shadow.session).collect();
        for session in sessions {
            self.lift(session, SanctionKind::Shadow, draft);
        }
        let here = self.live.present.values_mut().map(|present| &mut present.slate);
        let gone = self.live.gone.iter_mut().map(|gone| &mut gone.slate);
        here.chain(gone).for_each(|slate| {
            slate.flood = Flood::default();
            slate.in_a_raid = None;
        });
    }

    /// Bans who is shadow-muted, and who came since the raid began and was too fast; what they wrote goes. No line tells
    /// of each of them, and newcomers from where they came are not shut out: honest people may come from there, too.
    fn clean(&mut self, draft: &mut Draft) -> Cleaned {
        let floods = self.floods();
        for (session, member) in &floods {
            let (session, kind, created_at) = (*session, SanctionKind::Ban, self.now());
            self.lift(session, SanctionKind::Shadow, draft);
            let ban = Sanction { kind, session, member: member.clone(), network: None, created_at, until: None };
            self.impose(ban, draft);
            if self.remove(session).is_some() {
                self.tell_unnumbered(session, member.clone(), false);
            }
        }
        let banned: Vec<_> = floods.iter().map(|(session, member)| (*session, member.id)).collect();
        for purged in banned.chunks(PURGED_AT_ONCE) {
            let by = self.by_owner();
            let members = purged.iter().map(|(_, member)| *member).collect();
            self.entry(draft, by, Content::Purge { members });
        }
        Cleaned { banned }
    }

    fn floods(&self) -> Vec<(SessionId, Member)> {
        let (live, now) = (&*self.live, self.moment.now);
        let shadows = live.sanctions.all().filter(|it| it.kind == SanctionKind::Shadow);
        let shadows = shadows.map(|shadow| (shadow.session, &shadow.member));
        let here = live.present.iter().map(|(session, here)| (*session, &here.member, &here.slate));
        let gone = live.gone.iter().map(|gone| (gone.session, &gone.member, &gone.slate));
        let since = live.room.raid_since;
        let too_fast = here.chain(gone).filter(|(session, _, slate)| {
            let came_since = since.is_some_and(|since| slate.arrived_at >= since);
            came_since && !slate.flood.is_over(Flood::DEFAULT, now) && !live.is_owner(*session)
        });
        let mut all: Vec<_> = shadows.chain(too_fast.map(|(session, member, _)| (session, member))).collect();
        all.sort_by_key(|(session, _)| *session);
        all.dedup_by_key(|(session, _)| *session);
        all.into_iter().map(|(session, member)| (session, member.clone())).collect()
    }
}
