//! How many messages a second are on the disk when their senders are told, and how long a sender waits; beside the
//! same rows written by SQLite alone, one commit for each and many in one. All of it in one run, in rounds that take turns.

mod app;
#[cfg(feature = "sqlite")]
mod raw;
mod table;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;

use crate::alone;
use crate::latency::Latencies;
pub use app::beside;
use table::Table;

/// Rooms over which the senders are spread; fewer senders than that are alone in theirs.
const ROOMS: usize = 16;
/// Rows in one transaction of the limit: what the app puts into one at most.
#[cfg(feature = "sqlite")]
const BATCH: usize = 512;

#[derive(Args, Debug)]
pub struct DurableOptions {
    /// The program `gifchat`. Unless given: the one beside this program.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Senders at once, each of which waits for the acknowledgement before it posts again.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 256], value_parser = clap::value_parser!(u16).range(1..=4096))]
    senders: Vec<u16>,
    /// Letters of a message.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=2000))]
    letters: u16,
    /// Rounds, in each of which everything has its turn.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Seconds of each turn.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Where the databases are made: on the disk that is to be measured. Unless given: the system's temporary folder.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// More settings for the app, as NAME=VALUE.
    #[arg(long, value_name = "NAME=VALUE")]
    setting: Vec<String>,
}

/// What one turn has shown.
#[derive(Debug, Default)]
struct Turn {
    messages: u64,
    lasted: Duration,
    latencies: Latencies,
}

/// Prints the table.
pub async fn run(options: &DurableOptions) -> anyhow::Result<()> {
    let folder = options.folder.clone().unwrap_or_else(std::env::temp_dir);
    println!("A write of 4 KiB and fdatasync in {}: {}\n", folder.display(), sync_time(&folder)?);
    let table = alone(measured(options, &folder)).await?;
    println!("{table}");
    Ok(())
}

async fn measured(options: &DurableOptions, folder: &Path) -> anyhow::Result<Table> {
    let app = app::Senders::enter(options, folder).await?;
    #[cfg(feature = "sqlite")]
    let mut raw = raw::Raw::open(folder, options.letters)?;
    let seconds = Duration::from_secs(options.seconds);
    let mut table = Table::default();
    for round in 0..options.rounds {
        eprintln!("round {} of {}", round + 1, options.rounds);
        for (group, &senders) in options.senders.iter().enumerate() {
            let count = usize::from(senders);
            table.add("app", count, app.post(group, seconds).await?);
            #[cfg(feature = "sqlite")]
            {
                table.add("SQLite, a commit for each", count, raw.commit_each(count, seconds)?);
                if count > 1 {
                    table.add("SQLite, one commit for all of them", count, raw.commit_all(count, count, seconds)?);
                }
            }
        }
        #[cfg(feature = "sqlite")]
        table.add(table::LIMIT, BATCH, raw.commit_all(BATCH, ROOMS, seconds)?);
    }
    app.leave().await?;
    Ok(table)
}

/// What the disk takes for what a commit must at least do.
#[allow(clippy::disallowed_methods, reason = "a bench measures time that has really passed")]
fn sync_time(folder: &Path) -> anyhow::Result<String> {
    use std::io::Write;
    let mut file = tempfile::tempfile_in(folder).context("the folder cannot be written")?;
    let mut latencies = Latencies::default();
    for _ in 0..200 {
        let begin = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        latencies.add(begin.elapsed());
    }
    let millis = |share| latencies.quantile(share).unwrap_or_default().as_secs_f64() * 1e3;
    Ok(format!("p50 {:.2} ms, p99 {:.2} ms", millis(0.5), millis(0.99)))
}
