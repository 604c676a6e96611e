//! One connection: what its shard keeps of it, and how bytes and packets go in and out.

use std::any::Any;
use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use serde_json::value::RawValue;
use smallvec::SmallVec;

use crate::config::Config;
use crate::frame::Frame;
use crate::namespace::{Incoming, Work};
use crate::outbox::{Outbox, SLICES};
use crate::polling::{Answer, Polling, join};
use crate::reason::DisconnectReason;
use crate::service::Permit;
use crate::socket::Socket;
use crate::stream::Stream;
use crate::websocket::Reader;
use crate::wheel::Tick;

/// Names a connection for good, unlike its place in a shard.
pub(crate) type SessionKey = u64;

/// Packets of one answer to a poll, in bytes.
const POLL_BYTES: usize = 256 * 1024;

/// A connection on its way to its shard.
pub(crate) struct NewSession {
    pub(crate) key: SessionKey,
    pub(crate) peer: Arc<dyn Any + Send + Sync>,
    pub(crate) permit: Permit,
    pub(crate) link: NewLink,
}

pub(crate) enum NewLink {
    /// The client has its open packet already.
    Polling {
        sid: Arc<str>,
    },
    WebSocket {
        stream: Stream,
        leftover: Bytes,
        open: Frame,
    },
}

/// How packets reach the client.
pub(crate) enum Link {
    Polling(Box<Polling>),
    WebSocket(WebSocket),
    Gone,
}

pub(crate) struct WebSocket {
    pub(crate) stream: Stream,
    pub(crate) reader: Reader,
    /// Reading stopped before all that had come was looked at.
    pub(crate) paused: bool,
}

impl WebSocket {
    pub(crate) fn new(stream: Stream, leftover: &[u8]) -> Self {
        Self { stream, reader: Reader::with_leftover(leftover), paused: !leftover.is_empty() }
    }
}

/// A namespace that the client is in, and the topics it hears there: the shard's slot of each, and its place in it.
pub(crate) struct Seat {
    pub(crate) socket: Socket,
    pub(crate) topics: SmallVec<[(u32, u32); 2]>,
}

/// What waits for the handlers, in order.
pub(crate) enum Job {
    Connect { socket: Socket, auth: Option<Box<RawValue>> },
    Event { socket: Socket, incoming: Incoming },
    Disconnected { socket: Socket, reason: DisconnectReason },
}

impl Job {
    /// The handler's work; `None` when there is nothing to do any more.
    pub(crate) fn start(self) -> Option<Work> {
        match self {
            Self::Connect { socket, auth } => {
                let namespace = Arc::clone(&socket.0.namespace);
                Some(Box::pin(async move { namespace.connect(socket, auth).await }))
            }
            Self::Event { socket, incoming } => {
                let namespace = Arc::clone(&socket.0.namespace);
                (socket.is_heard()).then(|| Box::pin(async move { namespace.event(socket, incoming).await }) as Work)
            }
            Self::Disconnected { socket, reason } => {
                let namespace = Arc::clone(&socket.0.namespace);
                Some(Box::pin(async move { namespace.disconnected(socket, reason).await }))
            }
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Event { incoming, .. } => incoming.weight(),
            Self::Connect { auth, .. } => auth.as_ref().map_or(0, |auth| auth.get().len()) + 64,
            Self::Disconnected { .. } => 0,
        }
    }
}

/// What delivering to a connection asks of its shard.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) now: Tick,
    /// When an outbox that becomes filled now will be too old.
    pub(crate) stall_by: Tick,
    /// Connections whose outbox has become filled.
    pub(crate) blocked: Vec<SessionKey>,
    /// Places of polling connections that have something to answer with.
    pub(crate) polled: Vec<usize>,
    /// Places of connections to close.
    pub(crate) doomed: Vec<(usize, DisconnectReason)>,
}

pub(crate) struct Session {
    pub(crate) key: SessionKey,
    pub(crate) peer: Arc<dyn Any + Send + Sync>,
    pub(crate) permit: Option<Permit>,
    pub(crate) link: Link,
    /// A WebSocket that wants to take over from polling.
    pub(crate) probe: Option<Box<WebSocket>>,
    pub(crate) seats: SmallVec<[Seat; 1]>,
    pub(crate) closed: Option<DisconnectReason>,
    pub(crate) waker: Option<Waker>,
    outbox: Outbox,
    /// When the outbox has waited too long; moved on whenever the client takes something.
    stall_by: Tick,
    /// Whether the shard has it in its list of connections with something in their outbox.
    pub(crate) is_watched: bool,
    jobs: VecDeque<Job>,
    jobs_weight: usize,
    pub(crate) timers: Timers,
    /// Marks how many pieces the current flush has for this connection.
    pub(crate) flush: u32,
    pub(crate) pieces: u32,
}

/// Moments at which something is due; 0 is never.
#[derive(Default)]
pub(crate) struct Timers {
    pub(crate) ping_at: Tick,
    pub(crate) pong_by: Tick,
    pub(crate) connect_by: Tick,
    pub(crate) probe_by: Tick,
    /// Whether the client has ever asked to join a namespace.
    pub(crate) has_joined: bool,
    /// When the wheel is next to bring this connection up; any other entry of it is void.
    pub(crate) wake_at: Tick,
}

impl Session {
    pub(crate) fn new(key: SessionKey, peer: Arc<dyn Any + Send + Sync>, permit: Permit, link: Link) -> Self {
        Self {
            key,
            peer,
            permit: Some(permit),
            link,
            probe: None,
            seats: SmallVec::new(),
            closed: None,
            waker: None,
            outbox: Outbox::default(),
            stall_by: 0,
            is_watched: false,
            jobs: VecDeque::new(),
            jobs_weight: 0,
            timers: Timers::default(),
            flush: 0,
            pieces: 0,
        }
    }

    pub(crate) fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }

    pub(crate) fn seat_of(&self, socket: &Socket) -> Option<usize> {
        self.seats.iter().position(|seat| Arc::ptr_eq(&seat.socket.0, &socket.0))
    }

    // What waits for handlers.

    pub(crate) fn push_job(&mut self, job: Job) {
        self.jobs_weight += job.weight();
        self.jobs.push_back(job);
    }

    pub(crate) fn pop_job(&mut self) -> Option<Job> {
        let job = self.jobs.pop_front();
        match &job {
            Some(job) => self.jobs_weight -= job.weight(),
            // An idle connection holds no memory for what once waited.
            None => self.jobs = VecDeque::new(),
        }
        job
    }

    pub(crate) fn drop_jobs(&mut self) {
        self.jobs.clear();
        self.jobs_weight = 0;
    }

    /// Whether the client has to wait before more is read from it.
    pub(crate) fn is_backed_up(&self, config: &Config) -> bool {
        self.jobs.len() >= config.inbound_packets || self.jobs_weight >= config.inbound_bytes
    }

    // What goes out.

    /// Delivers a run of packets that is framed for WebSocket; for polling the frames are needed one by one.
    pub(crate) fn send_run<'a>(
        &mut self,
        place: usize,
        run: &Bytes,
        frames: impl ExactSizeIterator<Item = &'a Frame>,
        config: &Config,
        effects: &mut Effects,
    ) {
        let packets = frames.len() as u32;
        match &mut self.link {
            Link::WebSocket(websocket) => {
                let rest = if self.outbox.is_empty() {
                    match websocket.stream.try_send(run) {
                        Ok(sent) if sent == run.len() => return,
                        Ok(sent) => run.slice(sent..),
                        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                            run.clone()
                        }
                        Err(_) => return effects.doomed.push((place, DisconnectReason::TransportError)),
                    }
                } else {
                    run.clone()
                };
                self.wait(place, rest, packets, config, effects);
            }
            Link::Polling(_) => {
                for frame in frames {
                    self.wait(place, frame.polling(), 1, config, effects);
                }
                effects.polled.push(place);
            }
            Link::Gone => {}
        }
    }

    pub(crate) fn send(&mut self, place: usize, frame: &Frame, config: &Config, effects: &mut Effects) {
        self.send_run(place, frame.websocket(), std::iter::once(frame), config, effects);
    }

    /// Sends a control frame, behind what waits.
    pub(crate) fn send_raw(&mut self, place: usize, frame: Bytes, config: &Config, effects: &mut Effects) {
        if let Link::WebSocket(websocket) = &self.link
            && self.outbox.is_empty()
            && matches!(websocket.stream.try_send(&frame), Ok(sent) if sent == frame.len())
        {
            return;
        }
        self.wait(place, frame, 1, config, effects);
    }

    fn wait(&mut self, place: usize, piece: Bytes, packets: u32, config: &Config, effects: &mut Effects) {
        if self.outbox.is_empty() {
            self.stall_by = effects.stall_by;
            // Once in the shard's list is enough, however often it fills and empties meanwhile.
            if !std::mem::replace(&mut self.is_watched, true) {
                effects.blocked.push(self.key);
            }
            // Its task is to wait until the socket can take more.
            self.wake();
        }
        if !self.outbox.push(piece, packets, config.outbox_bytes, config.outbox_packets) {
            effects.doomed.push((place, DisconnectReason::OutboxFull));
        }
    }

    /// Whether something has waited too long; `None` when nothing waits.
    pub(crate) fn is_stalled(&self, now: Tick) -> Option<bool> {
        (!self.outbox.is_empty()).then_some(self.stall_by <= now)
    }

    /// Writes what waits, as far as the socket takes it.
    pub(crate) fn poll_drain(&mut self, cx: &mut Context<'_>, stall_by: Tick) -> Result<(), DisconnectReason> {
        let Link::WebSocket(websocket) = &mut self.link else { return Ok(()) };
        while !self.outbox.is_empty() {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let count = self.outbox.slices(&mut slices);
            match websocket.stream.poll_write(cx, &slices[..count]) {
                Poll::Ready(Ok(0)) | Poll::Ready(Err(_)) => return Err(DisconnectReason::TransportError),
                Poll::Ready(Ok(written)) => {
                    self.outbox.advance(written);
                    self.stall_by = stall_by;
                }
                Poll::Pending => return Ok(()),
            }
        }
        match websocket.stream.poll_flush(cx) {
            Poll::Ready(Err(_)) => Err(DisconnectReason::TransportError),
            _ => Ok(()),
        }
    }

    /// Answers the waiting poll, if there is one and something to say; false when its client is gone.
    pub(crate) fn answer_poll(&mut self) -> bool {
        let Link::Polling(polling) = &mut self.link else { return true };
        if self.outbox.is_empty() {
            return true;
        }
        let Some(poll) = polling.poll.take() else { return true };
        poll.send(Answer::Payload(join(&self.outbox.take(POLL_BYTES)))).is_ok()
    }

    /// Changes over to WebSocket: what was waiting for a poll is framed and waits for the socket.
    pub(crate) fn upgrade(&mut self, place: usize, websocket: WebSocket, config: &Config, effects: &mut Effects) {
        let waiting = self.outbox.take(usize::MAX);
        self.link = Link::WebSocket(websocket);
        for packet in waiting {
            self.send(place, &Frame::packet(&packet), config, effects);
        }
    }

    pub(crate) fn drop_outbox(&mut self) {
        self.outbox = Outbox::default();
    }

    pub(crate) fn has_outbox(&self) -> bool {
        !self.outbox.is_empty()
    }
}
