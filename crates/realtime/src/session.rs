//! One connection: what its shard keeps of it, and how bytes and packets go in and out.

use std::any::Any;
use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use serde_json::value::RawValue;
use smallvec::SmallVec;
use tokio::sync::oneshot;

use crate::assembly::Assembly;
use crate::config::Config;
use crate::encoding::{Dialect, Encoding};
use crate::event_stream::Feed;
use crate::flush::Run;
use crate::frame::{Frame, binary_packet};
use crate::namespace::{Incoming, Message, Work};
use crate::outbox::{Outbox, Piece, SLICES};
use crate::permit::Permit;
use crate::polling::{Answer, Polling, join};
use crate::reason::DisconnectReason;
use crate::server::Named;
use crate::socket::Socket;
use crate::stream::Stream;
use crate::websocket::{Reader, Violation};
use crate::wheel::Tick;

/// Names a connection for good, unlike its place in a shard.
pub(crate) type SessionKey = u64;

/// Packets of one answer to a poll, in bytes.
const POLL_BYTES: usize = 256 * 1024;
/// The same in number: python-engineio takes no more.
const POLL_PACKETS: usize = 16;

/// A connection on its way to its shard.
pub(crate) struct NewSession {
    pub(crate) key: SessionKey,
    pub(crate) peer: Arc<dyn Any + Send + Sync>,
    pub(crate) permit: Permit,
    pub(crate) dialect: Dialect,
    pub(crate) encoding: Encoding,
    pub(crate) link: NewLink,
}

pub(crate) enum NewLink {
    /// The client has its open packet already.
    Polling { sid: Arc<str>, opened: Option<oneshot::Sender<()>> },
    WebSocket {
        stream: Stream,
        leftover: Bytes,
        /// What is sent first.
        open: Frame,
    },
    /// A WebSocket whose one socket is to be let into this namespace.
    Plain { stream: Stream, leftover: Bytes, namespace: Named },
    /// Its one socket is in its namespace already.
    EventStream { feed: Arc<Feed>, socket: Socket },
}

/// How packets reach the client.
pub(crate) enum Link {
    Polling(Box<Polling>),
    WebSocket(WebSocket),
    EventStream(Arc<Feed>),
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
    Message { socket: Socket, message: Message },
    Disconnected { socket: Socket, reason: DisconnectReason },
}

impl Job {
    /// The handler's work; `None` when there is nothing to do any more.
    pub(crate) fn start(self) -> Option<Work> {
        match self {
            Self::Connect { socket, auth } => {
                let handlers = Arc::clone(&socket.0.handlers);
                Some(Box::pin(async move { handlers.connect(socket, auth).await }))
            }
            Self::Event { socket, incoming } if socket.is_heard() => {
                Arc::clone(&socket.0.handlers).event(socket, incoming)
            }
            Self::Message { socket, message } if socket.is_heard() => {
                Arc::clone(&socket.0.handlers).message(socket, message)
            }
            Self::Event { .. } | Self::Message { .. } => None,
            Self::Disconnected { socket, reason } => Arc::clone(&socket.0.handlers).disconnected(socket, reason),
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Event { incoming, .. } => incoming.weight(),
            Self::Message { message, .. } => message.len() + 64,
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
    pub(crate) dialect: Dialect,
    pub(crate) encoding: Encoding,
    pub(crate) link: Link,
    /// The secret name it began with, if it began with polling.
    pub(crate) sid: Option<Arc<str>>,
    /// A WebSocket that wants to take over from polling.
    pub(crate) probe: Option<Box<WebSocket>>,
    /// Handshakes of such that are not over.
    pub(crate) probes_coming: u16,
    pub(crate) seats: SmallVec<[Seat; 1]>,
    /// An event whose attachments have not all come.
    pub(crate) assembly: Option<Box<Assembly>>,
    pub(crate) closed: Option<DisconnectReason>,
    /// The status code of our close frame, when it is not that of the reason.
    pub(crate) violation: Option<Violation>,
    /// It is closed, but what waits is still being sent.
    pub(crate) is_lingering: bool,
    pub(crate) waker: Option<Waker>,
    outbox: Outbox,
    /// When the outbox has waited too long; moved on whenever the client takes something.
    stall_by: Tick,
    /// How often an event stream had taken something when that was last looked at.
    taken: u64,
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
    pub(crate) fn new(
        key: SessionKey,
        peer: Arc<dyn Any + Send + Sync>,
        permit: Permit,
        (dialect, encoding): (Dialect, Encoding),
        link: Link,
    ) -> Self {
        Self {
            key,
            peer,
            permit: Some(permit),
            dialect,
            encoding,
            link,
            sid: None,
            probe: None,
            probes_coming: 0,
            seats: SmallVec::new(),
            assembly: None,
            closed: None,
            violation: None,
            is_lingering: false,
            waker: None,
            outbox: Outbox::default(),
            stall_by: 0,
            taken: 0,
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

    /// Its handlers have begun.
    pub(crate) fn tell_open(&mut self) {
        if let Link::Polling(polling) = &mut self.link
            && let Some(opened) = polling.opened.take()
        {
            let _ = opened.send(());
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

    /// Delivers a run of packets that is made for this connection's encoding; polling takes its frames one by one.
    pub(crate) fn send_run(&mut self, place: usize, run: &Run<'_>, config: &Config, effects: &mut Effects) {
        let packets = run.frames.len() as u32;
        match &mut self.link {
            Link::WebSocket(websocket) => {
                let rest = if self.outbox.is_empty() {
                    match websocket.stream.try_send(&run.bytes) {
                        Ok(sent) if sent == run.bytes.len() => return,
                        Ok(sent) => run.bytes.slice(sent..),
                        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                            run.bytes.clone()
                        }
                        Err(_) => return effects.doomed.push((place, DisconnectReason::TransportError)),
                    }
                } else {
                    run.bytes.clone()
                };
                self.wait(place, Piece { bytes: rest, packets, is_binary: false }, config, effects);
            }
            Link::Polling(_) => {
                for frame in &run.frames {
                    let text = frame.text().map(|bytes| Piece { bytes, packets: 1, is_binary: false });
                    let attachments = frame.attachments().iter().cloned();
                    let binary = attachments.map(|bytes| Piece { bytes, packets: 1, is_binary: true });
                    for piece in text.into_iter().chain(binary) {
                        self.wait(place, piece, config, effects);
                    }
                }
                effects.polled.push(place);
            }
            Link::EventStream(feed) => {
                let feed = Arc::clone(feed);
                if feed.is_empty() {
                    self.watch(effects);
                }
                let all_fit = run.frames.iter().all(|frame| {
                    let bytes = frame.shared(Encoding::EventStream).cloned().unwrap_or_default();
                    feed.push(bytes, frame.id(), config.outbox_bytes, config.outbox_packets)
                });
                if !all_fit {
                    effects.doomed.push((place, DisconnectReason::OutboxFull));
                }
            }
            Link::Gone => {}
        }
    }

    pub(crate) fn send(&mut self, place: usize, frame: &Frame, config: &Config, effects: &mut Effects) {
        self.send_run(place, &Run::of(vec![frame], self.encoding), config, effects);
    }

    /// Sends bytes that are framed already, behind what waits.
    pub(crate) fn send_raw(&mut self, place: usize, frame: Bytes, config: &Config, effects: &mut Effects) {
        match &self.link {
            Link::WebSocket(websocket) => {
                let is_sent = self.outbox.is_empty()
                    && matches!(websocket.stream.try_send(&frame), Ok(sent) if sent == frame.len());
                if !is_sent {
                    self.wait(place, Piece { bytes: frame, packets: 1, is_binary: false }, config, effects);
                }
            }
            Link::EventStream(feed) => {
                let is_quiet = feed.is_empty();
                let fits = feed.push(frame, None, config.outbox_bytes, config.outbox_packets);
                if is_quiet {
                    self.watch(effects);
                }
                if !fits {
                    effects.doomed.push((place, DisconnectReason::OutboxFull));
                }
            }
            Link::Polling(_) | Link::Gone => {}
        }
    }

    /// Whether what is sent now goes out now.
    pub(crate) fn is_writable(&self) -> bool {
        match &self.link {
            Link::WebSocket(_) => self.outbox.is_empty(),
            Link::Polling(polling) => polling.poll.is_some(),
            Link::EventStream(feed) => feed.is_empty(),
            Link::Gone => false,
        }
    }

    fn watch(&mut self, effects: &mut Effects) {
        self.stall_by = effects.stall_by;
        // Once in the shard's list is enough, however often it fills and empties meanwhile.
        if !std::mem::replace(&mut self.is_watched, true) {
            effects.blocked.push(self.key);
        }
    }

    fn wait(&mut self, place: usize, piece: Piece, config: &Config, effects: &mut Effects) {
        if self.outbox.is_empty() {
            self.watch(effects);
            // Its task is to wait until the socket can take more.
            self.wake();
        }
        if !self.outbox.push(piece, config.outbox_bytes, config.outbox_packets) {
            effects.doomed.push((place, DisconnectReason::OutboxFull));
        }
    }

    /// Whether something has waited too long; `None` when nothing waits.
    pub(crate) fn is_stalled(&mut self, now: Tick, stall_by: Tick) -> Option<bool> {
        if let Link::EventStream(feed) = &self.link {
            let taken = feed.taken();
            if feed.is_empty() {
                return None;
            }
            if std::mem::replace(&mut self.taken, taken) != taken {
                self.stall_by = stall_by;
            }
            return Some(self.stall_by <= now);
        }
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
        poll.send(Answer::Payload(join(&self.outbox.take(POLL_BYTES, POLL_PACKETS), self.encoding))).is_ok()
    }

    /// Changes over to WebSocket: what was waiting for a poll is framed and waits for the socket.
    pub(crate) fn upgrade(&mut self, place: usize, websocket: WebSocket, config: &Config, effects: &mut Effects) {
        let waiting = self.outbox.take(usize::MAX, usize::MAX);
        self.link = Link::WebSocket(websocket);
        for piece in waiting {
            let framed = if piece.is_binary {
                binary_packet(self.encoding, &piece.bytes).into()
            } else {
                Frame::packet(&piece.bytes).websocket().clone()
            };
            self.send_raw(place, framed, config, effects);
        }
    }

    pub(crate) fn drop_outbox(&mut self) {
        self.outbox = Outbox::default();
    }

    pub(crate) fn has_outbox(&self) -> bool {
        !self.outbox.is_empty()
    }
}
