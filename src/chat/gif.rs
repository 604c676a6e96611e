//! Somebody looks at a GIF.

use std::ops::Range;

use super::{Chat, Error};
use crate::domain::{GifHash, Rendition};
use crate::media::{Blob, GifFile};

/// What is shown of a GIF, which may stand in for what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub rendition: Rendition,
    /// Whether the same is shown for the same question ever after.
    pub for_good: bool,
}

impl Chat {
    /// What there is of a GIF when this is asked for; `None` when there is no such GIF, and while there is no poster of it: who
    /// asks for a still is never shown what moves. Its name is its content: who knows it may see it.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn rendition(&self, hash: GifHash, asked: Rendition) -> Result<Option<Shown>, Error> {
        if asked == Rendition::Gif || self.media.size(hash, GifFile::Of(asked)).await?.is_some() {
            return Ok(Some(Shown { rendition: asked, for_good: true }));
        }
        let Some(found) = self.store.renditions(hash).await? else { return Ok(None) };
        let for_good = asked == Rendition::WebP && found.webp == Some(0);
        // What cannot be made is not tried again and again.
        let is_owed = found.webp.is_none() || (asked == Rendition::WebP && !for_good) || found.poster > 0;
        if is_owed {
            self.render_later(hash);
        }
        if asked == Rendition::Poster {
            return Ok(None);
        }
        Ok(Some(Shown { rendition: Rendition::Gif, for_good }))
    }

    /// A stored rendition, or some bytes of it; `None` when there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn gif(
        &self,
        hash: GifHash,
        rendition: Rendition,
        range: Option<Range<u64>>,
    ) -> Result<Option<Blob>, Error> {
        let file = GifFile::Of(rendition);
        Ok(match range {
            Some(range) => self.media.get_range(hash, file, range).await?,
            None => self.media.get(hash, file).await?,
        })
    }
}
