//! A real client: one person at one door of one room, who stays until told to stop.
//!
//! ```ignore
//! let http = Http::new(server.address())?;              // or the address of a proxy before it
//! let (room, owner) = http.make_room("rig", 100).await?; // `owner` is a `Person`: a session that may join
//! let ledger = Arc::new(Ledger::default());              // one for each room
//! let person = http.newcomer(&room).await?;              // somebody else who may join
//! let mut options = Options::new("a", Door::Plain, http, person, room, ledger);
//! options.seed = 7;                                      // its back-off; also: window, posts, silence, ack_time, ...
//! let client = Client::start(options);                   // a task of its own on this runtime
//! client.joined().await?;                                // it has its first answer
//! client.post("hi").await?;                              // queued; waits while 64 posts are queued
//! client.drained().await?;                               // all that was queued is acked
//! client.reached(seq).await?;                            // it has been shown everything up to `seq`
//! client.cut();                                          // hangs up; it comes back by itself
//! let testimony = client.stop().await;                   // what it was shown, what it said, how often what happened
//! ```
//!
//! What it does by itself:
//! - After any loss it waits a little (from its seed; longer each time; as long as a `shutdown` event says) and joins again
//!   with its position. What was not acked is sent again, in order, with the same `clientMessageId`.
//! - An ack that does not come within `ack_time` is a loss. So is silence for longer than `silence`, and a `head` event
//!   beyond what it was shown. Posts that are refused for a reason that passes are tried again after a moment, and counted by code.
//! - `recovered: false`: it begins anew from the snapshot and, with `fill` (the default), pages back over HTTP until it has
//!   what is between. `reached` and `joined` do not wait for those pages, `stop` does.
//! - After some texts it edits, removes or reacts to a message of its own, or whispers to somebody (`mix.rs`).
//! - `not-admitted` is answered by entering again, and counted. `no-such-room` is a violation.
//!
//! Everything it hears goes through its [`Witness`](crate::history::Witness) as it comes. Of a cut or killed server nothing
//! needs to be told to a client: keep the address (see `crate::server`), and it comes back.

mod event_stream;
mod link;
mod mix;
mod outgoing;
mod over_http;
mod plain;
mod polling;
mod runner;
mod socketio;
mod web_socket;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

pub use link::Door;

use crate::history::{Ledger, Position, RULES, Rules, Sender, Witness};
use crate::http::{Http, Person};

/// Posts that wait in a client before [`Client::post`] waits.
const QUEUE: usize = 64;

/// How posts go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posts {
    /// Through the client's door; from an event stream over HTTP.
    Door,
    /// `POST /room/<id>/chat`, one at a time.
    Http,
}

/// How a client is.
#[derive(Clone, Debug)]
pub struct Options {
    /// For reports, and what its `clientMessageId`s begin with: at most 40 visible ASCII characters, different for each client.
    pub name: String,
    pub door: Door,
    /// Where it connects to: the server or a proxy before it.
    pub http: Http,
    pub person: Person,
    pub room: String,
    pub ledger: Arc<Ledger>,
    pub rules: Rules,
    /// What it has from the room's page already: the position, and the `seq` of each message.
    pub since: Option<(Position, Vec<i64>)>,
    pub posts: Posts,
    /// Posts on their way at once. Over HTTP always one.
    pub window: usize,
    /// Whether it pages back after it had to begin anew.
    pub fill: bool,
    pub seed: u64,
    /// It is lost when it hears nothing for so long. The server's heartbeat is every 25 s, and 20 s late at most.
    pub silence: Duration,
    /// It is lost when a post is not acked within this time.
    pub ack_time: Duration,
    /// How long connecting and joining may take.
    pub connect_time: Duration,
}

impl Options {
    pub fn new(
        name: impl Into<String>,
        door: Door,
        http: Http,
        person: Person,
        room: String,
        ledger: Arc<Ledger>,
    ) -> Self {
        Self {
            name: name.into(),
            door,
            http,
            person,
            room,
            ledger,
            rules: RULES,
            since: None,
            posts: Posts::Door,
            window: 16,
            fill: true,
            seed: 0,
            silence: Duration::from_secs(46),
            ack_time: Duration::from_secs(15),
            connect_time: Duration::from_secs(30),
        }
    }
}

/// Where a client is; watch it with [`Client::progress`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// It has an answer to its newest `join`, and the connection of that answer.
    pub inside: bool,
    /// Answers to `join`, all together.
    pub stays: u64,
    /// The newest position it was shown.
    pub epoch: i64,
    pub seq: i64,
    /// Texts that were taken from the queue, and texts that were acked.
    pub taken: u64,
    pub acked: u64,
    /// Edits, removals, reactions and whispers that have no answer yet.
    pub open: u64,
    /// Who it is, and the number of the newest whisper it was shown.
    pub me: u64,
    pub whispers: i64,
    /// Posts that were refused, each time.
    pub refused: u64,
    pub losses: u64,
    pub last_loss: Option<&'static str>,
    /// It gave up; its testimony says why.
    pub failed: bool,
}

/// What happened to a client beside its history.
#[derive(Debug, Default)]
pub struct Statistics {
    /// By the loss's name.
    pub losses: BTreeMap<&'static str, u64>,
    /// What the last loss of each name said, for a report.
    pub examples: BTreeMap<&'static str, String>,
    /// Refused posts and joins, by code.
    pub refusals: BTreeMap<String, u64>,
    /// Posts that were sent again.
    pub resent: u64,
    /// It had to enter again.
    pub admitted_again: u64,
    /// `head` and `shutdown` events.
    pub heads: u64,
    pub shutdowns: u64,
    /// From asking to join for the first time to the answer, in microseconds.
    pub join_micros: Option<u32>,
    /// From the first sending of each post to its ack, in microseconds.
    pub ack_micros: Vec<u32>,
    /// From each loss to the answer of the join after it, in microseconds.
    pub return_micros: Vec<u32>,
    /// Of those: from asking to join to the answer, in microseconds.
    pub replay_micros: Vec<u32>,
}

/// What a client leaves behind.
#[derive(Debug)]
pub struct Testimony {
    pub door: Door,
    pub witness: Witness,
    pub sender: Sender,
    pub statistics: Statistics,
}

/// A client that runs. Dropped without [`Client::stop`], it stops at once and leaves nothing.
#[derive(Debug)]
pub struct Client {
    name: String,
    door: Door,
    queue: mpsc::Sender<String>,
    queued: std::sync::atomic::AtomicU64,
    cut: Arc<Notify>,
    stop: watch::Sender<bool>,
    progress: watch::Receiver<Progress>,
    task: Option<JoinHandle<Testimony>>,
}

impl Client {
    pub fn start(options: Options) -> Self {
        let (queue, texts) = mpsc::channel(QUEUE);
        let (stop, stopped) = watch::channel(false);
        let (told, progress) = watch::channel(Progress::default());
        let cut = Arc::new(Notify::new());
        let (name, door) = (options.name.clone(), options.door);
        let task = tokio::spawn(runner::Runner::new(options, texts, Arc::clone(&cut), stopped, told).run());
        let queued = std::sync::atomic::AtomicU64::new(0);
        Self { name, door, queue, queued, cut, stop, progress, task: Some(task) }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub const fn door(&self) -> Door {
        self.door
    }

    /// To see where it is, or wait for something.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Queues a text. Its posts go out in this order.
    ///
    /// # Errors
    /// When the client has given up.
    pub async fn post(&self, text: impl Into<String>) -> anyhow::Result<()> {
        self.queue.send(text.into()).await.with_context(|| format!("{} has given up", self.name))?;
        self.queued.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }

    /// Waits until it is in the room.
    ///
    /// # Errors
    /// When the client has given up.
    pub async fn joined(&self) -> anyhow::Result<()> {
        self.until(|progress| progress.inside).await
    }

    /// Waits until it was shown everything up to `seq`, and is in the room.
    ///
    /// # Errors
    /// When the client has given up.
    pub async fn reached(&self, seq: i64) -> anyhow::Result<()> {
        self.until(|progress| progress.inside && progress.seq >= seq).await
    }

    /// Waits until all that was queued before is acked, and all that it did beside is answered.
    ///
    /// # Errors
    /// When the client has given up.
    pub async fn drained(&self) -> anyhow::Result<()> {
        let queued = self.queued.load(std::sync::atomic::Ordering::Relaxed);
        self.until(|progress| progress.acked >= queued && progress.open == 0).await
    }

    /// Waits until something is so.
    ///
    /// # Errors
    /// When the client has given up.
    pub async fn until(&self, is_so: impl Fn(&Progress) -> bool) -> anyhow::Result<()> {
        let mut progress = self.progress.clone();
        let reached = progress.wait_for(|progress| progress.failed || is_so(progress)).await;
        match reached {
            Ok(progress) if !progress.failed => Ok(()),
            _ => bail!("{} has given up: its findings say why", self.name),
        }
    }

    /// Hangs up without a word. It comes back by itself.
    pub fn cut(&self) {
        self.cut.notify_one();
    }

    /// Stops it where it is: what is queued and not sent yet is dropped, what is sent and not acked stays unacked.
    ///
    /// # Errors
    /// When its task panicked.
    pub async fn stop(mut self) -> anyhow::Result<Testimony> {
        let _ = self.stop.send(true);
        let task = self.task.take().context("it runs until it is stopped")?;
        task.await.with_context(|| format!("the task of {}", self.name))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}
