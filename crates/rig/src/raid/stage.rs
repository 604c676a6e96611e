//! The room, the people who talk in it, and what is wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt, stream};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::Options;
use super::honest::{self, Honest};
use super::raider::{self, Raider};
use super::talk::Talk;
use crate::history::{Finding, Verdict, Wrong};
use crate::http::{Http, Person};
use crate::server::{self, Server};
use crate::{Common, report};

/// Raiders that join at once.
const AT_ONCE: usize = 20;
/// How long anybody of them may take to join.
const JOIN_TIME: Duration = Duration::from_secs(120);
/// From one word of somebody to the next, in milliseconds.
const PAUSE: std::ops::RangeInclusive<u64> = 300..=1000;

pub struct Stage {
    pub talk: Arc<Talk>,
    pub honest: Vec<Arc<Honest>>,
    pub verdict: Verdict,
    pub people: Vec<Person>,
    http: Http,
    room: String,
    server: Server,
    talking: JoinSet<()>,
    hush: Arc<AtomicBool>,
    _data: tempfile::TempDir,
}

impl Stage {
    /// A server with the settings of the product, a room, and people who begin to talk. Whoever will raid it has seen its
    /// page before: nobody is asked for a proof of work only because many join.
    pub async fn set(common: &Common, options: &Options) -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let start = server::Options {
            binary: common.server.clone(),
            data: data.path().join("data"),
            listen: server::anywhere(),
            settings: vec![("log", String::from("warn"))],
            env: Vec::new(),
        };
        let server = Server::start(&start).await?;
        let http = Http::new(server.address())?;
        let seats = u32::try_from(options.raiders + options.honest + 95)?;
        let (room, owner) = http.make_room("raided", seats).await?;
        let talk = Arc::new(Talk::new(options.honest));
        let mut honest = Vec::with_capacity(options.honest);
        for number in 0..options.honest {
            let person = if number == 0 { owner.clone() } else { http.newcomer(&room).await? };
            honest.push(Arc::new(Honest::join(&http, &room, person, number, way(number), &talk).await?));
        }
        let newcomers = (0..options.raiders).map(|_| http.newcomer(&room));
        let people = stream::iter(newcomers).buffered(AT_ONCE).try_collect().await?;
        let (mut talking, hush) = (JoinSet::new(), Arc::new(AtomicBool::new(false)));
        for (number, honest) in honest.iter().enumerate() {
            let (honest, hush) = (Arc::clone(honest), Arc::clone(&hush));
            let mut dice = StdRng::seed_from_u64(common.seed.wrapping_add(number as u64));
            talking.spawn(async move {
                while !hush.load(Ordering::Relaxed) {
                    sleep(Duration::from_millis(dice.random_range(PAUSE))).await;
                    honest.say().await;
                }
            });
        }
        let verdict =
            Verdict { witnesses: options.honest as u64, senders: options.honest as u64, ..Verdict::default() };
        Ok(Self { talk, honest, verdict, people, http, room, server, talking, hush, _data: data })
    }

    /// All raiders come in, from addresses of their own, four at each: so the limits of an address do not help.
    pub async fn raiders(&self, count: usize) -> anyhow::Result<Vec<Raider>> {
        let join = |number: usize| async move {
            let from = [127, 1, (number / 4 / 250) as u8, (number / 4 % 250) as u8 + 1].into();
            let way = if number.is_multiple_of(2) { raider::Way::SocketIo } else { raider::Way::Plain };
            let join = Raider::join(self.http.address(), from, way, &self.people[number], &self.room);
            timeout(JOIN_TIME, join).await.context("a raider has not joined in time")?
        };
        stream::iter(0..count).map(join).buffered(AT_ONCE).try_collect().await
    }

    pub fn owner(&self) -> &Honest {
        &self.honest[0]
    }

    pub const fn http(&self) -> &Http {
        &self.http
    }

    pub fn room(&self) -> &str {
        &self.room
    }

    /// Messages of raiders that one of the honest was shown: each that was stored.
    pub fn rubbish(&self) -> u64 {
        self.honest.iter().map(|honest| honest.look().rubbish).max().unwrap_or_default()
    }

    pub fn check(&mut self, who: &str, is_so: bool, what: impl FnOnce() -> String) {
        if !is_so {
            self.verdict.findings.push(Finding { who: who.to_owned(), wrong: Wrong::Refused(what()) });
        }
    }

    /// Nobody begins anything more; whether everything was heard in time.
    pub async fn end_talk(&mut self, time: Duration) -> bool {
        self.hush.store(true, Ordering::Relaxed);
        let heard = async {
            while self.talking.join_next().await.is_some() {}
            while self.talk.open() > 0 {
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(time, heard).await.is_ok()
    }

    /// Their messages were heard within so many milliseconds, in 99 of 100 cases; 0 judges no time.
    pub fn judge(&mut self, heard: &[u32], bound: u32) {
        let p99 = report::share(heard.to_vec(), 0.99);
        self.check("the talk", p99.is_some(), || String::from("nobody heard anything with the button pressed"));
        if let Some(p99) = p99
            && bound > 0
        {
            let is_so = p99 <= bound * 1000;
            self.check("the talk", is_so, || format!("p99 with the button pressed was {} ms", p99 / 1000));
        }
    }

    /// What the honest have to say, and the end.
    pub async fn end(mut self) -> anyhow::Result<Verdict> {
        for honest in std::mem::take(&mut self.honest) {
            let who = format!("honest {} ({:?})", honest.number(), honest.way());
            let (seen, is_here) = (honest.look(), honest.is_here());
            self.check(&who, is_here, || String::from("is not connected any more"));
            for wrong in seen.wrong {
                self.check(&who, false, || wrong);
            }
            let refused: u64 = seen.refused.values().sum();
            self.check(&who, refused == 0, || format!("was refused: {:?}", seen.refused));
            let all = self.people.len() as u64;
            self.check(&who, seen.purged == all, || format!("heard of {} purged members, not of {all}", seen.purged));
        }
        for wrong in self.talk.wrong() {
            self.check("the talk", false, || wrong);
        }
        self.server.terminate().await?;
        Ok(self.verdict)
    }
}

const fn way(number: usize) -> honest::Way {
    match number % 3 {
        0 => honest::Way::SocketIo,
        1 => honest::Way::Plain,
        _ => honest::Way::Stream,
    }
}
