//! The owner of a room changes how it is.

use super::acts::{Queued, Undo};
use super::{Moment, Scene, State};
use crate::domain::{Change, Notice, NoticeCode, Refusal, Room, RoomChange, RoomId, SessionId};

impl State {
    /// Changes what is another than before, all at once. A limit below the number of those who are here is refused.
    pub fn configure(
        &mut self,
        room: RoomId,
        by: SessionId,
        to: RoomChange,
        moment: &mut Moment<'_>,
    ) -> Result<Queued, Refusal> {
        let mut scene = self.scene(room, moment)?;
        scene.check_owner(by)?;
        // The raid button is not a setting.
        scene.configure(RoomChange { raid_since: None, ..to })
    }
}

impl Scene<'_, '_> {
    fn configure(&mut self, to: RoomChange) -> Result<Queued, Refusal> {
        if to.limit.is_some_and(|limit| limit.get() < self.live.members()) {
            return Err(Refusal::RoomFull);
        }
        let to = differing(to, &self.live.room);
        let from = of(&self.live.room, &to);
        let mut draft = self.draft();
        for notice in notices(&to) {
            let by = self.by_owner();
            self.notice(&mut draft, by, notice);
        }
        if to == RoomChange::default() {
            return Ok(Queued::Nothing);
        }
        apply(self.room_mut(), &to);
        draft.change(Change::Room(to.clone()));
        draft.undo = Undo::Configure { from: Box::new(from), to: Box::new(to) };
        let queued = self.queue(draft);
        self.tell_lobby();
        Ok(queued)
    }

    /// As before, where it is still as it was set. A limit does not go below the number of those who are here.
    pub fn configure_back(&mut self, from: &RoomChange, to: &RoomChange) {
        // `Some` for what is no longer as it was set.
        let since = differing(to.clone(), &self.live.room);
        let back = RoomChange {
            title: from.title.clone().filter(|_| since.title.is_none()),
            limit: from.limit.filter(|limit| since.limit.is_none() && limit.get() >= self.live.members()),
            password_hash: from.password_hash.clone().filter(|_| since.password_hash.is_none()),
            locked: from.locked.filter(|_| since.locked.is_none()),
            slow: from.slow.filter(|_| since.slow.is_none()),
            preset: from.preset.filter(|_| since.preset.is_none()),
            raid_since: None,
        };
        if back != RoomChange::default() {
            apply(self.room_mut(), &back);
            self.tell_lobby();
        }
    }
}

/// Of a change, what is another than the room has it.
fn differing(to: RoomChange, room: &Room) -> RoomChange {
    RoomChange {
        title: to.title.filter(|title| *title != room.title),
        limit: to.limit.filter(|limit| *limit != room.limit),
        password_hash: to.password_hash.filter(|hash| *hash != room.password_hash),
        locked: to.locked.filter(|locked| *locked != room.locked),
        slow: to.slow.filter(|slow| *slow != room.slow),
        preset: to.preset.filter(|preset| *preset != room.preset),
        raid_since: None,
    }
}

/// What the room has, where a change says something.
fn of(room: &Room, change: &RoomChange) -> RoomChange {
    RoomChange {
        title: change.title.as_ref().map(|_| room.title.clone()),
        limit: change.limit.map(|_| room.limit),
        password_hash: change.password_hash.as_ref().map(|_| room.password_hash.clone()),
        locked: change.locked.map(|_| room.locked),
        slow: change.slow.map(|_| room.slow),
        preset: change.preset.map(|_| room.preset),
        raid_since: None,
    }
}

pub fn apply(room: &mut Room, change: &RoomChange) {
    let RoomChange { title, limit, password_hash, locked, slow, preset, raid_since } = change.clone();
    room.title = title.unwrap_or_else(|| room.title.clone());
    room.limit = limit.unwrap_or(room.limit);
    room.password_hash = password_hash.unwrap_or_else(|| room.password_hash.clone());
    room.locked = locked.unwrap_or(room.locked);
    room.slow = slow.unwrap_or(room.slow);
    room.preset = preset.unwrap_or(room.preset);
    room.raid_since = raid_since.unwrap_or(room.raid_since);
}

/// A line for each thing that changes.
fn notices(to: &RoomChange) -> Vec<Notice> {
    let choose = |is: bool, yes, no| Notice::new(if is { yes } else { no });
    let password = to.password_hash.as_ref().map(Option::is_some);
    [
        to.title.as_ref().map(|title| Notice::new(NoticeCode::Title).value(title)),
        to.limit.map(|limit| Notice::new(NoticeCode::Limit).value(limit.get())),
        password.map(|is_set| choose(is_set, NoticeCode::PasswordSet, NoticeCode::PasswordRemoved)),
        to.locked.map(|is_locked| choose(is_locked, NoticeCode::Locked, NoticeCode::Unlocked)),
        to.slow.map(|slow| Notice::new(NoticeCode::Slow).value(slow.seconds())),
        to.preset.map(|preset| Notice::new(NoticeCode::Preset).value(preset)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
