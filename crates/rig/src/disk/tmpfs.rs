//! A small file system in memory that can really be full.

use std::ffi::CString;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use rustix::mount::{MountFlags, UnmountFlags, mount, mount_remount, unmount};
use rustix::process::geteuid;

/// Unmounted when this is dropped, whoever still uses it.
#[derive(Debug)]
pub struct Tmpfs {
    folder: PathBuf,
    data: CString,
}

/// All of the space that was left, taken. Given back when this is dropped.
#[derive(Debug)]
pub struct Ballast(PathBuf);

impl Tmpfs {
    /// Mounts one of so many bytes on this folder.
    ///
    /// # Errors
    /// When this is not root, or the kernel refuses.
    pub fn mount(folder: &Path, bytes: u64) -> anyhow::Result<Self> {
        ensure!(
            geteuid().is_root(),
            "mounting a small file system needs root: run this scenario as root, or only its parts errors and locked"
        );
        let data = CString::new(format!("size={bytes},mode=0700")).context("digits")?;
        mount("gifchat-rig", folder, "tmpfs", MountFlags::empty(), data.as_c_str())
            .with_context(|| format!("no file system can be mounted on {}", folder.display()))?;
        Ok(Self { folder: folder.to_owned(), data })
    }

    /// Writes until nothing more fits.
    ///
    /// # Errors
    /// When writing ends with something else than "no space".
    pub fn fill(&self) -> anyhow::Result<Ballast> {
        let path = self.folder.join("ballast");
        let mut file = File::create(&path)?;
        let ballast = Ballast(path);
        loop {
            match file.write(&[0; 4096]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(ballast),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Read-only, or as before. Nobody may have a file open for writing.
    ///
    /// # Errors
    /// When somebody has.
    pub fn set_read_only(&self, read_only: bool) -> anyhow::Result<()> {
        let flags = if read_only { MountFlags::RDONLY } else { MountFlags::empty() };
        mount_remount(&self.folder, flags, self.data.as_c_str()).context("it cannot be mounted anew")
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        if let Err(error) = unmount(&self.folder, UnmountFlags::DETACH) {
            eprintln!("{} is still mounted ({error}): umount it", self.folder.display());
        }
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        // What was not made, or is gone with its file system, needs no removing.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_full_and_then_not_and_then_gone() {
        let folder = tempfile::tempdir().unwrap();
        if !geteuid().is_root() {
            assert!(Tmpfs::mount(folder.path(), 1 << 20).unwrap_err().to_string().contains("needs root"));
            return;
        }
        let tmpfs = Tmpfs::mount(folder.path(), 1 << 20).unwrap();
        let file = folder.path().join("file");
        let ballast = tmpfs.fill().unwrap();
        assert_eq!(std::fs::write(&file, "x").unwrap_err().kind(), ErrorKind::StorageFull);
        drop(ballast);
        // A busy kernel gives the pages back a little later.
        let writes = std::iter::repeat_with(|| std::fs::write(&file, "x").inspect_err(|_| std::thread::yield_now()));
        writes.take(100_000).find(Result::is_ok).expect("there is space again").unwrap();
        tmpfs.set_read_only(true).unwrap();
        assert_eq!(std::fs::write(&file, "y").unwrap_err().kind(), ErrorKind::ReadOnlyFilesystem);
        tmpfs.set_read_only(false).unwrap();
        std::fs::write(&file, "y").unwrap();
        drop(tmpfs);
        assert!(!file.exists());
    }
}
