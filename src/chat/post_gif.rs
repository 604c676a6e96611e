//! Somebody shows a GIF.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::{Chat, Error, Visitor};
use crate::domain::{ClientMessageId, Content, Gif, Message, RoomId};

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
    pub async fn post_gif(
        self: &Arc<Self>,
        upload: Upload,
        bytes: Bytes,
        client_message_id: Option<ClientMessageId>,
    ) -> Result<Message, Error> {
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
            };
            let message = chat.new_message(&visitor.caller, room, Content::Gif(gif), client_message_id);
            let posted = chat.store.post(message).await;
            drop(pin);
            if !posted.as_ref().is_ok_and(|posted| posted.first) {
                chat.release(vec![gif.hash]).await;
            }
            Ok(posted?.message)
        })
        .await
    }

    async fn clean(&self, bytes: Bytes) -> Result<gifchat_gif::Clean, Error> {
        let _turn = self.cleaners.acquire().await.map_err(|_| Error::Busy)?;
        let limits = self.settings.gif;
        let cleaned = tokio::task::spawn_blocking(move || gifchat_gif::clean(&bytes, &limits)).await;
        Ok(cleaned.map_err(|error| Error::unavailable("look through a GIF", error))??)
    }
}
