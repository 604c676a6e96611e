//! One room, many senders over all doors at once, listeners at all doors: one order for all.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::ensure;
use clap::Args;

use crate::client::{Client, Door, Posts};
use crate::clock::now;
use crate::report::Report;
use crate::scene::{self, Room, Scene};
use crate::{Common, Outcome};

const JOIN_TIME: Duration = Duration::from_secs(60);
/// Of a million messages.
const SAY_TIME: Duration = Duration::from_secs(3600);

#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Messages in all.
    #[arg(long, default_value_t = 50_000)]
    messages: u64,
    /// Who sends them: each fifth over Socket.IO, polling, `/ws`, an event stream and HTTP, and HTTP beside Socket.IO.
    #[arg(long, default_value_t = 20)]
    senders: usize,
    /// Who only listens, at each door.
    #[arg(long, default_value_t = 1)]
    listeners: usize,
    /// Posts of one sender on their way at once; over HTTP it is always one.
    #[arg(long, default_value_t = 32)]
    window: usize,
}

pub async fn run(common: &Common, options: &Options) -> anyhow::Result<Outcome> {
    ensure!(options.senders > 0, "somebody has to say something");
    let scene = Scene::open(common).await?;
    let people = options.senders + options.listeners * Door::ALL.len();
    let room = Room::make(common, &scene.http, u32::try_from(people + 2)?).await?;
    let mut clients = Vec::with_capacity(people);
    for number in 0..people {
        let mut of_client = if number < options.senders {
            let (door, posts) = way(number);
            let mut of_client = room.options(&scene.http, number, door).await?;
            of_client.posts = posts;
            of_client
        } else {
            room.options(&scene.http, number, Door::ALL[number % Door::ALL.len()]).await?
        };
        of_client.window = options.window;
        clients.push(Client::start(of_client));
    }
    scene::all(&clients, "joined", JOIN_TIME, Client::joined).await?;
    let begin = now();
    let (senders, _) = clients.split_at(options.senders);
    let said = AtomicU64::new(0);
    scene::all(senders, "said all they had to say", SAY_TIME, |client| talk(client, &said, options.messages)).await?;
    let said = begin.elapsed();
    let ended = room.end(&scene.http, clients, true).await?;
    let all = begin.elapsed();
    scene.server.terminate().await?;

    let mut report = Report::default();
    report.add("senders", options.senders);
    report.add("listeners", people - options.senders);
    report.add_clients(ended.testimonies.iter());
    report.add("seconds until all was said", format!("{:.1}", said.as_secs_f64()));
    report.add("seconds with reading and checking", format!("{:.1}", all.as_secs_f64()));
    report.add("messages per second", format!("{:.0}", options.messages as f64 / said.as_secs_f64()));
    report.add_times("ack", ended.testimonies.iter().flat_map(|t| t.statistics.ack_micros.clone()).collect());
    Ok(Outcome { report, verdict: ended.verdict })
}

/// Each door in turn, and posting over HTTP from a Socket.IO client.
const fn way(number: usize) -> (Door, Posts) {
    match number % 5 {
        0 => (Door::SocketIoWebSocket, Posts::Door),
        1 => (Door::SocketIoPolling, Posts::Door),
        2 => (Door::Plain, Posts::Door),
        3 => (Door::EventStream, Posts::Http),
        _ => (Door::SocketIoWebSocket, Posts::Http),
    }
}

/// Says the next thing as soon as it can, until all together have said all.
async fn talk(client: &Client, said: &AtomicU64, messages: u64) -> anyhow::Result<()> {
    loop {
        let number = said.fetch_add(1, Ordering::Relaxed);
        if number >= messages {
            return client.drained().await;
        }
        client.post(format!("{number} of {}", client.name())).await?;
    }
}
