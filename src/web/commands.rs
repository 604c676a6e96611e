//! Commands, the same from every door: parsed, done to their end, answered.

use std::sync::Arc;

use gifchat_realtime::Realtime;
use serde_json::Value;

use super::error::Problem;
use super::tell;
use super::texts::texts;
use crate::chat::{Chat, Performed, Visitor};
use crate::domain::{ChatText, Command, Done, Lang, NewText, Refusal, RoomId, Said, SlashCommand};
use crate::wire::{self, DoneView, UsageView};

/// What commands are done with.
#[derive(Clone, Debug)]
pub(super) struct Hands {
    pub chat: Arc<Chat>,
    pub realtime: Realtime,
}

/// What somebody meant by what they sent as a text.
pub(super) enum Meant {
    Text(NewText),
    Command(&'static str, Command),
}

impl Hands {
    /// Reads the command of that name.
    pub(super) fn read(&self, name: &str, value: &Value) -> Result<Command, Problem> {
        let most = self.chat.settings().members_per_room;
        Ok(wire::command::read(name, value, most).ok_or(Problem::UNKNOWN_COMMAND)??)
    }

    /// Whether a text is a slash command, and which.
    pub(super) fn meant(&self, visitor: &Visitor, room: RoomId, new: NewText) -> Result<Meant, Problem> {
        Ok(match Said::parse(new.text.as_str())? {
            Said::Text(text) if text.len() == new.text.as_str().len() => Meant::Text(new),
            Said::Text(text) => Meant::Text(NewText { text: ChatText::parse(text)?, ..new }),
            Said::Command(slash) => {
                Meant::Command(slash.command.name(), self.chat.typed(&visitor.caller, room, slash, &new)?)
            }
        })
    }

    /// Does it, also when whoever asked for it goes away meanwhile: nobody who is shut out stays half inside.
    pub(super) async fn perform(&self, visitor: &Visitor, room: RoomId, command: Command) -> Result<Done, Problem> {
        let leaves = matches!(command, Command::Leave);
        if !leaves && !matches!(command, Command::Kick(_) | Command::Ban { .. } | Command::Raid { .. }) {
            return Ok(self.chat.perform(visitor, room, command).await?.done);
        }
        let (hands, visitor) = (self.clone(), visitor.clone());
        let done = tokio::spawn(async move {
            let performed = hands.chat.perform(&visitor, room, command).await?;
            if leaves {
                // Their other connections hear no more of the room, either.
                let own = tell::own_topic(room, visitor.caller.member.id);
                for topic in [&room.to_string(), &tell::quiet_topic(room, visitor.caller.member.id), &own] {
                    hands.realtime.to(super::socketio::CHAT, &own).leave(topic);
                }
            }
            hands.shut_out(room, performed).await
        });
        done.await.unwrap_or(Err(Problem::INTERNAL))
    }

    async fn shut_out(&self, room: RoomId, performed: Performed) -> Result<Done, Problem> {
        let Performed { done, shut_out, farewell, failed } = performed;
        if let Err(error) = tell::shut_out(&self.realtime, room, &shut_out, farewell.as_ref()).await {
            tracing::error!(%error, "a farewell does not become JSON");
        }
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(done),
        }
    }
}

/// What came of a command, as it is answered in the reader's language.
pub(super) fn view(done: &Done, lang: Lang) -> DoneView<'_> {
    DoneView::new(done, || usages(lang))
}

fn usages(lang: Lang) -> Vec<UsageView> {
    let usage = |command: SlashCommand| UsageView {
        usage: texts(lang).text(&command.usage_key()).to_owned(),
        text: texts(lang).text(&command.text_key()).to_owned(),
    };
    SlashCommand::ALL.into_iter().map(usage).collect()
}

/// `away` says something of one connection: over HTTP there is none.
pub(super) fn needs_no_connection(command: &Command) -> Result<(), Problem> {
    if matches!(command, Command::Away(_)) { Err(Refusal::NotInRoom.into()) } else { Ok(()) }
}
