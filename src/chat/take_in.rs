//! An upload becomes a GIF that is stored: looked through once, whoever sends it how often.

use bytes::Bytes;

use super::{Chat, Error};
use crate::domain::{Gif, GifHash, Rendition};
use crate::media::{GifFile, Pin, facts};
use crate::store::Files;

/// A GIF that is stored, as long as the pin lives, and what a message has to say of it.
#[derive(Debug)]
pub(super) struct Taken {
    pub gif: Gif,
    pub files: Files,
    pub pin: Pin,
}

impl Chat {
    /// Looks through a picture and stores it, with its poster. What was sent before is known by its hash, and is not looked
    /// through again.
    ///
    /// # Errors
    /// [`Error::Gif`] for what is no picture or too much of one; [`Error::Busy`], [`Error::Unavailable`].
    pub(super) async fn take_in(&self, upload: Bytes) -> Result<Taken, Error> {
        let source = self.digest(upload.clone()).await?;
        if let Some(gif) = self.store.gif_of_source(source).await?
            // Its file may be gone, or about to be.
            && let Some(pin) = self.media.pin(gif.hash).await?
        {
            return Ok(Taken { gif, files: Files { source: Some(source), ..Files::default() }, pin });
        }
        let received = self.look_through(upload.clone()).await?;
        let pin = self.media.put(received.gif.clone().into()).await?;
        let gif = facts(pin.hash(), &received);
        let mut files = Files { source: Some(source), ..Files::default() };
        files.poster = received.look.poster.len() as u64;
        self.media.put_beside(&pin, GifFile::Of(Rendition::Poster), received.look.poster.into()).await?;
        if self.settings.keep_originals && pin.hash() != source {
            files.original = upload.len() as u64;
            self.media.put_beside(&pin, GifFile::Original, upload).await?;
        }
        Ok(Taken { gif, files, pin })
    }

    async fn digest(&self, upload: Bytes) -> Result<GifHash, Error> {
        let digest = tokio::task::spawn_blocking(move || GifHash::of(&upload)).await;
        digest.map_err(|error| Error::unavailable("look through a GIF", error))
    }

    /// Decodes every frame, on a thread of its own; so many at once as there are cleaners.
    pub(super) async fn look_through(&self, upload: Bytes) -> Result<gifchat_gif::Received, Error> {
        let _turn = self.cleaners.acquire().await.map_err(|_| Error::Busy)?;
        let limits = self.settings.gif;
        let received = tokio::task::spawn_blocking(move || gifchat_gif::receive(&upload, &limits)).await;
        Ok(received.map_err(|error| Error::unavailable("look through a GIF", error))??)
    }
}
