//! Server-sent events: a response that goes on for as long as its reader listens.
//!
//! What waits for the reader lies between its shard, which adds, and the HTTP connection, which takes. It is bounded like
//! every outbox; the shard ends the stream when it is over a bound or nothing was taken for too long.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::{Body, Frame as BodyFrame};

use crate::hub::Hub;
use crate::inbox::Item;
use crate::reason::DisconnectReason;
use crate::session::SessionKey;

/// Bytes of one piece of the response.
const CHUNK: usize = 64 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Feed(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Bytes>,
    bytes: usize,
    /// How often something was taken: so the shard sees that the reader goes on.
    taken: u64,
    is_over: bool,
    waker: Option<Waker>,
}

impl Feed {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event; false when that is over a bound.
    #[must_use]
    pub(crate) fn push(&self, bytes: Bytes, most_bytes: usize, most_packets: usize) -> bool {
        let mut state = self.state();
        state.bytes += bytes.len();
        state.waiting.push_back(bytes);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
        state.bytes <= most_bytes && state.waiting.len() <= most_packets
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state().waiting.is_empty()
    }

    /// Changes whenever the reader takes something.
    pub(crate) fn taken(&self) -> u64 {
        self.state().taken
    }

    /// Forgets what waits.
    pub(crate) fn clear(&self) {
        let mut state = self.state();
        (state.waiting, state.bytes) = (VecDeque::new(), 0);
    }

    /// Nothing more comes; `flush`: what waits is still sent.
    pub(crate) fn end(&self, flush: bool) {
        let mut state = self.state();
        state.is_over = true;
        if !flush {
            (state.waiting, state.bytes) = (VecDeque::new(), 0);
        }
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }
}

/// An event stream: the body of a response. Its reader is a [`crate::Socket`] that only listens; dropping the stream is
/// its end.
pub struct EventStream {
    pub(crate) feed: Arc<Feed>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) shard: usize,
    pub(crate) key: SessionKey,
}

impl Body for EventStream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<BodyFrame<Bytes>, Infallible>>> {
        let mut state = self.feed.state();
        if state.waiting.is_empty() {
            if state.is_over {
                return Poll::Ready(None);
            }
            state.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        state.taken += 1;
        let mut chunk = Vec::new();
        while let Some(bytes) = state.waiting.front() {
            if !chunk.is_empty() && chunk.len() + bytes.len() > CHUNK {
                break;
            }
            chunk.extend_from_slice(bytes);
            let length = bytes.len();
            state.bytes -= length;
            state.waiting.pop_front();
        }
        if state.waiting.is_empty() {
            // An idle reader holds no memory for what once waited.
            state.waiting = VecDeque::new();
        }
        Poll::Ready(Some(Ok(BodyFrame::data(chunk.into()))))
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.feed.end(false);
        self.hub.inboxes()[self.shard].push(Item::Close { key: self.key, reason: DisconnectReason::TransportClosed });
    }
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EventStream")
    }
}
