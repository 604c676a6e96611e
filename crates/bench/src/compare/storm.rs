//! Everybody comes at once: after a start, and after a broken line.

use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::spread::{Spread, ratios};
use super::table::{dash, head, row};
use super::{Comparison, SPARE, limits};
use crate::process;
use crate::scene::Scene;
use crate::server::{Program, Server};

const MEMBERS: u32 = 10;

#[derive(Args, Debug)]
pub struct StormOptions {
    /// Clients of a storm, in rooms of 10.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    clients: u32,
    /// Clients that are on their way in at the same time.
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    at_once: u32,
}

/// Entries a second, and microseconds of processor time for each: the server's, and the generator's.
#[derive(Clone, Copy)]
struct Storm {
    rate: f64,
    cpu: f64,
    generator: f64,
    repeated: u64,
}

pub async fn run(comparison: &Comparison<'_>) -> anyhow::Result<()> {
    head(
        "Storms: everybody connects and joins; then everybody vanishes and comes again at once; median (least-most)",
        &[
            "server",
            "clients",
            "connected and joined/s",
            "CPU us/connect",
            "time to raw-each",
            "time to socket.io",
            "again/s",
            "CPU us/again",
            "generator us",
            "joins repeated",
        ],
    );
    let programs = &comparison.programs;
    let mut rounds: Vec<[Vec<Option<Storm>>; 2]> = vec![Default::default(); programs.len()];
    for round in 0..comparison.options.rounds {
        for at in comparison.turns(round) {
            let what = format!("{}: storms, round {}", programs[at].name, round + 1);
            let storms = comparison.one(&what, once(&programs[at], &comparison.options.storm)).await;
            rounds[at][0].push(storms.map(|[first, _]| first));
            rounds[at][1].push(storms.map(|[_, again]| again));
        }
    }
    let of = |name: &str| programs.iter().position(|program| program.name == name).map(|at| times(&rounds[at][0]));
    for (program, [first, again]) in programs.iter().zip(&rounds) {
        let spread = |rounds: &[Option<Storm>], number: fn(&Storm) -> f64| {
            dash(Spread::of(rounds.iter().flatten().map(number)), |spread| format!("{spread:.0}"))
        };
        let ratio = |base| dash(of(base).and_then(|base| ratios(&times(first), &base)), |ratio| format!("{ratio:.2}"));
        row([
            program.name.clone(),
            (comparison.options.storm.clients / MEMBERS * MEMBERS).to_string(),
            spread(first, |storm| storm.rate),
            spread(first, |storm| storm.cpu),
            ratio("raw-each"),
            ratio("socket.io"),
            spread(again, |storm| storm.rate),
            spread(again, |storm| storm.cpu),
            spread(first, |storm| storm.generator),
            first.iter().chain(again).flatten().map(|storm| storm.repeated).sum::<u64>().to_string(),
        ]);
    }
    Ok(())
}

fn times(rounds: &[Option<Storm>]) -> Vec<Option<f64>> {
    rounds.iter().map(|storm| Some(1.0 / storm.as_ref()?.rate)).collect()
}

async fn once(program: &Program, options: &StormOptions) -> anyhow::Result<[Storm; 2]> {
    let clients = options.clients / MEMBERS * MEMBERS;
    let server = Server::start(program, limits(MEMBERS, clients), None).await?;
    let pid = server.pid.context("it has a process")?;
    let mut scene = Scene::new(program.mode, server.address, server.pid);
    scene.spare = SPARE;
    let before = Reading::take(pid, &scene)?;
    scene.fill(clients / MEMBERS, MEMBERS, options.at_once).await?;
    let between = Reading::take(pid, &scene)?;

    // The server learns of the end of all these connections while they come again: that is part of the storm.
    scene.empty().await;
    scene.enter(0, MEMBERS, options.at_once).await?;
    let after = Reading::take(pid, &scene)?;
    scene.empty().await;
    server.stop().await?;
    Ok([Storm::between(&before, &between, clients), Storm::between(&between, &after, clients)])
}

struct Reading {
    nanos: u64,
    cpu: Duration,
    generator: Duration,
    repeated: u64,
}

impl Reading {
    fn take(pid: u32, scene: &Scene) -> anyhow::Result<Self> {
        let (nanos, repeated) = (scene.shared.now(), scene.shared.repeated.get());
        let (cpu, generator) = (process::cpu_time(pid)?, process::cpu_time(std::process::id())?);
        Ok(Self { nanos, cpu, generator, repeated })
    }
}

impl Storm {
    fn between(before: &Reading, after: &Reading, clients: u32) -> Self {
        let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(clients);
        Self {
            rate: f64::from(clients) * 1e9 / (after.nanos - before.nanos) as f64,
            cpu: each(after.cpu - before.cpu),
            generator: each(after.generator - before.generator),
            repeated: after.repeated - before.repeated,
        }
    }
}
