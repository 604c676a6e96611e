//! Connections come, are polled, and end.

use bytes::Bytes;
use tokio::sync::oneshot;
use tungstenite::protocol::frame::coding::Control;

use crate::frame::Frame;
use crate::polling::{Answer, EngineError, Polling, split};
use crate::reason::DisconnectReason;
use crate::session::{Job, Link, NewLink, NewSession, Seat, Session, SessionKey, WebSocket};
use crate::shard::{Shard, attend};
use crate::socket::Socket;
use crate::stream::Stream;
use crate::websocket::control;

impl Shard {
    pub(crate) fn open(&mut self, new: NewSession) {
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

    pub(crate) fn open_probe(&mut self, key: SessionKey, stream: Stream, leftover: &[u8]) {
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

    pub(crate) fn poll(&mut self, key: SessionKey, answer: oneshot::Sender<Answer>) {
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
    pub(crate) fn payload(&mut self, key: SessionKey, body: Bytes, answer: oneshot::Sender<Answer>) {
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

    pub(crate) fn take_payload(&mut self, place: usize) {
        loop {
            let session = &mut self.sessions[place];
            let Link::Polling(polling) = &mut session.link else { return };
            let Some((answer, mut body)) = polling.payload.take() else { return };
            let Some(packet) = split(&mut body) else {
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
                let _ = websocket.stream.try_send(&control(Control::Close, &code));
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
    pub(crate) fn unseat(&mut self, socket: &Socket, farewell: Option<Frame>) {
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
}
