//! What is told at once, is never stored, and may be lost: who is typing, who looks elsewhere.

use std::time::Duration;

use super::{Moment, Scene, State};
use crate::domain::{Event, Refusal, RoomId, SessionId};

/// From one word that somebody is typing to the next.
const TYPING_INTERVAL: Duration = Duration::from_secs(2);

impl State {
    /// Somebody is typing. Told seldom enough to be cheap; who is not to be heard is not told of.
    pub fn typing(&mut self, room: RoomId, session: SessionId, moment: &mut Moment<'_>) -> Result<(), Refusal> {
        self.scene(room, moment)?.typing(session)
    }

    /// One connection of a stay begins to look elsewhere, or looks here again; it did the other before.
    pub fn away(
        &mut self,
        room: RoomId,
        session: SessionId,
        arrival: u64,
        away: bool,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refusal> {
        // Also while it is being removed: its door may open again.
        self.any(room, moment).ok_or(Refusal::NoSuchRoom)?.away(session, arrival, away)
    }
}

impl Scene<'_, '_> {
    fn typing(&mut self, session: SessionId) -> Result<(), Refusal> {
        let (now, is_unheard) = (self.now(), self.is_unheard(session));
        self.live.member(session)?;
        self.live.check_mute(session, now)?;
        let Some(present) = self.live.present.get_mut(&session) else { return Ok(()) };
        if is_unheard || present.slate.typed_at.is_some_and(|at| now < at + TYPING_INTERVAL) {
            return Ok(());
        }
        present.slate.typed_at = Some(now);
        let member = present.member.clone();
        self.tell(Event::Typing { room: self.id, member });
        Ok(())
    }

    fn away(&mut self, session: SessionId, arrival: u64, away: bool) -> Result<(), Refusal> {
        let stay = self.live.present.get_mut(&session).filter(|present| present.arrival == arrival);
        let present = stay.ok_or(Refusal::NotInRoom)?;
        let was_away = present.is_away();
        present.away = if away { (present.away + 1).min(present.connections) } else { present.away.saturating_sub(1) };
        if present.is_away() != was_away {
            let member = present.member.clone();
            self.tell(Event::Away { room: self.id, member, away });
        }
        Ok(())
    }
}
