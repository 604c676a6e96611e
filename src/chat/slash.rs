//! Commands that are typed where one writes: the names in them become the members of that name.

use super::{Chat, Error};
use crate::domain::{
    Caller, ChatText, Command, Invalid, MemberId, NewSettings, NewText, Nick, Refusal, RoomId, Slash, SlashCommand,
    slash, split_name,
};

impl Chat {
    /// The command that was typed. `new` is what it was typed as: a whisper keeps its client message id.
    ///
    /// # Errors
    /// [`Refusal::NoSuchMember`] for a name that nobody here has; [`Invalid`] for arguments that do not fit.
    pub fn typed(&self, caller: &Caller, room: RoomId, typed: Slash<'_>, new: &NewText) -> Result<Command, Error> {
        let rest = typed.rest;
        let settings = |settings| Command::Settings(Box::new(settings));
        Ok(match typed.command {
            SlashCommand::Whisper => {
                let (to, said) = self.named(room, rest)?;
                let text = ChatText::parse(said)?;
                Command::Whisper { to, text, client_message_id: new.client_message_id.clone() }
            }
            SlashCommand::Nick => Command::Nick(Nick::parse(rest)?),
            SlashCommand::Kick => Command::Kick(self.only_named(room, rest)?),
            SlashCommand::Ban => {
                let (member, time) = self.named(room, rest)?;
                Command::Ban { member, time: slash::minutes(time)?, purge: false }
            }
            SlashCommand::Unban => Command::Unban(self.shut_out(caller, room, rest)?),
            SlashCommand::Mute => {
                let (member, time) = self.named(room, rest)?;
                Command::Mute { member, time: slash::minutes(time)? }
            }
            SlashCommand::Unmute => Command::Unmute(self.only_named(room, rest)?),
            SlashCommand::Slow => settings(NewSettings { slow: Some(slash::slow(rest)?), ..NewSettings::default() }),
            SlashCommand::Lock => settings(NewSettings { locked: Some(true), ..NewSettings::default() }),
            SlashCommand::Unlock => settings(NewSettings { locked: Some(false), ..NewSettings::default() }),
            SlashCommand::Help => Command::Help,
        })
    }

    /// The member here whose name a text begins with, and what follows it.
    fn named<'a>(&self, room: RoomId, rest: &'a str) -> Result<(MemberId, &'a str), Refusal> {
        let names = self.presence.names(room).ok_or(Refusal::NoSuchRoom)?;
        let found = split_name(rest, names.iter().map(|member| member.name.as_str()));
        found.map(|(which, rest)| (names[which].id, rest)).ok_or(Refusal::NoSuchMember)
    }

    fn only_named(&self, room: RoomId, rest: &str) -> Result<MemberId, Error> {
        match self.named(room, rest)? {
            (member, "") => Ok(member),
            _ => Err(Invalid::Slash.into()),
        }
    }

    /// The same among those who are kicked or banned.
    fn shut_out(&self, caller: &Caller, room: RoomId, rest: &str) -> Result<MemberId, Refusal> {
        let sanctions = self.presence.sanctions(room, caller.session)?;
        let out: Vec<_> = sanctions.into_iter().filter(|sanction| sanction.kind.shuts_out()).collect();
        let found = split_name(rest, out.iter().map(|sanction| sanction.member.name.as_str()));
        found.map(|(which, _)| out[which].member.id).ok_or(Refusal::NoSuchMember)
    }
}
