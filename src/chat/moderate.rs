//! What an owner does to keep the peace. Presence knows who may do it to whom, and does it at once; what it does is
//! stored behind everything that was accepted before.

use std::time::Duration;

use super::acts::Stored;
use super::perform::Performed;
use super::{Chat, Error};
use crate::domain::{Caller, Done, MemberId, Nick, Refusal, RoomId};

impl Chat {
    /// Gives the caller another name in this room.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`] for one that somebody here could be taken for.
    pub(super) async fn rename(&self, caller: &Caller, room: RoomId, nick: Nick) -> Result<Done, Error> {
        self.stored(|stored| self.presence.rename(room, caller.session, &nick, stored)).await?;
        Ok(Done::Me(self.presence.listed(room, caller.session).ok_or(Refusal::NotInRoom)?))
    }

    /// Makes somebody else the owner.
    ///
    /// # Errors
    /// [`Refusal::NotOwner`], [`Refusal::NoSuchMember`].
    pub(super) async fn hand_over(&self, caller: &Caller, room: RoomId, to: MemberId) -> Result<Done, Error> {
        let ((), stored) = self.stored(|stored| self.presence.hand_over(room, caller.session, to, stored)).await?;
        Ok(entry(stored))
    }

    /// Shows somebody out; they stay out for a while.
    ///
    /// # Errors
    /// [`Refusal::NotOwner`], [`Refusal::NoSuchMember`], [`Refusal::CannotSelf`].
    pub(super) async fn kick(&self, caller: &Caller, room: RoomId, member: MemberId) -> Result<Performed, Error> {
        let (sanction, stored) =
            self.stored(|stored| self.presence.kick(room, caller.session, member, stored)).await?;
        Ok(Performed {
            done: Done::Until(sanction.until),
            shut_out: vec![sanction.member],
            farewell: stored.into_iter().next(),
        })
    }

    /// Shuts somebody out, for a time or as long as the room lives, and newcomers from where they are with them; with
    /// `purge`, what they wrote goes with them.
    ///
    /// # Errors
    /// As [`Chat::kick`].
    pub(super) async fn ban(
        &self,
        caller: &Caller,
        room: RoomId,
        member: MemberId,
        time: Option<Duration>,
        purge: bool,
    ) -> Result<Performed, Error> {
        let until = time.map(|time| self.env.now() + time);
        let (sanction, stored) =
            self.stored(|stored| self.presence.ban(room, caller.session, member, until, purge, stored)).await?;
        Ok(Performed {
            done: Done::Until(sanction.until),
            shut_out: vec![sanction.member],
            farewell: stored.into_iter().next(),
        })
    }

    /// Takes a kick or ban back.
    pub(super) async fn unban(&self, caller: &Caller, room: RoomId, member: MemberId) -> Result<Done, Error> {
        self.stored(|stored| self.presence.unban(room, caller.session, member, stored)).await?;
        Ok(Done::Nothing)
    }

    /// Lets somebody say nothing for a while.
    pub(super) async fn mute(
        &self,
        caller: &Caller,
        room: RoomId,
        member: MemberId,
        time: Option<Duration>,
    ) -> Result<Done, Error> {
        /// Unless the owner says how long.
        const MUTED: Duration = Duration::from_secs(600);
        let until = self.env.now() + time.unwrap_or(MUTED);
        self.stored(|stored| self.presence.mute(room, caller.session, member, Some(until), stored)).await?;
        Ok(Done::Until(Some(until)))
    }

    pub(super) async fn unmute(&self, caller: &Caller, room: RoomId, member: MemberId) -> Result<Done, Error> {
        self.stored(|stored| self.presence.unmute(room, caller.session, member, stored)).await?;
        Ok(Done::Nothing)
    }

    /// Who is kicked, banned or muted; the owner's to know.
    pub(super) fn sanctions(&self, caller: &Caller, room: RoomId) -> Result<Done, Error> {
        Ok(Done::Bans(self.presence.sanctions(room, caller.session)?))
    }

    /// The one button against a raid, and the one that takes it back; with `clean`, those who flooded go with all they
    /// wrote.
    pub(super) async fn raid(
        &self,
        caller: &Caller,
        room: RoomId,
        on: bool,
        clean: bool,
    ) -> Result<Performed, Error> {
        let (banned, _) = self.stored(|stored| self.presence.raid(room, caller.session, on, clean, stored)).await?;
        Ok(Performed { done: Done::Raid { on, banned: banned.len() }, shut_out: banned, farewell: None })
    }
}

fn entry(stored: Stored) -> Done {
    stored.into_iter().next().map_or(Done::Nothing, |message| Done::Entry(Box::new(message)))
}
