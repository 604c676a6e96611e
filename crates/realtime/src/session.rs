//! One connection: what its shard keeps of it, and how bytes and packets go in and out.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use bytes::Bytes;
use smallvec::SmallVec;
use tokio::sync::oneshot;

use crate::assembly::Assembly;
use crate::config::Config;
use crate::encoding::{Dialect, Encoding};
use crate::event_stream::Feed;
use crate::frame::Frame;
use crate::job::Job;
use crate::outbox::Outbox;
use crate::permit::Permit;
use crate::polling::Polling;
use crate::reason::DisconnectReason;
use crate::shared::Named;
use crate::socket::Socket;
use crate::stream::Stream;
use crate::websocket::{Reader, Violation};
use crate::wheel::Tick;

/// Names a connection for good, unlike its place in a shard.
pub(crate) type SessionKey = u64;

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
    pub(crate) probes_coming: u32,
    pub(crate) seats: SmallVec<[Seat; 1]>,
    /// An event whose attachments have not all come.
    pub(crate) assembly: Option<Box<Assembly>>,
    pub(crate) closed: Option<DisconnectReason>,
    /// The status code of our close frame, when it is not that of the reason.
    pub(crate) violation: Option<Violation>,
    /// It is closed, but what waits is still being sent.
    pub(crate) is_lingering: bool,
    pub(crate) waker: Option<Waker>,
    pub(crate) outbox: Outbox,
    /// When the outbox has waited too long; moved on whenever the client takes something.
    pub(crate) stall_by: Tick,
    /// How often an event stream had taken something when that was last looked at.
    pub(crate) taken: u64,
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

    pub(crate) fn drop_outbox(&mut self) {
        self.outbox = Outbox::default();
    }

    pub(crate) fn has_outbox(&self) -> bool {
        !self.outbox.is_empty()
    }
}
