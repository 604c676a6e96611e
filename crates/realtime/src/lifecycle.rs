//! Connections come, are polled, and end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::value::RawValue;
use smallvec::SmallVec;
use tokio::sync::oneshot;
use tungstenite::protocol::frame::coding::Control;

use crate::encoding::Dialect;
use crate::frame::Frame;
use crate::framing::control;
use crate::ids::random_id;
use crate::job::Job;
use crate::polling::{Answer, EngineError, Payload, Polling, Received, join_text};
use crate::reason::DisconnectReason;
use crate::receive::Packet;
use crate::session::{Link, NewLink, NewSession, Seat, Session, SessionKey, WebSocket};
use crate::shard::{Shard, attend};
use crate::shared::Named;
use crate::socket::{NewSocket, Socket};
use crate::stream::Stream;

/// A client may send its end while its first poll is on the way: so long that one is still answered.
const CROSSING: Duration = Duration::from_millis(100);

/// What a connection begins with.
enum First {
    Packet(Frame),
    /// The client was told by the answer to its request.
    Name(Arc<str>),
    /// Its one socket is let into this namespace.
    Namespace(Named),
    /// Its one socket is in already.
    Seated(Socket),
}

impl Shard {
    pub(crate) fn open(&mut self, new: NewSession) {
        let NewSession { key, peer, permit, dialect, encoding, link } = new;
        let web_socket = |stream: Stream, leftover: &[u8]| {
            stream.attach().ok().map(|stream| Link::WebSocket(WebSocket::new(stream, leftover)))
        };
        let (link, first) = match link {
            NewLink::Polling { sid, opened } => {
                (Some(Link::Polling(Box::new(Polling { opened, ..Polling::default() }))), Some(First::Name(sid)))
            }
            NewLink::WebSocket { stream, leftover, open } => (web_socket(stream, &leftover), Some(First::Packet(open))),
            NewLink::Plain { stream, leftover, namespace } => {
                (web_socket(stream, &leftover), Some(First::Namespace(namespace)))
            }
            NewLink::EventStream { feed, socket } => (Some(Link::EventStream(feed)), Some(First::Seated(socket))),
        };
        let Some(link) = link else { return };
        let place = self.sessions.insert(Session::new(key, peer, permit, (dialect, encoding), link));
        self.places.insert(key, place);
        match first {
            Some(First::Packet(open)) => {
                self.sessions[place].send(place, &open, &self.shared.config, &mut self.effects);
            }
            Some(First::Name(sid)) => self.sessions[place].sid = Some(sid),
            Some(First::Namespace(named)) => self.seat(place, named, None),
            Some(First::Seated(socket)) => self.sessions[place].seats.push(Seat { socket, topics: SmallVec::new() }),
            None => {}
        }
        match dialect {
            Dialect::EngineIo => {
                if let Some(named) = self.shared.engine.clone() {
                    self.seat(place, named, None);
                }
            }
            // Clients of protocol 4 are in the root namespace without asking.
            Dialect::SocketIo if encoding.is_version_3() => {
                if let Some(named) = self.shared.namespace("/") {
                    self.seat(place, named, None);
                }
            }
            _ => {}
        }
        self.begin_timers(place);
        tokio::spawn(attend(place));
        if self.ending.is_some() {
            self.close(place, DisconnectReason::ServerShutdown);
        }
    }

    /// Begins to let a connection into a namespace.
    pub(crate) fn seat(&mut self, place: usize, (namespace, handlers): Named, auth: Option<Box<RawValue>>) {
        let session = &mut self.sessions[place];
        session.timers.has_joined = true;
        let socket = Socket::new(NewSocket {
            id: random_id().into(),
            namespace,
            handlers,
            hub: &self.shared.hub,
            shard: self.id,
            session: session.key,
            peer: &session.peer,
            dialect: session.dialect,
            is_version_4: session.encoding.is_version_3(),
            max_acks: self.shared.config.pending_acks,
        });
        session.seats.push(Seat { socket: socket.clone(), topics: SmallVec::new() });
        session.push_job(Job::Connect { socket, auth });
    }

    pub(crate) fn poll(&mut self, key: SessionKey, answer: oneshot::Sender<Answer>) {
        if let Some(&place) = self.places.get(&key).filter(|&&place| self.sessions[place].is_lingering) {
            return self.answer_last_poll(place, answer);
        }
        let Some(place) = self.place_of(key) else {
            let _ = answer.send(Answer::Refused(EngineError::UnknownSession));
            return;
        };
        self.hear_probe(place);
        let Some(session) = self.sessions.get_mut(place).filter(|session| session.closed.is_none()) else { return };
        let (encoding, is_probed) = (session.encoding, session.probe.is_some());
        let Link::Polling(polling) = &mut session.link else {
            let _ = answer.send(Answer::Refused(EngineError::BadRequest));
            return;
        };
        if polling.poll.is_some() {
            let _ = answer.send(Answer::Refused(EngineError::BadRequest));
            return self.close(place, DisconnectReason::ProtocolError);
        }
        if is_probed {
            // The client is about to leave polling: it is not held up, and what waits goes the new way.
            let _ = answer.send(Answer::Payload(join_text("6", encoding)));
            return;
        }
        polling.poll = Some(answer);
        polling.has_polled = true;
        polling.is_late = session.probes_coming > 0;
        if !polling.is_late {
            self.effects.polled.push(place);
        }
    }

    /// It has closed meanwhile: what waited, and if that is nothing, nothing. What we end is told all that waits, over as
    /// many polls as it takes.
    fn answer_last_poll(&mut self, place: usize, answer: oneshot::Sender<Answer>) {
        let session = &mut self.sessions[place];
        let had_outbox = session.has_outbox();
        if let Link::Polling(polling) = &mut session.link {
            polling.poll = Some(answer);
            session.answer_poll();
        }
        if let Some(reason) = session.closed {
            let is_told = if reason.is_said_alone() { !had_outbox } else { !session.has_outbox() };
            if reason.is_clients() || is_told {
                self.cut(place, reason, false);
            }
        }
        self.sessions[place].wake();
    }

    /// Takes the packets of a polling request; what finds no room waits with its request.
    pub(crate) fn payload(&mut self, key: SessionKey, body: Bytes, is_binary: bool, answer: oneshot::Sender<Answer>) {
        let Some(place) = self.place_of(key) else {
            let _ = answer.send(Answer::Refused(EngineError::UnknownSession));
            return;
        };
        let payload = Payload::new(body, self.sessions[place].encoding.is_version_3(), is_binary);
        match &mut self.sessions[place].link {
            Link::Polling(polling) if polling.payload.is_none() => polling.payload = Some((answer, payload)),
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
            let Some((answer, mut payload)) = polling.payload.take() else { return };
            let taken = match payload.next() {
                Ok(None) => {
                    let _ = answer.send(Answer::Taken);
                    return;
                }
                Ok(Some(Received::Text(packet))) => match std::str::from_utf8(&packet) {
                    Ok(text) => self.take_packet(place, Packet::Text(text)),
                    Err(_) => Err(DisconnectReason::ProtocolError),
                },
                Ok(Some(Received::Binary(message))) => self.take_packet(place, Packet::Binary(message)),
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
                polling.payload = Some((answer, payload));
            }
            if must_wait {
                return;
            }
        }
    }

    /// Every connection is told the last, and ends.
    pub(crate) fn dismiss(&mut self, farewell: &dyn Fn(&[Socket]) -> Vec<Frame>) {
        let places: Vec<usize> = self.sessions.iter().map(|(place, _)| place).collect();
        for place in places {
            let session = &mut self.sessions[place];
            let sockets = session.seats.iter().map(|seat| &seat.socket).filter(|socket| socket.is_connected());
            let sockets: Vec<Socket> = sockets.cloned().collect();
            if session.closed.is_none() && !sockets.is_empty() {
                for frame in farewell(&sockets) {
                    session.send(place, &frame, &self.shared.config, &mut self.effects);
                }
            }
            self.close_after_flush(place, DisconnectReason::ServerShutdown);
        }
    }

    /// Ends a connection: at once, without its help, and once. Its disconnect handlers come last in its queue.
    pub(crate) fn close(&mut self, place: usize, reason: DisconnectReason) {
        self.end(place, reason, false);
    }

    /// The same, but what waits is still sent, as long as that is allowed to take.
    pub(crate) fn close_after_flush(&mut self, place: usize, reason: DisconnectReason) {
        self.end(place, reason, true);
    }

    fn end(&mut self, place: usize, reason: DisconnectReason, flush: bool) {
        let Some(session) = self.sessions.get_mut(place) else { return };
        if session.closed.is_some() {
            return;
        }
        session.closed = Some(reason);
        let seats = std::mem::take(&mut session.seats);
        if !reason.is_clients() {
            session.drop_jobs();
        }
        session.assembly = None;
        session.probe = None;
        session.permit = None;
        if flush && !reason.is_said_alone() {
            session.say_close();
        }
        let lingers = match &session.link {
            Link::Polling(_) if flush => session.has_outbox().then_some(self.shared.config.flush_timeout),
            Link::WebSocket(_) => (flush && session.has_outbox()).then_some(self.shared.config.flush_timeout),
            Link::Polling(polling) => {
                (reason == DisconnectReason::TransportClosed && !polling.has_polled).then_some(CROSSING)
            }
            _ => None,
        };
        if let Some(patience) = lingers {
            session.is_lingering = true;
            // A client that has gone has no use for it.
            session.answer_poll();
            self.lingering.push((session.key, self.wheel.after(patience)));
        } else {
            self.cut(place, reason, flush);
        }
        for seat in seats {
            self.vacate(place, seat, reason);
        }
        self.sessions[place].wake();
    }

    /// Lets go of what carries a connection.
    pub(crate) fn cut(&mut self, place: usize, reason: DisconnectReason, flush: bool) {
        let session = &mut self.sessions[place];
        let was_waiting = session.has_outbox();
        session.is_lingering = false;
        session.drop_outbox();
        if let Some(sid) = session.sid.take() {
            self.shared.registry.remove(&sid);
        }
        match std::mem::replace(&mut session.link, Link::Gone) {
            Link::WebSocket(websocket) if was_waiting => {
                if reason.is_of_deaf() {
                    websocket.stream.abort();
                }
            }
            Link::WebSocket(websocket) => {
                let code = session.violation.map_or(reason.close_code(), |violation| violation as u16);
                let _ = websocket.stream.try_send(&control(Control::Close, &code.to_be_bytes()));
                websocket.stream.end(&mut self.scratch);
            }
            Link::Polling(polling) => {
                if let Some(poll) = polling.poll {
                    // Who has closed it itself is told nothing.
                    let farewell = if reason.is_clients() { "6" } else { "1" };
                    let _ = poll.send(Answer::Payload(join_text(farewell, session.encoding)));
                }
                if let Some((answer, _)) = polling.payload {
                    let _ = answer.send(Answer::Taken);
                }
            }
            Link::EventStream(feed) => feed.end(flush),
            Link::Gone => {}
        }
    }

    /// Ends one namespace of a connection that goes on.
    pub(crate) fn unseat(&mut self, socket: &Socket, farewell: Option<Frame>) {
        let Some(place) = self.place_of(socket.0.session) else { return };
        let Some(seat) = self.sessions[place].seat_of(socket) else { return };
        if let Some(frame) = farewell {
            self.sessions[place].send(place, &frame, &self.shared.config, &mut self.effects);
        }
        if self.sessions[place].dialect != Dialect::SocketIo {
            // Its one socket is all there is to it.
            return self.close_after_flush(place, DisconnectReason::ServerDisconnected);
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
            self.forget_member(&seat.socket, slot, position);
        }
        if seat.socket.part(reason.is_clients()) {
            self.sessions[place].push_job(Job::Disconnected { socket: seat.socket, reason });
        }
    }
}
