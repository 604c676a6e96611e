//! The raw servers: one thread, one epoll loop, one prebuilt frame for everybody. What they cost is what the kernel
//! costs, and so the limit for a server that does more.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};

use anyhow::{Context, bail};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SocketFlags, accept_with, recv, sockopt};
use slab::Slab;

use super::connection::Connection;
use super::protocol::{self, Said};

/// What one read takes.
const SCRATCH: usize = 64 * 1024;
/// What one wait tells of.
const EVENTS: usize = 1024;
/// The listener's number; connections count from 0.
const LISTENER: u64 = u64::MAX;
/// Opcodes (RFC 6455 section 5.2).
const TEXT: u8 = 1;
const CLOSE: u8 = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// One write for each delivery, at once.
    Each,
    /// Everything that is readable first, and then one write for each receiver.
    Gather,
}

#[derive(Debug, Default)]
struct Room {
    members: Vec<usize>,
    /// What the members get at the end of the round.
    run: Vec<u8>,
}

#[derive(Debug)]
pub struct Server {
    writing: Writing,
    listener: TcpListener,
    epoll: OwnedFd,
    connections: Slab<Connection>,
    rooms: Vec<Room>,
    names: HashMap<Vec<u8>, usize>,
    /// Rooms with a run.
    dirty: Vec<usize>,
    /// Connections to remove at the end of the round: within it, their numbers stay theirs.
    over: Vec<usize>,
    frame: Vec<u8>,
}

impl Server {
    pub fn bind(listen: SocketAddr, writing: Writing) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(listen)?;
        listener.set_nonblocking(true)?;
        // Connections inherit it.
        sockopt::set_tcp_nodelay(&listener, true)?;
        // The standard library's queue of 128 would make a storm wait for repeated SYNs.
        rustix::net::listen(&listener, 4096)?;
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
        Ok(Self {
            writing,
            listener,
            epoll,
            connections: Slab::new(),
            rooms: Vec::new(),
            names: HashMap::new(),
            dirty: Vec::new(),
            over: Vec::new(),
            frame: Vec::new(),
        })
    }

    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    pub fn run(&mut self) -> anyhow::Result<()> {
        let mut events = Vec::with_capacity(EVENTS);
        let mut scratch = vec![0; SCRATCH];
        loop {
            match epoll::wait(&self.epoll, spare_capacity(&mut events), None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error).context("epoll"),
            }
            for event in events.drain(..) {
                self.happened(event, &mut scratch)?;
            }
            self.flush();
            self.remove();
        }
    }

    fn happened(&mut self, event: Event, scratch: &mut [u8]) -> anyhow::Result<()> {
        let (data, flags) = (event.data.u64(), event.flags);
        if data == LISTENER {
            return self.accept();
        }
        let key = data as usize;
        if flags.contains(EventFlags::OUT) && !self.connections[key].is_over {
            match self.connections[key].send_pending() {
                Ok(true) => self.wait_for(key, EventFlags::IN),
                Ok(false) => {}
                Err(_) => self.end(key),
            }
        }
        // An error and a hang-up are told by reading.
        if flags != EventFlags::OUT && !self.connections[key].is_over && self.read(key, scratch).is_err() {
            self.end(key);
        }
        Ok(())
    }

    fn accept(&mut self) -> anyhow::Result<()> {
        loop {
            match accept_with(&self.listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
                Ok(socket) => {
                    let entry = self.connections.vacant_entry();
                    epoll::add(&self.epoll, &socket, EventData::new_u64(entry.key() as u64), EventFlags::IN)?;
                    entry.insert(Connection::new(socket));
                }
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::CONNABORTED | Errno::INTR) => {}
                Err(error) => return Err(error).context("accepting"),
            }
        }
    }

    /// Takes all that waits in the socket. An error ends the connection.
    fn read(&mut self, key: usize, scratch: &mut [u8]) -> anyhow::Result<()> {
        loop {
            let length = match recv(&self.connections[key].socket, &mut *scratch, RecvFlags::DONTWAIT) {
                Ok((0, _)) => bail!("closed"),
                Ok((length, _)) => length,
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            let mut partial = std::mem::take(&mut self.connections[key].partial);
            if partial.is_empty() {
                let handled = self.handle_all(key, &mut scratch[..length])?;
                partial.extend_from_slice(&scratch[handled..length]);
            } else {
                partial.extend_from_slice(&scratch[..length]);
                let handled = self.handle_all(key, &mut partial)?;
                partial.drain(..handled);
            }
            if !partial.is_empty() {
                self.connections[key].partial = partial;
            }
            if length < scratch.len() {
                return Ok(());
            }
        }
    }

    /// Handles whole frames; how many bytes they have.
    fn handle_all(&mut self, key: usize, bytes: &mut [u8]) -> anyhow::Result<usize> {
        let mut handled = 0;
        if !self.connections[key].is_open {
            let Some((answer, length)) = protocol::handshake(bytes, key as u64)? else { return Ok(0) };
            self.connections[key].is_open = true;
            self.send(key, &answer);
            handled = length;
        }
        while let Some(frame) = protocol::read_frame(&mut bytes[handled..])? {
            match frame.opcode {
                TEXT => self.handle(key, &bytes[handled + frame.begin..handled + frame.end]),
                CLOSE => bail!("the client closes"),
                _ => {}
            }
            handled += frame.end;
        }
        Ok(handled)
    }

    fn handle(&mut self, key: usize, packet: &[u8]) {
        let mut frame = std::mem::take(&mut self.frame);
        frame.clear();
        match protocol::read_packet(packet) {
            Said::Connect => {
                protocol::write_connected(&mut frame, key as u64);
                self.send(key, &frame);
            }
            Said::Join { ack, room } => {
                self.join(key, room);
                protocol::write_joined(&mut frame, ack);
                self.send(key, &frame);
            }
            Said::Chat { room: name, chat } => {
                let room = self.names.get(name).copied();
                match (room, self.writing) {
                    (None, _) => {}
                    (Some(room), Writing::Each) => {
                        protocol::write_chat(&mut frame, name, chat);
                        self.send_all(room, &frame);
                    }
                    (Some(room), Writing::Gather) => {
                        let run = &mut self.rooms[room].run;
                        if run.is_empty() {
                            self.dirty.push(room);
                        }
                        protocol::write_chat(run, name, chat);
                    }
                }
            }
            Said::Other => {}
        }
        self.frame = frame;
    }

    fn flush(&mut self) {
        while let Some(room) = self.dirty.pop() {
            let mut run = std::mem::take(&mut self.rooms[room].run);
            self.send_all(room, &run);
            run.clear();
            self.rooms[room].run = run;
        }
    }

    fn send_all(&mut self, room: usize, bytes: &[u8]) {
        let members = std::mem::take(&mut self.rooms[room].members);
        for &member in &members {
            self.send(member, bytes);
        }
        self.rooms[room].members = members;
    }

    fn send(&mut self, key: usize, bytes: &[u8]) {
        let connection = &mut self.connections[key];
        if connection.is_over {
            return;
        }
        match connection.send(bytes) {
            Ok(false) => {}
            Ok(true) => self.wait_for(key, EventFlags::IN | EventFlags::OUT),
            Err(_) => self.end(key),
        }
    }

    fn wait_for(&mut self, key: usize, flags: EventFlags) {
        if epoll::modify(&self.epoll, &self.connections[key].socket, EventData::new_u64(key as u64), flags).is_err() {
            self.end(key);
        }
    }

    /// A connection is in one room: joining another leaves it.
    fn join(&mut self, key: usize, name: &[u8]) {
        self.leave(key);
        let room = *self.names.entry(name.to_vec()).or_insert_with(|| {
            self.rooms.push(Room::default());
            self.rooms.len() - 1
        });
        let members = &mut self.rooms[room].members;
        self.connections[key].place = Some((room, members.len()));
        members.push(key);
    }

    fn leave(&mut self, key: usize) {
        let Some((room, place)) = self.connections[key].place.take() else { return };
        let members = &mut self.rooms[room].members;
        members.swap_remove(place);
        if let Some(&moved) = members.get(place) {
            self.connections[moved].place = Some((room, place));
        }
    }

    fn end(&mut self, key: usize) {
        if !std::mem::replace(&mut self.connections[key].is_over, true) {
            self.over.push(key);
        }
    }

    fn remove(&mut self) {
        while let Some(key) = self.over.pop() {
            self.leave(key);
            // Closing the socket takes it out of the epoll set.
            self.connections.remove(key);
        }
    }
}
