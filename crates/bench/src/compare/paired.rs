//! Two servers at the same time on the same core, with the generator on another: whatever the machine does, it does to
//! both, so small differences can be told.

use anyhow::ensure;

use super::deliveries::{ENTERING, micros};
use super::spread::{Spread, ratios};
use super::table::{dash, head, row};
use super::{Comparison, OTHER_FILES, limits, ready};
use crate::process;
use crate::scene::{Load, Measured, Scene, Work, measure};
use crate::server::{Program, Server};

pub async fn run(comparison: &Comparison<'_>) -> anyhow::Result<()> {
    let cores = process::cores()?;
    let [generator, .., servers] = cores[..] else {
        eprintln!("paired: there is only one core; it needs two");
        return Ok(());
    };
    head(
        "Paired: both servers at once on one core, CPU per delivery as a ratio, median of the rounds (least-most)",
        &["server", "base", "load", "letters", "rooms of", "ratio", "CPU us/delivery", "of the base", "lost"],
    );
    process::pin(&[generator])?;
    for (members, work) in comparison.scenarios() {
        let base = match (&comparison.options.base, work.load) {
            (Some(base), _) => base,
            (None, Load::Saturated) => "raw-gather",
            (None, _) => "raw-each",
        };
        let base = ready::program(base, comparison.options).await?;
        compare(comparison, &base, members, &work, servers).await;
    }
    process::pin(&cores)
}

async fn compare(comparison: &Comparison<'_>, base: &Program, members: u32, work: &Work, core: usize) {
    let options = comparison.options;
    // Both have all their connections at once, and our process has both ends' clients.
    let members = members.min((process::most_open_files() - OTHER_FILES) / 2);
    let rooms = options.rooms(members);
    let candidates: Vec<_> = comparison.programs.iter().filter(|program| program.name != base.name).collect();
    let mut rounds: Vec<[Vec<Option<Measured>>; 2]> = vec![Default::default(); candidates.len()];
    for round in 0..options.rounds {
        for (at, candidate) in candidates.iter().enumerate() {
            let what = format!(
                "{} beside {}: {} letters {} rooms of {members}, round {}",
                candidate.name,
                base.name,
                work.letters,
                work.load.name(),
                round + 1
            );
            let measured = comparison.one(&what, both([*candidate, base], rooms, members, work, core)).await;
            rounds[at][0].push(measured.map(|[candidate, _]| candidate));
            rounds[at][1].push(measured.map(|[_, base]| base));
        }
    }
    for (candidate, [own, of_base]) in candidates.iter().zip(&rounds) {
        let median = |rounds: &[Option<Measured>]| {
            dash(Spread::of(micros(rounds).into_iter().flatten()), |micros| format!("{:.2}", micros.median))
        };
        row([
            candidate.name.clone(),
            base.name.clone(),
            work.load.name().to_owned(),
            work.letters.to_string(),
            members.to_string(),
            dash(ratios(&micros(own), &micros(of_base)), |ratio| format!("{ratio:.2}")),
            median(own),
            median(of_base),
            own.iter().chain(of_base).flatten().map(|one| one.lost).sum::<u64>().to_string(),
        ]);
    }
}

async fn both(
    programs: [&Program; 2],
    rooms: u32,
    members: u32,
    work: &Work,
    core: usize,
) -> anyhow::Result<[Measured; 2]> {
    let limits = limits(members, rooms * members);
    let (mut servers, mut scenes) = (Vec::new(), Vec::new());
    for program in programs {
        let server = Server::start(program, limits, Some(core)).await?;
        let mut scene = Scene::new(program.mode, server.address, server.pid);
        scene.fill(rooms, members, ENTERING).await?;
        servers.push(server);
        scenes.push(scene);
    }
    let measured = measure(&scenes.iter().collect::<Vec<_>>(), work).await?;
    for scene in &mut scenes {
        scene.empty().await;
    }
    for server in servers {
        server.stop().await?;
    }
    ensure!(measured.len() == 2, "two servers were measured");
    Ok([measured[0], measured[1]])
}
