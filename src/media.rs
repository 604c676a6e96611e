//! GIF files by content hash.
//!
//! # Why no message points at a missing file
//!
//! A file is written, with its folder entry, to the disk before [`Media::put`] returns its [`Pin`]; whoever posts the
//! message keeps the pin until the store has answered. Removing a file ([`Media::release`]) and writing it exclude each
//! other per hash, and removing asks twice under that lock: is there a pin, and does the store know a message? So
//!
//! - a message that is being posted has a pin: the file stays;
//! - a message that is stored is known to the store: the file stays;
//! - a poster whose caller went away has dropped the pin while the message may still wait for the store's writer.
//!   Therefore the question goes through the writer as well (`Store::is_gif_used`), behind that message;
//! - an upload that comes after the removal finds no file and writes it anew.
//!
//! Beside a GIF lie its renditions ([`GifFile`]). They are written while somebody pins the GIF, and go with it.
//! Processes that share the folder (an operator's command beside the server) exclude each other in the same way: see hold.rs.
//!
//! A file without a message (a crash or a refusal between upload and post, or a shelf that was held when the file was to go)
//! does no harm. [`Media::left`] tells that there may be one; it is deleted with the next release, or by [`Media::sweep`] at
//! the next start.

use std::collections::HashSet;
use std::error::Error;
use std::fs::DirBuilder;
use std::io;
use std::ops::Range;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path as Folder, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutPayload};

use crate::domain::{GifHash, Rendition};
pub use blob::Blob;
pub use facts::facts;
use folder::prepare;
use hold::Hold;
pub use names::File as GifFile;
use pins::Pins;

mod blob;
mod facts;
mod folder;
mod hold;
mod names;
mod pins;

/// Hashes share this many locks.
const LOCKS: usize = 64;

/// What can go wrong with a file. The text is for the log, not for strangers.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    #[error("the GIF folder cannot be made or read")]
    Folder(#[source] io::Error),
    #[error("the GIF storage failed")]
    Storage(#[from] object_store::Error),
    #[error("the range begins behind the end of a file of {len} bytes")]
    OutOfRange { len: u64 },
    #[error("whether a GIF is used could not be learned")]
    Unknown(#[source] Box<dyn Error + Send + Sync>),
    #[error("a task was ended while it wrote a GIF")]
    Ended(#[from] tokio::task::JoinError),
}

/// A handle on the stored GIFs; clones share it.
#[derive(Clone, Debug)]
pub struct Media {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    files: Box<dyn ObjectStore>,
    folder: PathBuf,
    /// Writing and removing a file exclude each other.
    locks: [tokio::sync::Mutex<()>; LOCKS],
    pins: Pins,
}

/// Keeps a stored GIF from being removed. Hold it until the store has answered about the message that shows it.
#[derive(Debug)]
pub struct Pin {
    hash: GifHash,
    shared: Arc<Shared>,
    /// For other processes. Without it, when the folder cannot be read, the worst is a file removed too early by an
    /// operator's command at just this moment.
    _hold: Option<Hold>,
}

impl Pin {
    pub const fn hash(&self) -> GifHash {
        self.hash
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.shared.pins.unpin(self.hash);
    }
}

impl Media {
    /// Keeps the GIFs in a folder, which is made for this user alone.
    ///
    /// # Errors
    /// [`MediaError::Folder`] when it cannot be made or read.
    pub fn local(folder: &Folder) -> Result<Self, MediaError> {
        prepare(folder).map_err(MediaError::Folder)?;
        Self::of(folder)
    }

    /// The same beside a server that may be running: what it is just writing is left alone.
    ///
    /// # Errors
    /// [`MediaError::Folder`] when it cannot be made or read.
    pub fn beside(folder: &Folder) -> Result<Self, MediaError> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(MediaError::Folder)?;
        Self::of(folder)
    }

    fn of(folder: &Folder) -> Result<Self, MediaError> {
        let files = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self {
            shared: Arc::new(Shared {
                files: Box::new(files),
                folder: folder.to_owned(),
                locks: std::array::from_fn(|_| tokio::sync::Mutex::new(())),
                pins: Pins::default(),
            }),
        })
    }

    /// Stores a GIF, unless it is stored already, and pins it. When this returns the file survives a power cut.
    ///
    /// # Errors
    /// [`MediaError::Storage`]: the disk is full, or worse.
    pub async fn put(&self, bytes: Bytes) -> Result<Pin, MediaError> {
        let shared = Arc::clone(&self.shared);
        // A task of its own: an uploader who goes away must not leave the lock while the file is half written.
        tokio::spawn(async move {
            let hash = tokio::task::spawn_blocking({
                let bytes = bytes.clone();
                move || GifHash::of(&bytes)
            })
            .await?;
            let _lock = shared.lock(hash).await;
            let pin = Shared::pin(&shared, hash).await;
            shared.write(hash, GIF, bytes).await?;
            Ok(pin)
        })
        .await?
    }

    /// Stores another file of a pinned GIF, unless it is stored already. It goes with the GIF.
    ///
    /// # Errors
    /// [`MediaError::Storage`].
    pub async fn put_beside(&self, pin: &Pin, file: GifFile, bytes: Bytes) -> Result<(), MediaError> {
        let (shared, hash) = (Arc::clone(&self.shared), pin.hash);
        tokio::spawn(async move {
            let _lock = shared.lock(hash).await;
            shared.write(hash, file, bytes).await
        })
        .await?
    }

    /// The size of a file of a GIF; `None` when it is not stored.
    ///
    /// # Errors
    /// [`MediaError::Storage`].
    pub async fn size(&self, hash: GifHash, file: GifFile) -> Result<Option<u64>, MediaError> {
        self.shared.len(hash, file).await
    }

    /// Bytes that are free on the file system of the GIFs, for this user.
    ///
    /// # Errors
    /// The system's.
    pub fn free(&self) -> io::Result<u64> {
        let found = rustix::fs::statvfs(&self.shared.folder)?;
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }

    /// Pins a GIF that is stored; `None` when it is not.
    ///
    /// # Errors
    /// [`MediaError::Storage`].
    pub async fn pin(&self, hash: GifHash) -> Result<Option<Pin>, MediaError> {
        let _lock = self.shared.lock(hash).await;
        // First: another process may be about to remove it.
        let pin = Shared::pin(&self.shared, hash).await;
        Ok(self.shared.len(hash, GIF).await?.map(|_| pin))
    }

    /// A whole file of a GIF; `None` when it is not stored.
    ///
    /// # Errors
    /// [`MediaError::Storage`].
    pub async fn get(&self, hash: GifHash, file: GifFile) -> Result<Option<Blob>, MediaError> {
        self.read(hash, file, None).await
    }

    /// Some bytes of a file, as many as there are of the range; `None` when it is not stored.
    ///
    /// # Errors
    /// [`MediaError::OutOfRange`] when there are none, [`MediaError::Storage`].
    pub async fn get_range(&self, hash: GifHash, file: GifFile, range: Range<u64>) -> Result<Option<Blob>, MediaError> {
        self.read(hash, file, Some(range)).await
    }

    async fn read(&self, hash: GifHash, file: GifFile, range: Option<Range<u64>>) -> Result<Option<Blob>, MediaError> {
        if let Some(range) = &range {
            let Some(len) = self.shared.len(hash, file).await? else { return Ok(None) };
            if range.start >= len || range.is_empty() {
                return Err(MediaError::OutOfRange { len });
            }
        }
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        match self.shared.files.get_opts(&file.path(hash), options).await {
            Ok(found) => Ok(Some(Blob {
                len: found.meta.size,
                range: found.range.clone(),
                stream: found.into_stream().map_err(MediaError::from).boxed(),
            })),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes those of the GIFs that nobody pins and no message shows, and leftovers of uploads without a message.
    /// `still_used` asks `Store::is_gif_used`.
    ///
    /// # Errors
    /// The first failure. What was not removed by then is tried again the next time.
    pub async fn release<A, F, E>(&self, hashes: Vec<GifHash>, still_used: A) -> Result<(), MediaError>
    where
        A: Fn(GifHash) -> F,
        F: Future<Output = Result<bool, E>>,
        E: Error + Send + Sync + 'static,
    {
        let mut hashes: HashSet<GifHash> = hashes.into_iter().collect();
        hashes.extend(self.shared.pins.take_loose());
        let mut hashes = hashes.into_iter();
        let mut failed = Ok(());
        while let (Ok(()), Some(hash)) = (&failed, hashes.next()) {
            failed = self.shared.remove_unused(hash, &still_used).await.inspect_err(|_| self.shared.pins.doubt(hash));
        }
        // Who waits for this should not wait for the same failure again and again.
        hashes.for_each(|hash| self.shared.pins.doubt(hash));
        failed
    }

    /// Waits until there are files that may be left over, and that the next release looks at.
    pub async fn left(&self) {
        self.shared.pins.left().await;
    }

    /// Removes every stored file of a GIF that nothing refers to: to be called once after a start, when a crash may have left
    /// some. Returns the GIFs that are stored.
    ///
    /// # Errors
    /// The first failure; files not looked at by then stay.
    pub async fn sweep<A, F, E>(&self, still_used: A) -> Result<HashSet<GifHash>, MediaError>
    where
        A: Fn(GifHash) -> F,
        F: Future<Output = Result<bool, E>>,
        E: Error + Send + Sync + 'static,
    {
        let (mut seen, mut whole) = (HashSet::new(), HashSet::new());
        let mut stored = self.shared.files.list(None);
        while let Some(file) = stored.try_next().await? {
            let Some((hash, file)) = GifFile::at(&file.location) else { continue };
            if seen.insert(hash) {
                self.shared.remove_unused(hash, &still_used).await?;
            }
            if file == GIF {
                whole.insert(hash);
            }
        }
        Ok(whole)
    }
}

/// The file without which the others are nothing.
const GIF: GifFile = GifFile::Of(Rendition::Gif);

impl Shared {
    async fn lock(&self, hash: GifHash) -> tokio::sync::MutexGuard<'_, ()> {
        self.locks[usize::from(hash.as_bytes()[0]) % LOCKS].lock().await
    }

    async fn pin(shared: &Arc<Self>, hash: GifHash) -> Pin {
        let hold = Hold::shared(&shared.shelf(hash))
            .await
            .inspect_err(|error| tracing::warn!(%error, "a GIF's folder cannot be held"))
            .ok();
        shared.pins.pin(hash);
        Pin { hash, shared: Arc::clone(shared), _hold: hold }
    }

    /// The folder that a GIF's files are in.
    fn shelf(&self, hash: GifHash) -> PathBuf {
        self.folder.join(&hash.to_string()[..2])
    }

    /// Writes a file, unless it is there. The GIF's lock is held.
    async fn write(&self, hash: GifHash, file: GifFile, bytes: Bytes) -> Result<(), MediaError> {
        if self.len(hash, file).await?.is_none()
            && let Err(error) = self.files.put(&file.path(hash), PutPayload::from_bytes(bytes)).await
        {
            // It may be there without being safe on the disk: the next one has to write it again.
            let _ = self.files.delete(&file.path(hash)).await;
            return Err(error.into());
        }
        Ok(())
    }

    /// The size of a stored file.
    async fn len(&self, hash: GifHash, file: GifFile) -> Result<Option<u64>, MediaError> {
        match self.files.head(&file.path(hash)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn remove_unused<A, F, E>(&self, hash: GifHash, still_used: &A) -> Result<(), MediaError>
    where
        A: Fn(GifHash) -> F,
        F: Future<Output = Result<bool, E>>,
        E: Error + Send + Sync + 'static,
    {
        let _lock = self.lock(hash).await;
        // Pinned: dropping the last pin brings it up again.
        if self.pins.is_pinned(hash) {
            return Ok(());
        }
        let Some(_alone) = Hold::alone(&self.shelf(hash)).map_err(MediaError::Folder)? else {
            // Another process, or a pin of a neighbour.
            self.pins.doubt(hash);
            return Ok(());
        };
        if still_used(hash).await.map_err(|error| MediaError::Unknown(Box::new(error)))? {
            return Ok(());
        }
        for file in GifFile::ALL {
            match self.files.delete(&file.path(hash)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
