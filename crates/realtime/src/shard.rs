//! A thread that owns connections: their sockets, what waits for them, and who is in which topic.

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use slab::Slab;
use tokio::sync::oneshot;

use crate::inbox::{Inbox, Item};
use crate::namespace::Work;
use crate::reason::DisconnectReason;
use crate::session::{Effects, Link, Session, SessionKey};
use crate::shared::Shared;
use crate::topics::LocalTopic;
use crate::wheel::{Tick, Wheel};

/// What one read takes at most; shared by all connections of a shard.
const SCRATCH: usize = 64 * 1024;
/// Reads of one connection before others have their turn.
const READS: usize = 8;
/// Packets delivered before the readers of the shard have their turn.
pub(crate) const FLUSH_BUDGET: usize = 16 * 1024;

thread_local! {
    /// The shard of this thread. Its runtime has one thread, so every task of it runs here; nothing of ours holds
    /// the borrow while a handler runs.
    static SHARD: RefCell<Option<Shard>> = const { RefCell::new(None) };
}

fn with_shard<T>(work: impl FnOnce(&mut Shard) -> T) -> T {
    SHARD.with_borrow_mut(|shard| work(shard.as_mut().expect("a task of a shard runs on the thread of the shard")))
}

pub(crate) struct Shard {
    pub(crate) id: usize,
    pub(crate) shared: Arc<Shared>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) sessions: Slab<Session>,
    pub(crate) places: HashMap<SessionKey, usize>,
    pub(crate) topics: Slab<LocalTopic>,
    pub(crate) wheel: Wheel<(SessionKey, Tick)>,
    pub(crate) effects: Effects,
    /// Connections with something in their outbox, looked at on every turn of the wheel.
    pub(crate) waiting: Vec<SessionKey>,
    /// Closed connections that still send what waits, and until when.
    pub(crate) lingering: Vec<(SessionKey, Tick)>,
    pub(crate) scratch: Vec<u8>,
    /// Counts flushes, to mark connections that one flush has several pieces for.
    pub(crate) flushes: u32,
    pub(crate) ending: Option<oneshot::Sender<()>>,
}

/// What a connection's task is to do next.
enum Next {
    Start(Work),
    Wait,
    End,
}

/// Runs a shard on this thread until it is told to end and all of its connections have ended.
pub(crate) fn run(id: usize, shared: Arc<Shared>) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let inbox = Arc::clone(&shared.hub.inboxes()[id]);
    let step = shared.config.ping_interval.min(shared.config.ping_timeout).min(shared.config.connect_timeout) / 100;
    let step = step.clamp(std::time::Duration::from_millis(1), std::time::Duration::from_millis(250));
    #[allow(clippy::disallowed_methods, reason = "time-outs of connections are counted in monotonic time")]
    let started = Instant::now();
    SHARD.set(Some(Shard {
        id,
        shared,
        inbox: Arc::clone(&inbox),
        sessions: Slab::new(),
        places: HashMap::new(),
        topics: Slab::new(),
        wheel: Wheel::new(step, started),
        effects: Effects::default(),
        waiting: Vec::new(),
        lingering: Vec::new(),
        scratch: vec![0; SCRATCH],
        flushes: 0,
        ending: None,
    }));
    runtime.block_on(async {
        let clock = tokio::spawn(turn_wheel(step));
        work_off(&inbox).await;
        clock.abort();
    });
    SHARD.set(None);
    inbox.close();
    Ok(())
}

async fn turn_wheel(step: std::time::Duration) {
    let mut ticks = tokio::time::interval(step);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        with_shard(Shard::catch_up);
    }
}

/// Takes all that has come, works it off, and lets the readers that are queued behind have their turn in between.
async fn work_off(inbox: &Inbox) {
    let mut taken = Vec::new();
    let mut items = std::collections::VecDeque::new();
    std::future::poll_fn(|cx| {
        if items.is_empty() {
            if inbox.poll_take(&mut taken, cx.waker()).is_pending() {
                return Poll::Pending;
            }
            items.extend(taken.drain(..));
        }
        let (done, ended) = with_shard(|shard| shard.work_off(&mut items));
        inbox.worked_off(done);
        if ended {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The one task of a connection: runs its handlers one after another, reads, and goes on with a blocked write.
pub(crate) async fn attend(place: usize) {
    let mut running: Option<Work> = None;
    std::future::poll_fn(|cx| {
        loop {
            if let Some(work) = &mut running {
                match std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
                    Ok(Poll::Pending) => {}
                    Ok(Poll::Ready(())) => running = None,
                    Err(_) => {
                        tracing::error!("a handler panicked; its connection is closed");
                        running = None;
                        with_shard(|shard| shard.close(place, DisconnectReason::TransportError));
                    }
                }
            }
            match with_shard(|shard| shard.progress(place, cx, running.is_some())) {
                Next::Start(work) => running = Some(work),
                Next::Wait => return Poll::Pending,
                Next::End => return Poll::Ready(()),
            }
        }
    })
    .await;
}

impl Shard {
    /// Works off some items: how much that was, and whether the shard has ended.
    fn work_off(&mut self, items: &mut std::collections::VecDeque<Item>) -> (usize, bool) {
        self.set_now();
        let mut flush = Vec::new();
        let (mut delivered, mut done) = (0, 0);
        while let Some(item) = items.pop_front() {
            done += item.weight();
            match item {
                Item::Publish { .. } | Item::Cast { .. } | Item::Emit { .. } => {
                    flush.push(item);
                    if flush.len() >= 1024 {
                        delivered += self.flush(&mut flush);
                    }
                }
                other => {
                    delivered += self.flush(&mut flush);
                    self.apply(other);
                }
            }
            if delivered >= FLUSH_BUDGET {
                break;
            }
        }
        self.flush(&mut flush);
        self.settle();
        (done, self.has_ended())
    }

    /// What has come due by now is done. A request of a connection whose time is over finds it closed, also when the
    /// wheel was about to turn.
    fn catch_up(&mut self) {
        #[allow(clippy::disallowed_methods, reason = "time-outs of connections are counted in monotonic time")]
        self.turn(Instant::now());
    }

    fn has_ended(&mut self) -> bool {
        if self.sessions.is_empty()
            && let Some(done) = self.ending.take()
        {
            let _ = done.send(());
            return true;
        }
        false
    }

    pub(crate) fn set_now(&mut self) {
        self.effects.now = self.wheel.now();
        self.effects.stall_by = self.wheel.after(self.shared.config.stall_limit);
    }

    /// Does what deliveries have asked for.
    pub(crate) fn settle(&mut self) {
        self.waiting.append(&mut self.effects.blocked);
        while let Some(place) = self.effects.polled.pop() {
            if self.sessions.get_mut(place).is_some_and(|session| !session.answer_poll()) {
                self.effects.doomed.push((place, DisconnectReason::TransportClosed));
            }
        }
        while let Some((place, reason)) = self.effects.doomed.pop() {
            self.close(place, reason);
        }
    }

    pub(crate) fn place_of(&self, key: SessionKey) -> Option<usize> {
        self.places.get(&key).copied().filter(|&place| self.sessions[place].closed.is_none())
    }

    fn apply(&mut self, item: Item) {
        match item {
            Item::Publish { .. } | Item::Cast { .. } | Item::Emit { .. } => {}
            Item::Visit { selection, mut act } => self.visit(&selection, &mut *act),
            Item::Join { socket, topic, is_held } => self.join(&socket, topic, is_held),
            Item::Release { socket, room, first, after } => self.release(&socket, &room, &first, after),
            Item::Leave { socket, room } => self.leave(&socket, &room),
            Item::Unseat { socket, farewell } => self.unseat(&socket, farewell),
            Item::Expel { who, done } => {
                self.expel(&who);
                let _ = done.send(());
            }
            Item::Close { key, reason } => {
                if let Some(place) = self.place_of(key) {
                    self.close(place, reason);
                }
            }
            Item::Open(new) => self.open(*new),
            Item::Probing { key } => {
                if let Some(place) = self.place_of(key) {
                    self.sessions[place].probes_coming += 1;
                }
            }
            Item::Probe { key, upgraded } => self.open_probe(key, upgraded),
            Item::Poll { key, answer } => {
                self.catch_up();
                self.poll(key, answer);
            }
            Item::Payload { key, body, is_binary, answer } => {
                self.catch_up();
                self.payload(key, body, is_binary, answer);
            }
            Item::Shutdown { farewell, done } => {
                self.ending = Some(done);
                self.dismiss(&*farewell);
            }
        }
    }

    /// What a connection's task does whenever it is woken.
    fn progress(&mut self, place: usize, cx: &mut Context<'_>, busy: bool) -> Next {
        self.set_now();
        let session = &mut self.sessions[place];
        if session.waker.as_ref().is_none_or(|waker| !waker.will_wake(cx.waker())) {
            session.waker = Some(cx.waker().clone());
        }
        if let Some(reason) = session.closed.filter(|_| session.is_lingering) {
            let is_websocket = matches!(session.link, Link::WebSocket(_));
            if is_websocket && (session.poll_drain(cx, self.effects.stall_by).is_err() || !session.has_outbox()) {
                self.cut(place, reason, false);
            }
        } else if session.closed.is_none() {
            if let Err(reason) = session.poll_drain(cx, self.effects.stall_by) {
                self.close(place, reason);
            } else {
                self.read(place, cx);
                self.take_payload(place);
            }
            self.settle();
        }
        if busy {
            self.sessions[place].tell_open();
            return Next::Wait;
        }
        while let Some(job) = self.sessions[place].pop_job() {
            if let Some(work) = job.start() {
                return Next::Start(work);
            }
        }
        if self.sessions[place].closed.is_none() || self.sessions[place].is_lingering {
            self.sessions[place].tell_open();
            return Next::Wait;
        }
        let session = self.sessions.remove(place);
        self.places.remove(&session.key);
        if self.sessions.is_empty() && self.ending.is_some() {
            // Lets the shard see that this was its last connection.
            self.inbox.push(Item::Close { key: session.key, reason: DisconnectReason::ServerShutdown });
        }
        Next::End
    }

    fn read(&mut self, place: usize, cx: &mut Context<'_>) {
        let mut scratch = std::mem::take(&mut self.scratch);
        for _ in 0..READS {
            match self.read_once(place, cx, &mut scratch) {
                Ok(true) => {}
                Ok(false) => {
                    self.scratch = scratch;
                    return;
                }
                Err(reason) => {
                    self.scratch = scratch;
                    return self.close(place, reason);
                }
            }
        }
        self.scratch = scratch;
        cx.waker().wake_by_ref();
    }
}
