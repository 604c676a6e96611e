//! Somebody says something.

use tokio::sync::oneshot;

use super::{Chat, Error, Visitor};
use crate::domain::{Caller, ClientMessageId, Content, Message, MessageId, NewMessage, NewText, Refusal, RoomId};
use crate::store::Turn;

impl Chat {
    /// Posts a text. When this returns, it is stored and everybody in the room has been told. A retry with the same
    /// client message id returns the first message and is not told again.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`], [`Refusal::TooOften`]; [`Error::ShuttingDown`],
    /// [`Error::Unavailable`].
    pub async fn post(&self, visitor: &Visitor, room: RoomId, new: NewText) -> Result<Message, Error> {
        let (tell, told) = oneshot::channel();
        self.begin_post(visitor, room, new, move |posted| drop(tell.send(posted))).await;
        told.await.unwrap_or(Err(Error::Busy))
    }

    /// Puts a text in line to be posted, and waits for no more than a place in that line. Texts that are begun one
    /// after another are stored in that order, many of them in one go.
    ///
    /// `done` is called once, with what [`Chat::post`] would return: at once with a refusal, else on the store's own
    /// task, after everybody has been told. It must not block. (When this future is dropped while it waits, nothing is
    /// posted and `done` is dropped with it.)
    pub async fn begin_post<F>(&self, visitor: &Visitor, room: RoomId, new: NewText, done: F)
    where
        F: FnOnce(Result<Message, Error>) + Send + 'static,
    {
        let inside = match self.posts.enter() {
            Ok(inside) => inside,
            Err(error) => return done(Err(error)),
        };
        match self.turn_to_speak(visitor, room).await {
            Ok(turn) => {
                let message = self.new_message(&visitor.caller, room, Content::Text(new.text), new.client_message_id);
                turn.post(message, move |posted| {
                    done(posted.map(|posted| posted.message).map_err(Error::from));
                    drop(inside);
                });
            }
            Err(error) => done(Err(error)),
        }
    }

    /// Whether they may speak is asked when there is a place for what they say: nobody who has to go while they wait for
    /// one still speaks.
    async fn turn_to_speak(&self, visitor: &Visitor, room: RoomId) -> Result<Turn<'_>, Error> {
        let turn = self.store.turn().await?;
        self.present(&visitor.caller, room)?;
        self.limits.messages.take(visitor, self.env.now())?;
        Ok(turn)
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
            reply: None,
            mentions: Vec::new(),
            client_message_id,
        }
    }
}
