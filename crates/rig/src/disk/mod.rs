//! The disk fails: full, read-only, with I/O errors, or locked by a stranger. Posters are told so clearly, nothing is heard
//! that is not stored, reading goes on, nobody's connection is lost, and it heals without a restart. And a SIGKILL in the
//! middle of it loses nothing that was acknowledged.

mod fault;
mod faults;
mod lock;
mod patient;
mod probe;
mod tmpfs;

use std::path::Path;
use std::time::Duration;

use clap::{Args, ValueEnum};
use rustix::io::Errno;

use crate::report::Report;
use crate::{Common, Outcome};
use fault::Fault;
use faults::{Call, Faults};
use patient::Patient;
use tmpfs::Tmpfs;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// A small file system without space. Needs root.
    Full,
    /// Writing is answered "read-only file system"; and a start on one. The start needs root.
    ReadOnly,
    /// Calls that fail with EIO or ENOSPC, every one or some. Needs a C compiler.
    Errors,
    /// Somebody else holds the database's write lock.
    Locked,
}

#[derive(Clone, Debug, Args)]
pub struct Options {
    /// What is tried.
    #[arg(long, value_delimiter = ',', default_values = ["full", "read-only", "errors", "locked"])]
    parts: Vec<Part>,
    /// Clients, over all doors in turn; all but every fourth post.
    #[arg(long, default_value_t = 12)]
    clients: usize,
    /// Messages a second.
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// Seconds that each trouble lasts at least.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// How often everything is done.
    #[arg(long, default_value_t = 1)]
    rounds: u32,
    /// Size of the small file system in MiB.
    #[arg(long, default_value_t = 16)]
    size: u64,
}

/// Calls that fail together: which, with what, and every how-manieth.
const ERRORS: [(&str, Call, Errno, u32); 6] = [
    ("every sync fails", Call::Sync, Errno::IO, 1),
    ("some syncs fail", Call::Sync, Errno::IO, 3),
    ("every write fails", Call::Write, Errno::IO, 1),
    ("some writes find no space", Call::Write, Errno::NOSPC, 5),
    ("no truncating", Call::Truncate, Errno::IO, 1),
    ("all fail now and then", Call::All, Errno::IO, 7),
];

pub async fn run(common: &Common, options: &Options) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let lasts = Duration::from_secs(options.seconds);
    for part in &options.parts {
        // Gone with all that is in it, also when this scenario ends early.
        let folder = tempfile::tempdir()?;
        let tried = match part {
            Part::Full => full(common, options, folder.path(), lasts).await?,
            Part::ReadOnly => read_only(common, options, folder.path(), lasts).await?,
            Part::Errors => errors(common, options, folder.path(), lasts).await?,
            Part::Locked => locked(common, options, folder.path(), lasts).await?,
        };
        outcome.report.append(tried.report);
        outcome.verdict = outcome.verdict.and(tried.verdict);
    }
    Ok(outcome)
}

async fn full(common: &Common, options: &Options, folder: &Path, lasts: Duration) -> anyhow::Result<Outcome> {
    let tmpfs = Tmpfs::mount(folder, options.size << 20)?;
    let mut patient = Patient::admit(common, options, folder.join("data"), Vec::new()).await?;
    for _ in 0..options.rounds {
        patient.suffer("full", &mut Fault::full(&tmpfs), lasts).await?;
        patient.die_of("full", &mut Fault::full(&tmpfs)).await?;
    }
    patient.discharge("full").await
}

async fn errors(common: &Common, options: &Options, folder: &Path, lasts: Duration) -> anyhow::Result<Outcome> {
    let (data, faults) = faulty(folder).await?;
    let mut patient = Patient::admit(common, options, data, faults.env()).await?;
    for _ in 0..options.rounds {
        for (name, call, errno, every) in ERRORS {
            let mut fault = Fault::calls(&faults, call, errno, every);
            patient.suffer(name, &mut fault, lasts).await?;
        }
        for (name, call, errno, every) in ERRORS {
            patient.die_of(name, &mut Fault::calls(&faults, call, errno, every)).await?;
        }
    }
    patient.discharge("errors").await
}

async fn read_only(common: &Common, options: &Options, folder: &Path, lasts: Duration) -> anyhow::Result<Outcome> {
    let (data, faults) = faulty(folder).await?;
    let tmpfs = if rustix::process::geteuid().is_root() {
        std::fs::create_dir_all(&data)?;
        Some(Tmpfs::mount(&data, options.size << 20)?)
    } else {
        eprintln!("starting on a read-only file system is not tried: mounting one needs root");
        None
    };
    let data = if tmpfs.is_some() { data.join("data") } else { data };
    let mut patient = Patient::admit(common, options, data, faults.env()).await?;
    for _ in 0..options.rounds {
        let mut fault = Fault::calls(&faults, Call::All, Errno::ROFS, 1);
        patient.suffer("read-only", &mut fault, lasts).await?;
        if let Some(tmpfs) = &tmpfs {
            patient.refuse_to_start("read-only", tmpfs).await?;
        }
    }
    patient.discharge("read-only").await
}

async fn locked(common: &Common, options: &Options, folder: &Path, lasts: Duration) -> anyhow::Result<Outcome> {
    let data = folder.join("data");
    let mut patient = Patient::admit(common, options, data.clone(), Vec::new()).await?;
    for _ in 0..options.rounds {
        // Longer than the server waits for a lock (2 s), and not so long.
        patient.suffer("locked", &mut Fault::locked(&data), lasts).await?;
        patient.die_of("locked", &mut Fault::locked(&data)).await?;
    }
    patient.discharge("locked").await
}

/// A data folder whose calls can be made to fail.
async fn faulty(folder: &Path) -> anyhow::Result<(std::path::PathBuf, Faults)> {
    let data = folder.join("data");
    std::fs::create_dir(&data)?;
    let tools = folder.join("tools");
    std::fs::create_dir(&tools)?;
    let faults = Faults::compile(&tools, &data).await?;
    Ok((data, faults))
}

/// What was seen, for the report.
fn note(report: &mut Report, name: &str, what: &str, value: impl std::fmt::Display) {
    report.add(format!("{name}: {what}"), value);
}
