//! Somebody looks at a GIF.

use std::ops::Range;

use super::{Chat, Error};
use crate::domain::GifHash;
use crate::media::Blob;

impl Chat {
    /// A stored GIF, or some bytes of it; `None` when there is none. Its name is its content: who knows it may see it.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn gif(&self, hash: GifHash, range: Option<Range<u64>>) -> Result<Option<Blob>, Error> {
        Ok(match range {
            Some(range) => self.media.get_range(hash, range).await?,
            None => self.media.get(hash).await?,
        })
    }
}
