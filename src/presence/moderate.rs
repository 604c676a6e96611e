//! What people do with their names, and owners with their rooms. Each holds at once, in the order in which the lock was
//! taken; [`Stored`] tells when it is stored. When storing fails, a name, an owner and what a room is like go back to what
//! they were if they are still as they were set; kicks, bans and mutes stay.

use std::time::Duration;

use super::state::{Moment, Queued, State};
use super::{Cleaned, Presence, Sanctioned, Stored};
use crate::domain::{Member, MemberId, Nick, Refusal, RoomChange, RoomId, SessionId};

impl Presence {
    /// Somebody is called otherwise in this room from now on.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`]; [`Refusal::NameTaken`] when it looks like the name of somebody
    /// who is here.
    pub fn rename(&self, room: RoomId, session: SessionId, nick: &Nick) -> Result<(Member, Stored), Refusal> {
        self.act(|state, moment| state.rename(room, session, nick, moment))
    }

    /// The owner makes somebody who is here the owner.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotOwner`], [`Refusal::NoSuchMember`], [`Refusal::CannotSelf`].
    pub fn hand_over(&self, room: RoomId, by: SessionId, member: MemberId) -> Result<Stored, Refusal> {
        self.plain_act(|state, moment| state.hand_over(room, by, member, moment))
    }

    /// Somebody who is here, or left lately, is out, and stays out for `kick_time`. When this returns, nothing more is
    /// accepted from that session; its connections are the caller's to close.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotOwner`], [`Refusal::NoSuchMember`], [`Refusal::CannotSelf`].
    pub fn kick(&self, room: RoomId, by: SessionId, member: MemberId) -> Result<(Sanctioned, Stored), Refusal> {
        self.act(|state, moment| state.kick(room, by, member, moment))
    }

    /// The same with newcomers from where that session came. `lasts`: `None` is as long as the room lives. With `purge`,
    /// what they wrote goes.
    ///
    /// # Errors
    /// As [`Presence::kick`].
    pub fn ban(
        &self,
        room: RoomId,
        by: SessionId,
        member: MemberId,
        lasts: Option<Duration>,
        purge: bool,
    ) -> Result<(Sanctioned, Stored), Refusal> {
        self.act(|state, moment| state.ban(room, by, member, lasts, purge, moment))
    }

    /// Lifts kick and ban. Nothing happens when neither holds against somebody who is known.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotOwner`], [`Refusal::NoSuchMember`].
    pub fn unban(&self, room: RoomId, by: SessionId, member: MemberId) -> Result<Stored, Refusal> {
        self.plain_act(|state, moment| state.unban(room, by, member, moment))
    }

    /// # Errors
    /// As [`Presence::kick`].
    pub fn mute(
        &self,
        room: RoomId,
        by: SessionId,
        member: MemberId,
        lasts: Duration,
    ) -> Result<(Sanctioned, Stored), Refusal> {
        self.act(|state, moment| state.mute(room, by, member, lasts, moment))
    }

    /// Lifts a mute, and a shadow mute without a word.
    ///
    /// # Errors
    /// As [`Presence::unban`].
    pub fn unmute(&self, room: RoomId, by: SessionId, member: MemberId) -> Result<Stored, Refusal> {
        self.plain_act(|state, moment| state.unmute(room, by, member, moment))
    }

    /// Changes what is another than before, with one line for each, all at once or not at all. (`raid_since` is ignored:
    /// see [`Presence::raid`].)
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotOwner`]; [`Refusal::RoomFull`] for a limit below the number of those who
    /// are here.
    pub fn configure(&self, room: RoomId, by: SessionId, to: RoomChange) -> Result<Stored, Refusal> {
        self.plain_act(|state, moment| state.configure(room, by, to, moment))
    }

    /// Presses the raid button (`on`), or takes back all that it did. With `clean`, who is shadow-muted, and who came since
    /// and was too fast, is banned, and what they wrote goes; their connections are the caller's to close. These bans
    /// hold for the sessions alone: the address of a raid may be that of honest people.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotOwner`].
    pub fn raid(&self, room: RoomId, by: SessionId, on: bool, clean: bool) -> Result<(Cleaned, Stored), Refusal> {
        self.act(|state, moment| state.raid(room, by, on, clean, moment))
    }

    /// Whether somebody has to show some work before they are admitted or enter: in a raid, by the preset, or because many
    /// come at once; never who was admitted before, is here, or owns the room.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`].
    pub fn needs_work(&self, room: RoomId, session: SessionId, admitted: bool) -> Result<bool, Refusal> {
        self.change(|inner, moment| inner.state.needs_work(room, session, admitted, moment))
    }

    fn act<T>(
        &self,
        act: impl FnOnce(&mut State, &mut Moment<'_>) -> Result<(T, Queued), Refusal>,
    ) -> Result<(T, Stored), Refusal> {
        self.change(|inner, moment| {
            let (done, queued) = act(&mut inner.state, moment)?;
            Ok((done, inner.stored(queued)))
        })
    }

    fn plain_act(
        &self,
        act: impl FnOnce(&mut State, &mut Moment<'_>) -> Result<Queued, Refusal>,
    ) -> Result<Stored, Refusal> {
        self.act(|state, moment| act(state, moment).map(|queued| ((), queued))).map(|((), stored)| stored)
    }
}
