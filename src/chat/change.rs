//! Somebody changes a message, removes it, or reacts to it: each is an entry of the history.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::post::unheard;
use super::{Chat, Error, Visitor};
use crate::domain::{Act, Content, Done, Edited, Emoji, MemberId, NewMessage, Refusal, Right, RoomId, Timestamp};
use crate::presence::{Speech, Spoken};

impl Chat {
    /// Gives a text of one's own other words, for a while after it was said; or a GIF other words for what it shows, at any
    /// time.
    ///
    /// # Errors
    /// [`Refusal::NoSuchMessage`], [`Refusal::NotYours`], [`Refusal::TooLate`], [`Refusal::Muted`].
    pub(super) async fn edit(
        self: &Arc<Self>,
        visitor: &Visitor,
        room: RoomId,
        target: i64,
        edited: Edited,
    ) -> Result<Done, Error> {
        let now = self.env.now();
        let has_link = crate::domain::contains_link(edited.as_str());
        let (right, mentions) = match &edited {
            Edited::Text(text) => (self.own(), self.mentioned(room, text.as_str())),
            Edited::Alt(_) => (Right::Own { since: Timestamp(i64::MIN) }, Vec::new()),
        };
        let content = Content::Edit { target, edited, edited_at: now, right };
        self.change(visitor, room, Speech::Aside { has_link }, content, mentions).await
    }

    /// Removes a message: one's own for a while after it was said, the owner of the room any one at any time.
    ///
    /// # Errors
    /// [`Refusal::NoSuchMessage`], [`Refusal::NotYours`], [`Refusal::TooLate`].
    pub(super) async fn remove_message(
        self: &Arc<Self>,
        visitor: &Visitor,
        room: RoomId,
        target: i64,
    ) -> Result<Done, Error> {
        let is_owner = self.presence.room(room).ok_or(Refusal::NoSuchRoom)?.is_owned_by(&visitor.caller);
        let right = if is_owner { Right::Any } else { self.own() };
        self.change(visitor, room, Speech::Other, Content::Remove { target, right }, Vec::new()).await
    }

    /// Puts an emoji under a message, or takes it away.
    ///
    /// # Errors
    /// [`Refusal::NoSuchMessage`], [`Refusal::TooManyReactions`], [`Refusal::Muted`].
    pub(super) async fn react(
        self: &Arc<Self>,
        visitor: &Visitor,
        room: RoomId,
        target: i64,
        emoji: Emoji,
        on: bool,
    ) -> Result<Done, Error> {
        self.change(visitor, room, Speech::Other, Content::React { target, emoji, on, count: 0 }, Vec::new()).await
    }

    fn own(&self) -> Right {
        let window = i64::try_from(self.settings.edit_window.as_millis()).unwrap_or(i64::MAX);
        Right::Own { since: Timestamp(self.env.now().0.saturating_sub(window)) }
    }

    async fn change(
        self: &Arc<Self>,
        visitor: &Visitor,
        room: RoomId,
        speech: Speech,
        content: Content,
        mentions: Vec<MemberId>,
    ) -> Result<Done, Error> {
        let inside = self.posts.enter()?;
        // Who is not heard learns of it below, with all others for whom that is so by then.
        let _ = self.attempt(visitor, room)?;
        let turn = self.store.turn().await?;
        let (tell, told) = oneshot::channel();
        let session = visitor.caller.session;
        let entry = |member| {
            let entry = self.new_message(session, member, room, content.clone(), None);
            NewMessage { mentions: mentions.clone(), ..entry }
        };
        let spoken = self.presence.speak(room, session, speech, None, |member| {
            let act = Act { room, entries: vec![entry(member)], changes: Vec::new() };
            turn.act(act, move |acted| {
                drop(inside);
                drop(tell.send(acted));
            });
        })?;
        if let Spoken::Unheard(member) = spoken {
            self.pretend().await;
            let seq = self.store.position(room).await?.map_or(0, |position| position.seq);
            return Ok(Done::Entry(Box::new(unheard(entry(member), seq, self.env.now()))));
        }
        let acted = told.await.map_err(|_| Error::Busy)??;
        self.release(acted.freed).await;
        Ok(match (acted.messages.into_iter().next(), acted.unchanged) {
            (Some(message), _) => Done::Entry(Box::new(message)),
            (None, Some(count)) => Done::Unchanged { count },
            (None, None) => Done::Nothing,
        })
    }

    /// Who is not heard is answered as slowly as patience allows: it costs them the time in which they would flood.
    pub(super) async fn pretend(&self) {
        const PATIENCE: Duration = Duration::from_secs(1);
        self.env.sleep_until(self.env.now() + PATIENCE).await;
    }
}
