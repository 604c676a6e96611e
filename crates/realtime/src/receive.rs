//! Receiving: bytes of a client become packets, packets become jobs for its handlers.

use std::io::IoSlice;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use serde_json::value::RawValue;
use smallvec::SmallVec;
use tungstenite::protocol::frame::coding::Control;

use crate::frame::Frame;
use crate::ids::random_id;
use crate::namespace::{ConnectError, Incoming};
use crate::packet::{Body, EnginePacket, SocketPacket};
use crate::polling::Answer;
use crate::reason::DisconnectReason;
use crate::session::{Job, Link, Seat, WebSocket};
use crate::shard::Shard;
use crate::socket::Socket;
use crate::websocket::{Message, Violation, control};

impl Shard {
    /// Reads once, from the probe of an upgrade if there is one; false when there is nothing (more) to read now.
    pub(crate) fn read_once(
        &mut self,
        place: usize,
        cx: &mut Context<'_>,
        scratch: &mut [u8],
    ) -> Result<bool, DisconnectReason> {
        let session = &mut self.sessions[place];
        if session.closed.is_some() {
            return Ok(false);
        }
        if let Some(probe) = session.probe.take() {
            return Ok(self.read_probe(place, probe, cx, scratch));
        }
        if session.is_backed_up(&self.shared.config) {
            return Ok(false);
        }
        let Link::WebSocket(websocket) = &mut session.link else { return Ok(false) };
        let was_paused = std::mem::take(&mut websocket.paused);
        let read = if was_paused {
            0
        } else {
            match websocket.stream.poll_read(cx, scratch) {
                Poll::Pending => return Ok(false),
                Poll::Ready(Ok(0)) => return Err(DisconnectReason::TransportClosed),
                Poll::Ready(Ok(read)) => read,
                Poll::Ready(Err(_)) => return Err(DisconnectReason::TransportError),
            }
        };
        let mut reader = std::mem::take(&mut websocket.reader);
        let mut ended = None;
        let outcome = reader.read(&mut scratch[..read], self.shared.config.max_message, |message| {
            match self.take_message(place, message) {
                Ok(()) => !self.sessions[place].is_backed_up(&self.shared.config),
                Err(reason) => {
                    ended = Some(reason);
                    false
                }
            }
        });
        let must_wait = self.sessions[place].is_backed_up(&self.shared.config);
        if let Link::WebSocket(websocket) = &mut self.sessions[place].link {
            websocket.paused = must_wait && reader.has_leftover();
            websocket.reader = reader;
        }
        match (ended, outcome) {
            (Some(reason), _) => Err(reason),
            (None, Err(violation)) => {
                self.tell_violation(place, violation);
                Err(DisconnectReason::ProtocolError)
            }
            (None, Ok(())) => Ok(true),
        }
    }

    fn take_message(&mut self, place: usize, message: Message<'_>) -> Result<(), DisconnectReason> {
        match message {
            Message::Text(text) => self.take_packet(place, text),
            // Attachments are not taken: no packet can have announced this.
            Message::Binary => Err(DisconnectReason::ProtocolError),
            Message::Ping(payload) => {
                let pong = Bytes::from(control(Control::Pong, payload));
                let session = &mut self.sessions[place];
                session.send_raw(place, pong, &self.shared.config, &mut self.effects);
                Ok(())
            }
            Message::Pong => Ok(()),
            Message::Close => Err(DisconnectReason::TransportClosed),
        }
    }

    fn tell_violation(&mut self, place: usize, violation: Violation) {
        let session = &mut self.sessions[place];
        let farewell = control(Control::Close, &(violation as u16).to_be_bytes());
        if let Link::WebSocket(websocket) = &session.link
            && !session.has_outbox()
        {
            let _ = websocket.stream.try_send(&farewell);
        }
    }

    /// Reads from a WebSocket that wants to take over; it is kept unless it failed or has taken over.
    fn read_probe(
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
            match probe.stream.poll_read(cx, scratch) {
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
                Message::Binary | Message::Close => is_valid = false,
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
        if let Link::Polling(polling) = &mut self.sessions[place].link
            && let Some(poll) = polling.poll.take()
        {
            let _ = poll.send(Answer::Payload(Bytes::from_static(b"6")));
        }
        // Nothing was written to it before: it takes eight bytes, or it is broken.
        let answer = IoSlice::new(answer.websocket());
        let sent = probe.stream.poll_write(cx, &[answer]);
        matches!(sent, Poll::Ready(Ok(sent)) if sent == answer.len())
            && !matches!(probe.stream.poll_flush(cx), Poll::Ready(Err(_)))
    }

    fn complete_upgrade(&mut self, place: usize, mut websocket: WebSocket) {
        let session = &mut self.sessions[place];
        let Link::Polling(polling) = &mut session.link else { return };
        if polling.payload.is_some() {
            // A client ends its requests before it changes over.
            return self.effects.doomed.push((place, DisconnectReason::ProtocolError));
        }
        self.shared.registry.remove(&polling.sid);
        if let Some(poll) = polling.poll.take() {
            let _ = poll.send(Answer::Payload(Bytes::from_static(b"6")));
        }
        websocket.paused = websocket.reader.has_leftover();
        session.upgrade(place, websocket, &self.shared.config, &mut self.effects);
    }

    /// Handles one Engine.IO packet of a client.
    pub(crate) fn take_packet(&mut self, place: usize, text: &str) -> Result<(), DisconnectReason> {
        match EnginePacket::parse(text) {
            Some(EnginePacket::Message(message)) => self.take_message_packet(place, message),
            Some(EnginePacket::Pong) => {
                self.pong(place);
                Ok(())
            }
            Some(EnginePacket::Close) => Err(DisconnectReason::TransportClosed),
            Some(EnginePacket::Noop) => Ok(()),
            // In protocol 4 only the server pings.
            Some(EnginePacket::Ping(_) | EnginePacket::Upgrade) | None => Err(DisconnectReason::ProtocolError),
        }
    }

    fn take_message_packet(&mut self, place: usize, message: &str) -> Result<(), DisconnectReason> {
        let packet = SocketPacket::parse(message).ok_or(DisconnectReason::ProtocolError)?;
        let seats = &self.sessions[place].seats;
        let seat = seats.iter().position(|seat| seat.socket.namespace() == packet.namespace);
        match (packet.body, seat) {
            (Body::Connect(auth), None) => self.take_connect(place, packet.namespace, auth),
            (Body::Connect(_), Some(_)) => Err(DisconnectReason::ProtocolError),
            // It crossed the end of that namespace on its way; but a client begins by joining one.
            (_, None) if !self.sessions[place].timers.has_joined => Err(DisconnectReason::ProtocolError),
            (_, None) => Ok(()),
            (Body::Disconnect, Some(seat)) => {
                let seat = self.sessions[place].seats.remove(seat);
                self.vacate(place, seat, DisconnectReason::ClientLeft);
                self.rearm_connect(place);
                Ok(())
            }
            (Body::Event { name, args, ack }, Some(seat)) => {
                let session = &mut self.sessions[place];
                let socket = session.seats[seat].socket.clone();
                if socket.0.namespace.handles(&name) {
                    let ack = ack.map(|id| (id, socket.clone()));
                    let incoming = Incoming { name, args: own(&args), ack };
                    session.push_job(Job::Event { socket, incoming });
                }
                Ok(())
            }
            (Body::Ack { id, args }, Some(seat)) => {
                self.sessions[place].seats[seat].socket.acknowledged(id, own(&args));
                Ok(())
            }
        }
    }

    fn take_connect(&mut self, place: usize, namespace: &str, auth: Option<&RawValue>) -> Result<(), DisconnectReason> {
        let session = &mut self.sessions[place];
        session.timers.has_joined = true;
        let Some(handlers) = self.shared.namespaces.get(namespace) else {
            let name: String = namespace.chars().take(64).collect();
            let frame = Frame::answer_connect(b'4', &name, &ConnectError::new("Invalid namespace"));
            if let Ok(frame) = frame {
                session.send(place, &frame, &self.shared.config, &mut self.effects);
            }
            return Ok(());
        };
        let socket = Socket::new(
            random_id().into(),
            Arc::clone(handlers),
            Arc::clone(&self.shared.hub),
            self.id,
            session.key,
            Arc::clone(&session.peer),
            self.shared.config.pending_acks,
        );
        session.seats.push(Seat { socket: socket.clone(), topics: SmallVec::new() });
        session.push_job(Job::Connect { socket, auth: auth.map(|auth| auth.to_owned()) });
        Ok(())
    }
}

fn own(args: &[&RawValue]) -> Vec<Box<RawValue>> {
    args.iter().map(|&arg| arg.to_owned()).collect()
}
