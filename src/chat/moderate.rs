//! What an owner does to keep the peace. Presence knows who may do it to whom, and does it at once; what it does is
//! stored behind everything that was accepted before.

use std::time::Duration;

use super::perform::Performed;
use super::{Chat, Error};
use crate::domain::{Caller, Done, MemberId, Message, Nick, Refusal, RoomId};
use crate::presence::{Sanctioned, Stored};

impl Chat {
    /// Gives the caller another name in this room.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`] for one that somebody here could be taken for.
    pub(super) async fn rename(&self, caller: &Caller, room: RoomId, nick: Nick) -> Result<Done, Error> {
        let _open = self.posts.enter()?;
        let (_, stored) = self.presence.rename(room, caller.session, &nick)?;
        self.stored(stored).await?;
        Ok(Done::Me(self.presence.listed(room, caller.session).ok_or(Refusal::NotInRoom)?))
    }

    /// Makes somebody else the owner.
    ///
    /// # Errors
    /// [`Refusal::NotOwner`], [`Refusal::NoSuchMember`].
    pub(super) async fn hand_over(&self, caller: &Caller, room: RoomId, to: MemberId) -> Result<Done, Error> {
        let _open = self.posts.enter()?;
        let stored = self.presence.hand_over(room, caller.session, to)?;
        Ok(entry(self.stored(stored).await?))
    }

    /// Shows somebody out; they stay out for a while.
    ///
    /// # Errors
    /// [`Refusal::NotOwner`], [`Refusal::NoSuchMember`], [`Refusal::CannotSelf`].
    pub(super) async fn kick(&self, caller: &Caller, room: RoomId, member: MemberId) -> Result<Performed, Error> {
        let _open = self.posts.enter()?;
        self.sanctioned(self.presence.kick(room, caller.session, member)?).await
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
        let _open = self.posts.enter()?;
        self.sanctioned(self.presence.ban(room, caller.session, member, time, purge)?).await
    }

    /// Takes a kick or ban back.
    pub(super) async fn unban(&self, caller: &Caller, room: RoomId, member: MemberId) -> Result<Done, Error> {
        let _open = self.posts.enter()?;
        let stored = self.presence.unban(room, caller.session, member)?;
        self.stored(stored).await?;
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
        let _open = self.posts.enter()?;
        let (muted, stored) = self.presence.mute(room, caller.session, member, time.unwrap_or(MUTED))?;
        self.stored(stored).await?;
        Ok(Done::Until(muted.until))
    }

    pub(super) async fn unmute(&self, caller: &Caller, room: RoomId, member: MemberId) -> Result<Done, Error> {
        let _open = self.posts.enter()?;
        let stored = self.presence.unmute(room, caller.session, member)?;
        self.stored(stored).await?;
        Ok(Done::Nothing)
    }

    /// Who is kicked, banned or muted; the owner's to know.
    pub(super) fn sanctions(&self, caller: &Caller, room: RoomId) -> Result<Done, Error> {
        Ok(Done::Bans(self.presence.sanctions(room, caller.session)?))
    }

    /// The one button against a raid, and the one that takes it back; with `clean`, those who flooded go with all they
    /// wrote.
    pub(super) async fn raid(&self, caller: &Caller, room: RoomId, on: bool, clean: bool) -> Result<Performed, Error> {
        let _open = self.posts.enter()?;
        let (cleaned, stored) = self.presence.raid(room, caller.session, on, clean)?;
        let shut_out: Vec<MemberId> = cleaned.banned.into_iter().map(|(_, member)| member).collect();
        let done = Done::Raid { on, banned: shut_out.len() };
        self.shut(Performed { done, shut_out, farewell: None, failed: None }, stored).await
    }

    async fn sanctioned(&self, (who, stored): (Sanctioned, Stored)) -> Result<Performed, Error> {
        self.shut(
            Performed { done: Done::Until(who.until), shut_out: vec![who.member.id], farewell: None, failed: None },
            stored,
        )
        .await
    }

    /// They are out in any case: when that cannot be stored, it holds as long as this process does.
    async fn shut(&self, performed: Performed, stored: Stored) -> Result<Performed, Error> {
        Ok(match self.stored(stored).await {
            Ok(entries) => Performed { farewell: entries.into_iter().next(), ..performed },
            Err(error) => Performed { failed: Some(error), ..performed },
        })
    }
}

fn entry(stored: Vec<Message>) -> Done {
    stored.into_iter().next().map_or(Done::Nothing, |message| Done::Entry(Box::new(message)))
}
