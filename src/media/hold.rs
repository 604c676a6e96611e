//! What several processes agree on about the files: an operator's command may work beside the server.
//!
//! A shelf (the folder `ab/` of the GIFs whose hash begins so) is held by who has put a file there that nothing may refer to
//! yet, and by who removes one: any number of the first at a time, or one of the second (`flock`). So a pin of one process
//! keeps the remover of another away; it tries again with its next release.

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// A shelf that is held as long as this lives.
#[derive(Debug)]
pub(super) struct Hold(#[allow(dead_code, reason = "closing it lets go")] File);

impl Hold {
    /// Waits for a remover of another process, on a thread of its own: that one may be waiting for the database.
    pub(super) async fn shared(shelf: &Path) -> io::Result<Self> {
        let shelf = open(shelf)?;
        match shelf.try_lock_shared() {
            Ok(()) => Ok(Self(shelf)),
            Err(TryLockError::WouldBlock) => {
                let waited = tokio::task::spawn_blocking(move || shelf.lock_shared().map(|()| Self(shelf)));
                waited.await.map_err(io::Error::other)?
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// `None` while anybody else holds the shelf.
    pub(super) fn alone(shelf: &Path) -> io::Result<Option<Self>> {
        let shelf = open(shelf)?;
        match shelf.try_lock() {
            Ok(()) => Ok(Some(Self(shelf))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn open(shelf: &Path) -> io::Result<File> {
    match File::open(shelf) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(shelf)?;
            // What is in it is safe on the disk only with its name.
            if let Some(folder) = shelf.parent() {
                File::open(folder)?.sync_all()?;
            }
            File::open(shelf)
        }
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_who_removes_or_many_who_put() {
        let folder = tempfile::tempdir().unwrap();
        let (shelf, other) = (folder.path().join("ab"), folder.path().join("cd"));
        let (first, second) = (Hold::shared(&shelf).await.unwrap(), Hold::shared(&shelf).await.unwrap());
        assert!(Hold::alone(&shelf).unwrap().is_none());
        assert!(Hold::alone(&other).unwrap().is_some(), "another shelf");
        drop(first);
        assert!(Hold::alone(&shelf).unwrap().is_none());
        drop(second);
        let alone = Hold::alone(&shelf).unwrap().unwrap();
        assert!(Hold::alone(&shelf).unwrap().is_none());
        // Who puts something there waits for who removes, and nobody else does.
        let (waiting, ()) = tokio::join!(Hold::shared(&shelf), async { drop(alone) });
        assert!(Hold::alone(&shelf).unwrap().is_none());
        drop(waiting);
        assert!(Hold::alone(&shelf).unwrap().is_some());
    }
}
