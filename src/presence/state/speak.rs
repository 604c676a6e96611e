//! Who may say what, and when.

use std::time::Duration;

use super::{Live, Moment, Scene, Slate, State};
use crate::domain::{ClientMessageId, Flood, Member, Refusal, RoomId, SanctionKind, SessionId, Timestamp};

/// What somebody wants to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    Text {
        has_link: bool,
    },
    Gif,
    /// A whisper or an edit: as a text, but slow mode is not asked and does not count it.
    Aside {
        has_link: bool,
    },
    /// A reaction, and whatever else adds no words.
    Other,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Voice {
    Heard(Member),
    /// Answered as if all were well, and neither stored nor told.
    Unheard(Member),
}

impl State {
    /// Lets somebody speak, as the person they are in the room, and counts it. `id` is what they call a message: with the
    /// one they used last it is a retry, which slow mode neither refuses nor counts.
    pub fn speak(
        &mut self,
        room: RoomId,
        session: SessionId,
        what: Speech,
        id: Option<&ClientMessageId>,
        moment: &mut Moment<'_>,
    ) -> Result<Voice, Refusal> {
        self.scene(room, moment)?.speak(session, what, id)
    }
}

impl Scene<'_, '_> {
    fn speak(&mut self, session: SessionId, what: Speech, id: Option<&ClientMessageId>) -> Result<Voice, Refusal> {
        let (now, is_unheard) = (self.now(), self.is_unheard(session));
        self.live.member(session)?;
        self.live.check_mute(session, now)?;
        let is_owner = self.live.is_owner(session);
        let (rules, slow) = (self.live.room.preset.rules(), self.live.room.slow);
        let present = self.live.present.get_mut(&session).ok_or(Refusal::NotInRoom)?;
        let slate = &mut present.slate;
        let is_message = matches!(what, Speech::Text { .. } | Speech::Gif);
        let is_retry = id.is_some() && slate.last_said.as_ref() == id;
        if !is_owner {
            if is_message && !is_retry {
                slate.check_slow(slow.under(&rules), now)?;
            }
            slate.check_newcomer(what.wait(rules.newcomer_silence, rules.newcomer_plain), now)?;
        }
        if is_message && !is_retry {
            slate.spoke_at = Some(now);
            slate.last_said = id.cloned();
        }
        let member = present.member.clone();
        Ok(if is_unheard { Voice::Unheard(member) } else { Voice::Heard(member) })
    }
}

impl Speech {
    /// How long a newcomer waits with it.
    fn wait(self, silence: Duration, plain: Duration) -> Duration {
        match self {
            Self::Other => Duration::ZERO,
            Self::Text { has_link: false } | Self::Aside { has_link: false } => silence,
            Self::Gif | Self::Text { has_link: true } | Self::Aside { has_link: true } => silence.max(plain),
        }
    }
}

impl Live {
    pub fn check_mute(&self, session: SessionId, now: Timestamp) -> Result<(), Refusal> {
        match self.sanctions.get(session, SanctionKind::Mute, now) {
            Some(mute) => Err(Refusal::Muted { retry_after: mute.until.map(|until| until.since(now)) }),
            None => Ok(()),
        }
    }
}

impl Slate {
    /// Of somebody who comes for the first time.
    pub fn clean(arrived_at: Timestamp) -> Self {
        Self { arrived_at, spoke_at: None, last_said: None, typed_at: None, flood: Flood::default(), in_a_raid: None }
    }

    fn check_slow(&self, slow: Duration, now: Timestamp) -> Result<(), Refusal> {
        match self.spoke_at.map(|at| at + slow) {
            Some(next) if now < next => Err(Refusal::SlowMode { retry_after: next.since(now) }),
            _ => Ok(()),
        }
    }

    fn check_newcomer(&self, wait: Duration, now: Timestamp) -> Result<(), Refusal> {
        let from = self.arrived_at + wait;
        if now < from { Err(Refusal::Newcomer { retry_after: from.since(now) }) } else { Ok(()) }
    }
}
