//! The data folder: made at the first start, closed to other users, used by one server at a time.

mod beside;
mod file_system;
mod runs;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::env::Env;
pub use beside::{Alone, Beside, Desk};
pub use runs::{Break, Runs};

const SECRET_BYTES: usize = 64;

/// The open data folder. While it lives, no second server can open it.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

/// What signs cookies. Whoever knows it can be anybody; it is never shown.
#[derive(Clone)]
pub struct Secret([u8; SECRET_BYTES]);

/// Why the data folder cannot be used: each is one sentence with its remedy.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error("the data folder {} cannot be made ({reason}): choose a folder that this user may write with --data or GIFCHAT_DATA", path.display())]
    NotMade { path: PathBuf, reason: std::io::Error },
    #[error("the data folder {} cannot be written ({reason}): give this user write permission, or choose another folder with --data or GIFCHAT_DATA", path.display())]
    NotWritable { path: PathBuf, reason: std::io::Error },
    #[error("the data folder {} is in use by another server: stop that one, or choose another folder with --data or GIFCHAT_DATA", path.display())]
    InUse { path: PathBuf },
    #[error("the secret {} can be read by other users (its mode is {mode:04o}): run `chmod 600 {}`; if somebody may have read it, delete it, and everybody gets a new identity", path.display(), path.display())]
    SecretOpen { path: PathBuf, mode: u32 },
    #[error("the secret {} does not hold {SECRET_BYTES} bytes: restore it from a backup, or delete it, and everybody gets a new identity", path.display())]
    SecretDamaged { path: PathBuf },
    #[error("the secret {} cannot be read ({reason}): let it belong to the user that runs the server", path.display())]
    SecretUnreadable { path: PathBuf, reason: std::io::Error },
    #[error("{} can be neither written nor removed ({reason}), and a power cut would go unnoticed: check the disk, and delete it", path.display())]
    StateStays { path: PathBuf, reason: std::io::Error },
}

impl DataFolder {
    /// Makes the folder when it is not there (mode 0700) and takes it for this process. Blocks for a few file calls.
    /// Warns of one on a network.
    ///
    /// # Errors
    /// When it cannot be made or written, or another server uses it.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|reason| DataError::NotMade { path: path.to_owned(), reason })?;
        let not_writable = |reason| DataError::NotWritable { path: path.to_owned(), reason };
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(not_writable)?;
        match lock.try_lock() {
            Ok(()) => {
                file_system::warn_if_remote(path);
                Ok(Self { path: path.to_owned(), _lock: lock })
            }
            Err(TryLockError::WouldBlock) => Err(DataError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(reason)) => Err(not_writable(reason)),
        }
    }

    /// Path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the servers before this one have ended, for a database in the folder.
    pub fn runs(&self, database: &Path) -> Runs {
        Runs::new(&self.path, database)
    }

    /// Reads the secret; makes it at the first start.
    ///
    /// # Errors
    /// When it is damaged, or other users can read it: it is then no secret.
    pub fn secret(&self, env: &Env) -> Result<Secret, DataError> {
        let path = self.path.join("secret");
        match read_secret(&path) {
            Err(DataError::SecretUnreadable { reason, .. }) if reason.kind() == ErrorKind::NotFound => {
                self.make_secret(&path, env)
                    .map_err(|reason| DataError::NotWritable { path: self.path.clone(), reason })?;
                read_secret(&path)
            }
            read => read,
        }
    }

    /// A crash leaves either the whole secret or none: it is written under another name, brought to the disk, and
    /// then linked, which fails if there is one by now.
    fn make_secret(&self, path: &Path, env: &Env) -> std::io::Result<()> {
        let draft = self.path.join(format!("secret.{:016x}", u64::from_ne_bytes(env.random())));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        let linked = file
            .write_all(&env.random::<SECRET_BYTES>())
            .and_then(|()| file.sync_all())
            .and_then(|()| std::fs::hard_link(&draft, path));
        std::fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => File::open(&self.path)?.sync_all(),
        }
    }
}

impl Secret {
    /// All 64 bytes.
    pub const fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

fn read_secret(path: &Path) -> Result<Secret, DataError> {
    let unreadable = |reason| DataError::SecretUnreadable { path: path.to_owned(), reason };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(DataError::SecretOpen { path: path.to_owned(), mode });
    }
    if metadata.len() != SECRET_BYTES as u64 {
        return Err(DataError::SecretDamaged { path: path.to_owned() });
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    bytes.try_into().map(Secret).map_err(|_| DataError::SecretDamaged { path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn the_first_start_makes_everything_for_this_user_alone() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/data");
        let secret = DataFolder::open(&path).unwrap().secret(&Env::system()).unwrap();
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join("secret")), 0o600);
        assert_eq!(mode(&path.join("lock")), 0o600);
        let mut names: Vec<_> = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["lock", "secret"]);

        let again = DataFolder::open(&path).unwrap().secret(&Env::system()).unwrap();
        assert_eq!(again.bytes(), secret.bytes());
        assert_ne!(secret.bytes(), &[0; SECRET_BYTES]);
        assert_eq!(format!("{again:?}"), "Secret(..)");
    }

    #[test]
    fn one_server_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataFolder::open(folder.path()).unwrap();
        let error = DataFolder::open(folder.path()).unwrap_err();
        assert!(error.to_string().contains("is in use by another server: stop that one"), "{error}");
        drop(first);
        DataFolder::open(folder.path()).unwrap();
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(folder.path()).unwrap();
        data.secret(&Env::system()).unwrap();
        fs::set_permissions(folder.path().join("secret"), Permissions::from_mode(0o644)).unwrap();
        let error = data.secret(&Env::system()).unwrap_err().to_string();
        assert!(error.contains("(its mode is 0644): run `chmod 600 /"), "{error}");
    }

    #[test]
    fn a_damaged_secret_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(folder.path()).unwrap();
        let path = folder.path().join("secret");
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).unwrap().write_all(b"short").unwrap();
        let error = data.secret(&Env::system()).unwrap_err().to_string();
        assert!(error.contains("does not hold 64 bytes: restore it"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"short");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_one_sentence() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let error = DataFolder::open(&folder.path().join("file/data")).unwrap_err().to_string();
        assert!(error.contains("cannot be made (Not a directory"), "{error}");
        assert!(error.ends_with("choose a folder that this user may write with --data or GIFCHAT_DATA"), "{error}");
    }
}
