//! Proves the promises of GIF Chat on the real thing: many real clients over real TCP against the real server, and a
//! checker of what they were shown. See README.md of this crate.

mod client;
mod clock;
mod crowd;
mod cuts;
mod disk;
mod history;
mod http;
mod joins;
mod kill;
mod load;
mod lobby;
mod network;
mod order;
mod raid;
mod reader;
mod report;
mod scene;
mod server;
mod wire;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{bail, ensure};
use clap::{Args, Parser, Subcommand};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use crate::history::Verdict;
use crate::report::Report;

/// Many real clients against the real GIF Chat, and a checker of what they were shown. The exit status is 0 only when no
/// promise was broken.
#[derive(Debug, Parser)]
#[command(name = "gifchat-rig")]
struct Command {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    scenario: Scenario,
}

/// What every scenario needs.
#[derive(Clone, Debug, Args)]
struct Common {
    /// The server's binary.
    #[arg(long, global = true, env = "GIFCHAT_BIN", default_value = "target/release/gifchat")]
    server: PathBuf,
    /// Everything that is thrown dice for repeats with the same seed, as far as the network lets it.
    #[arg(long, global = true, default_value_t = 1)]
    seed: u64,
    /// For a server without exact joins: events around the answer to a `join` are merged by `seq`.
    #[arg(long, global = true)]
    merge_joins: bool,
}

#[derive(Debug, Subcommand)]
enum Scenario {
    /// One room, many senders over all doors: no gap, no inversion, the same everywhere.
    Order(order::Options),
    /// Joining while others write: no seam between the answer and what follows.
    Joins(joins::Options),
    /// All clients cut off at once: all back and caught up.
    Crowd(crowd::Options),
    /// SIGKILL at random moments under load, and a restart each time: nothing acknowledged is lost.
    Kill(kill::Options),
    /// Every client on a line of its own that is cut again and again: all converge to the same history.
    Cuts(cuts::Options),
    /// A full or read-only disk, I/O errors, a locked database: clear errors, no loss, healed without a restart.
    Disk(disk::Options),
    /// Hundreds flood a room in which people talk: with the button pressed they can, and one step cleans the room.
    Raid(raid::Options),
}

/// What a scenario has to say: its numbers, and whether a promise was broken.
#[derive(Debug, Default)]
struct Outcome {
    report: Report,
    verdict: Verdict,
}

fn main() -> anyhow::Result<ExitCode> {
    let command = Command::parse();
    raise_open_files()?;
    // The server needs the rest of the machine.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let common = command.common;
    let scenario = async {
        match command.scenario {
            Scenario::Crowd(options) => tokio::spawn(async move { crowd::run(&common, &options).await }).await?,
            Scenario::Joins(options) => tokio::spawn(async move { joins::run(&common, &options).await }).await?,
            Scenario::Cuts(options) => tokio::spawn(async move { cuts::run(&common, &options).await }).await?,
            Scenario::Disk(options) => tokio::spawn(async move { disk::run(&common, &options).await }).await?,
            Scenario::Kill(options) => tokio::spawn(async move { kill::run(&common, &options).await }).await?,
            Scenario::Raid(options) => tokio::spawn(async move { raid::run(&common, &options).await }).await?,
            Scenario::Order(options) => tokio::spawn(async move { order::run(&common, &options).await }).await?,
        }
    };
    // Whatever a scenario has made goes with it: servers, folders, file systems.
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = scenario => outcome,
            ended = interrupted() => ended.and_then(|()| bail!("interrupted")),
        }
    })?;
    print!("{}", outcome.report);
    println!("{}", outcome.verdict);
    Ok(if outcome.verdict.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Ctrl-C or SIGTERM.
async fn interrupted() -> anyhow::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// To the hard limit: each client is an open file.
fn raise_open_files() -> anyhow::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    ensure!(maximum.is_none_or(|most| most >= 1024), "more open files are needed: raise the limit with `ulimit -Hn`");
    Ok(())
}
