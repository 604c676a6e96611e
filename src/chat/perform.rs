//! Whatever somebody does in a room but for saying something: one way in for all commands.

use std::sync::Arc;

use super::{Chat, Error, Visitor};
use crate::domain::{Caller, Command, Done, MemberId, Message, RoomId};

/// What came of a command, and who has no place in the room any more because of it.
#[derive(Debug)]
pub struct Performed {
    pub done: Done,
    /// Before anybody is answered, nothing more may go to them, or come from them.
    pub shut_out: Vec<MemberId>,
    /// The last that they hear.
    pub farewell: Option<Message>,
    /// It holds, but could not be stored: to be told instead of `done` once they are shut out.
    pub failed: Option<Error>,
}

impl From<Done> for Performed {
    fn from(done: Done) -> Self {
        Self { done, shut_out: Vec::new(), farewell: None, failed: None }
    }
}

impl Chat {
    /// Does what was asked. Everybody concerned has been told when this returns; the caller sees to it that those who
    /// are shut out are. (`Command::Away` is of a connection: see [`Chat::away`].)
    ///
    /// # Errors
    /// What the command says. To do something in a room one is in it: [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`]
    /// come first.
    ///
    /// [`Refusal::NoSuchRoom`]: crate::domain::Refusal::NoSuchRoom
    /// [`Refusal::NotInRoom`]: crate::domain::Refusal::NotInRoom
    pub async fn perform(
        self: &Arc<Self>,
        visitor: &Visitor,
        room: RoomId,
        command: Command,
    ) -> Result<Performed, Error> {
        let caller = &visitor.caller;
        self.present(caller, room)?;
        if let Command::Whisper { to, text, client_message_id } = command {
            return self.whisper(visitor, room, to, text, client_message_id).await.map(Performed::from);
        }
        if let Command::Gif { gif, new } = command {
            return self.show_gif(visitor, room, gif, new).await.map(Performed::from);
        }
        self.limits.commands.take(visitor, self.env.now())?;
        Ok(match command {
            Command::Whisper { .. } | Command::Gif { .. } | Command::Away(_) => Done::Nothing.into(),
            Command::Help => Done::Help.into(),
            Command::Typing => self.typing(caller, room)?.into(),
            Command::Leave => self.leave(caller, room).await?.into(),
            Command::Nick(nick) => self.rename(caller, room, nick).await?.into(),
            Command::Edit { target, edited } => self.edit(visitor, room, target, edited).await?.into(),
            Command::Remove { target } => self.remove_message(visitor, room, target).await?.into(),
            Command::React { target, emoji, on } => self.react(visitor, room, target, emoji, on).await?.into(),
            Command::Owner(member) => self.hand_over(caller, room, member).await?.into(),
            Command::Settings(settings) => self.configure(caller, room, *settings).await?.into(),
            Command::Kick(member) => self.kick(caller, room, member).await?,
            Command::Ban { member, time, purge } => self.ban(caller, room, member, time, purge).await?,
            Command::Unban(member) => self.unban(caller, room, member).await?.into(),
            Command::Mute { member, time } => self.mute(caller, room, member, time).await?.into(),
            Command::Unmute(member) => self.unmute(caller, room, member).await?.into(),
            Command::Raid { on, clean } => self.raid(caller, room, on, clean).await?,
            Command::Bans => self.sanctions(caller, room)?.into(),
            Command::Members => Done::Members(self.list(room)?).into(),
            Command::Search(search) => self.search(caller, room, search).await?.into(),
            Command::Close => self.close(caller, room).await?.into(),
        })
    }

    async fn close(self: &Arc<Self>, caller: &Caller, room: RoomId) -> Result<Done, Error> {
        self.remove_room(caller, room).await.map(|()| Done::Nothing)
    }
}
