//! A server under load whose disk is made to fail.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::time::{Instant, sleep, timeout};

use super::fault::Fault;
use super::probe::Probe;
use super::tmpfs::Tmpfs;
use super::{Options, note};
use crate::client::{Client, Door, Progress};
use crate::clock::now;
use crate::history::{Finding, Wrong};
use crate::http::{Http, Person};
use crate::load::Load;
use crate::report::Report;
use crate::scene::{self, Room};
use crate::server::{self, Server};
use crate::{Common, Outcome};

/// How long a trouble may take to be felt: a full file system still has what the log has already.
const FELT_TIME: Duration = Duration::from_secs(90);
/// How long posting may take to go on when the trouble is over.
const HEAL_TIME: Duration = Duration::from_secs(30);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(100);
/// Things that were wrong in one trouble, after which it is not looked at any more.
const MOST_WRONG: usize = 3;
/// Posts that are acked between two troubles, so that each begins in good health.
const HEALTHY: u64 = 100;

/// How long a client waits for an answer. Commands of one connection wait for one another, and while the database is locked
/// each is refused after 4 s.
const PATIENCE: Duration = Duration::from_secs(45);

#[derive(Debug)]
pub struct Patient {
    how: server::Options,
    server: Option<Server>,
    http: Http,
    room: Room,
    clients: Vec<Arc<Client>>,
    probe: Probe,
    load: Load,
    report: Report,
    findings: Vec<Finding>,
    healed_micros: Vec<u32>,
}

impl Patient {
    /// Starts a server on this folder, with people in a room who talk.
    ///
    /// # Errors
    /// When it does not start in good health.
    pub async fn admit(
        common: &Common,
        options: &Options,
        data: PathBuf,
        env: Vec<(String, String)>,
    ) -> anyhow::Result<Self> {
        let mut how = server::Options {
            binary: common.server.clone(),
            data,
            listen: server::anywhere(),
            settings: scene::settings(),
            env,
        };
        how.settings.push(("upload_rate", String::from("0")));
        let server = Server::start(&how).await?;
        how.listen = server.address();
        let http = Http::new(how.listen)?;
        let room = Room::make(common, &http, 1000).await?;
        let mut clients = Vec::with_capacity(options.clients);
        for number in 0..options.clients {
            let mut of_client = room.options(&http, number, Door::ALL[number % Door::ALL.len()]).await?;
            of_client.ack_time = PATIENCE;
            clients.push(Arc::new(Client::start(of_client)));
        }
        for client in &clients {
            client.joined().await?;
        }
        let probe = Probe::enter(common, &http).await?;
        // The last of each four only listens, through each door in turn.
        let posting: Vec<_> = clients
            .iter()
            .enumerate()
            .filter(|(number, _)| (number + number / 4) % 4 != 3)
            .map(|(_, client)| client)
            .collect();
        let load = Load::start(posting.into_iter(), options.rate)?;
        Ok(Self {
            how,
            server: Some(server),
            http,
            room,
            clients,
            probe,
            load,
            report: Report::default(),
            findings: Vec::new(),
            healed_micros: Vec::new(),
        })
    }

    /// The trouble comes, lasts, and goes; the server stays.
    ///
    /// # Errors
    /// When it cannot be brought about, or is not felt.
    pub async fn suffer(&mut self, name: &str, fault: &mut Fault<'_>, lasts: Duration) -> anyhow::Result<()> {
        self.is_healthy(name).await?;
        let mut admitted = Vec::new();
        for _ in Door::ALL {
            admitted.push(self.http.newcomer(&self.room.id).await?);
        }
        let (before, mut joined) = (self.progress(), Vec::new());
        fault.begin().await?;
        let felt = self.is_felt(fault, &before).await.with_context(|| format!("{name} was not felt"))?;
        let until = now() + lasts;
        let (unread, unposted) =
            tokio::join!(self.keep_reading(until, admitted, &mut joined), self.keep_posting(until));
        unread.into_iter().chain(unposted).for_each(|what| self.wrong(name, what));
        let during = self.progress();
        fault.end().await?;
        self.heals(name).await;
        self.nobody_was_lost(name, &before);
        self.clients.extend(joined);
        if self.server.as_mut().is_some_and(|server| !matches!(server.ended(), Ok(None))) {
            bail!("{name}: the server has ended; its log ends with\n{}", self.log());
        }
        note(&mut self.report, name, "ms until it was felt", felt.as_millis());
        let count = |part: fn(&Progress) -> u64| sum(&during, part) - sum(&before, part);
        note(&mut self.report, name, "posts refused and tried again", count(|progress| progress.refused));
        note(&mut self.report, name, "posts acked meanwhile", count(|progress| progress.acked));
        Ok(())
    }

    /// The trouble comes, and SIGKILL in the middle of it. When it is over the server is started again.
    ///
    /// # Errors
    /// When it cannot be brought about, or the server does not start.
    pub async fn die_of(&mut self, name: &str, fault: &mut Fault<'_>) -> anyhow::Result<()> {
        self.is_healthy(name).await?;
        let before = self.progress();
        fault.begin().await?;
        self.is_felt(fault, &before).await.with_context(|| format!("{name} was not felt"))?;
        self.server.take().context("it runs")?.kill().await?;
        fault.end().await?;
        self.server = Some(Server::start(&self.how).await?);
        self.heals(name).await;
        Ok(())
    }

    /// SIGKILL, and a start on a file system that is read-only by now: refused in one sentence. Then as before.
    ///
    /// # Errors
    /// When the server does not start in the end.
    pub async fn refuse_to_start(&mut self, name: &str, tmpfs: &Tmpfs) -> anyhow::Result<()> {
        self.server.take().context("it runs")?.kill().await?;
        tmpfs.set_read_only(true)?;
        let refused = Server::start(&self.how).await;
        tmpfs.set_read_only(false)?;
        match refused {
            Ok(_) => self.wrong(name, String::from("it started where it cannot store anything")),
            Err(error) => {
                note(&mut self.report, name, "how a start is refused", format!("{error:#}").replace('\n', " "))
            }
        }
        self.server = Some(Server::start(&self.how).await?);
        self.heals(name).await;
        Ok(())
    }

    /// A last SIGKILL under load, then the judgement.
    ///
    /// # Errors
    /// When the server does not start again, or the room cannot be read.
    pub async fn discharge(mut self, name: &str) -> anyhow::Result<Outcome> {
        self.is_healthy(name).await?;
        self.server.take().context("it runs")?.kill().await?;
        let server = Server::start(&self.how).await?;
        self.heals(name).await;
        if let Err(error) = self.load.stop().await {
            self.findings.push(Finding { who: name.to_owned(), wrong: Wrong::Refused(format!("{error:#}")) });
        }
        let clients: Vec<Client> = self.clients.into_iter().filter_map(Arc::into_inner).collect();
        let ended = self.room.end(&self.http, clients, false).await?;
        server.terminate().await?;
        let mut report = self.report;
        let tally = self.probe.tally().clone();
        note(&mut report, name, "pages read in trouble", tally.reads);
        note(&mut report, name, "joins in trouble", tally.joins);
        note(&mut report, name, "posts of the probe that were stored in trouble", tally.stored);
        report.add_times(&format!("{name}: refusal of a post in trouble"), tally.refused_micros);
        report.add_times(&format!("{name}: from the end of the trouble to the next ack"), self.healed_micros);
        let codes = ended.testimonies.iter().flat_map(|testimony| testimony.statistics.refusals.iter());
        let mut verdict = ended.verdict;
        verdict.findings.extend(self.findings);
        for (code, times) in codes.filter(|(code, _)| *code != "unavailable") {
            let wrong = Wrong::Refused(format!("refused with {code} {times} times"));
            verdict.findings.push(Finding { who: name.to_owned(), wrong });
        }
        Ok(Outcome { report, verdict })
    }

    /// What was wrong with reading and joining.
    async fn keep_reading(&self, until: Instant, admitted: Vec<Person>, joined: &mut Vec<Arc<Client>>) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut doors = Door::ALL.iter().zip(admitted);
        while now() < until && wrong.len() < MOST_WRONG {
            if let Err(error) = self.probe.read(&self.room, &self.room.owner).await {
                wrong.push(format!("{error:#}"));
            }
            if let Some((door, person)) = doors.next() {
                let number = self.clients.len() + joined.len();
                match self.probe.join(&self.room, number, *door, person).await {
                    Ok(client) => joined.push(client),
                    Err(error) => wrong.push(format!("joining over {door}: {error:#}")),
                }
            }
            sleep(LOOK).await;
        }
        wrong
    }

    /// What was wrong with how posts and new people were refused.
    async fn keep_posting(&self, until: Instant) -> Vec<String> {
        let mut wrong: Vec<String> =
            self.probe.post_gif().await.err().map(|error| format!("{error:#}")).into_iter().collect();
        // A text at least, however long the GIF has waited.
        loop {
            let (posted, came) = tokio::join!(self.probe.post(), self.probe.newcomer());
            wrong.extend([posted.err(), came.err()].into_iter().flatten().map(|error| format!("{error:#}")));
            if now() >= until || wrong.len() >= MOST_WRONG {
                return wrong;
            }
            sleep(LOOK).await;
        }
    }

    fn progress(&self) -> Vec<Progress> {
        self.clients.iter().map(|client| *client.progress().borrow()).collect()
    }

    fn wrong(&mut self, name: &str, what: String) {
        self.findings.push(Finding { who: name.to_owned(), wrong: Wrong::Refused(what) });
    }

    fn log(&self) -> String {
        self.server.as_ref().map(Server::log).unwrap_or_default()
    }

    async fn is_healthy(&self, name: &str) -> anyhow::Result<()> {
        for client in &self.clients {
            timeout(HEAL_TIME, client.joined())
                .await
                .ok()
                .with_context(|| format!("{name}: not everybody is there"))??;
        }
        let acked = |patient: &Self| sum(&patient.progress(), |progress| progress.acked);
        let due = acked(self) + HEALTHY;
        wait(HEAL_TIME, || acked(self) >= due).await.with_context(|| format!("{name}: posting does not go on"))?;
        Ok(())
    }

    /// Waits until so many were refused as it says.
    async fn is_felt(&self, fault: &Fault<'_>, before: &[Progress]) -> anyhow::Result<Duration> {
        wait(FELT_TIME, || {
            let refused =
                self.progress().iter().zip(before).filter(|(now, before)| now.refused > before.refused).count();
            refused >= fault.refuses
        })
        .await
    }

    async fn heals(&mut self, name: &str) {
        let acked = |patient: &Self| sum(&patient.progress(), |progress| progress.acked);
        let before = acked(self);
        match wait(HEAL_TIME, || acked(self) > before).await {
            Ok(time) => self.healed_micros.push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX)),
            Err(_) => {
                let log = self.log();
                self.wrong(
                    name,
                    format!("nothing was acked within {HEAL_TIME:?} after it was over; the log ends with\n{log}"),
                );
            }
        }
    }

    fn nobody_was_lost(&mut self, name: &str, before: &[Progress]) {
        let lost: Vec<String> = self
            .clients
            .iter()
            .zip(before)
            .filter(|(client, before)| client.progress().borrow().losses > before.losses)
            .map(|(client, _)| format!("{name}: the connection of {} ({}) was lost", client.name(), client.door()))
            .collect();
        for what in lost {
            self.wrong(name, what);
        }
    }
}

fn sum(progress: &[Progress], part: impl Fn(&Progress) -> u64) -> u64 {
    progress.iter().map(part).sum()
}

/// Looks again and again; how long it took.
async fn wait(most: Duration, is_so: impl Fn() -> bool) -> anyhow::Result<Duration> {
    let begin: Instant = now();
    while !is_so() {
        if begin.elapsed() > most {
            bail!("not within {most:?}");
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(begin.elapsed())
}
