//! A bad network between real clients and the server: it delays, cuts, half-closes and swallows.
//!
//! A [`Line`] is a port of its own that leads to the server. What happens to connection number n of line number l is
//! decided by the seed, l and n alone, so a run can be repeated with its seed; when which connection is opened is the
//! clients' doing. An [`Outage`] can also be ordered for everything on a line, or on all of them.

mod fate;
mod pipe;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

pub use fate::{Chance, Way, Weather};

/// Connections on one line at once; what comes beyond is reset.
const MOST: usize = 50_000;

/// A time in which connections are broken in one way, old ones and new ones, and after which none of them is left.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    pub way: Way,
    pub until: Instant,
}

/// All lines to one server.
pub struct Network {
    weather: Weather,
    server: SocketAddr,
    lines: Mutex<Vec<Weak<Sky>>>,
}

/// One way to the server. Everything on it is reset when this is dropped.
pub struct Line {
    address: SocketAddr,
    number: u64,
    sky: Arc<Sky>,
    accepting: JoinHandle<()>,
}

/// What all connections of a line look at.
struct Sky {
    outage: watch::Sender<Option<Outage>>,
    opened: AtomicU64,
    outages: AtomicU64,
}

impl Network {
    pub const fn new(server: SocketAddr, weather: Weather) -> Self {
        Self { weather, server, lines: Mutex::new(Vec::new()) }
    }

    pub const fn seed(&self) -> u64 {
        self.weather.seed
    }

    /// Opens the next line.
    ///
    /// # Errors
    /// When there is no port left.
    pub async fn line(&self) -> std::io::Result<Line> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let sky =
            Arc::new(Sky { outage: watch::Sender::new(None), opened: AtomicU64::new(0), outages: AtomicU64::new(0) });
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let number = lines.len() as u64;
        lines.push(Arc::downgrade(&sky));
        drop(lines);
        let accepting = tokio::spawn(accept(listener, self.server, self.weather, number, Arc::clone(&sky)));
        Ok(Line { address, number, sky, accepting })
    }

    /// Resets every connection there is. Those who come back find the way open.
    pub fn cut_all(&self) {
        self.refuse(Duration::ZERO);
    }

    /// Resets every connection there is, and every new one for so long.
    pub fn refuse(&self, time: Duration) {
        self.lines().iter().for_each(|sky| sky.order(Way::Reset, time));
    }

    /// Connections that were opened so far.
    pub fn opened(&self) -> u64 {
        self.lines().iter().map(|sky| sky.opened.load(Ordering::Relaxed)).sum()
    }

    /// Outages that were ordered so far, of all lines together.
    pub fn outages(&self) -> u64 {
        self.lines().iter().map(|sky| sky.outages.load(Ordering::Relaxed)).sum()
    }

    fn lines(&self) -> Vec<Arc<Sky>> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter_map(Weak::upgrade).collect()
    }
}

impl Line {
    /// Where clients connect instead of to the server.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From 0, in the order they were opened in.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Breaks every connection on this line, and every new one for so long.
    pub fn out(&self, way: Way, time: Duration) {
        self.sky.order(way, time);
    }
}

impl Sky {
    #[allow(clippy::disallowed_methods, reason = "only the time that passes matters")]
    fn order(&self, way: Way, time: Duration) {
        self.outages.fetch_add(1, Ordering::Relaxed);
        self.outage.send_replace(Some(Outage { way, until: Instant::now() + time }));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Its connections are tasks of that task.
        self.accepting.abort();
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network(to {}, {:?})", self.server, self.weather)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({} at {})", self.number, self.address)
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, weather: Weather, line: u64, sky: Arc<Sky>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        // Out of file descriptors is not the end either: the client tries again, and so do we.
        let Ok((client, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let number = sky.opened.fetch_add(1, Ordering::Relaxed);
        if connections.len() >= MOST {
            let _ = client.set_zero_linger();
            continue;
        }
        connections.spawn(pipe::carry(client, server, weather.fate(line, number), sky.outage.subscribe()));
    }
}

#[cfg(test)]
mod tests;
