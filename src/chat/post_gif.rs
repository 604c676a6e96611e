//! Somebody shows a GIF.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::post::unheard;
use super::{Chat, Error, Visitor};
use crate::domain::{Color, Content, Gif, Message, NewGif, NewMessage, RoomId};
use crate::media::Pin;
use crate::presence::{Speech, Spoken};
use crate::store::Posted;

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
    /// [`Error::ShuttingDown`].
    pub fn begin_upload(&self, visitor: &Visitor, room: RoomId) -> Result<Upload, Error> {
        let _open = self.posts.enter()?;
        self.present(&visitor.caller, room)?;
        let slot = Arc::clone(&self.uploads).try_acquire_owned().map_err(|_| Error::Busy)?;
        self.limits.uploads.take(visitor, self.env.now())?;
        Ok(Upload { visitor: visitor.clone(), room, slot })
    }

    /// Cleans and stores the GIF and posts it. When this returns, it is stored and everybody in the room has been told.
    ///
    /// # Errors
    /// [`Error::Gif`] for what is not a GIF or too much of one; and as [`Chat::post`].
    pub async fn post_gif(self: &Arc<Self>, upload: Upload, bytes: Bytes, new: NewGif) -> Result<Message, Error> {
        self.to_the_end(async move |chat| {
            let Upload { visitor, room, slot: _slot } = upload;
            let _inside = chat.posts.enter()?;
            let clean = chat.clean(bytes).await?;
            chat.present(&visitor.caller, room)?;
            let size = clean.bytes.len();
            // The pin lives until the store has answered: until then no message keeps the file.
            let pin = chat.media.put(clean.bytes.into()).await?;
            let gif = Gif {
                hash: pin.hash(),
                width: clean.info.width,
                height: clean.info.height,
                frames: clean.info.frames,
                duration_ms: u32::try_from(clean.info.duration.as_millis()).unwrap_or(u32::MAX),
                bytes: size as u64,
                color: Color::GREY,
                flashes: false,
            };
            chat.show_pinned(&visitor, room, gif, new, pin).await
        })
        .await
    }

    /// Posts a GIF whose file is there for as long as the pin lives. When no message came of it, it is removed, unless
    /// another one shows it.
    pub(super) async fn show_pinned(
        &self,
        visitor: &Visitor,
        room: RoomId,
        gif: Gif,
        new: NewGif,
        pin: Pin,
    ) -> Result<Message, Error> {
        let posted = self.show(visitor, room, gif, new).await;
        drop(pin);
        if !posted.as_ref().is_ok_and(|posted| posted.first) {
            self.release(vec![gif.hash]).await;
        }
        Ok(posted?.message)
    }

    async fn show(&self, visitor: &Visitor, room: RoomId, gif: Gif, new: NewGif) -> Result<Posted, Error> {
        let session = visitor.caller.session;
        let turn = self.store.turn().await?;
        let (tell, told) = oneshot::channel();
        let id = new.client_message_id.as_ref();
        let content = Content::Gif { gif, alt: new.alt.clone() };
        let spoken = self.presence.speak(room, session, Speech::Gif, id, |member| {
            let message = self.new_message(session, member, room, content, new.client_message_id.clone());
            turn.post(NewMessage { reply: new.reply, ..message }, move |posted| drop(tell.send(posted)));
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

    async fn clean(&self, bytes: Bytes) -> Result<gifchat_gif::Clean, Error> {
        let _turn = self.cleaners.acquire().await.map_err(|_| Error::Busy)?;
        let limits = self.settings.gif;
        let cleaned = tokio::task::spawn_blocking(move || gifchat_gif::clean(&bytes, &limits)).await;
        Ok(cleaned.map_err(|error| Error::unavailable("look through a GIF", error))??)
    }
}
