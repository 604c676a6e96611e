//! What a delivery costs, one server after the other.

use super::spread::{Spread, ratios};
use super::table::{dash, head, row};
use super::{Comparison, limits};
use crate::scene::{Measured, Scene, Work, measure};
use crate::server::{Program, Server};

/// People who enter at the same time.
pub const ENTERING: u32 = 64;

pub async fn run(comparison: &Comparison<'_>) -> anyhow::Result<()> {
    head(
        "Deliveries: median of the rounds (least-most), ratios within each round",
        &[
            "server",
            "load",
            "letters",
            "rooms of",
            "CPU us/delivery",
            "to raw-each",
            "to raw-gather",
            "deliveries/s",
            "p50 ms",
            "p99 ms",
            "lost",
        ],
    );
    for (members, work) in comparison.scenarios() {
        let mut rounds: Vec<Vec<Option<Measured>>> = vec![Vec::new(); comparison.programs.len()];
        for round in 0..comparison.options.rounds {
            for at in comparison.turns(round) {
                let program = &comparison.programs[at];
                let what = format!(
                    "{} {} letters {} rooms of {members}, round {}",
                    program.name,
                    work.letters,
                    work.load.name(),
                    round + 1
                );
                let rooms = comparison.options.rooms(members);
                rounds[at].push(comparison.one(&what, once(program, rooms, members, &work)).await);
            }
        }
        rows(comparison, members, &work, &rounds);
    }
    Ok(())
}

async fn once(program: &Program, rooms: u32, members: u32, work: &Work) -> anyhow::Result<Measured> {
    let server = Server::start(program, limits(members, rooms * members), None).await?;
    let mut scene = Scene::new(program.mode, server.address, server.pid);
    scene.fill(rooms, members, ENTERING).await?;
    let measured = measure(&[&scene], work).await?;
    scene.empty().await;
    server.stop().await?;
    Ok(measured[0])
}

/// Microseconds per delivery in each round.
pub fn micros(rounds: &[Option<Measured>]) -> Vec<Option<f64>> {
    rounds.iter().map(|round| Some(round.as_ref()?.cpu_per_delivery?.as_secs_f64() * 1e6)).collect()
}

fn rows(comparison: &Comparison<'_>, members: u32, work: &Work, rounds: &[Vec<Option<Measured>>]) {
    let of = |name: &str| comparison.programs.iter().position(|program| program.name == name).map(|at| &rounds[at]);
    for (program, rounds) in comparison.programs.iter().zip(rounds) {
        let own = micros(rounds);
        let ratio = |base| dash(of(base).and_then(|base| ratios(&own, &micros(base))), |ratio| format!("{ratio:.2}"));
        let spread = |number: fn(&Measured) -> Option<f64>| Spread::of(rounds.iter().flatten().filter_map(number));
        row([
            program.name.clone(),
            work.load.name().to_owned(),
            work.letters.to_string(),
            members.to_string(),
            dash(Spread::of(own.iter().copied().flatten()), |micros| format!("{micros:.2}")),
            ratio("raw-each"),
            ratio("raw-gather"),
            dash(spread(|one| Some(one.deliveries_per_second)), |rate| format!("{:.0}", rate.median)),
            dash(spread(|one| Some(one.p50?.as_secs_f64() * 1e3)), |time| format!("{:.2}", time.median)),
            dash(spread(|one| Some(one.p99?.as_secs_f64() * 1e3)), |time| format!("{time:.2}")),
            rounds.iter().flatten().map(|one| one.lost).sum::<u64>().to_string(),
        ]);
    }
}
