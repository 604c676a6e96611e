//! Some members of a room stop reading while the others talk: what the others notice, what the server keeps for the
//! stalled ones, and when it closes them.

use std::cell::Cell;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::table::{dash, head, row};
use super::{Comparison, SPARE, limits};
use crate::hold::{HoldOptions, READY};
use crate::process;
use crate::scene::{Load, Measured, Scene, Work, measure};
use crate::server::{Program, Server};

const ENTERING: u32 = 64;
const ENTER_TIME: Duration = Duration::from_secs(60);
/// How often the server's connections are counted, and every how many times its memory is read, which holds it up.
const WATCH: Duration = Duration::from_millis(100);
const MEMORY_EVERY: u32 = 10;

#[derive(Args, Debug)]
pub struct StalledOptions {
    /// Members of the one room who read.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    reading: u32,
    /// Members who do not read but send heartbeats, and as many more in a process that is stopped.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    stalling: u32,
    /// Bytes that the kernel may hold for each of them.
    #[arg(long, default_value_t = 4096)]
    receive_buffer: u32,
    /// Seconds to look at it.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=3600))]
    stalled_seconds: u64,
}

struct Stalled {
    without: Measured,
    with: Measured,
    memory: u64,
    seen: Seen,
}

/// What the watcher has seen.
#[derive(Clone, Copy, Default)]
struct Seen {
    most_memory: u64,
    /// How many of the stalled connections the server has closed, and when the last one.
    closed: u64,
    last: Option<Duration>,
}

pub async fn run(comparison: &Comparison<'_>) -> anyhow::Result<()> {
    let options = &comparison.options.stalled;
    head(
        "Stalled: one room, some of which stop reading; what the others notice, and when the server closes those",
        &[
            "server",
            "load",
            "reading",
            "stalled",
            "p99 ms without",
            "p99 ms with",
            "ratio",
            "deliveries/s without",
            "with",
            "Pss MB before",
            "most",
            "closed",
            "the last after s",
            "lost",
        ],
    );
    let letters = comparison.options.letters.iter().max().copied().unwrap_or(500);
    for &load in comparison.options.load.iter().filter(|load| **load != Load::Idle) {
        let work = comparison.options.work(load, letters);
        for program in &comparison.programs {
            let what = format!("{}: stalled, {}", program.name, load.name());
            let Some(stalled) = comparison.one(&what, once(program, options, &work)).await else { continue };
            let millis = |measured: &Measured| Some(measured.p99?.as_secs_f64() * 1e3);
            let (without, with) = (millis(&stalled.without), millis(&stalled.with));
            row([
                program.name.clone(),
                load.name().to_owned(),
                options.reading.to_string(),
                (2 * options.stalling).to_string(),
                dash(without, |time| format!("{time:.2}")),
                dash(with, |time| format!("{time:.2}")),
                dash(with.zip(without), |(with, without)| format!("{:.2}", with / without)),
                format!("{:.0}", stalled.without.deliveries_per_second),
                format!("{:.0}", stalled.with.deliveries_per_second),
                format!("{:.1}", stalled.memory as f64 / 1e6),
                format!("{:.1}", stalled.seen.most_memory as f64 / 1e6),
                stalled.seen.closed.to_string(),
                dash(stalled.seen.last, |time| format!("{:.1}", time.as_secs_f64())),
                stalled.with.lost.to_string(),
            ]);
        }
    }
    Ok(())
}

async fn once(program: &Program, options: &StalledOptions, work: &Work) -> anyhow::Result<Stalled> {
    let all = options.reading + 2 * options.stalling;
    let server = Server::start(program, limits(all, all), None).await?;
    let pid = server.pid.context("it has a process")?;
    let mut scene = Scene::new(program.mode, server.address, server.pid);
    scene.spare = SPARE;
    scene.fill(1, options.reading, ENTERING).await?;
    let without = measure(&[&scene], work).await?[0];

    let room = &scene.rooms[0].room.id;
    let _silent = hold(program, &server, room, options).await?;
    let stopped = hold(program, &server, room, options).await?;
    let (files, memory) = (process::open_files(pid)?, process::memory(pid)?);
    let held = stopped.id().and_then(|id| Pid::from_raw(id.cast_signed())).context("it has a process")?;
    kill_process(held, Signal::STOP)?;

    let work = Work { measuring: Duration::from_secs(options.stalled_seconds), ..*work };
    let seen = Cell::new(Seen { most_memory: memory, ..Seen::default() });
    let scenes = [&scene];
    let with = tokio::select! {
        measured = measure(&scenes, &work) => measured?[0],
        failed = watch(pid, files, 2 * u64::from(options.stalling), &scene, &seen) => return Err(failed),
    };
    scene.empty().await;
    server.stop().await?;
    Ok(Stalled { without, with, memory, seen: seen.get() })
}

/// Starts a process with people who will not read, and waits until they are in.
async fn hold(program: &Program, server: &Server, room: &str, options: &StalledOptions) -> anyhow::Result<Child> {
    let arguments =
        HoldOptions::arguments(program.mode, server.address, room, options.stalling, options.receive_buffer);
    let mut command = Command::new(std::env::current_exe()?);
    let mut child = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut out = BufReader::new(child.stdout.take().context("its output is piped")?);
    let mut line = String::new();
    tokio::time::timeout(ENTER_TIME, out.read_line(&mut line)).await.context("those who stall did not get in")??;
    ensure!(line.trim_end() == READY, "those who stall did not get in");
    Ok(child)
}

/// Looks until it is dropped. A connection that the server has closed is one open file less of its process: that can be
/// seen for every server, and without any help of the stalled end.
async fn watch(pid: u32, files: u64, stalled: u64, scene: &Scene, seen: &Cell<Seen>) -> anyhow::Error {
    let begin = scene.shared.now();
    for number in 0_u32.. {
        tokio::time::sleep(WATCH).await;
        let Seen { mut most_memory, mut closed, mut last } = seen.get();
        if number.is_multiple_of(MEMORY_EVERY) {
            match process::memory(pid) {
                Ok(memory) => most_memory = most_memory.max(memory),
                Err(error) => return error,
            }
        }
        let open = match process::open_files(pid) {
            Ok(open) => open,
            Err(error) => return error,
        };
        let now_closed = files.saturating_sub(open).min(stalled);
        if now_closed > closed {
            closed = now_closed;
            last = Some(Duration::from_nanos(scene.shared.now() - begin));
        }
        seen.set(Seen { most_memory, closed, last });
    }
    anyhow::anyhow!("nobody looks for so long")
}
