//! What goes out to one connection: at once if it can, from its outbox when it can again.

use std::io::{ErrorKind, IoSlice};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::config::Config;
use crate::encoding::Encoding;
use crate::flush::Run;
use crate::frame::Frame;
use crate::framing::binary_packet;
use crate::outbox::{Piece, SLICES};
use crate::polling::{Answer, join};
use crate::reason::DisconnectReason;
use crate::session::{Effects, Link, Session, WebSocket};
use crate::wheel::Tick;

/// Packets of one answer to a poll, in bytes.
const POLL_BYTES: usize = 256 * 1024;

/// The same in number: python-engineio takes no more.
const POLL_PACKETS: usize = 16;

impl Session {
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
                    feed.push(bytes, config.outbox_bytes, config.outbox_packets)
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
                let fits = feed.push(frame, config.outbox_bytes, config.outbox_packets);
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
}
