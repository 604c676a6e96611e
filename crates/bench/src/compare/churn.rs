//! People come and go. What a server keeps of each adds up to a leak.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::task::JoinSet;

use super::table::{head, row};
use super::{Comparison, limits};
use crate::entry::{Mode, Room, enter, make_room};
use crate::process;
use crate::scene::Scene;
use crate::server::{Program, Server};

/// Cycles before the memory is read for the first time, as a share of all: what a server keeps for later is there then.
const FIRST: u32 = 10;
/// The app keeps the place of somebody who has vanished for a while.
const PLACES: u32 = 99_000;
/// The generator's addresses take turns (`http::connect`).
const SPREAD: u32 = 200_000;

#[derive(Args, Debug)]
pub struct ChurnOptions {
    /// Times that somebody connects, joins and leaves.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..=100_000_000))]
    cycles: u32,
    /// People who do so at the same time, and the rooms they share.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    churning: u32,
}

struct Churned {
    before: u64,
    after: u64,
    cycles: u32,
    rate: f64,
    cpu: Duration,
    files: i64,
}

pub async fn run(comparison: &Comparison<'_>) -> anyhow::Result<()> {
    head(
        "Churn: connect, join and leave (every second time by vanishing); the memory after a tenth of the cycles and after all",
        &["server", "cycles", "cycles/s", "CPU us/cycle", "Pss MB before", "Pss MB after", "bytes/cycle", "files left"],
    );
    // What was closed must have been cleaned up.
    let settle = Duration::from_secs(comparison.options.memory.settle);
    for program in &comparison.programs {
        let what = format!("{}: churn", program.name);
        let Some(churned) = comparison.one(&what, once(program, &comparison.options.churn, settle)).await else {
            continue;
        };
        let grown = churned.after as f64 - churned.before as f64;
        row([
            program.name.clone(),
            churned.cycles.to_string(),
            format!("{:.0}", churned.rate),
            format!("{:.0}", churned.cpu.as_secs_f64() * 1e6 / f64::from(churned.cycles)),
            format!("{:.2}", churned.before as f64 / 1e6),
            format!("{:.2}", churned.after as f64 / 1e6),
            format!("{:.2}", grown / f64::from(churned.cycles)),
            churned.files.to_string(),
        ]);
    }
    Ok(())
}

async fn once(program: &Program, options: &ChurnOptions, settle: Duration) -> anyhow::Result<Churned> {
    let server = Server::start(program, limits(PLACES, options.churning * 4), None).await?;
    let pid = server.pid.context("it has a process")?;
    // Only for its clock and counters.
    let scene = Scene::new(program.mode, server.address, server.pid);
    let room = Rc::new(make_room(program.mode, server.address, 0, PLACES).await?);
    // Somebody stays, so that the room does.
    let staying = enter(program.mode, &scene.shared, server.address, &room, 0, 0).await?;
    let number = Rc::new(Cell::new(0));

    cycle(program.mode, &scene, &server, &room, options, &number, options.cycles / FIRST).await?;
    tokio::time::sleep(settle).await;
    let files = process::open_files(pid)?;
    let (before, cpu, begin) = (process::memory(pid)?, process::cpu_time(pid)?, scene.shared.now());
    let first = number.get();
    cycle(program.mode, &scene, &server, &room, options, &number, options.cycles).await?;
    let (seconds, cpu) = ((scene.shared.now() - begin) as f64 / 1e9, process::cpu_time(pid)? - cpu);
    tokio::time::sleep(settle).await;
    let cycles = number.get() - first;
    let churned = Churned {
        before,
        after: process::memory(pid)?,
        cycles,
        rate: f64::from(cycles) / seconds,
        cpu,
        files: process::open_files(pid)?.cast_signed() - files.cast_signed(),
    };
    staying.vanish();
    server.stop().await?;
    Ok(churned)
}

/// Goes on until `until` cycles have begun in all, and waits for their end.
async fn cycle(
    mode: Mode,
    scene: &Scene,
    server: &Server,
    room: &Rc<Room>,
    options: &ChurnOptions,
    number: &Rc<Cell<u32>>,
    until: u32,
) -> anyhow::Result<()> {
    let mut people: JoinSet<anyhow::Result<()>> = JoinSet::new();
    for _ in 0..options.churning {
        let (shared, address) = (Rc::clone(&scene.shared), server.address);
        let (room, number) = (Rc::clone(room), Rc::clone(number));
        people.spawn_local(async move {
            while number.get() < until {
                let own = number.replace(number.get() + 1);
                // Another source address each time: ports of closed connections may have to wait.
                let index = own.wrapping_mul(25_000) % SPREAD;
                let client = enter(mode, &shared, address, &room, 1, index).await?;
                if own % 2 == 0 {
                    client.leave().await?;
                } else {
                    client.vanish();
                }
            }
            Ok(())
        });
    }
    while let Some(ended) = people.join_next().await {
        ended??;
    }
    Ok(())
}
