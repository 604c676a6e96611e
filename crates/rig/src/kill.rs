//! SIGKILL at random moments, under load: nothing acknowledged is lost, nothing is numbered twice, nobody is somebody
//! else afterwards (G2, G3, G4, G9).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use clap::Args;
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::client::{Client, Door, Posts, Testimony};
use crate::clock::now;
use crate::history::{Finding, Position, Verdict, Wrong};
use crate::http::Http;
use crate::load::Load;
use crate::network::Weather;
use crate::report::Report;
use crate::scene::{self, Room};
use crate::server::{self, Server};
use crate::{Common, Outcome, lobby};

/// Messages that are compared after each restart.
const TAIL: u32 = 100;
/// How long everybody may take to be in their room.
const JOIN_TIME: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, Args)]
pub struct Options {
    /// How often the server is killed.
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// Messages a second, of all senders together. What they cannot say while the server is down they say afterwards.
    #[arg(long, default_value_t = 500)]
    rate: u32,
    #[arg(long, default_value_t = 4)]
    rooms: usize,
    /// Senders in each room: Socket.IO, polling, `/ws`, an event stream with HTTP, and HTTP beside Socket.IO take turns.
    #[arg(long, default_value_t = 5)]
    senders: usize,
    /// Who only listens, in each room.
    #[arg(long, default_value_t = 4)]
    listeners: usize,
    /// The longest life of the server between two kills, in milliseconds: each ends at a random moment of this time.
    #[arg(long, default_value_t = 4000)]
    life: u64,
}

pub async fn run(common: &Common, options: &Options) -> anyhow::Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let mut how = server::Options {
        binary: common.server.clone(),
        data: folder.path().join("data"),
        listen: server::anywhere(),
        settings: scene::settings(),
        env: Vec::new(),
    };
    let mut server = Server::start(&how).await?;
    how.listen = server.address();
    let http = Http::new(how.listen)?;
    let mut places = Vec::with_capacity(options.rooms);
    for _ in 0..options.rooms {
        places.push(Place::open(common, options, &http).await?);
    }
    for place in &places {
        place.joined().await?;
    }
    let before = Seen::now(&http, &places).await?;
    let senders: Vec<_> = places.iter().flat_map(|place| &place.clients[..options.senders]).collect();
    let load = Load::start(senders.into_iter(), options.rate)?;

    let mut chance = Weather::fair(common.seed).chance(0, 0);
    let mut lives = Lives::default();
    let mut findings = Vec::new();
    let begin = now();
    for kill in 1..=options.kills {
        let (born, acked_before) = (now(), acked(&places));
        sleep(chance.up_to(Duration::from_millis(options.life))).await;
        let shown: Vec<i64> = places.iter().map(Place::shown).collect();
        lives.on_their_way += on_their_way(&places);
        server.kill().await?;
        lives.end(born.elapsed(), acked(&places) - acked_before);
        let dead = now();
        server = Server::start(&how).await?;
        lives.down.push(u32::try_from(dead.elapsed().as_micros())?);
        for (place, shown) in places.iter().zip(shown) {
            findings.extend(place.check(&http, shown).await?.map(|wrong| finding(kill, wrong)));
        }
        if lobby::rooms(&http).await? != before.rooms {
            findings.push(finding(kill, Wrong::Refused(String::from("the rooms are not what they were"))));
        }
        if kill % 20 == 0 {
            eprintln!("{kill} kills, {} acked, {} violations so far", acked(&places), findings.len());
        }
    }
    let life = now();
    // Whoever gave up says why in the end.
    let said = load.stop().await;
    for place in &places {
        place.joined().await?;
    }
    if Seen::now(&http, &places).await?.members != before.members {
        findings.push(finding(options.kills, Wrong::Refused(String::from("the members are not who they were"))));
    }
    let mut report = Report::default();
    report.add("kills", options.kills);
    report.add("kills while something was being acked", lives.busy);
    report.add("posts on their way at a kill, on average", lives.on_their_way / u64::from(options.kills.max(1)));
    let mut verdict = Verdict::default();
    let mut testimonies = Vec::new();
    for place in places {
        let clients: Vec<Client> = place.clients.into_iter().filter_map(Arc::into_inner).collect();
        let ended = place.room.end(&http, clients, true).await?;
        verdict = verdict.and(ended.verdict);
        testimonies.extend(ended.testimonies);
    }
    let alive = lives.alive + life.elapsed();
    findings.extend(testimonies.iter().flat_map(identities));
    if let Err(error) = said {
        findings.push(finding(options.kills, Wrong::Refused(format!("{error:#}"))));
    }
    verdict.findings.extend(findings);
    server.terminate().await?;

    report.add("seconds", format!("{:.1}", begin.elapsed().as_secs_f64()));
    report.add("acked per second of the server's life", format!("{:.0}", verdict.acked as f64 / alive.as_secs_f64()));
    report.add("acked per second of all", format!("{:.0}", verdict.acked as f64 / begin.elapsed().as_secs_f64()));
    report.add_clients(testimonies.iter());
    report.add_times("from SIGKILL to open again", lives.down);
    report
        .add_times("from a loss to the answer of the next join", times(&testimonies, |t| &t.statistics.return_micros));
    report.add_times("from asking to join again to its answer", times(&testimonies, |t| &t.statistics.replay_micros));
    report.add_times("ack, the server's death included", times(&testimonies, |t| &t.statistics.ack_micros));
    Ok(Outcome { report, verdict })
}

/// The lives of the server.
#[derive(Debug, Default)]
struct Lives {
    alive: Duration,
    /// How many were not over before anything was acked.
    busy: u32,
    on_their_way: u64,
    down: Vec<u32>,
}

impl Lives {
    fn end(&mut self, life: Duration, acked: u64) {
        self.alive += life;
        self.busy += u32::from(acked > 0);
    }
}

/// What has to be the same before and after.
#[derive(Debug)]
struct Seen {
    rooms: Vec<Value>,
    members: BTreeSet<String>,
}

impl Seen {
    async fn now(http: &Http, places: &[Place]) -> anyhow::Result<Self> {
        let mut members = BTreeSet::new();
        for place in places {
            members.extend(lobby::members(http, &place.room.id, &place.room.owner).await?);
        }
        Ok(Self { rooms: lobby::rooms(http).await?, members })
    }
}

/// A room, and who is in it: the senders first.
#[derive(Debug)]
struct Place {
    room: Room,
    clients: Vec<Arc<Client>>,
}

impl Place {
    async fn open(common: &Common, options: &Options, http: &Http) -> anyhow::Result<Self> {
        let people = options.senders + options.listeners;
        ensure!(options.senders > 0, "somebody has to say something");
        let room = Room::make(common, http, u32::try_from(people + 2)?).await?;
        let mut clients = Vec::with_capacity(people);
        for number in 0..people {
            let (door, posts) = if number % 5 == 4 {
                (Door::SocketIoWebSocket, Posts::Http)
            } else {
                (Door::ALL[number % 5], Posts::Door)
            };
            let mut of_client = room.options(http, number, door).await?;
            of_client.posts = posts;
            clients.push(Arc::new(Client::start(of_client)));
        }
        Ok(Self { room, clients })
    }

    async fn joined(&self) -> anyhow::Result<()> {
        for client in &self.clients {
            timeout(JOIN_TIME, client.joined()).await??;
        }
        Ok(())
    }

    /// The newest that anybody was shown.
    fn shown(&self) -> i64 {
        self.clients.iter().map(|client| client.progress().borrow().seq).max().unwrap_or_default()
    }

    /// Whether the end of the room is what it was before the restart.
    async fn check(&self, http: &Http, shown: i64) -> anyhow::Result<Option<Wrong>> {
        let newest = self.room.newest(http).await?;
        if newest < shown {
            return Ok(Some(Wrong::Backwards { shown, answer: newest }));
        }
        let tail = http.messages(&self.room.id, &self.room.owner, None, TAIL).await?;
        if let Some(whisper) = tail.whispers.first() {
            return Ok(Some(Wrong::Leaked { from: whisper.from, to: whisper.to }));
        }
        let epoch = self.clients.iter().map(|client| client.progress().borrow().epoch).max().unwrap_or_default();
        let known = |seq| self.room.ledger.entry(Position { epoch, seq });
        for pair in tail.entries.windows(2) {
            // What is between only changes what is before; somebody may have heard it.
            let (due, seq) = (pair[0].0 + 1, pair[1].0);
            if seq < due || (due..seq).any(|seq| known(seq).is_some_and(|entry| entry.is_on_pages())) {
                return Ok(Some(Wrong::Gap { due, seq }));
            }
        }
        let noted =
            tail.entries.iter().map(|(seq, entry)| self.room.ledger.note(Position { epoch, seq: *seq }, *entry));
        Ok(noted.filter_map(Result::err).next())
    }
}

fn finding(kill: u32, wrong: Wrong) -> Finding {
    Finding { who: format!("after kill {kill}"), wrong }
}

fn sum(places: &[Place], part: impl Fn(&Client) -> u64) -> u64 {
    places.iter().flat_map(|place| &place.clients).map(|client| part(client)).sum()
}

fn acked(places: &[Place]) -> u64 {
    sum(places, |client| client.progress().borrow().acked)
}

fn on_their_way(places: &[Place]) -> u64 {
    sum(places, |client| {
        let progress = *client.progress().borrow();
        progress.taken - progress.acked
    })
}

/// Nobody was somebody else in between, and nobody lost the right to their room.
fn identities(testimony: &Testimony) -> Option<Finding> {
    let mut members = testimony.sender.acked().iter().map(|acked| acked.shown.member);
    let same = members.next().is_none_or(|first| members.all(|member| member == first));
    let wrong = match (same, testimony.statistics.admitted_again) {
        (true, 0) => return None,
        (false, _) => String::from("it was somebody else after a restart"),
        (true, times) => format!("it had to be admitted again {times} times"),
    };
    Some(Finding { who: testimony.sender.who().to_owned(), wrong: Wrong::Refused(wrong) })
}

fn times(testimonies: &[Testimony], of: impl Fn(&Testimony) -> &Vec<u32>) -> Vec<u32> {
    testimonies.iter().flat_map(|testimony| of(testimony).clone()).collect()
}
