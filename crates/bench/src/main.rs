//! `gifchat-bench`: opens N Socket.IO connections in rooms of K against a server on this machine, and reports what a
//! delivery costs. The method is in docs/performance.md.
//!
//! The generator must not be what is measured: one thread, raw sockets, frames that are looked at only as far as
//! needed. Another server to compare with becomes another [`entry::Mode`].

mod client;
mod entry;
mod http;
mod latency;
mod load;
mod process;
mod report;
mod scenario;
mod server;
mod websocket;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use entry::Mode;

/// Opens Socket.IO connections in rooms against a server, and reports the cost of a delivery as a Markdown table.
#[derive(Parser, Debug)]
#[command(version)]
struct Options {
    /// What is under test: the whole app, or crates/realtime alone (its example `fanout`).
    mode: Mode,
    /// The program to start: `gifchat`, or the built example. It is started anew for each row.
    #[arg(long, required_unless_present = "server")]
    program: Option<PathBuf>,
    /// A server that runs already, as address:port; numbers of its process need --pid.
    #[arg(long, conflicts_with = "program")]
    server: Option<std::net::SocketAddr>,
    /// The process of --server.
    #[arg(long, requires = "server")]
    pid: Option<u32>,
    /// Connections at once.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=200_000))]
    connections: u32,
    /// Members of a room; several sizes make several rows.
    #[arg(long, value_delimiter = ',', default_values_t = [10, 100, 1000], value_parser = clap::value_parser!(u32).range(2..=100_000))]
    rooms_of: Vec<u32>,
    /// Kinds of load; each makes a row for each size of rooms.
    #[arg(long, value_delimiter = ',', default_values = ["calm", "saturated"])]
    load: Vec<Load>,
    /// Deliveries a second when calm, in all rooms together.
    #[arg(long, default_value_t = 30_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    rate: u32,
    /// Posters of each room when saturated.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    posters: u32,
    /// Messages that a poster has under way when saturated, until each is acknowledged (app) or heard (fanout).
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    window: u32,
    /// Letters of a message.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(40..=2000))]
    letters: u16,
    /// Seconds before measuring, so that caches are warm.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=600))]
    warm_up: u64,
    /// Seconds of measuring.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Load {
    /// Nobody posts: only connections and memory.
    Idle,
    /// A fixed rate, evenly spread.
    Calm,
    /// Each poster as fast as it may.
    Saturated,
}

impl Options {
    fn measuring(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    process::raise_open_files(u64::from(options.connections) + 100)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("{}", report::head());
    for &load in &options.load {
        for &members in &options.rooms_of {
            let row = tokio::task::LocalSet::new().block_on(&runtime, scenario::run(&options, load, members))?;
            println!("{row}");
        }
    }
    Ok(())
}
