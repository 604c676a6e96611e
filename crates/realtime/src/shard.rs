//! A thread that owns connections: their sockets, what waits for them, and who is in which topic.

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use slab::Slab;
use tokio::sync::oneshot;

use crate::frame::Frame;
use crate::hub::Topic;
use crate::inbox::{Inbox, Item};
use crate::namespace::Work;
use crate::polling::{Answer, EngineError, Polling};
use crate::reason::DisconnectReason;
use crate::server::Shared;
use crate::session::{Effects, Job, Link, NewLink, NewSession, Seat, Session, SessionKey, WebSocket};
use crate::socket::Socket;
use crate::stream::Stream;
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
    places: HashMap<SessionKey, usize>,
    pub(crate) topics: Slab<LocalTopic>,
    wheel: Wheel<(SessionKey, Tick)>,
    pub(crate) effects: Effects,
    /// Connections with something in their outbox, looked at on every turn of the wheel.
    waiting: Vec<SessionKey>,
    scratch: Vec<u8>,
    /// Counts flushes, to mark connections that one flush has several pieces for.
    pub(crate) flushes: u32,
    ending: Option<oneshot::Sender<()>>,
}

/// Who of this shard is in a topic.
pub(crate) struct LocalTopic {
    pub(crate) topic: Arc<Topic>,
    /// Places of connections. Leaving moves the last one into the gap.
    pub(crate) members: Vec<u32>,
    /// What the current flush has for it, as indices into the flush.
    pub(crate) pending: Vec<u32>,
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
    let step = shared.config.ping_interval.min(shared.config.ping_timeout).min(shared.config.connect_timeout) / 20;
    let step = step.clamp(std::time::Duration::from_millis(10), std::time::Duration::from_millis(250));
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
    Ok(())
}

async fn turn_wheel(step: std::time::Duration) {
    let mut ticks = tokio::time::interval(step);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        #[allow(clippy::disallowed_methods, reason = "time-outs of connections are counted in monotonic time")]
        let now = Instant::now();
        with_shard(|shard| shard.turn(now));
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
        let before = items.len();
        let ended = with_shard(|shard| shard.work_off(&mut items));
        inbox.worked_off(before - items.len());
        if ended {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The one task of a connection: runs its handlers one after another, reads, and goes on with a blocked write.
async fn attend(place: usize) {
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
    fn work_off(&mut self, items: &mut std::collections::VecDeque<Item>) -> bool {
        self.set_now();
        let mut flush = Vec::new();
        let mut delivered = 0;
        while let Some(item) = items.pop_front() {
            match item {
                Item::Publish { .. } | Item::Emit { .. } => {
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
        self.has_ended()
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

    fn set_now(&mut self) {
        self.effects.now = self.wheel.now();
        self.effects.stall_by = self.wheel.after(self.shared.config.stall_limit);
    }

    /// Does what deliveries have asked for.
    fn settle(&mut self) {
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
            Item::Publish { .. } | Item::Emit { .. } => {}
            Item::Join { socket, topic } => self.join(&socket, topic),
            Item::Leave { socket, room } => self.leave(&socket, &room),
            Item::Unseat { socket, farewell } => self.unseat(&socket, farewell),
            Item::Close { key, reason } => {
                if let Some(place) = self.place_of(key) {
                    self.close(place, reason);
                }
            }
            Item::Open(new) => self.open(*new),
            Item::Probe { key, stream, leftover } => self.open_probe(key, *stream, &leftover),
            Item::Poll { key, answer } => self.poll(key, answer),
            Item::Payload { key, body, answer } => self.payload(key, body, answer),
            Item::Shutdown { done } => {
                self.ending = Some(done);
                let places: Vec<usize> = self.sessions.iter().map(|(place, _)| place).collect();
                for place in places {
                    self.close(place, DisconnectReason::ServerShutdown);
                }
            }
        }
    }

    fn open(&mut self, new: NewSession) {
        if self.ending.is_some() {
            return;
        }
        let (link, open) = match new.link {
            NewLink::Polling { sid } => (Link::Polling(Box::new(Polling { sid, poll: None, payload: None })), None),
            NewLink::WebSocket { stream, leftover, open } => match stream.attach() {
                Ok(stream) => (Link::WebSocket(WebSocket::new(stream, &leftover)), Some(open)),
                Err(_) => return,
            },
        };
        let place = self.sessions.insert(Session::new(new.key, new.peer, new.permit, link));
        self.places.insert(new.key, place);
        let session = &mut self.sessions[place];
        session.timers.ping_at = self.wheel.after(self.shared.config.ping_interval);
        session.timers.connect_by = self.wheel.after(self.shared.config.connect_timeout);
        if let Some(open) = open {
            session.send(place, &open, &self.shared.config, &mut self.effects);
        }
        self.schedule(place);
        tokio::spawn(attend(place));
    }

    fn open_probe(&mut self, key: SessionKey, stream: Stream, leftover: &[u8]) {
        let Some(place) = self.place_of(key) else { return };
        let Ok(stream) = stream.attach() else { return };
        let session = &mut self.sessions[place];
        if !matches!(session.link, Link::Polling(_)) || session.probe.is_some() {
            return;
        }
        session.probe = Some(Box::new(WebSocket::new(stream, leftover)));
        session.timers.probe_by = self.wheel.after(self.shared.config.connect_timeout);
        session.wake();
        self.schedule(place);
    }

    fn poll(&mut self, key: SessionKey, answer: oneshot::Sender<Answer>) {
        let Some(place) = self.place_of(key) else {
            let _ = answer.send(Answer::Refused(EngineError::UnknownSession));
            return;
        };
        let session = &mut self.sessions[place];
        let is_probed = session.probe.is_some();
        let Link::Polling(polling) = &mut session.link else {
            let _ = answer.send(Answer::Refused(EngineError::BadRequest));
            return;
        };
        if polling.poll.is_some() {
            let _ = answer.send(Answer::Refused(EngineError::BadRequest));
            return self.close(place, DisconnectReason::ProtocolError);
        }
        if is_probed && !session.has_outbox() {
            // The client is about to leave polling: it is not held up.
            let _ = answer.send(Answer::Payload(Bytes::from_static(b"6")));
            return;
        }
        if let Link::Polling(polling) = &mut session.link {
            polling.poll = Some(answer);
        }
        self.effects.polled.push(place);
    }

    /// Takes the packets of a polling request; what finds no room waits with its request.
    fn payload(&mut self, key: SessionKey, body: Bytes, answer: oneshot::Sender<Answer>) {
        let Some(place) = self.place_of(key) else {
            let _ = answer.send(Answer::Refused(EngineError::UnknownSession));
            return;
        };
        match &mut self.sessions[place].link {
            Link::Polling(polling) if polling.payload.is_none() => polling.payload = Some((answer, body)),
            Link::Polling(_) => {
                let _ = answer.send(Answer::Refused(EngineError::BadRequest));
                return self.close(place, DisconnectReason::ProtocolError);
            }
            _ => {
                let _ = answer.send(Answer::Refused(EngineError::BadRequest));
                return;
            }
        }
        self.take_payload(place);
        self.sessions[place].wake();
    }

    fn take_payload(&mut self, place: usize) {
        loop {
            let session = &mut self.sessions[place];
            let Link::Polling(polling) = &mut session.link else { return };
            let Some((answer, mut body)) = polling.payload.take() else { return };
            let Some(packet) = crate::polling::split(&mut body) else {
                let _ = answer.send(Answer::Taken);
                return;
            };
            let taken = match std::str::from_utf8(&packet) {
                Ok(text) => self.take_packet(place, text),
                Err(_) => Err(DisconnectReason::ProtocolError),
            };
            if let Err(reason) = taken {
                let answered =
                    if reason.is_clients() { Answer::Taken } else { Answer::Refused(EngineError::BadRequest) };
                let _ = answer.send(answered);
                return self.close(place, reason);
            }
            let session = &mut self.sessions[place];
            let must_wait = session.is_backed_up(&self.shared.config);
            if let Link::Polling(polling) = &mut session.link {
                polling.payload = Some((answer, body));
            }
            if must_wait {
                return;
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
        if session.closed.is_none() {
            if let Err(reason) = session.poll_drain(cx, self.effects.stall_by) {
                self.close(place, reason);
            } else {
                self.read(place, cx);
                self.take_payload(place);
            }
            self.settle();
        }
        if busy {
            return Next::Wait;
        }
        while let Some(job) = self.sessions[place].pop_job() {
            if let Some(work) = job.start() {
                return Next::Start(work);
            }
        }
        if self.sessions[place].closed.is_none() {
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

    /// Ends a connection: at once, without its help, and once. Its disconnect handlers come last in its queue.
    pub(crate) fn close(&mut self, place: usize, reason: DisconnectReason) {
        let Some(session) = self.sessions.get_mut(place) else { return };
        if session.closed.is_some() {
            return;
        }
        session.closed = Some(reason);
        let seats = std::mem::take(&mut session.seats);
        if !reason.is_clients() {
            session.drop_jobs();
        }
        let was_waiting = session.has_outbox();
        session.drop_outbox();
        session.probe = None;
        session.permit = None;
        match std::mem::replace(&mut session.link, Link::Gone) {
            Link::WebSocket(websocket) if !was_waiting => {
                let code = reason.close_code().to_be_bytes();
                let control = tungstenite::protocol::frame::coding::Control::Close;
                let _ = websocket.stream.try_send(&crate::websocket::control(control, &code));
            }
            Link::Polling(polling) => {
                self.shared.registry.remove(&polling.sid);
                let farewell = if reason == DisconnectReason::ProtocolError {
                    Answer::Refused(EngineError::BadRequest)
                } else {
                    Answer::Payload(Bytes::from_static(b"1"))
                };
                if let Some(poll) = polling.poll {
                    let _ = poll.send(farewell);
                }
                if let Some((answer, _)) = polling.payload {
                    let _ = answer.send(Answer::Taken);
                }
            }
            _ => {}
        }
        for seat in seats {
            self.vacate(place, seat, reason);
        }
        self.sessions[place].wake();
    }

    /// Ends one namespace of a connection that goes on.
    fn unseat(&mut self, socket: &Socket, farewell: Option<Frame>) {
        let Some(place) = self.place_of(socket.0.session) else { return };
        let Some(seat) = self.sessions[place].seat_of(socket) else { return };
        if let Some(frame) = farewell {
            self.sessions[place].send(place, &frame, &self.shared.config, &mut self.effects);
        }
        let seat = self.sessions[place].seats.remove(seat);
        self.vacate(place, seat, DisconnectReason::ServerDisconnected);
        self.rearm_connect(place);
        self.sessions[place].wake();
    }

    /// A connection without a namespace has so long to join one.
    pub(crate) fn rearm_connect(&mut self, place: usize) {
        if self.sessions[place].seats.is_empty() {
            self.sessions[place].timers.connect_by = self.wheel.after(self.shared.config.connect_timeout);
            self.schedule(place);
        }
    }

    pub(crate) fn vacate(&mut self, place: usize, seat: Seat, reason: DisconnectReason) {
        for (slot, position) in seat.topics {
            self.forget_member(slot, position);
        }
        if seat.socket.part(reason.is_clients()) {
            self.sessions[place].push_job(Job::Disconnected { socket: seat.socket, reason });
        }
    }

    // Topics.

    fn join(&mut self, socket: &Socket, topic: Arc<Topic>) {
        let seated = self
            .place_of(socket.0.session)
            .and_then(|place| self.sessions[place].seat_of(socket).map(|seat| (place, seat)));
        let Some((place, seat)) = seated else { return self.shared.hub.leave(&topic, self.id) };
        let known = topic.on(self.id).slot.load(Ordering::Relaxed);
        let slot = if known == crate::hub::NO_SLOT {
            let slot =
                self.topics.insert(LocalTopic { topic: Arc::clone(&topic), members: vec![], pending: vec![] }) as u32;
            topic.on(self.id).slot.store(slot, Ordering::Relaxed);
            slot
        } else {
            known
        };
        let topics = &mut self.sessions[place].seats[seat].topics;
        if topics.iter().any(|&(there, _)| there == slot) {
            return self.shared.hub.leave(&topic, self.id);
        }
        let members = &mut self.topics[slot as usize].members;
        topics.push((slot, members.len() as u32));
        members.push(place as u32);
    }

    fn leave(&mut self, socket: &Socket, room: &str) {
        let Some(place) = self.place_of(socket.0.session) else { return };
        let Some(seat) = self.sessions[place].seat_of(socket) else { return };
        let topics = &mut self.sessions[place].seats[seat].topics;
        let named = |&(slot, _): &(u32, u32)| self.topics[slot as usize].topic.is_named(socket.namespace(), room);
        if let Some(index) = topics.iter().position(named) {
            let (slot, position) = topics.swap_remove(index);
            self.forget_member(slot, position);
        }
    }

    fn forget_member(&mut self, slot: u32, position: u32) {
        let local = &mut self.topics[slot as usize];
        local.members.swap_remove(position as usize);
        if let Some(&moved) = local.members.get(position as usize) {
            let from = local.members.len() as u32;
            let topics = self.sessions[moved as usize].seats.iter_mut().flat_map(|seat| &mut seat.topics);
            for entry in topics.filter(|entry| **entry == (slot, from)) {
                entry.1 = position;
            }
        }
        self.shared.hub.leave(&local.topic, self.id);
        if local.members.is_empty() {
            local.topic.on(self.id).slot.store(crate::hub::NO_SLOT, Ordering::Relaxed);
            self.topics.remove(slot as usize);
        }
    }

    // Time.

    /// Puts the connection into the wheel for the next thing that is due.
    fn schedule(&mut self, place: usize) {
        let session = &mut self.sessions[place];
        let timers = &mut session.timers;
        let mut next = if timers.pong_by > 0 { timers.pong_by } else { timers.ping_at };
        if session.seats.is_empty() {
            next = next.min(timers.connect_by);
        }
        if session.probe.is_some() {
            next = next.min(timers.probe_by);
        }
        if timers.wake_at <= self.wheel.now() || next < timers.wake_at {
            let at = next.clamp(self.wheel.now() + 1, self.wheel.now() + 1000);
            timers.wake_at = at;
            self.wheel.insert(at, (session.key, at));
        }
    }

    fn turn(&mut self, now: Instant) {
        for (key, at) in self.wheel.turn(now) {
            if let Some(place) = self.place_of(key)
                && self.sessions[place].timers.wake_at == at
            {
                self.bring_up(place);
            }
        }
        self.set_now();
        let now = self.wheel.now();
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain(|&key| {
            let Some(place) = self.place_of(key) else { return false };
            match self.sessions[place].is_stalled(now) {
                Some(true) => self.effects.doomed.push((place, DisconnectReason::Stalled)),
                Some(false) => return true,
                None => {}
            }
            false
        });
        self.waiting.append(&mut waiting);
        self.settle();
    }

    fn bring_up(&mut self, place: usize) {
        self.set_now();
        let now = self.wheel.now();
        let session = &mut self.sessions[place];
        if session.seats.is_empty() && session.timers.connect_by <= now {
            return self.close(place, DisconnectReason::ConnectTimeout);
        }
        if session.timers.pong_by > 0 && session.timers.pong_by <= now {
            return self.close(place, DisconnectReason::PingTimeout);
        }
        if session.probe.is_some() && session.timers.probe_by <= now {
            session.probe = None;
        }
        if session.timers.pong_by == 0 && session.timers.ping_at <= now {
            session.timers.pong_by = self.wheel.after(self.shared.config.ping_timeout);
            session.send(place, &self.shared.ping, &self.shared.config, &mut self.effects);
        }
        self.schedule(place);
    }

    /// The client has answered the ping.
    pub(crate) fn pong(&mut self, place: usize) {
        let timers = &mut self.sessions[place].timers;
        timers.pong_by = 0;
        timers.ping_at = self.wheel.after(self.shared.config.ping_interval);
    }
}
