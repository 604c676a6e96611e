//! Everybody is cut off at once, while the talk goes on: all come back and are caught up.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::time::{sleep, timeout};

use crate::client::{Client, Door};
use crate::clock::now;
use crate::history::Verdict;
use crate::load::Load;
use crate::report::Report;
use crate::scene::{Room, Scene};
use crate::{Common, Outcome};

/// Connecting at once: the crowd comes in order, only its return is sudden.
const AT_ONCE: usize = 100;
const JOIN_TIME: Duration = Duration::from_secs(300);
const RETURN_TIME: Duration = Duration::from_secs(300);

#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Most of them over Socket.IO's WebSocket, one of ten each over polling, `/ws` and an event stream.
    #[arg(long, default_value_t = 10_000)]
    clients: usize,
    /// People in each room.
    #[arg(long, default_value_t = 100)]
    room: usize,
    /// Messages a second in all rooms together.
    #[arg(long, default_value_t = 50)]
    rate: u32,
    /// Seconds of talk before the cut, and after the return.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Who writes in each room.
    #[arg(long, default_value_t = 2)]
    senders: usize,
}

pub async fn run(common: &Common, options: &Options) -> anyhow::Result<Outcome> {
    ensure!((1..=options.room).contains(&options.senders) && options.clients >= options.room, "rooms have senders");
    let scene = Scene::open(common).await?;
    let begin = now();
    let mut rooms = Vec::new();
    for _ in 0..options.clients / options.room {
        rooms.push(Room::make(common, &scene.http, u32::try_from(options.room + 2)?).await?);
    }
    let people = stream::iter(0..rooms.len() * options.room).map(|number| {
        let (room, http) = (&rooms[number / options.room], &scene.http);
        async move {
            let client = Client::start(room.options(http, number, door(number)).await?);
            timeout(JOIN_TIME, client.joined())
                .await
                .with_context(|| format!("{} has not joined", client.name()))??;
            anyhow::Ok(Arc::new(client))
        }
    });
    let clients: Vec<Arc<Client>> = people.buffered(AT_ONCE).try_collect().await?;
    let connected = begin.elapsed();

    let senders: Vec<&Arc<Client>> = (clients.iter().enumerate())
        .filter(|(number, _)| number % options.room < options.senders)
        .map(|(_, client)| client)
        .collect();
    let load = Load::start(senders.into_iter(), options.rate)?;
    sleep(Duration::from_secs(options.seconds)).await;
    let cut = now();
    clients.iter().for_each(|client| client.cut());
    let back = clients.iter().map(|client| client.until(|progress| progress.inside && progress.stays >= 2));
    let back = timeout(RETURN_TIME, join_all(back)).await;
    let all_back = cut.elapsed();
    sleep(Duration::from_secs(options.seconds)).await;
    let said = load.stop().await?;

    let mut verdict = Verdict::default();
    let mut testimonies = Vec::with_capacity(clients.len());
    let mut clients = clients.into_iter().map(|client| Arc::into_inner(client).context("nobody else has it"));
    for room in &rooms {
        let here = clients.by_ref().take(options.room).collect::<anyhow::Result<_>>()?;
        let ended = room.end(&scene.http, here, true).await?;
        verdict = verdict.and(ended.verdict);
        testimonies.extend(ended.testimonies);
    }
    scene.server.terminate().await?;

    let mut report = Report::default();
    report.add("clients", testimonies.len());
    report.add("rooms", rooms.len());
    report.add("seconds until all were there", format!("{:.1}", connected.as_secs_f64()));
    report.add("posts", said);
    report.add("all came back in time", back.is_ok());
    report.add("seconds until all were back and caught up", format!("{:.2}", all_back.as_secs_f64()));
    report
        .add_times("back and caught up", testimonies.iter().flat_map(|t| t.statistics.return_micros.clone()).collect());
    report.add_times(
        "from join to answer",
        testimonies.iter().flat_map(|t| t.statistics.replay_micros.clone()).collect(),
    );
    report.add_clients(testimonies.iter());
    Ok(Outcome { report, verdict })
}

const fn door(number: usize) -> Door {
    match number % 10 {
        7 => Door::SocketIoPolling,
        8 => Door::Plain,
        9 => Door::EventStream,
        _ => Door::SocketIoWebSocket,
    }
}
