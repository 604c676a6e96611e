//! One server by itself: a row for each load and size of rooms.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;

use crate::entry::Mode;
use crate::report::{self, Row};
use crate::scene::{Load, Scene, Work, measure};
use crate::server::{Limits, Program, Server};
use crate::{alone, process};

/// People who enter at the same time.
const ENTERING: u32 = 32;

#[derive(Args, Debug)]
pub struct Options {
    /// The program to start: `gifchat`, or the built example. It is started anew for each row.
    #[arg(long, required_unless_present = "server")]
    program: Option<PathBuf>,
    /// A server that runs already, as address:port; numbers of its process need --pid.
    #[arg(long, conflicts_with = "program")]
    server: Option<SocketAddr>,
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

/// Prints the table, row by row.
pub async fn run(mode: Mode, options: &Options) -> anyhow::Result<()> {
    process::raise_open_files(u64::from(options.connections) + 100)?;
    println!("{}", report::head());
    for &load in &options.load {
        for &members in &options.rooms_of {
            println!("{}", alone(row(mode, options, load, members)).await?);
        }
    }
    Ok(())
}

async fn row(mode: Mode, options: &Options, load: Load, members: u32) -> anyhow::Result<Row> {
    let count = options.connections / members;
    ensure!(count > 0, "{} connections do not fill a room of {members}", options.connections);
    let server = server(mode, options).await?;
    let mut scene = Scene::new(mode, server.address, server.pid);

    // The second half shows what a connection costs: what the first brought along is paid by then.
    let mut entering = scene.fill(count / 2, members, ENTERING).await?;
    let (half, half_memory) = (count / 2 * members, memory(&server).await?);
    entering += scene.fill(count - count / 2, members, ENTERING).await?;
    let all_memory = memory(&server).await?;
    let connections = count * members;
    let grown = half_memory.zip(all_memory).filter(|_| half > 0);
    let memory = grown.map(|(half_memory, all)| (all as f64 - half_memory as f64) / f64::from(connections - half));

    let work = Work {
        load,
        rate: options.rate,
        posters: options.posters,
        window: options.window,
        letters: options.letters,
        warm_up: Duration::from_secs(options.warm_up),
        measuring: Duration::from_secs(options.seconds),
    };
    let measured = measure(&[&scene], &work).await?;
    let entered_per_second = f64::from(connections) / entering.as_secs_f64();
    let measured = *measured.first().context("one scene was measured")?;
    scene.empty().await;
    server.stop().await?;
    Ok(Row { mode: mode.name(), load: load.name(), connections, members, measured, memory, entered_per_second })
}

async fn server(mode: Mode, options: &Options) -> anyhow::Result<Server> {
    if let Some(address) = options.server {
        return Server::running(address, options.pid);
    }
    let path = options.program.clone().context("--program is missing")?;
    let program = Program { name: mode.name().to_owned(), mode, path, arguments: Vec::new() };
    let members = options.rooms_of.iter().max().copied().unwrap_or(2);
    Server::start(&program, Limits { members, connections: options.connections }, None).await
}

async fn memory(server: &Server) -> anyhow::Result<Option<u64>> {
    let Some(pid) = server.pid else { return Ok(None) };
    // What entering has stirred up settles: announcements, requests being closed.
    tokio::time::sleep(Duration::from_secs(1)).await;
    process::memory(pid).map(Some)
}
