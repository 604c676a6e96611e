//! Somebody shows a GIF.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::post::unheard;
use super::take_in::Taken;
use super::{Chat, Error, Visitor};
use crate::domain::{Caller, Content, Gif, Message, NewGif, NewMessage, Refusal, RoomId};
use crate::presence::{Speech, Spoken};
use crate::store::{Files, Posted, Space};

/// The right to send the bytes of one GIF, given before they are read.
#[derive(Debug)]
#[must_use]
pub struct Upload {
    visitor: Visitor,
    room: RoomId,
    slot: OwnedSemaphorePermit,
}

impl Chat {
    /// Asks whether the visitor may upload, before anything is read of it.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`](crate::domain::Refusal::NoSuchRoom),
    /// [`Refusal::NotInRoom`](crate::domain::Refusal::NotInRoom),
    /// [`Refusal::TooOften`](crate::domain::Refusal::TooOften); [`Error::Busy`] while too many others upload;
    /// [`Refusal::DiskFull`] and the other refusals of what has no space; [`Error::ShuttingDown`].
    pub async fn begin_upload(&self, visitor: &Visitor, room: RoomId) -> Result<Upload, Error> {
        let _open = self.posts.enter()?;
        self.present(&visitor.caller, room)?;
        let slot = Arc::clone(&self.uploads).try_acquire_owned().map_err(|_| Error::Busy)?;
        self.limits.uploads.take(visitor, self.env.now())?;
        self.ask_for_space(&visitor.caller, room).await?;
        Ok(Upload { visitor: visitor.clone(), room, slot })
    }

    /// Looks through the picture, stores it and posts it. When this returns, it is stored and everybody in the room has been told.
    ///
    /// # Errors
    /// [`Error::Gif`] for what is no picture or too much of one; [`Refusal::RoomFullOfGifs`], [`Refusal::TooMuchShown`],
    /// [`Refusal::ServerFullOfGifs`]; and as [`Chat::post`].
    pub async fn post_gif(self: &Arc<Self>, upload: Upload, bytes: Bytes, new: NewGif) -> Result<Message, Error> {
        self.to_the_end(async move |chat| {
            let Upload { visitor, room, slot: _slot } = upload;
            let _inside = chat.posts.enter()?;
            let taken = chat.take_in(bytes).await?;
            chat.present(&visitor.caller, room)?;
            Ok(chat.show_taken(&visitor, room, taken, new).await?.message)
        })
        .await
    }

    /// Posts a GIF whose files are there for as long as the pin lives. When no message came of it, they are removed, unless
    /// another one shows it. Renditions follow when everybody has heard of it.
    pub(super) async fn show_taken(
        &self,
        visitor: &Visitor,
        room: RoomId,
        Taken { gif, files, pin }: Taken,
        new: NewGif,
    ) -> Result<Posted, Error> {
        let posted = self.show(visitor, room, gif, files, new).await;
        drop(pin);
        if posted.as_ref().is_ok_and(|posted| posted.first) {
            self.render_later(gif.hash);
        } else {
            self.tidy_up(vec![gif.hash]).await;
        }
        posted
    }

    async fn show(
        &self,
        visitor: &Visitor,
        room: RoomId,
        gif: Gif,
        files: Files,
        new: NewGif,
    ) -> Result<Posted, Error> {
        let session = visitor.caller.session;
        let turn = self.store.turn().await?;
        let (tell, told) = oneshot::channel();
        let id = new.client_message_id.as_ref();
        let content = Content::Gif { gif, alt: new.alt.clone() };
        let spoken = self.presence.speak(room, session, Speech::Gif, id, |member| {
            let message = self.new_message(session, member, room, content, new.client_message_id.clone());
            let message = NewMessage { reply: new.reply, ..message };
            turn.show(message, files, self.settings.space, move |posted| drop(tell.send(posted)));
        })?;
        match spoken {
            Spoken::Heard(()) => Ok(told.await.map_err(|_| Error::Busy)??),
            Spoken::Unheard(member) => {
                self.pretend().await;
                let seq = self.store.position(room).await?.map_or(0, |position| position.seq);
                let message = self.new_message(session, member, room, Content::Removed, new.client_message_id);
                Ok(Posted { message: unheard(message, seq, self.env.now()), first: false })
            }
        }
    }

    /// Whether there is space for another GIF, as far as that can be said before it is here. In the end the store decides.
    async fn ask_for_space(&self, caller: &Caller, room: RoomId) -> Result<(), Error> {
        let free = self.media.free().unwrap_or_else(|error| {
            tracing::warn!(%error, "how much space is left on the disk could not be learned");
            u64::MAX
        });
        if free < self.settings.disk_reserve {
            return Err(Refusal::DiskFull.into());
        }
        let Space { room, session, server } = self.store.space(room, caller.session).await?;
        Ok(self.settings.space.check(Space { room: room + 1, session: session + 1, server: server + 1 })?)
    }
}
