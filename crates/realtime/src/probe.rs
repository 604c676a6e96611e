//! A WebSocket that wants to take over from polling: it proves that it works, and then is what carries the connection.

use std::io::{ErrorKind, IoSlice};
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::frame::Frame;
use crate::packet::EnginePacket;
use crate::polling::{Answer, EngineError, join_text};
use crate::reason::DisconnectReason;
use crate::session::{Link, SessionKey, WebSocket};
use crate::shard::Shard;
use crate::stream::Stream;
use crate::websocket::Message;

impl Shard {
    pub(crate) fn open_probe(&mut self, key: SessionKey, upgraded: Option<Box<(Stream, Bytes)>>) {
        let Some(place) = self.place_of(key) else { return };
        self.sessions[place].probes_coming -= 1;
        let attached = upgraded.and_then(|upgraded| Some((upgraded.0.attach().ok()?, upgraded.1)));
        let session = &mut self.sessions[place];
        match attached {
            // A second one, or one for a connection that has changed over: it is dropped.
            Some(_) if !matches!(session.link, Link::Polling(_)) || session.probe.is_some() => {}
            Some((stream, leftover)) => {
                session.probe = Some(Box::new(WebSocket::new(stream, &leftover)));
                session.timers.probe_by = self.wheel.after(self.shared.config.connect_timeout);
                session.wake();
                self.schedule(place);
                self.hear_probe(place);
            }
            None => {}
        }
        let Some(session) = self.sessions.get_mut(place).filter(|session| session.probes_coming == 0) else { return };
        let encoding = session.encoding;
        if let Link::Polling(polling) = &mut session.link
            && std::mem::take(&mut polling.is_late)
            && let Some(poll) = polling.poll.take()
        {
            let _ = poll.send(Answer::Payload(join_text("6", encoding)));
        }
    }

    /// A client that has changed over may poll once more behind that: what it said on the new way comes first.
    pub(crate) fn hear_probe(&mut self, place: usize) {
        let Some(waker) = self.sessions[place].waker.clone().filter(|_| self.sessions[place].probe.is_some()) else {
            return;
        };
        let mut scratch = std::mem::take(&mut self.scratch);
        while let Some(probe) = self.sessions[place].probe.take() {
            if !self.read_probe(place, probe, &mut Context::from_waker(&waker), &mut scratch) {
                break;
            }
        }
        self.scratch = scratch;
        self.settle();
        waker.wake();
    }

    /// Reads from a WebSocket that wants to take over; it is kept unless it failed or has taken over.
    pub(crate) fn read_probe(
        &mut self,
        place: usize,
        mut probe: Box<WebSocket>,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
    ) -> bool {
        let was_paused = std::mem::take(&mut probe.paused);
        let read = if was_paused {
            0
        } else {
            let read = match probe.stream.try_recv(scratch) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => probe.stream.poll_read(cx, scratch),
                read => Poll::Ready(read),
            };
            match read {
                Poll::Pending => {
                    self.sessions[place].probe = Some(probe);
                    return false;
                }
                Poll::Ready(Ok(read)) if read > 0 => read,
                Poll::Ready(_) => return true,
            }
        };
        let (mut is_probed, mut is_upgraded, mut is_valid) = (false, false, true);
        let outcome = probe.reader.read(&mut scratch[..read], self.shared.config.max_message, |message| {
            match message {
                Message::Text(text) => match EnginePacket::parse(text) {
                    Some(EnginePacket::Ping("probe")) => is_probed = true,
                    Some(EnginePacket::Upgrade) => is_upgraded = true,
                    _ => is_valid = false,
                },
                Message::Ping(_) | Message::Pong => {}
                Message::Binary(_) | Message::Close => is_valid = false,
            }
            is_valid && !is_upgraded
        });
        if outcome.is_err() || !is_valid || (is_probed && !self.answer_probe(place, &mut probe, cx)) {
            return true;
        }
        if is_upgraded {
            self.complete_upgrade(place, *probe);
        } else {
            self.sessions[place].probe = Some(probe);
        }
        true
    }

    /// Says that the new way works, and ends the poll that the client waits for before it changes over.
    fn answer_probe(&mut self, place: usize, probe: &mut WebSocket, cx: &mut Context<'_>) -> bool {
        let answer = Frame::packet(b"3probe");
        let encoding = self.sessions[place].encoding;
        if let Link::Polling(polling) = &mut self.sessions[place].link
            && !polling.is_late
            && let Some(poll) = polling.poll.take()
        {
            let _ = poll.send(Answer::Payload(join_text("6", encoding)));
        }
        let answer = answer.websocket();
        // Nothing was written to it before: it takes eight bytes, or it is broken.
        let sent = match probe.stream.try_send(answer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => probe.stream.poll_write(cx, &[IoSlice::new(answer)]),
            sent => Poll::Ready(sent),
        };
        matches!(sent, Poll::Ready(Ok(sent)) if sent == answer.len())
            && !matches!(probe.stream.poll_flush(cx), Poll::Ready(Err(_)))
    }

    fn complete_upgrade(&mut self, place: usize, mut websocket: WebSocket) {
        let session = &mut self.sessions[place];
        let encoding = session.encoding;
        let Link::Polling(polling) = &mut session.link else { return };
        if polling.payload.is_some() {
            // A client ends its requests before it changes over.
            return self.effects.doomed.push((place, DisconnectReason::ProtocolError));
        }
        if let Some(poll) = polling.poll.take() {
            let answer = if polling.is_late {
                Answer::Refused(EngineError::BadRequest)
            } else {
                Answer::Payload(join_text("6", encoding))
            };
            let _ = poll.send(answer);
        }
        websocket.paused = websocket.reader.has_leftover();
        session.upgrade(place, websocket, &self.shared.config, &mut self.effects);
    }
}
