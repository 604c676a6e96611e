//! What scenarios share: a server with a data folder of its own, a room with clients, and its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::future::try_join_all;
use tokio::time::{timeout, timeout_at};

use crate::Common;
use crate::client::{Client, Door, Options, Progress, Testimony};
use crate::clock::now;
use crate::history::{Evidence, Finding, Ledger, RULES, Rules, Verdict, Wrong, verdict};
use crate::http::{Http, Person};
use crate::reader;
use crate::server::{self, Server};
use crate::wire;

/// How long all clients together may take to be where the room is, after the last word.
const SETTLE_TIME: Duration = Duration::from_secs(120);

/// A running server, whose data goes with it.
#[derive(Debug)]
pub struct Scene {
    pub server: Server,
    pub http: Http,
    _data: tempfile::TempDir,
}

impl Scene {
    /// As people get it, but for the limits that protect a server from exactly this.
    ///
    /// # Errors
    /// When the server does not start.
    pub async fn open(common: &Common) -> anyhow::Result<Self> {
        Self::open_with(common, &[]).await
    }

    /// The same with settings of its own.
    ///
    /// # Errors
    /// As [`Scene::open`].
    pub async fn open_with(common: &Common, own: &[(&'static str, &str)]) -> anyhow::Result<Self> {
        let own = own.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let data = tempfile::tempdir()?;
        let options = server::Options {
            binary: common.server.clone(),
            data: data.path().join("data"),
            listen: server::anywhere(),
            settings: settings().into_iter().chain(own).collect(),
            env: Vec::new(),
        };
        let server = Server::start(&options).await?;
        let http = Http::new(server.address())?;
        Ok(Self { server, http, _data: data })
    }
}

/// No limit for how often, and many people.
pub fn settings() -> Vec<(&'static str, String)> {
    let settings = [
        ("log", "warn"),
        ("message_rate", "0"),
        ("join_rate", "0"),
        ("command_rate", "0"),
        ("room_rate", "0"),
        // Crowds come: what newcomers have to solve is to cost nothing.
        ("work_bits", "1"),
        // Nobody comes as the owner, or minds.
        ("owner_grace", "10m"),
        ("rooms", "10000"),
        ("members_per_room", "20000"),
        ("admissions_per_room", "100000"),
        ("empty_grace", "10m"),
        // Disks get full on purpose here.
        ("disk_reserve", "0"),
    ];
    settings.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

/// Waits until all of them are so far, and says who is not if that takes too long.
///
/// # Errors
/// Then, or when one of them gives up.
pub async fn all<'a, F>(
    clients: &'a [Client],
    what: &str,
    time: Duration,
    wait: impl Fn(&'a Client) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let begin = now();
    let waits = clients.iter().map(|client| {
        let wait = wait(client);
        async move {
            match timeout_at(begin + time, wait).await {
                Ok(done) => done,
                Err(_) => {
                    let progress = *client.progress().borrow();
                    bail!("{} ({}) has not {what} within {time:?}: {progress:?}", client.name(), client.door())
                }
            }
        }
    });
    try_join_all(waits).await.map(|_| ())
}

/// One room and its clients.
#[derive(Debug)]
pub struct Room {
    pub id: String,
    pub owner: Person,
    pub ledger: Arc<Ledger>,
    pub rules: Rules,
    seed: u64,
}

impl Room {
    /// # Errors
    /// When it was not made.
    pub async fn make(common: &Common, http: &Http, members: u32) -> anyhow::Result<Self> {
        let (id, owner) = http.make_room("rig", members).await?;
        let rules = Rules { exact_joins: !common.merge_joins, ..RULES };
        Ok(Self { id, owner, ledger: Arc::new(Ledger::default()), rules, seed: common.seed })
    }

    /// How a client of this room begins: somebody new, through this address. `number` is different for each.
    ///
    /// # Errors
    /// When they were not admitted.
    pub async fn options(&self, http: &Http, number: usize, door: Door) -> anyhow::Result<Options> {
        let person = http.newcomer(&self.id).await?;
        Ok(self.options_of(http, number, door, person))
    }

    /// The same for somebody who was admitted.
    pub fn options_of(&self, http: &Http, number: usize, door: Door, person: Person) -> Options {
        let name = format!("client {number}").replace(' ', "-");
        let mut options = Options::new(name, door, http.clone(), person, self.id.clone(), Arc::clone(&self.ledger));
        options.rules = self.rules;
        options.seed = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number as u64);
        options
    }

    /// The newest number of the room's order.
    ///
    /// # Errors
    /// When its page cannot be read.
    pub async fn newest(&self, http: &Http) -> anyhow::Result<i64> {
        Ok(wire::page(&http.page_of(&self.id, &self.owner).await?)?.0.seq)
    }

    /// Waits until everything that was queued is acked and everybody has everything, stops all, and judges. `http` leads
    /// to the server itself.
    ///
    /// # Errors
    /// When the room cannot be read.
    pub async fn end(&self, http: &Http, clients: Vec<Client>, from_the_beginning: bool) -> anyhow::Result<Ended> {
        self.end_after(http, clients, &[], from_the_beginning).await
    }

    /// The same where others have left before.
    ///
    /// # Errors
    /// When the room cannot be read.
    pub async fn end_after(
        &self,
        http: &Http,
        clients: Vec<Client>,
        left: &[Testimony],
        from_the_beginning: bool,
    ) -> anyhow::Result<Ended> {
        let mut late = Vec::new();
        for client in &clients {
            if !matches!(timeout(SETTLE_TIME, client.drained()).await, Ok(Ok(()))) {
                late.push(client.name().to_owned());
                break;
            }
        }
        let settled = self.newest(http).await.context("where the room is")?;
        let all = async {
            for client in &clients {
                // Whoever gave up says why in the end.
                let settles = |progress: &Progress| {
                    let whispers = self.ledger.mailbox(progress.me);
                    progress.inside && progress.seq >= settled && progress.whispers >= whispers
                };
                let _ = client.until(settles).await;
            }
        };
        let _ = timeout(SETTLE_TIME, all).await;
        let mut testimonies = Vec::with_capacity(clients.len());
        for client in clients {
            testimonies.push(client.stop().await?);
        }
        // Whoever stopped later may have heard that others left.
        let newest = self.newest(http).await.context("where the room is in the end")?;
        let mut read = reader::read(http, &self.id).await.context("a fresh reader")?;
        // Meanwhile the room may have noted more of them: whoever stopped first is gone for good after ten seconds.
        read.entries.retain(|(seq, _)| *seq <= newest);
        let witnesses: Vec<_> = testimonies.iter().map(|testimony| &testimony.witness).collect();
        let senders: Vec<_> = testimonies.iter().map(|testimony| &testimony.sender).collect();
        let leavers: Vec<_> = left.iter().map(|testimony| &testimony.witness).collect();
        let epoch = witnesses.iter().find_map(|witness| witness.position()).map_or(0, |position| position.epoch);
        let evidence = Evidence {
            ledger: &self.ledger,
            epoch,
            read: &read.entries,
            overheard: &read.whispers,
            newest,
            settled,
            witnesses: &witnesses,
            senders: &senders,
            leavers: &leavers,
            from_the_beginning,
            all_acked: true,
        };
        let mut verdict = verdict(&evidence);
        for who in late {
            let wrong = Wrong::Refused(format!("not everything was acked within {SETTLE_TIME:?}"));
            verdict.findings.push(Finding { who, wrong });
        }
        Ok(Ended { verdict, testimonies })
    }
}

/// A room after its end.
#[derive(Debug)]
pub struct Ended {
    pub verdict: Verdict,
    pub testimonies: Vec<Testimony>,
}

/// The address as a proxy needs it.
impl Scene {
    pub const fn address(&self) -> SocketAddr {
        self.http.address()
    }
}
