//! A trouble that can begin and end.

use std::path::{Path, PathBuf};

use anyhow::Context;
use rustix::io::Errno;

use super::faults::{Call, Faults};
use super::lock::Lock;
use super::tmpfs::{Ballast, Tmpfs};

#[derive(Debug)]
pub struct Fault<'a> {
    kind: Kind<'a>,
    /// How many clients at least are refused something, in the end.
    pub refuses: usize,
}

#[derive(Debug)]
enum Kind<'a> {
    Full(&'a Tmpfs, Option<Ballast>),
    Calls(&'a Faults, Call, Errno, u32),
    Locked(PathBuf, Option<Lock>),
}

impl<'a> Fault<'a> {
    pub const fn full(tmpfs: &'a Tmpfs) -> Self {
        Self { kind: Kind::Full(tmpfs, None), refuses: 3 }
    }

    pub fn calls(faults: &'a Faults, call: Call, errno: Errno, every: u32) -> Self {
        let refuses = match (call, every) {
            // A file is rarely cut off: it may pass unnoticed.
            (Call::Truncate, _) => 0,
            (_, 1) => 3,
            _ => 1,
        };
        Self { kind: Kind::Calls(faults, call, errno, every), refuses }
    }

    pub fn locked(data: &Path) -> Self {
        Self { kind: Kind::Locked(data.to_owned(), None), refuses: 3 }
    }

    /// # Errors
    /// When it cannot be brought about.
    pub async fn begin(&mut self) -> anyhow::Result<()> {
        match &mut self.kind {
            Kind::Full(tmpfs, ballast) => *ballast = Some(tmpfs.fill()?),
            Kind::Calls(faults, call, errno, every) => faults.begin(*call, *errno, *every)?,
            Kind::Locked(data, lock) => *lock = Some(Lock::take(data).await?),
        }
        Ok(())
    }

    /// # Errors
    /// When it had not begun, or cannot be ended.
    pub async fn end(&mut self) -> anyhow::Result<()> {
        match &mut self.kind {
            Kind::Full(_, ballast) => drop(ballast.take().context("it had begun")?),
            Kind::Calls(faults, ..) => faults.end()?,
            Kind::Locked(_, lock) => lock.take().context("it had begun")?.release().await?,
        }
        Ok(())
    }
}
