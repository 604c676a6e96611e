//! Somebody says something.

use super::{Chat, Error, Visitor};
use crate::domain::{Caller, ChatText, ClientMessageId, Content, Message, MessageId, Refusal, RoomId};
use crate::store::NewMessage;

#[derive(Clone, Debug)]
pub struct NewText {
    pub text: ChatText,
    pub client_message_id: Option<ClientMessageId>,
}

impl Chat {
    /// Posts a text. When this returns, it is stored and everybody in the room has been told. A retry with the same
    /// client message id returns the first message and is not told again.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`], [`Refusal::TooOften`]; [`Error::Unavailable`].
    pub async fn post(&self, visitor: &Visitor, room: RoomId, new: NewText) -> Result<Message, Error> {
        self.present(&visitor.caller, room)?;
        self.limits.messages.take(visitor, self.env.now())?;
        let message = self.new_message(&visitor.caller, room, Content::Text(new.text), new.client_message_id);
        Ok(self.store.post(message).await?.message)
    }

    /// Who speaks is in the room: joined, or gone for less than the exit damping.
    pub(super) fn present(&self, caller: &Caller, room: RoomId) -> Result<(), Refusal> {
        self.presence.room(room).ok_or(Refusal::NoSuchRoom)?;
        if self.presence.is_present(room, caller.session) { Ok(()) } else { Err(Refusal::NotInRoom) }
    }

    pub(super) fn new_message(
        &self,
        caller: &Caller,
        room: RoomId,
        content: Content,
        client_message_id: Option<ClientMessageId>,
    ) -> NewMessage {
        NewMessage {
            id: MessageId::from_bytes(self.env.random()),
            room,
            session: caller.session,
            member: caller.member.clone(),
            content,
            client_message_id,
        }
    }
}
