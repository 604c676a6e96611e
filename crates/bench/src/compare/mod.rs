//! Several servers side by side: the same work for all of them, in rounds that take turns, because a machine drifts by
//! more than what servers differ in.

mod churn;
mod deliveries;
mod memory;
mod paired;
mod ready;
mod spread;
mod stalled;
mod storm;
mod table;

use std::cell::Cell;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;
use clap::{Args, ValueEnum};

use crate::scene::{Load, Work};
use crate::server::{Limits, Program};
use crate::{alone, process};

/// Open files that are not connections.
const OTHER_FILES: u32 = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Processor time per delivery, rates and latencies, one server after the other.
    Deliveries,
    /// Processor time per delivery as a ratio to a base that runs at the same time on the same core.
    Paired,
    /// Memory of idle connections.
    Memory,
    /// Everybody connects and joins at once, and again after everybody has vanished.
    Storm,
    /// Members of a room stop reading while it is busy.
    Stalled,
    /// People come and go; the memory must not grow.
    Churn,
}

#[derive(Args, Debug)]
pub struct CompareOptions {
    /// What to compare.
    #[arg(long, value_delimiter = ',', default_values = ["deliveries", "paired", "memory", "storm", "stalled", "churn"])]
    parts: Vec<Part>,
    /// The servers: raw-each, raw-gather, fanout, socketioxide (with the feature `rivals`), socket.io, ws, app (with
    /// --app), and the names of --program. All there are unless given.
    #[arg(long, value_delimiter = ',')]
    servers: Vec<String>,
    /// One more server that does what the example `fanout` does, as NAME=PATH; also in its place, as fanout=PATH.
    #[arg(long, value_name = "NAME=PATH", value_parser = named_path)]
    program: Vec<(String, PathBuf)>,
    /// The whole product's program as one more server.
    #[arg(long)]
    app: Option<PathBuf>,
    /// Threads of those servers that can have several.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: u16,
    /// What every server is run beside in `paired`. Unless given: raw-each when calm, raw-gather when saturated.
    #[arg(long)]
    base: Option<String>,
    /// Rounds of `deliveries`, `paired` and `storm`, in each of which every server has its turn.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Connections at once in `deliveries`, `paired` and `stalled`; larger rooms have more.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(2..=200_000))]
    connections: u32,
    /// Members of a room.
    #[arg(long, value_delimiter = ',', default_values_t = [10, 100, 1000, 10_000], value_parser = clap::value_parser!(u32).range(2..=100_000))]
    rooms_of: Vec<u32>,
    /// Kinds of load.
    #[arg(long, value_delimiter = ',', default_values = ["calm", "saturated"])]
    load: Vec<Load>,
    /// Letters of a message.
    #[arg(long, value_delimiter = ',', default_values_t = [50, 500], value_parser = clap::value_parser!(u16).range(40..=2000))]
    letters: Vec<u16>,
    /// Deliveries a second when calm, in all rooms together.
    #[arg(long, default_value_t = 30_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    rate: u32,
    /// Messages that a poster has under way when saturated. There is one poster in each room.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    window: u32,
    /// Seconds before measuring.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(0..=600))]
    warm_up: u64,
    /// Seconds of measuring.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    #[command(flatten)]
    memory: memory::MemoryOptions,
    #[command(flatten)]
    storm: storm::StormOptions,
    #[command(flatten)]
    stalled: stalled::StalledOptions,
    #[command(flatten)]
    churn: churn::ChurnOptions,
}

fn named_path(text: &str) -> Result<(String, PathBuf), String> {
    let (name, path) = text.split_once('=').ok_or("it has the form NAME=PATH")?;
    Ok((name.to_owned(), path.into()))
}

/// What the parts share: the options, the servers, and how many measurements have failed.
struct Comparison<'a> {
    options: &'a CompareOptions,
    programs: Vec<Program>,
    failed: Cell<u32>,
}

pub async fn run(options: &CompareOptions) -> anyhow::Result<()> {
    process::raise_open_files(u64::from(options.connections + OTHER_FILES))?;
    let programs = ready::programs(options).await?;
    let comparison = Comparison { options, programs, failed: Cell::new(0) };
    for part in &options.parts {
        match part {
            Part::Deliveries => deliveries::run(&comparison).await?,
            Part::Paired => paired::run(&comparison).await?,
            Part::Memory => memory::run(&comparison).await?,
            Part::Storm => storm::run(&comparison).await?,
            Part::Stalled => stalled::run(&comparison).await?,
            Part::Churn => churn::run(&comparison).await?,
        }
    }
    ensure!(comparison.failed.get() == 0, "{} measurements failed: see above", comparison.failed.get());
    Ok(())
}

impl Comparison<'_> {
    /// One measurement by itself. A failure is told and leaves a gap, and the comparison goes on.
    async fn one<T>(&self, what: &str, measurement: impl Future<Output = anyhow::Result<T>>) -> Option<T> {
        eprintln!("{what}");
        match alone(measurement).await {
            Ok(measured) => Some(measured),
            Err(error) => {
                eprintln!("{what}: {error:#}");
                self.failed.set(self.failed.get() + 1);
                None
            }
        }
    }

    /// Every combination of load, size of rooms and letters.
    fn scenarios(&self) -> Vec<(u32, Work)> {
        let options = self.options;
        let mut scenarios = Vec::new();
        for &load in &options.load {
            for &letters in &options.letters {
                for &members in &options.rooms_of {
                    scenarios.push((members, options.work(load, letters)));
                }
            }
        }
        scenarios
    }

    /// The servers in the order of this round: nobody is always the first.
    fn turns(&self, round: u32) -> Vec<usize> {
        let count = self.programs.len();
        (0..count).map(|at| (at + round as usize) % count).collect()
    }
}

impl CompareOptions {
    fn work(&self, load: Load, letters: u16) -> Work {
        Work {
            load,
            rate: self.rate,
            posters: 1,
            window: self.window,
            letters,
            warm_up: Duration::from_secs(self.warm_up),
            measuring: Duration::from_secs(self.seconds),
        }
    }

    /// How many rooms of `members` there are: enough for the connections asked for, and at least one.
    fn rooms(&self, members: u32) -> u32 {
        (self.connections / members).max(1)
    }
}

/// Places of a room beyond its members: the app keeps the place of somebody who has vanished for a while.
const SPARE: u32 = 1000;

/// Enough for `connections` in rooms of `members`, and for some more.
const fn limits(members: u32, connections: u32) -> Limits {
    Limits { members: members + SPARE, connections: connections + SPARE }
}
