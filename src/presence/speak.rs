//! Somebody says something.

use super::state::Voice;
use super::{Attempt, Presence, Speech};
use crate::domain::{ClientMessageId, Member, Refusal, RoomId, SessionId};

/// What became of what somebody said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoken<T> {
    /// What was called with it returned this.
    Heard(T),
    /// They are muted and are not to know: to be answered as if all were well, neither stored nor told.
    Unheard(Member),
}

impl Presence {
    /// Lets somebody speak: `say` gets them as the person they are in the room and hands what they say to the store's
    /// queue. It runs under the lock, so that what was accepted before a kick is stored before it and nothing after: it must
    /// neither block nor call presence. A place in that queue is to be reserved before.
    ///
    /// `id` is what they call the message. The one they used last is a retry: slow mode neither refuses nor counts it.
    ///
    /// # Errors
    /// In this order: [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`], [`Refusal::Muted`], [`Refusal::SlowMode`],
    /// [`Refusal::Newcomer`].
    pub fn speak<T>(
        &self,
        room: RoomId,
        session: SessionId,
        what: Speech,
        id: Option<&ClientMessageId>,
        say: impl FnOnce(Member) -> T,
    ) -> Result<Spoken<T>, Refusal> {
        self.change(|inner, moment| {
            Ok(match inner.state.speak(room, session, what, id, moment)? {
                Voice::Heard(member) => Spoken::Heard(say(member)),
                Voice::Unheard(member) => Spoken::Unheard(member),
            })
        })
    }

    /// Somebody is typing: told the others, once in two seconds at most.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`], [`Refusal::Muted`].
    pub fn typing(&self, room: RoomId, session: SessionId) -> Result<(), Refusal> {
        self.change(|inner, moment| inner.state.typing(room, session, moment))
    }

    /// Somebody wants to say something: asked before anything is waited for, so that who floods is refused at once. `take`
    /// asks whether they are too fast for any room, and must not call presence. In a raid the rates are lower, and who is
    /// too fast again and again is shadow-muted: for them nothing is asked any more.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`], [`Refusal::TooOften`].
    pub fn attempt(
        &self,
        room: RoomId,
        session: SessionId,
        take: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<Attempt, Refusal> {
        self.change(|inner, moment| inner.state.attempt(room, session, take, moment))
    }
}
