//! Somebody says something.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{Chat, Error, Visitor};
use crate::domain::{
    Caller, ClientMessageId, Content, Member, MemberId, Message, MessageId, NewMessage, NewText, Refusal, RoomId,
    SessionId, Timestamp, contains_link, mentioned,
};
use crate::presence::{Attempt, Speech, Spoken};

/// Somebody may say something now. What they say is to follow at once.
#[derive(Debug)]
#[must_use = "it was counted"]
pub struct Chance {
    attempt: Attempt,
}

impl Chance {
    /// How many beside them would hear it.
    pub(super) const fn others(&self) -> u32 {
        self.attempt.members.saturating_sub(1)
    }
}

impl Chat {
    /// Somebody wants to say something. To be asked before anything is waited for: who floods a busy server is not to wait
    /// in line with everybody else, but to be refused at once.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`], [`Refusal::TooOften`].
    pub fn attempt(&self, visitor: &Visitor, room: RoomId) -> Result<Chance, Refusal> {
        let session = visitor.caller.session;
        let attempt = self
            .presence
            .attempt(room, session, || self.limits.messages.take(visitor, self.env.now()))
            .or_else(|refusal| match refusal {
                Refusal::NotInRoom => self.welcome(room, session).and(Err(refusal)),
                other => Err(other),
            })?;
        Ok(Chance { attempt })
    }

    /// Posts a text. When this returns, it is stored and everybody in the room has been told. A retry with the same
    /// client message id returns the first message and is not told again.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`], [`Refusal::Muted`], [`Refusal::SlowMode`],
    /// [`Refusal::Newcomer`]; [`Error::ShuttingDown`], [`Error::Unavailable`].
    pub async fn post(
        self: &Arc<Self>,
        visitor: &Visitor,
        room: RoomId,
        chance: Chance,
        new: NewText,
    ) -> Result<Message, Error> {
        let (tell, told) = oneshot::channel();
        self.begin_post(visitor, room, chance, new, move |posted| drop(tell.send(posted))).await;
        told.await.unwrap_or(Err(Error::Busy))
    }

    /// Puts a text in line to be posted, and waits for no more than a place in that line. Texts that are begun one
    /// after another are stored in that order, many of them in one go.
    ///
    /// `done` is called once, with what [`Chat::post`] would return: at once with a refusal, else on the store's own
    /// task, after everybody has been told. It must not block. (When this future is dropped while it waits, nothing is
    /// posted and `done` is dropped with it.)
    pub async fn begin_post<F>(&self, visitor: &Visitor, room: RoomId, chance: Chance, new: NewText, done: F)
    where
        F: FnOnce(Result<Message, Error>) + Send + 'static,
    {
        let mut done = Some(done);
        let spoken = match chance.attempt.is_unheard {
            true => self.unheard(visitor, room, new).await.map(Some),
            false => self.speak(visitor, room, chance, new, &mut done).await,
        };
        match spoken {
            Ok(None) => {}
            Ok(Some(unheard)) => answer(done, Ok(unheard)),
            Err(error) => answer(done, Err(error)),
        }
    }

    /// What somebody is told who is not heard, or nothing. Whether they may speak is asked when there is a place for what they say, and what they say takes that place in the
    /// same breath: what is accepted from somebody is stored before they are shut out, or never.
    async fn speak<F>(
        &self,
        visitor: &Visitor,
        room: RoomId,
        chance: Chance,
        new: NewText,
        done: &mut Option<F>,
    ) -> Result<Option<Message>, Error>
    where
        F: FnOnce(Result<Message, Error>) + Send + 'static,
    {
        let inside = self.posts.enter()?;
        let session = visitor.caller.session;
        let under_way = self.deliveries.begin(chance.attempt.members).await;
        let turn = self.store.turn().await?;
        let speech = Speech::Text { has_link: contains_link(new.text.as_str()) };
        let mentions = self.mentioned(room, new.text.as_str());
        let spoken = self.presence.speak(room, session, speech, new.client_message_id.as_ref(), |member| {
            let content = Content::Text(new.text.clone());
            let message = self.new_message(session, member, room, content, new.client_message_id.clone());
            let message = NewMessage { reply: new.reply, mentions, ..message };
            let done = done.take();
            turn.post(message, move |posted| {
                answer(done, posted.map(|posted| posted.message).map_err(Error::from));
                drop((inside, under_way));
            });
        })?;
        match spoken {
            Spoken::Heard(()) => Ok(None),
            Spoken::Unheard(_) => self.unheard(visitor, room, new).await.map(Some),
        }
    }

    /// What somebody is answered, late, whom nobody hears.
    async fn unheard(&self, visitor: &Visitor, room: RoomId, new: NewText) -> Result<Message, Error> {
        self.pretend().await;
        let session = visitor.caller.session;
        let member = self.presence.listed(room, session).ok_or(Refusal::NotInRoom)?.member;
        let seq = self.store.position(room).await?.map_or(0, |position| position.seq);
        let message = self.new_message(session, member, room, Content::Text(new.text), new.client_message_id);
        Ok(unheard(message, seq, self.env.now()))
    }

    /// Whom a text calls by name.
    pub(super) fn mentioned(&self, room: RoomId, text: &str) -> Vec<MemberId> {
        if !text.contains('@') {
            return Vec::new();
        }
        let names = self.presence.names(room).unwrap_or_default();
        mentioned(text, names.iter().map(|member| (member.id, member.name.as_str())))
    }

    /// Who speaks is in the room: joined, or gone for less than the exit damping.
    pub(super) fn present(&self, caller: &Caller, room: RoomId) -> Result<(), Refusal> {
        self.presence.room(room).ok_or(Refusal::NoSuchRoom)?;
        if self.presence.is_present(room, caller.session) {
            return Ok(());
        }
        self.welcome(room, caller.session)?;
        Err(Refusal::NotInRoom)
    }

    pub(super) fn new_message(
        &self,
        session: SessionId,
        member: Member,
        room: RoomId,
        content: Content,
        client_message_id: Option<ClientMessageId>,
    ) -> NewMessage {
        NewMessage {
            id: MessageId::from_bytes(self.env.random()),
            room,
            session,
            member,
            content,
            reply: None,
            mentions: Vec::new(),
            client_message_id,
        }
    }
}

fn answer(done: Option<impl FnOnce(Result<Message, Error>)>, result: Result<Message, Error>) {
    if let Some(done) = done {
        done(result);
    }
}

/// What somebody is shown who is not heard.
pub(super) fn unheard(new: NewMessage, seq: i64, created_at: Timestamp) -> Message {
    Message {
        id: new.id,
        room: new.room,
        seq,
        session: new.session,
        member: new.member,
        content: new.content,
        reply: None,
        mentions: new.mentions,
        edited_at: None,
        reactions: Vec::new(),
        client_message_id: new.client_message_id,
        created_at,
    }
}
