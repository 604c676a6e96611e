//! Calls of the server that fail when we say so: a small library that is loaded before all others.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use rustix::io::Errno;
use tokio::process::Command;

const SOURCE: &str = include_str!("../../faults/faults.c");

/// Which calls on files below the data folder fail. See faults/faults.c.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `fdatasync` and `fsync`.
    Sync,
    /// `pwrite64` and its kin.
    Write,
    Truncate,
    All,
}

/// The library, and the file that controls it.
#[derive(Debug)]
pub struct Faults {
    library: PathBuf,
    control: PathBuf,
    below: PathBuf,
}

impl Faults {
    /// Compiles the library into `folder`. Files below `below` will be concerned.
    ///
    /// # Errors
    /// When there is no C compiler.
    pub async fn compile(folder: &Path, below: &Path) -> anyhow::Result<Self> {
        let (source, library) = (folder.join("faults.c"), folder.join("faults.so"));
        std::fs::write(&source, SOURCE)?;
        let output = Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-Wall", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .output()
            .await
            .context("injecting I/O errors needs a C compiler: install `cc`")?;
        ensure!(output.status.success(), "faults.c: {}", String::from_utf8_lossy(&output.stderr));
        // As the kernel will name what the server opens.
        Ok(Self { library, control: folder.join("faults"), below: below.canonicalize()? })
    }

    /// For the server that is to feel them.
    pub fn env(&self) -> Vec<(String, String)> {
        [("LD_PRELOAD", &self.library), ("RIG_FAULTS", &self.control), ("RIG_FAULTS_BELOW", &self.below)]
            .map(|(name, path)| (name.to_owned(), path.display().to_string()))
            .into()
    }

    /// From now on every `every`-th of these calls fails.
    ///
    /// # Errors
    /// When the control file cannot be written.
    pub fn begin(&self, call: Call, errno: Errno, every: u32) -> std::io::Result<()> {
        let name = match call {
            Call::Sync => "fdatasync",
            Call::Write => "pwrite64",
            Call::Truncate => "ftruncate",
            Call::All => "all",
        };
        // Under another name first, so that nobody reads half of it.
        let draft = self.control.with_extension("draft");
        std::fs::write(&draft, format!("{name} {} {every}\n", errno.raw_os_error()))?;
        std::fs::rename(draft, &self.control)
    }

    /// From now on nothing fails.
    ///
    /// # Errors
    /// When nothing did.
    pub fn end(&self) -> std::io::Result<()> {
        std::fs::remove_file(&self.control)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a program could write a file there.
    async fn writes(faults: &Faults, file: &Path) -> bool {
        let mut dd = Command::new("dd");
        dd.args(["if=/dev/zero", "bs=10", "count=1", "conv=fsync"]).arg(format!("of={}", file.display()));
        dd.envs(faults.env()).output().await.unwrap().status.success()
    }

    #[tokio::test]
    async fn calls_fail_below_the_folder_and_only_while_they_should() {
        let (folder, below) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let faults = Faults::compile(folder.path(), below.path()).await.unwrap();
        let (inside, outside) = (below.path().join("file"), folder.path().join("file"));
        assert!(writes(&faults, &inside).await);
        for call in [Call::Sync, Call::Write, Call::All] {
            faults.begin(call, Errno::IO, 1).unwrap();
            assert!(!writes(&faults, &inside).await && writes(&faults, &outside).await, "{call:?}");
            faults.end().unwrap();
            assert!(writes(&faults, &inside).await);
        }
        faults.begin(Call::Sync, Errno::IO, 2).unwrap();
        assert!(writes(&faults, &inside).await, "only every second call");
    }
}
