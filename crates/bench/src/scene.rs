//! Rooms full of people on one server, what they say, and what that takes.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::ValueEnum;
use tokio::task::JoinSet;

use crate::client::{Client, Shared};
use crate::entry::{Mode, Room, enter, make_room};
use crate::latency::Latencies;
use crate::load::{Poster, Posting, calm};
use crate::process;

/// Without a delivery for so long, what is missing is lost.
const SILENCE: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Load {
    /// Nobody posts: only connections and memory.
    Idle,
    /// A fixed rate, evenly spread.
    Calm,
    /// Each poster as fast as it may.
    Saturated,
}

impl Load {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Calm => "calm",
            Self::Saturated => "saturated",
        }
    }
}

/// What the people of a scene do, and for how long it is measured.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    pub load: Load,
    /// Deliveries a second when calm, in all rooms together.
    pub rate: u32,
    /// Posters of each room when saturated, and messages each has under way.
    pub posters: u32,
    pub window: u32,
    pub letters: u16,
    pub warm_up: Duration,
    pub measuring: Duration,
}

pub struct Filled {
    pub room: Rc<Room>,
    pub members: Vec<Rc<Client>>,
}

pub struct Scene {
    mode: Mode,
    server: SocketAddr,
    pid: Option<u32>,
    pub shared: Rc<Shared>,
    pub rooms: Vec<Filled>,
    posting: Rc<Posting>,
    /// Places of a room beyond its members, for those who come later; only the app counts places.
    pub spare: u32,
    /// The number of the next connection: what a member's messages are known by.
    next: u32,
}

/// What has been measured.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    pub messages_per_second: f64,
    pub deliveries_per_second: f64,
    /// `None`: there was no delivery, or nothing is known of the process.
    pub cpu_per_delivery: Option<Duration>,
    pub p50: Option<Duration>,
    pub p99: Option<Duration>,
    /// Deliveries that did not come, and connections that ended early.
    pub lost: u64,
}

#[derive(Clone, Copy)]
struct Reading {
    nanos: u64,
    deliveries: u64,
    messages: u64,
    cpu: Option<Duration>,
}

impl Scene {
    pub fn new(mode: Mode, server: SocketAddr, pid: Option<u32>) -> Self {
        let (shared, posting) = (Shared::new(), Rc::default());
        Self { mode, server, pid, shared, rooms: Vec::new(), posting, spare: 0, next: 0 }
    }

    /// Makes `count` more rooms and lets everybody in, `at_once` people at the same time; how long that took.
    pub async fn fill(&mut self, count: u32, members: u32, at_once: u32) -> anyhow::Result<Duration> {
        let begin = self.shared.now();
        let first = self.rooms.len();
        for _ in 0..count {
            let room = make_room(self.mode, self.server, self.rooms.len() as u32, members + self.spare).await?;
            self.rooms.push(Filled { room: Rc::new(room), members: Vec::new() });
        }
        self.enter(first, members, at_once).await?;
        Ok(Duration::from_nanos(self.shared.now() - begin))
    }

    /// Lets `members` into each room from the `first` on.
    pub async fn enter(&mut self, first: usize, members: u32, at_once: u32) -> anyhow::Result<()> {
        let mut entering: JoinSet<anyhow::Result<(usize, Rc<Client>)>> = JoinSet::new();
        let places = (first..self.rooms.len()).flat_map(|room| (0..members).map(move |place| (room, place)));
        for (at, place) in places {
            if entering.len() == at_once as usize {
                let (at, client) = entering.join_next().await.context("somebody is entering")???;
                self.rooms[at].members.push(client);
            }
            let (mode, server, shared) = (self.mode, self.server, Rc::clone(&self.shared));
            let (room, index) = (Rc::clone(&self.rooms[at].room), self.next);
            self.next += 1;
            entering.spawn_local(async move { Ok((at, enter(mode, &shared, server, &room, place, index).await?)) });
        }
        while let Some(entered) = entering.join_next().await {
            let (at, client) = entered??;
            self.rooms[at].members.push(client);
        }
        Ok(())
    }

    /// Everybody vanishes; the rooms stay.
    pub async fn empty(&mut self) {
        for filled in &mut self.rooms {
            filled.members.drain(..).for_each(|client| client.vanish());
        }
        // The tasks that read hold the connections, and are dropped in their turn.
        tokio::task::yield_now().await;
    }

    /// Begins to post.
    fn post(&self, work: &Work) -> JoinSet<anyhow::Result<()>> {
        let members = self.rooms.first().map_or(1, |filled| filled.members.len());
        let poster = |filled: &Filled, client: &Rc<Client>| Poster {
            mode: self.mode,
            shared: Rc::clone(&self.shared),
            client: Rc::clone(client),
            room: Rc::clone(&filled.room),
            posting: Rc::clone(&self.posting),
            letters: usize::from(work.letters),
        };
        let of_room = |most: u32| {
            let rooms = self.rooms.iter();
            rooms.flat_map(move |filled| filled.members.iter().take(most as usize).map(move |one| poster(filled, one)))
        };
        let mut tasks = JoinSet::new();
        match work.load {
            Load::Idle => {}
            Load::Calm => drop(tasks.spawn_local(calm(of_room(1).collect(), f64::from(work.rate) / members as f64))),
            Load::Saturated => of_room(work.posters).for_each(|one| drop(tasks.spawn_local(one.saturate(work.window)))),
        }
        tasks
    }

    fn read(&self) -> anyhow::Result<Reading> {
        Ok(Reading {
            nanos: self.shared.now(),
            deliveries: self.shared.deliveries.get(),
            messages: self.posting.messages.get(),
            cpu: self.pid.map(process::cpu_time).transpose()?,
        })
    }

    /// Waits for what is under way, and counts what never comes. `before`: deliveries when posting began.
    async fn missing(&self, messages: u64, before: u64) -> u64 {
        let members = self.rooms.first().map_or(0, |filled| filled.members.len() as u64);
        let shared = &self.shared;
        let expected = before + messages * members;
        let (mut seen, mut since) = (shared.deliveries.get(), shared.now());
        while seen < expected && shared.now() - since < SILENCE.as_nanos() as u64 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if shared.deliveries.get() > seen {
                (seen, since) = (shared.deliveries.get(), shared.now());
            }
        }
        expected.abs_diff(shared.deliveries.get())
    }
}

/// Has all the scenes do the same work during the same time.
pub async fn measure(scenes: &[&Scene], work: &Work) -> anyhow::Result<Vec<Measured>> {
    let begun = scenes.iter().map(|scene| scene.read()).collect::<Result<Vec<_>, _>>()?;
    let mut tasks: Vec<_> = scenes.iter().map(|scene| scene.post(work)).collect();
    pass(&mut tasks, work.warm_up).await?;
    scenes.iter().for_each(|scene| drop(scene.shared.latencies.replace(Latencies::default())));
    let before = scenes.iter().map(|scene| scene.read()).collect::<Result<Vec<_>, _>>()?;
    pass(&mut tasks, work.measuring).await?;
    let after = scenes.iter().map(|scene| scene.read()).collect::<Result<Vec<_>, _>>()?;
    let latencies: Vec<_> = scenes.iter().map(|scene| scene.shared.latencies.take()).collect();
    for tasks in &mut tasks {
        tasks.shutdown().await;
    }
    let mut measured = Vec::new();
    for (at, scene) in scenes.iter().enumerate() {
        let missing = scene.missing(scene.posting.messages.get() - begun[at].messages, begun[at].deliveries).await;
        let lost = missing + scene.shared.lost.get();
        measured.push(Measured::between(before[at], after[at], &latencies[at], lost));
    }
    Ok(measured)
}

/// Lets time go by, unless a poster ends.
async fn pass(tasks: &mut [JoinSet<anyhow::Result<()>>], time: Duration) -> anyhow::Result<()> {
    tokio::time::sleep(time).await;
    match tasks.iter_mut().find_map(JoinSet::try_join_next) {
        Some(ended) => {
            ended.context("a poster panicked")??;
            bail!("a poster's connection ended")
        }
        None => Ok(()),
    }
}

impl Measured {
    fn between(before: Reading, after: Reading, latencies: &Latencies, lost: u64) -> Self {
        let seconds = (after.nanos - before.nanos) as f64 / 1e9;
        let delivered = after.deliveries - before.deliveries;
        let cpu = before.cpu.zip(after.cpu).filter(|_| delivered > 0);
        Self {
            messages_per_second: (after.messages - before.messages) as f64 / seconds,
            deliveries_per_second: delivered as f64 / seconds,
            cpu_per_delivery: cpu.map(|(before, after)| (after - before).div_f64(delivered as f64)),
            p50: latencies.quantile(0.5),
            p99: latencies.quantile(0.99),
            lost,
        }
    }
}
