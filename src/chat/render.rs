//! Light renditions of GIFs, made after everybody in the room has heard of them.

use std::sync::Arc;

use bytes::Bytes;

use super::renditions::{Job, MOST, Next};
use super::{Chat, Error};
use crate::domain::{Color, GifHash, Rendition};
use crate::media::{GifFile, Pin};
use crate::store::{Rendered, Renditions};

const GIF: GifFile = GifFile::Of(Rendition::Gif);
const WEBP: GifFile = GifFile::Of(Rendition::WebP);
const POSTER: GifFile = GifFile::Of(Rendition::Poster);

impl Chat {
    /// Makes renditions, one after another. As many tasks as there are to be threads run it, for ever.
    pub async fn make_renditions(self: Arc<Self>) {
        loop {
            match self.renditions.next().await {
                Next::Render(job) => {
                    let hash = job.hash;
                    if let Err(error) = self.render(job).await {
                        let error: &dyn std::error::Error = &error;
                        tracing::warn!(%hash, error, "a rendition was not made: the GIF is shown in its place");
                    }
                }
                Next::Refill(after) => match self.store.gifs_to_render(after, MOST as u32).await {
                    Ok(hashes) => self.renditions.refilled(&hashes),
                    Err(error) => tracing::warn!(%error, "which renditions are to be made could not be learned"),
                },
            }
        }
    }

    /// Makes what is missing of a GIF.
    async fn render(&self, job: Job) -> Result<(), Error> {
        let hash = job.hash;
        if self.media.free().is_ok_and(|free| free < self.settings.disk_reserve) {
            // Later, when somebody looks at it: what is left of the disk is for words.
            return Ok(());
        }
        // From here on its files stay.
        let Some(pin) = self.media.pin(hash).await? else { return Ok(()) };
        let done = match self.store.renditions(hash).await? {
            Some(found) => self.render_pinned(&job, &pin, found).await,
            None => Ok(false),
        };
        drop((job, pin));
        if !matches!(done, Ok(true)) {
            // It may have gone meanwhile, and left its files to us.
            self.tidy_up(vec![hash]).await;
        }
        done.map(drop)
    }

    /// `false` when nobody wants it any more.
    async fn render_pinned(&self, job: &Job, pin: &Pin, found: Renditions) -> Result<bool, Error> {
        let Some(gif) = self.media.get(pin.hash(), GIF).await? else { return Ok(false) };
        let gif = gif.bytes().await?;
        // It may have been put back without its row being told.
        let original = self.media.size(pin.hash(), GifFile::Original).await?;
        let mut rendered = Rendered { original, ..Rendered::default() };
        // The row says what there was; the disk may have lost it.
        if found.poster == 0 || self.media.size(pin.hash(), POSTER).await?.is_none() {
            // It is older than posters, or its row is younger than its files.
            let received = match self.look_through(gif.clone()).await {
                // It was stored when the limits were others. It is what it is, and not looked through at every look at it.
                Err(Error::Gif(error)) => {
                    tracing::warn!(hash = %pin.hash(), %error, "a stored GIF cannot be looked through");
                    let rendered = Rendered { webp: Some(0), poster: Some(0), ..rendered };
                    return Ok(self.store.rendered(pin.hash(), rendered).await?);
                }
                received => received?,
            };
            rendered.look = Some((Color::from_rgb(received.look.color), received.look.flashes));
            rendered.poster = Some(received.look.poster.len() as u64);
            self.media.put_beside(pin, POSTER, received.look.poster.into()).await?;
        }
        if found.webp != Some(0) {
            rendered.webp = match self.media.size(pin.hash(), WEBP).await? {
                Some(made) => Some(made),
                None => match self.animate(job, pin, gif).await? {
                    Some(webp) => Some(webp),
                    None => return Ok(false),
                },
            };
        }
        Ok(self.store.rendered(pin.hash(), rendered).await?)
    }

    /// Its size; 0 when it would be no smaller than the GIF, `None` when nobody wants it any more.
    async fn animate(&self, job: &Job, pin: &Pin, gif: Bytes) -> Result<Option<u64>, Error> {
        let source = match self.media.get(pin.hash(), GifFile::Original).await? {
            Some(original) => original.bytes().await?,
            None => gif.clone(),
        };
        let (go_on, limits) = (job.go_on(), self.settings.gif);
        let animated =
            tokio::task::spawn_blocking(move || gifchat_gif::animate(&source, &limits, gif.len(), &go_on)).await;
        match animated.map_err(|error| Error::unavailable("make a rendition", error))? {
            Ok(Some(webp)) => {
                let size = webp.len() as u64;
                self.media.put_beside(pin, WEBP, webp.into()).await?;
                Ok(Some(size))
            }
            Ok(None) => Ok(Some(0)),
            Err(gifchat_gif::Error::Cancelled) => Ok(None),
            Err(error @ gifchat_gif::Error::NotEncoded) => Err(error.into()),
            // It would go wrong every time.
            Err(error) => {
                tracing::warn!(hash = %pin.hash(), %error, "there is no animated WebP of a GIF");
                Ok(Some(0))
            }
        }
    }

    /// A rendition of this is to be made, when there is time for it.
    pub(super) fn render_later(&self, hash: GifHash) {
        self.renditions.add(hash);
    }
}
