//! What idle connections cost in memory, at several numbers of them.

use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::table::{dash, head, row};
use super::{Comparison, OTHER_FILES, limits};
use crate::process;
use crate::scene::Scene;
use crate::server::{Program, Server};

const MEMBERS: u32 = 10;
const ENTERING: u32 = 64;

#[derive(Args, Debug)]
pub struct MemoryOptions {
    /// Idle connections at which the memory is read, in rooms of 10.
    #[arg(long, value_delimiter = ',', default_values_t = [1000, 10_000, 19_000], value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    idle: Vec<u32>,
    /// Seconds after the last entry, and in `churn` after the last leave, before the memory is read.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub settle: u64,
}

pub async fn run(comparison: &Comparison<'_>) -> anyhow::Result<()> {
    head(
        "Idle memory: growth of the process's Pss over none of the connections, divided by their number",
        &["server", "connections", "Pss MB", "Pss MB without any", "kB/connection"],
    );
    let options = &comparison.options.memory;
    for program in &comparison.programs {
        let what = format!("{}: idle connections", program.name);
        let Some((none, read)) = comparison.one(&what, once(program, options)).await else { continue };
        for (connections, bytes) in read {
            let grown = Some(bytes as f64 - none as f64).filter(|_| connections > 0);
            row([
                program.name.clone(),
                connections.to_string(),
                format!("{:.1}", bytes as f64 / 1e6),
                format!("{:.1}", none as f64 / 1e6),
                dash(grown, |grown| format!("{:.2}", grown / f64::from(connections) / 1e3)),
            ]);
        }
    }
    Ok(())
}

/// The memory without connections, and with so many.
async fn once(program: &Program, options: &MemoryOptions) -> anyhow::Result<(u64, Vec<(u32, u64)>)> {
    let mut steps = options.idle.clone();
    steps.sort_unstable();
    let most = process::most_open_files() - OTHER_FILES;
    let all = steps.last().copied().unwrap_or_default().min(most);
    let server = Server::start(program, limits(MEMBERS, all), None).await?;
    let pid = server.pid.context("it has a process")?;
    let mut scene = Scene::new(program.mode, server.address, server.pid);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let none = process::memory(pid)?;
    let mut read = Vec::new();
    let mut connections = 0;
    for step in steps {
        let more = (step.min(most) - connections) / MEMBERS;
        scene.fill(more, MEMBERS, ENTERING).await?;
        connections += more * MEMBERS;
        tokio::time::sleep(Duration::from_secs(options.settle)).await;
        read.push((connections, process::memory(pid)?));
    }
    scene.empty().await;
    server.stop().await?;
    Ok((none, read))
}
