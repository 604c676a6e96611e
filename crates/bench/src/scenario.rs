//! One row: start a server, fill its rooms, post, and look at what it took.

use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::ValueEnum;
use tokio::task::JoinSet;

use crate::client::{Client, Shared};
use crate::entry::{Room, enter, make_room};
use crate::latency::Latencies;
use crate::load::{Poster, Posting, calm};
use crate::report::Row;
use crate::server::Server;
use crate::{Load, Options, process};

/// People who enter at the same time.
const ENTERING: usize = 32;
/// Without a delivery for so long, what is missing is lost.
const SILENCE: Duration = Duration::from_secs(3);

struct Filled {
    room: Rc<Room>,
    members: Vec<Rc<Client>>,
}

pub async fn run(options: &Options, load: Load, members: u32) -> anyhow::Result<Row> {
    let count = options.connections / members;
    ensure!(count > 0, "{} connections do not fill a room of {members}", options.connections);
    let server = Server::start(options).await?;
    let shared = Shared::new();

    // The second half shows what a connection costs: what the first brought along is paid by then.
    let mut rooms = Vec::new();
    let mut entering = fill(options, &shared, &server, &mut rooms, count / 2, members).await?;
    let (half, half_memory) = (rooms.len() as u32 * members, memory(&server).await?);
    entering += fill(options, &shared, &server, &mut rooms, count - count / 2, members).await?;
    let all_memory = memory(&server).await?;
    let connections = count * members;
    let grown = half_memory.zip(all_memory).filter(|_| half > 0);
    let memory = grown.map(|(half_memory, all)| (all as f64 - half_memory as f64) / f64::from(connections - half));

    let posting = Rc::new(Posting::default());
    let mut tasks = post(options, load, members, &rooms, &shared, &posting);
    tokio::time::sleep(Duration::from_secs(options.warm_up)).await;
    shared.latencies.replace(Latencies::default());
    let before = (shared.now(), shared.deliveries.get(), posting.messages.get(), cpu(&server)?);
    tokio::select! {
        () = tokio::time::sleep(options.measuring()) => {}
        Some(ended) = tasks.join_next(), if !tasks.is_empty() => {
            ended.context("a poster panicked")??;
            bail!("a poster's connection ended");
        }
    }
    let after = (shared.now(), shared.deliveries.get(), posting.messages.get(), cpu(&server)?);
    let latencies = shared.latencies.take();
    tasks.shutdown().await;
    let missing = missing(&shared, &posting, members).await;

    let seconds = (after.0 - before.0) as f64 / 1e9;
    let delivered = after.1 - before.1;
    let cpu = before.3.zip(after.3).filter(|_| delivered > 0);
    Ok(Row {
        mode: options.mode.name(),
        load: load.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned()),
        connections,
        members,
        messages_per_second: (after.2 - before.2) as f64 / seconds,
        deliveries_per_second: delivered as f64 / seconds,
        cpu_per_delivery: cpu.map(|(before, after)| (after - before).div_f64(delivered as f64)),
        p50: latencies.quantile(0.5),
        p99: latencies.quantile(0.99),
        memory,
        entered_per_second: f64::from(connections) / entering.as_secs_f64(),
        lost: missing + shared.lost.get(),
    })
}

/// Makes `count` more rooms and lets everybody in; how long that took.
async fn fill(
    options: &Options,
    shared: &Rc<Shared>,
    server: &Server,
    rooms: &mut Vec<Filled>,
    count: u32,
    members: u32,
) -> anyhow::Result<Duration> {
    let (mode, address, begin) = (options.mode, server.address, shared.now());
    for _ in 0..count {
        let number = rooms.len() as u32;
        let room = Rc::new(make_room(mode, address, number, members).await?);
        let mut filled = Filled { room: Rc::clone(&room), members: Vec::new() };
        let mut entering = JoinSet::new();
        for place in 0..members {
            if entering.len() == ENTERING {
                filled.members.push(entering.join_next().await.context("somebody is entering")???);
            }
            let (shared, room) = (Rc::clone(shared), Rc::clone(&room));
            entering.spawn_local(
                async move { enter(mode, &shared, address, &room, place, number * members + place).await },
            );
        }
        while let Some(client) = entering.join_next().await {
            filled.members.push(client??);
        }
        rooms.push(filled);
    }
    Ok(Duration::from_nanos(shared.now() - begin))
}

fn post(
    options: &Options,
    load: Load,
    members: u32,
    rooms: &[Filled],
    shared: &Rc<Shared>,
    posting: &Rc<Posting>,
) -> JoinSet<anyhow::Result<()>> {
    let poster = |filled: &Filled, client: &Rc<Client>| Poster {
        mode: options.mode,
        shared: Rc::clone(shared),
        client: Rc::clone(client),
        room: Rc::clone(&filled.room),
        posting: Rc::clone(posting),
        letters: usize::from(options.letters),
    };
    let of_room = |most: u32| {
        rooms.iter().flat_map(move |filled| filled.members.iter().take(most as usize).map(move |one| (filled, one)))
    };
    let mut tasks = JoinSet::new();
    match load {
        Load::Idle => {}
        Load::Calm => {
            let posters = of_room(1).map(|(filled, client)| poster(filled, client)).collect();
            tasks.spawn_local(calm(posters, f64::from(options.rate) / f64::from(members)));
        }
        Load::Saturated => {
            for (filled, client) in of_room(options.posters) {
                tasks.spawn_local(poster(filled, client).saturate(options.window));
            }
        }
    }
    tasks
}

/// Waits for what is under way, and counts what never comes.
async fn missing(shared: &Shared, posting: &Posting, members: u32) -> u64 {
    let expected = posting.messages.get() * u64::from(members);
    let (mut seen, mut since) = (shared.deliveries.get(), shared.now());
    while seen < expected && shared.now() - since < SILENCE.as_nanos() as u64 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if shared.deliveries.get() > seen {
            (seen, since) = (shared.deliveries.get(), shared.now());
        }
    }
    expected.abs_diff(shared.deliveries.get())
}

fn cpu(server: &Server) -> anyhow::Result<Option<Duration>> {
    server.pid.map(process::cpu_time).transpose()
}

async fn memory(server: &Server) -> anyhow::Result<Option<u64>> {
    let Some(pid) = server.pid else { return Ok(None) };
    // What entering has stirred up settles: announcements, requests being closed.
    tokio::time::sleep(Duration::from_secs(1)).await;
    process::memory(pid).map(Some)
}
