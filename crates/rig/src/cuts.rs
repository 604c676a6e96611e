//! Every client on a bad line of its own, cut again and again under load: everybody converges to the same history (G4, G5).

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use clap::Args;
use tokio::time::{Instant, sleep, timeout_at};

use crate::client::{Client, Door, Testimony};
use crate::clock::now;
use crate::history::Verdict;
use crate::load::Load;
use crate::network::{Chance, Line, Network, Weather};
use crate::report::Report;
use crate::scene::{Room, Scene};
use crate::{Common, Outcome};

/// How long everybody may take to be in their room for the first time.
const JOIN_TIME: Duration = Duration::from_secs(120);
/// The line's own number for the storm, where none of its connections has one.
const STORM: u64 = u64::MAX;

#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Clients, over all doors in turn, each through a line of its own.
    #[arg(long, default_value_t = 1000)]
    clients: usize,
    #[arg(long, default_value_t = 10)]
    rooms: usize,
    /// Seconds between the cuts of one client, on average.
    #[arg(long, default_value_t = 15.0)]
    every: f64,
    /// Seconds that a cut lasts at least; at most twice as long.
    #[arg(long = "for", default_value_t = 2.0)]
    lasts: f64,
    /// How many seconds of it.
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// Messages a second, in all rooms together.
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// Every how-manieth client says something.
    #[arg(long, default_value_t = 5)]
    speaker: usize,
    /// Milliseconds that bytes are delayed on a line, at most.
    #[arg(long, default_value_t = 20)]
    delay: u64,
}

pub async fn run(common: &Common, options: &Options) -> anyhow::Result<Outcome> {
    ensure!(options.rooms > 0 && options.speaker > 0, "there is a room, and somebody says something");
    let (every, lasts) = (Duration::try_from_secs_f64(options.every)?, Duration::try_from_secs_f64(options.lasts)?);
    let scene = Scene::open(common).await?;
    let weather = Weather { delay: Duration::from_millis(options.delay), ..Weather::fair(common.seed) };
    let network = Network::new(scene.address(), weather);
    let members = options.clients.div_ceil(options.rooms);
    let mut places = Vec::with_capacity(options.rooms);
    for number in 0..options.rooms {
        let room = Room::make(common, &scene.http, u32::try_from(members + 2)?).await?;
        let people = members.min(options.clients.saturating_sub(number * members));
        places.push(Place::open(room, people, &scene, &network).await?);
    }
    let begin = now();
    for client in places.iter().flat_map(|place| &place.clients) {
        timeout_at(begin + JOIN_TIME, client.joined()).await??;
    }
    let joined = begin.elapsed();

    let speakers: Vec<_> = places.iter().flat_map(|place| place.clients.iter().step_by(options.speaker)).collect();
    let load = Load::start(speakers.into_iter(), options.rate)?;
    let until = now() + Duration::from_secs(options.seconds);
    let storms = places.iter().flat_map(|place| &place.lines).map(|line| {
        let chance = weather.chance(line.number(), STORM);
        storm(line, chance, every, lasts, until)
    });
    let cuts: u64 = futures_util::future::join_all(storms).await.into_iter().sum();
    // Once more all at the same moment, so that the calm begins with everybody away.
    network.cut_all();
    let calm = now();
    load.stop().await?;

    let mut verdict = Verdict::default();
    let mut testimonies = Vec::with_capacity(options.clients);
    // Lines last until the end: whoever has to read older pages goes through them.
    let mut lines = Vec::new();
    for place in places {
        let clients: Vec<Client> = place.clients.into_iter().filter_map(Arc::into_inner).collect();
        let ended = place.room.end(&scene.http, clients, true).await?;
        verdict = verdict.and(ended.verdict);
        testimonies.extend(ended.testimonies);
        lines.extend(place.lines);
    }
    let settled = calm.elapsed();
    let (connections, outages) = (network.opened(), network.outages());
    drop(lines);
    scene.server.terminate().await?;

    let mut report = Report::default();
    report.add("seed", network.seed());
    report.add("clients", testimonies.len());
    report.add("seconds until all had joined", format!("{:.1}", joined.as_secs_f64()));
    report.add("cuts", cuts);
    let between = testimonies.len() as f64 * options.seconds as f64 / cuts.max(1) as f64;
    report.add("seconds between the cuts of one client, on average", format!("{between:.1}"));
    report.add("outages ordered", outages);
    report.add("connections through the network", connections);
    report.add_clients(testimonies.iter());
    report
        .add_times("from a loss to the answer of the next join", times(&testimonies, |t| &t.statistics.return_micros));
    report.add_times(
        "replay: from asking to join again to its answer",
        times(&testimonies, |t| &t.statistics.replay_micros),
    );
    report.add_times("ack, cuts included", times(&testimonies, |t| &t.statistics.ack_micros));
    report.add("seconds from the last cut to the last check", format!("{:.1}", settled.as_secs_f64()));
    Ok(Outcome { report, verdict })
}

/// A room, who is in it, and each one's line.
#[derive(Debug)]
struct Place {
    room: Room,
    clients: Vec<Arc<Client>>,
    lines: Vec<Line>,
}

impl Place {
    async fn open(room: Room, people: usize, scene: &Scene, network: &Network) -> anyhow::Result<Self> {
        let (mut clients, mut lines) = (Vec::with_capacity(people), Vec::with_capacity(people));
        for number in 0..people {
            let person = scene.http.newcomer(&room.id).await?;
            let line = network.line().await?;
            let http = scene.http.at(line.address());
            let of_client = room.options_of(&http, number, Door::ALL[number % Door::ALL.len()], person);
            clients.push(Arc::new(Client::start(of_client)));
            lines.push(line);
        }
        Ok(Self { room, clients, lines })
    }
}

/// Cuts a line at random moments, so often on average; how often it did.
async fn storm(line: &Line, mut chance: Chance, every: Duration, lasts: Duration, until: Instant) -> u64 {
    // From the end of a cut to the next.
    let fair = every.saturating_sub(lasts.mul_f64(1.5));
    let mut cuts = 0;
    loop {
        let begin = now() + chance.about(fair);
        let (way, lasts) = (chance.way(), lasts + chance.up_to(lasts));
        // What began before may end a little after.
        if begin > until {
            tokio::time::sleep_until(until).await;
            return cuts;
        }
        tokio::time::sleep_until(begin).await;
        line.out(way, lasts);
        cuts += 1;
        sleep(lasts).await;
    }
}

fn times(testimonies: &[Testimony], of: impl Fn(&Testimony) -> &Vec<u32>) -> Vec<u32> {
    testimonies.iter().flat_map(|testimony| of(testimony).clone()).collect()
}
