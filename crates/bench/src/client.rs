//! One connection: Socket.IO 5 over WebSocket, as little of it as carries messages.

use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use crate::entry::read_message;
use crate::handshake;
use crate::latency::Latencies;
use crate::websocket::{self, Frame};

/// What may wait to be sent on one connection; a server that takes less is broken.
const MOST_PENDING: usize = 1 << 20;
const HANDSHAKE_TIME: Duration = Duration::from_secs(30);
/// Every so many deliveries one is timed: looking at all of them would slow the generator down.
const TIMED: u64 = 16;

/// What all connections count, on the one thread there is.
#[derive(Debug)]
pub struct Shared {
    begin: Instant,
    scratch: RefCell<Vec<u8>>,
    /// What the kernel may hold for a connection that does not read, in bytes; `None`: its usual.
    pub receive_buffer: Cell<Option<u32>>,
    pub deliveries: Cell<u64>,
    /// Connections that ended while they should not.
    pub lost: Cell<u64>,
    /// Joins that were not answered and had to be sent again.
    pub repeated: Cell<u64>,
    pub latencies: RefCell<Latencies>,
}

impl Shared {
    #[allow(clippy::disallowed_methods, reason = "a bench measures time that has really passed")]
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            begin: Instant::now(),
            scratch: RefCell::new(vec![0; 256 * 1024]),
            receive_buffer: Cell::default(),
            deliveries: Cell::new(0),
            lost: Cell::new(0),
            repeated: Cell::new(0),
            latencies: RefCell::default(),
        })
    }

    /// Nanoseconds since the beginning.
    pub fn now(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

#[derive(Debug)]
pub struct Client {
    shared: Rc<Shared>,
    stream: TcpStream,
    pub index: u32,
    /// A frame of which only a part has arrived.
    partial: RefCell<Vec<u8>>,
    pending: RefCell<Vec<u8>>,
    /// Acknowledgements of messages that have arrived.
    pub acks: Cell<u64>,
    /// Own messages that have come back.
    pub echoes: Cell<u64>,
    /// Whether those are looked for: it costs time.
    pub counts_echoes: Cell<bool>,
    /// One of the two has grown, or the connection has ended.
    pub answered: tokio::sync::Notify,
    /// While entering: what is waited for, and what then came.
    awaited: RefCell<(&'static [u8], Option<String>)>,
    arrived: tokio::sync::Notify,
    pub is_over: Cell<bool>,
    /// The end is ours, and no loss.
    leaving: Cell<bool>,
    reading: RefCell<Option<AbortHandle>>,
}

impl Client {
    /// Connects to the namespace `/chat` and goes on reading until it is dropped by the server.
    pub async fn connect(shared: Rc<Shared>, server: SocketAddr, index: u32, cookie: &str) -> anyhow::Result<Rc<Self>> {
        let mut stream = crate::http::connect(server, index, shared.receive_buffer.get()).await?;
        let upgrade = handshake::upgrade(&mut stream, server, cookie);
        let rest = tokio::time::timeout(HANDSHAKE_TIME, upgrade).await.context("no upgrade in time")??;
        let client = Rc::new(Self {
            shared,
            stream,
            index,
            partial: RefCell::new(rest),
            pending: RefCell::default(),
            acks: Cell::new(0),
            echoes: Cell::new(0),
            counts_echoes: Cell::new(false),
            answered: tokio::sync::Notify::new(),
            awaited: RefCell::new((b"40/chat,", None)),
            arrived: tokio::sync::Notify::new(),
            is_over: Cell::new(false),
            leaving: Cell::new(false),
            reading: RefCell::default(),
        });
        client.send(b"40/chat,")?;
        let reading = tokio::task::spawn_local(Rc::clone(&client).read_on());
        client.reading.replace(Some(reading.abort_handle()));
        client.awaited().await?;
        Ok(client)
    }

    /// Vanishes without a word: the connection is reset as soon as nobody holds it any more.
    pub fn vanish(&self) {
        self.leaving.set(true);
        if let Some(reading) = self.reading.take() {
            reading.abort();
        }
    }

    /// Leaves the namespace, closes the WebSocket, and waits until the server has closed as well.
    pub async fn leave(self: &Rc<Self>) -> anyhow::Result<()> {
        self.leaving.set(true);
        self.send(b"41/chat,")?;
        self.write(websocket::write_close)?;
        let ended = async {
            while !self.is_over.get() {
                self.arrived.notified().await;
            }
        };
        tokio::time::timeout(HANDSHAKE_TIME, ended).await.context("the server did not close in time")
    }

    /// Sends one packet, at once if the connection takes it.
    pub fn send(self: &Rc<Self>, packet: &[u8]) -> anyhow::Result<()> {
        self.write(|out| websocket::write_text(out, packet))
    }

    fn write(self: &Rc<Self>, frame: impl FnOnce(&mut Vec<u8>)) -> anyhow::Result<()> {
        let mut pending = self.pending.borrow_mut();
        let waiting = !pending.is_empty();
        frame(&mut pending);
        ensure!(pending.len() < MOST_PENDING, "the server does not read");
        if waiting {
            return Ok(());
        }
        match self.stream.try_write(&pending) {
            Ok(sent) => drop(pending.drain(..sent)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error).context("sending failed"),
        }
        if !pending.is_empty() {
            tokio::task::spawn_local(Rc::clone(self).send_on());
        }
        Ok(())
    }

    async fn send_on(self: Rc<Self>) {
        while self.stream.writable().await.is_ok() {
            let mut pending = self.pending.borrow_mut();
            match self.stream.try_write(&pending) {
                Ok(sent) => drop(pending.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                // Reading fails as well, and tells.
                Err(_) => return,
            }
            if pending.is_empty() {
                return;
            }
        }
    }

    /// Waits for a packet that begins so; the rest of it.
    pub async fn until(&self, packet: &'static [u8]) -> anyhow::Result<String> {
        *self.awaited.borrow_mut() = (packet, None);
        self.awaited().await
    }

    async fn awaited(&self) -> anyhow::Result<String> {
        let arrived = async {
            loop {
                if let Some(rest) = self.awaited.borrow_mut().1.take() {
                    return Ok(rest);
                }
                if self.is_over.get() {
                    bail!("the server closed the connection while it was entering");
                }
                self.arrived.notified().await;
            }
        };
        tokio::time::timeout(HANDSHAKE_TIME, arrived).await.context("the server did not answer in time")?
    }

    async fn read_on(self: Rc<Self>) {
        let ended = self.read_all().await;
        self.is_over.set(true);
        self.arrived.notify_one();
        self.answered.notify_one();
        if self.leaving.get() {
            return;
        }
        let lost = self.shared.lost.get() + 1;
        self.shared.lost.set(lost);
        // The first ones tell the reason; a server that dies takes thousands.
        if let Err(error) = ended
            && lost <= 10
        {
            eprintln!("connection {}: {error:#}", self.index);
        }
    }

    async fn read_all(self: &Rc<Self>) -> anyhow::Result<()> {
        let first = std::mem::take(&mut *self.partial.borrow_mut());
        self.take(&first)?;
        loop {
            self.stream.readable().await?;
            let mut scratch = self.shared.scratch.borrow_mut();
            match self.stream.try_read(&mut scratch) {
                Ok(0) => return Ok(()),
                Ok(length) => self.take(&scratch[..length])?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Handles all whole frames and keeps the rest.
    fn take(self: &Rc<Self>, bytes: &[u8]) -> anyhow::Result<()> {
        let mut partial = self.partial.borrow_mut();
        if partial.is_empty() {
            let handled = self.handle_all(bytes)?;
            partial.extend_from_slice(&bytes[handled..]);
        } else {
            partial.extend_from_slice(bytes);
            let handled = self.handle_all(&partial)?;
            partial.drain(..handled);
        }
        if partial.is_empty() {
            // An idle connection holds no memory here either.
            *partial = Vec::new();
        }
        Ok(())
    }

    fn handle_all(self: &Rc<Self>, bytes: &[u8]) -> anyhow::Result<usize> {
        let mut handled = 0;
        while let Some(frame) = websocket::read(&bytes[handled..])? {
            handled += frame.length;
            match frame.opcode {
                Frame::TEXT => self.handle(frame.payload)?,
                Frame::CLOSE => bail!("the server closed the WebSocket: {:?}", String::from_utf8_lossy(frame.payload)),
                Frame::PING => {}
                other => bail!("a frame of kind {other}"),
            }
        }
        Ok(handled)
    }

    fn handle(self: &Rc<Self>, packet: &[u8]) -> anyhow::Result<()> {
        if packet.starts_with(b"42/chat,[\"chat\",") {
            self.delivered(packet);
        } else if packet.starts_with(b"43/chat,1[") {
            ensure!(
                !packet.starts_with(b"43/chat,1[{\"error\""),
                "a message was refused: {}",
                String::from_utf8_lossy(packet)
            );
            self.acks.set(self.acks.get() + 1);
            self.answered.notify_one();
        } else if packet == b"2" {
            self.send(b"3")?;
        } else {
            let mut awaited = self.awaited.borrow_mut();
            if let Some(rest) = packet.strip_prefix(awaited.0) {
                awaited.1 = Some(String::from_utf8_lossy(rest).into_owned());
                self.arrived.notify_one();
            }
        }
        Ok(())
    }

    fn delivered(&self, packet: &[u8]) {
        let shared = &self.shared;
        let number = shared.deliveries.get() + 1;
        shared.deliveries.set(number);
        // The receivers of one message come one after another: the step must not fall into step with the rooms' sizes.
        let is_timed = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).is_multiple_of(TIMED);
        if !is_timed && !self.counts_echoes.get() {
            return;
        }
        let Some((sender, nanos)) = read_message(packet) else { return };
        if is_timed {
            shared.latencies.borrow_mut().add(Duration::from_nanos(shared.now().saturating_sub(nanos)));
        }
        if sender == self.index {
            self.echoes.set(self.echoes.get() + 1);
            self.answered.notify_one();
        }
    }
}
