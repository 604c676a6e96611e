//! Everybody in a room keeps a list of who is here, from lines of its history ("joined", "left", "kicked"), which are
//! stored first and heard later; from hints without a number where a line is not stored. Both have to end at the truth.

use super::Scene;
use crate::domain::{Event, Member, SessionId};

/// What listeners know of somebody about whom lines are on their way.
#[derive(Debug)]
pub struct Telling {
    /// How many lines are on their way.
    lines: u32,
    /// Whether they were told last that the person is here.
    told: bool,
    /// As they knew the person.
    member: Member,
}

impl Scene<'_, '_> {
    /// A line is on its way about somebody who was here `before`, or was not.
    pub fn expect(&mut self, session: SessionId, member: &Member, before: bool) {
        let first = || Telling { lines: 0, told: before, member: member.clone() };
        let telling = self.live.telling.entry(session).or_insert_with(first);
        telling.lines += 1;
    }

    /// A line has been stored and heard, or was not. When it was the last one about this person and what was heard is not
    /// so, a hint puts it right.
    pub fn learned(&mut self, session: SessionId, here: bool, stored: bool) {
        let Some(telling) = self.live.telling.get_mut(&session) else { return };
        if stored {
            telling.told = here;
        }
        telling.lines -= 1;
        if telling.lines == 0
            && let Some(telling) = self.live.telling.remove(&session)
        {
            let present = self.live.present.get(&session);
            if telling.told != present.is_some() {
                let member = present.map_or(telling.member, |present| present.member.clone());
                self.hint(member, !telling.told);
            }
        }
    }

    /// Says without a line that somebody came or went. While lines about them are on their way it would come too early:
    /// then the last of these says it.
    pub fn tell_unnumbered(&mut self, session: SessionId, member: Member, here: bool) {
        if !self.live.telling.contains_key(&session) {
            self.hint(member, here);
        }
    }

    fn hint(&mut self, member: Member, here: bool) {
        let (room, members) = (self.id, self.live.members());
        self.tell(if here { Event::Joined { room, member, members } } else { Event::Left { room, member, members } });
    }
}
