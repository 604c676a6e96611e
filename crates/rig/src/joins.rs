//! Joining while others write, at all doors and through the page: answer and events together are the history, without a seam.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use futures_util::{StreamExt, stream};
use tokio::time::timeout;

use crate::client::{Client, Door, Testimony};
use crate::clock::now;
use crate::http::Http;
use crate::load::Load;
use crate::report::Report;
use crate::scene::{Room, Scene};
use crate::{Common, Outcome, wire};

/// Who writes, a fourth of them at each door.
const SENDERS: usize = 16;
/// What somebody who joins hears before they leave.
const HEARS: i64 = 10;
/// How long joining and hearing so much may take.
const STAY_TIME: Duration = Duration::from_secs(120);

#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Joins in all: at each door in turn, each second of them from the room's page.
    #[arg(long, default_value_t = 10_000)]
    joins: usize,
    /// Messages a second that the others write meanwhile.
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// Joins at once.
    #[arg(long, default_value_t = 32)]
    at_once: usize,
}

/// How many came which way.
#[derive(Clone, Copy, Debug, Default)]
struct Ways {
    page: u64,
    /// Of those: their first `join` continued what the page showed.
    continued: u64,
}

pub async fn run(common: &Common, options: &Options) -> anyhow::Result<Outcome> {
    ensure!(options.joins > 0 && options.at_once > 0, "somebody has to join");
    // Each answer lists the members: with the default of 10 s, a thousand who have just left would be among them.
    let scene = Scene::open_with(common, &[("exit_damping", "1s")]).await?;
    let room = Room::make(common, &scene.http, 20_000).await?;
    let mut senders = Vec::with_capacity(SENDERS);
    for number in 0..SENDERS {
        let door = Door::ALL[number % Door::ALL.len()];
        senders.push(Arc::new(Client::start(room.options(&scene.http, number, door).await?)));
    }
    for sender in &senders {
        timeout(STAY_TIME, sender.joined()).await.context("a sender has not joined")??;
    }
    let begin = now();
    let load = Load::start(senders.iter(), options.rate)?;
    let visits = stream::iter(0..options.joins).map(|index| visit(&room, &scene.http, SENDERS + index));
    let mut visits = visits.buffer_unordered(options.at_once);
    let (mut visitors, mut ways) = (Vec::with_capacity(options.joins), Ways::default());
    while let Some(visited) = visits.next().await {
        let (visitor, through_page) = visited?;
        if through_page {
            ways.page += 1;
            ways.continued += visitor.witness.counts().recovered;
        }
        visitors.push(visitor);
    }
    drop(visits);
    let took = begin.elapsed().as_secs_f64();
    let said = load.stop().await?;
    let senders = senders.into_iter().map(|sender| Arc::into_inner(sender).context("nobody else has it"));
    let ended = room.end_after(&scene.http, senders.collect::<anyhow::Result<_>>()?, &visitors, true).await?;
    scene.server.terminate().await?;

    let mut report = Report::default();
    report.add("joins", visitors.len());
    report.add("joins from a page", ways.page);
    report.add("joins that continued their page", ways.continued);
    report.add("seconds", format!("{took:.1}"));
    report.add("messages per second", format!("{:.0}", said as f64 / took));
    report.add_clients(ended.testimonies.iter().chain(&visitors));
    report.add_times("first join", visitors.iter().flat_map(|visitor| visitor.statistics.join_micros).collect());
    Ok(Outcome { report, verdict: ended.verdict })
}

/// One person comes, stays for a few messages, and leaves. Says whether they came through the page.
async fn visit(room: &Room, http: &Http, number: usize) -> anyhow::Result<(Testimony, bool)> {
    let door = Door::ALL[number % Door::ALL.len()];
    // So that each door is used both ways.
    let through_page = (number / Door::ALL.len()).is_multiple_of(2);
    let options = if through_page {
        let (html, person) = http.page(&room.id).await?;
        let mut options = room.options_of(http, number, door, person);
        options.since = Some(wire::page(&html)?);
        options
    } else {
        room.options(http, number, door).await?
    };
    let client = Client::start(options);
    let stays = async {
        client.joined().await?;
        let first = client.progress().borrow().seq;
        client.reached(first + HEARS).await
    };
    match timeout(STAY_TIME, stays).await {
        Ok(stayed) => stayed?,
        Err(_) => {
            let progress = *client.progress().borrow();
            anyhow::bail!("{} ({door}) has not joined and heard {HEARS} messages: {progress:?}", client.name())
        }
    }
    Ok((client.stop().await?, through_page))
}
