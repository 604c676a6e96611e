//! Somebody says something to one other.

use tokio::sync::oneshot;

use super::{Chat, Error, Visitor};
use crate::domain::{
    ChatText, ClientMessageId, Done, MemberId, MessageId, NewWhisper, Refusal, RoomId, Whisper, contains_link,
};
use crate::presence::{Speech, Spoken};

impl Chat {
    /// Whispers to somebody who is here, or gone for less than the exit damping. When this returns it is stored, and all
    /// connections of both have been told; nobody else has, or ever will be.
    ///
    /// # Errors
    /// [`Refusal::NoSuchMember`], [`Refusal::CannotSelf`], [`Refusal::Muted`], [`Refusal::TooOften`];
    /// [`Error::ShuttingDown`], [`Error::Unavailable`].
    pub(super) async fn whisper(
        &self,
        visitor: &Visitor,
        room: RoomId,
        to: MemberId,
        text: ChatText,
        client_message_id: Option<ClientMessageId>,
    ) -> Result<Done, Error> {
        let inside = self.posts.enter()?;
        // Who is not heard learns of it below, with all others for whom that is so by then.
        let _ = self.attempt(visitor, room)?;
        let turn = self.store.turn().await?;
        let session = visitor.caller.session;
        let other = self.presence.find(room, to).ok_or(Refusal::NoSuchMember)?;
        if other.session == session {
            return Err(Refusal::CannotSelf.into());
        }
        let there = other.is_connected;
        let new = |member| NewWhisper {
            id: MessageId::from_bytes(self.env.random()),
            room,
            from: (session, member),
            to: (other.session, other.member.clone()),
            text: text.clone(),
            client_message_id: client_message_id.clone(),
        };
        let (tell, told) = oneshot::channel();
        let speech = Speech::Aside { has_link: contains_link(text.as_str()) };
        let spoken = self.presence.speak(room, session, speech, None, |member| {
            turn.whisper(new(member), move |whispered| {
                drop(inside);
                drop(tell.send(whispered));
            });
        })?;
        if let Spoken::Unheard(member) = spoken {
            self.pretend().await;
            let NewWhisper { id, from, to, .. } = new(member);
            let whisper = Whisper {
                id,
                room,
                reader: session,
                is_mine: true,
                number: self.store.whispers_head(room, session).await?,
                after: self.store.position(room).await?.map_or(0, |position| position.seq),
                from: from.1,
                to: to.1,
                text,
                client_message_id,
                created_at: self.env.now(),
            };
            return Ok(Done::Whispered { whisper: Box::new(whisper), there });
        }
        let whispered = told.await.map_err(|_| Error::Busy)??;
        Ok(Done::Whispered { whisper: Box::new(whispered.mine), there })
    }
}
