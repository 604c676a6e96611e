//! Receiving: bytes of a client become packets, packets become jobs for its handlers.

use std::task::{Context, Poll};

use bytes::Bytes;
use serde_json::value::RawValue;
use tungstenite::protocol::frame::coding::Control;

use crate::assembly::{Assembly, Purpose};
use crate::binary::Args;
use crate::encoding::{Dialect, Encoding};
use crate::frame::Frame;
use crate::framing::control;
use crate::job::Job;
use crate::namespace::{AckTo, ConnectError, Incoming, Message as EngineMessage};
use crate::packet::{self, Body, EnginePacket, SocketPacket};
use crate::plain::Command;
use crate::polling::{Received, decode};
use crate::reason::DisconnectReason;
use crate::session::Link;
use crate::shard::Shard;
use crate::websocket::{Message, Violation};

/// An Engine.IO packet as it came.
pub(crate) enum Packet<'a> {
    Text(&'a str),
    /// A binary message, without what the transport puts around it.
    Binary(Bytes),
}

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
            (None, Err(violation)) => Err(self.violates(place, violation)),
            (None, Ok(())) => Ok(true),
        }
    }

    fn take_message(&mut self, place: usize, message: Message<'_>) -> Result<(), DisconnectReason> {
        let session = &self.sessions[place];
        let (dialect, encoding) = (session.dialect, session.encoding);
        let is_plain = dialect == Dialect::Plain;
        match message {
            Message::Text(text) if dialect == Dialect::Raw => {
                self.take_whole_message(place, EngineMessage::Text(text.to_owned()));
                Ok(())
            }
            Message::Binary(message) if dialect == Dialect::Raw => {
                self.take_whole_message(place, EngineMessage::Binary(Bytes::copy_from_slice(message)));
                Ok(())
            }
            Message::Text(text) if is_plain => self.take_command(place, text),
            Message::Text(text) => match text.strip_prefix('b') {
                // From a client that has no binary.
                Some(base64) if encoding.is_version_3() => {
                    let base64 = base64.strip_prefix('4').ok_or(DisconnectReason::ProtocolError)?;
                    self.take_base64(place, base64)
                }
                Some(base64) => self.take_base64(place, base64),
                None => self.take_packet(place, Packet::Text(text)),
            },
            Message::Binary(_) if is_plain => Err(self.violates(place, Violation::Unsupported)),
            Message::Binary(message) if encoding.is_version_3() => match message {
                [4, message @ ..] => self.take_packet(place, Packet::Binary(Bytes::copy_from_slice(message))),
                _ => Err(DisconnectReason::ProtocolError),
            },
            Message::Binary(message) => self.take_packet(place, Packet::Binary(Bytes::copy_from_slice(message))),
            Message::Ping(payload) => {
                let pong = control(Control::Pong, payload);
                self.sessions[place].send_raw(place, pong, &self.shared.config, &mut self.effects);
                Ok(())
            }
            Message::Pong => {
                if encoding == Encoding::Plain {
                    self.pong(place);
                }
                Ok(())
            }
            Message::Close => Err(DisconnectReason::TransportClosed),
        }
    }

    fn take_base64(&mut self, place: usize, base64: &str) -> Result<(), DisconnectReason> {
        match decode(base64.as_bytes()) {
            Ok(Received::Binary(message)) => self.take_packet(place, Packet::Binary(message)),
            _ => Err(DisconnectReason::ProtocolError),
        }
    }

    /// Remembers what the close frame is to say.
    fn violates(&mut self, place: usize, violation: Violation) -> DisconnectReason {
        self.sessions[place].violation = Some(violation);
        DisconnectReason::ProtocolError
    }

    /// Handles one Engine.IO packet of a client.
    pub(crate) fn take_packet(&mut self, place: usize, packet: Packet<'_>) -> Result<(), DisconnectReason> {
        let is_version_3 = self.sessions[place].encoding.is_version_3();
        let text = match packet {
            Packet::Text(text) => text,
            Packet::Binary(message) if self.sessions[place].dialect == Dialect::EngineIo => {
                self.take_whole_message(place, EngineMessage::Binary(message));
                return Ok(());
            }
            Packet::Binary(attachment) => return self.take_attachment(place, attachment),
        };
        match EnginePacket::parse(text) {
            Some(EnginePacket::Message(message)) if self.sessions[place].dialect == Dialect::EngineIo => {
                self.take_whole_message(place, EngineMessage::Text(message.to_owned()));
                Ok(())
            }
            Some(EnginePacket::Message(message)) => self.take_message_packet(place, message),
            Some(EnginePacket::Pong) => {
                if !is_version_3 {
                    self.pong(place);
                }
                Ok(())
            }
            // In version 3 the client pings, in version 4 only the server does.
            Some(EnginePacket::Ping(data)) if is_version_3 => {
                self.expect_ping(place);
                let pong = Frame::packet(format!("3{data}").as_bytes());
                self.sessions[place].send(place, &pong, &self.shared.config, &mut self.effects);
                Ok(())
            }
            Some(EnginePacket::Close) => Err(DisconnectReason::TransportClosed),
            Some(EnginePacket::Noop) => Ok(()),
            Some(EnginePacket::Ping(_) | EnginePacket::Upgrade) | None => Err(DisconnectReason::ProtocolError),
        }
    }

    fn take_whole_message(&mut self, place: usize, message: EngineMessage) {
        let session = &mut self.sessions[place];
        if let Some(seat) = session.seats.first() {
            let socket = seat.socket.clone();
            session.push_job(Job::Message { socket, message });
        }
    }

    fn take_message_packet(&mut self, place: usize, message: &str) -> Result<(), DisconnectReason> {
        let packet = SocketPacket::parse(message).ok_or(DisconnectReason::ProtocolError)?;
        let session = &self.sessions[place];
        let (is_version_3, has_joined) = (session.encoding.is_version_3(), session.timers.has_joined);
        if session.assembly.is_some() || packet.attachments > self.shared.config.max_attachments {
            return Err(DisconnectReason::ProtocolError);
        }
        let seat = session.seats.iter().position(|seat| seat.socket.namespace() == packet.namespace);
        let (purpose, args) = match (packet.body, seat) {
            (Body::Connect(auth), None) => {
                let auth = if is_version_3 { read_query(packet.query) } else { auth.map(ToOwned::to_owned) };
                return self.take_connect(place, packet.namespace, auth);
            }
            // Clients of protocol 4 are in the root namespace already; some ask all the same.
            (Body::Connect(_), Some(_)) if is_version_3 => return Ok(()),
            (Body::Connect(_), Some(_)) => return Err(DisconnectReason::ProtocolError),
            (Body::Disconnect, Some(seat)) => {
                let seat = self.sessions[place].seats.remove(seat);
                self.vacate(place, seat, DisconnectReason::ClientLeft);
                self.rearm_connect(place);
                return Ok(());
            }
            // A client begins by joining a namespace.
            (_, None) if !has_joined => return Err(DisconnectReason::ProtocolError),
            (Body::Disconnect, None) => return Ok(()),
            (Body::Event { name, args, ack }, _) => (Purpose::Event { name, ack }, args),
            (Body::Ack { id, args }, _) => (Purpose::Ack { id }, args),
        };
        if packet.attachments > 0 {
            let values = args.into_iter().map(ToOwned::to_owned).collect();
            let assembly = Assembly::new(packet.namespace, purpose, values, packet.attachments);
            let assembly = assembly.ok_or(DisconnectReason::ProtocolError)?;
            self.sessions[place].assembly = Some(Box::new(assembly));
        } else if let Some(seat) = seat
            && self.is_wanted(place, seat, &purpose)
        {
            let values = args.into_iter().map(ToOwned::to_owned).collect();
            self.hand_on(place, seat, purpose, Args { values, attachments: Vec::new() });
        }
        // Without a seat it crossed the end of that namespace on its way.
        Ok(())
    }

    /// Whether there is a handler: what nobody handles is not even copied.
    fn is_wanted(&self, place: usize, seat: usize, purpose: &Purpose) -> bool {
        match purpose {
            Purpose::Event { name, .. } => self.sessions[place].seats[seat].socket.0.handlers.handles(name),
            Purpose::Ack { .. } => true,
        }
    }

    fn hand_on(&mut self, place: usize, seat: usize, purpose: Purpose, args: Args) {
        let session = &mut self.sessions[place];
        let socket = session.seats[seat].socket.clone();
        match purpose {
            Purpose::Event { name, ack } => {
                let ack = ack.map(|id| (AckTo::Number(id), socket.clone()));
                session.push_job(Job::Event { socket, incoming: Incoming { name, args, ack } });
            }
            Purpose::Ack { id } => socket.acknowledged(id, args),
        }
    }

    fn take_attachment(&mut self, place: usize, attachment: Bytes) -> Result<(), DisconnectReason> {
        let config = &self.shared.config;
        let most = config.inbound_bytes.max(config.max_message).max(config.max_payload);
        let session = &mut self.sessions[place];
        // Nothing has announced it.
        let assembly = session.assembly.as_mut().ok_or(DisconnectReason::ProtocolError)?;
        if !assembly.take(attachment, most).ok_or(DisconnectReason::ProtocolError)? {
            return Ok(());
        }
        let Some(assembly) = session.assembly.take() else { return Ok(()) };
        let seat = session.seats.iter().position(|seat| *seat.socket.0.namespace == *assembly.namespace);
        let (purpose, args) = assembly.into_parts();
        if let Some(seat) = seat
            && self.is_wanted(place, seat, &purpose)
        {
            self.hand_on(place, seat, purpose, args);
        }
        Ok(())
    }

    fn take_connect(
        &mut self,
        place: usize,
        namespace: &str,
        auth: Option<Box<RawValue>>,
    ) -> Result<(), DisconnectReason> {
        let session = &mut self.sessions[place];
        session.timers.has_joined = true;
        let is_full = session.seats.len() >= self.shared.config.max_namespaces;
        match self.shared.namespace(namespace).filter(|_| !is_full) {
            Some(named) => self.seat(place, named, auth),
            None => {
                let name: String = namespace.chars().take(64).collect();
                let error = ConnectError::new(if is_full { "Too many namespaces" } else { "Invalid namespace" });
                if let Ok(frame) = Frame::answer_connect(packet::CONNECT_ERROR, &name, Some(&error)) {
                    session.send(place, &frame, &self.shared.config, &mut self.effects);
                }
            }
        }
        Ok(())
    }

    /// A command of a plain WebSocket.
    fn take_command(&mut self, place: usize, text: &str) -> Result<(), DisconnectReason> {
        let Some(command) = Command::parse(text) else { return Err(self.violates(place, Violation::BadData)) };
        let purpose = Purpose::Event { name: command.name, ack: None };
        if self.sessions[place].seats.is_empty() || !self.is_wanted(place, 0, &purpose) {
            return Ok(());
        }
        let Purpose::Event { name, .. } = purpose else { return Ok(()) };
        let session = &mut self.sessions[place];
        let socket = session.seats[0].socket.clone();
        let ack = command.reference.map(|reference| (AckTo::Reference(reference.to_owned()), socket.clone()));
        let args = Args { values: vec![command.object.to_owned()], attachments: Vec::new() };
        session.push_job(Job::Event { socket, incoming: Incoming { name, args, ack } });
        Ok(())
    }
}

/// What protocol 4 has in place of an object.
fn read_query(query: &str) -> Option<Box<RawValue>> {
    let fields: serde_json::Map<String, serde_json::Value> = form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), serde_json::Value::String(value.into_owned())))
        .collect();
    serde_json::value::to_raw_value(&fields).ok()
}
