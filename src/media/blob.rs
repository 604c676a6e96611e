//! What is read of a file.

use std::ops::Range;

use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;

use super::MediaError;

/// A stored file, or a part of it.
pub struct Blob {
    /// Size of the whole file in bytes.
    pub len: u64,
    /// Which bytes of it these are.
    pub range: Range<u64>,
    pub stream: BoxStream<'static, Result<Bytes, MediaError>>,
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blob").field("len", &self.len).field("range", &self.range).finish_non_exhaustive()
    }
}

impl Blob {
    /// All of it at once.
    ///
    /// # Errors
    /// [`MediaError::Storage`] when it cannot be read to the end.
    pub async fn bytes(self) -> Result<Bytes, MediaError> {
        let chunks: Vec<Bytes> = self.stream.try_collect().await?;
        Ok(chunks.concat().into())
    }
}
