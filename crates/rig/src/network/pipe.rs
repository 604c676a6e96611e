//! One connection through the network.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::Outage;
use super::fate::{Chance, Direction, Fate, Way};

/// Bytes that are on their way at once, in each direction.
const BUFFER: usize = 16 * 1024;

type Sky = watch::Receiver<Option<Outage>>;

/// The connection is to be reset.
struct Reset;

/// Carries what a client says to the server, and back, for as long as fate allows.
#[allow(clippy::disallowed_methods, reason = "only the time that passes matters")]
pub(super) async fn carry(mut client: TcpStream, server: SocketAddr, fate: Fate, mut sky: Sky) {
    let own = fate.broken.map(|(after, way, lasts)| {
        let from = Instant::now() + after;
        (from, Outage { way, until: from + lasts })
    });
    let ordered = *sky.borrow_and_update();
    let ends_well = match ordered.filter(|outage| outage.until > Instant::now()) {
        Some(outage) => {
            shut_out(&mut client, outage).await;
            false
        }
        None => match TcpStream::connect(server).await {
            Ok(mut server) => {
                let trouble = Trouble { sky, own };
                let well = both_ways(&mut client, &mut server, &fate, trouble).await;
                if !well {
                    let _ = server.set_zero_linger();
                }
                well
            }
            // Nobody listens: that is what the client hears, too.
            Err(_) => false,
        },
    };
    if !ends_well {
        let _ = client.set_zero_linger();
    }
}

/// A connection that is opened during an outage.
async fn shut_out(client: &mut TcpStream, outage: Outage) {
    if !matches!(outage.way, Way::Reset | Way::Close) {
        let (mut from, _) = client.split();
        swallow(&mut from, outage.until).await;
    }
}

/// Whether both have said that they are done. Otherwise it is to be reset.
async fn both_ways(client: &mut TcpStream, server: &mut TcpStream, fate: &Fate, trouble: Trouble) -> bool {
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
    let there = Half::new(Direction::Server, fate).run(from_client, to_server, trouble.clone());
    let back = Half::new(Direction::Client, fate).run(from_server, to_client, trouble);
    tokio::try_join!(there, back).is_ok()
}

/// What may befall a connection: by an order, or by its own fate.
#[derive(Clone)]
struct Trouble {
    sky: Sky,
    own: Option<(Instant, Outage)>,
}

impl Trouble {
    async fn comes(&mut self) -> Outage {
        let own = async {
            match self.own {
                Some((from, outage)) => {
                    sleep_until(from).await;
                    outage
                }
                None => std::future::pending().await,
            }
        };
        let ordered = async {
            loop {
                if self.sky.changed().await.is_err() {
                    // The line is gone, and this task with it.
                    std::future::pending::<()>().await;
                }
                if let Some(outage) = *self.sky.borrow_and_update() {
                    return outage;
                }
            }
        };
        tokio::select! {
            biased;
            outage = ordered => outage,
            outage = own => outage,
        }
    }
}

/// One direction.
struct Half {
    direction: Direction,
    delay: Duration,
    pieces: Option<(usize, Chance)>,
}

impl Half {
    fn new(direction: Direction, fate: &Fate) -> Self {
        let pieces = fate.pieces.map(|most| (most, Chance::new(fate.seed ^ direction as u64)));
        Self { direction, delay: fate.delay, pieces }
    }

    /// `Ok` when the end of what is said was passed on.
    async fn run(self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, mut trouble: Trouble) -> Result<(), Reset> {
        let direction = self.direction;
        let mut forward = Box::pin(self.forward(&mut from, &mut to));
        let Outage { way, until } = tokio::select! {
            biased;
            outage = trouble.comes() => outage,
            done = &mut forward => return done,
        };
        let goes_on = match way {
            Way::HalfClose(closed) => closed != direction,
            Way::Swallow(silent) => silent != direction,
            Way::Reset | Way::Close | Way::BlackHole => false,
        };
        if goes_on {
            // The same future: what it holds already is not lost.
            let _ = tokio::time::timeout_at(until, forward).await;
            sleep_until(until).await;
            return Err(Reset);
        }
        drop(forward);
        match way {
            Way::Reset => return Err(Reset),
            Way::Close => {
                let _ = to.shutdown().await;
                return Ok(());
            }
            Way::HalfClose(_) => drop(to.shutdown().await),
            Way::Swallow(_) | Way::BlackHole => {}
        }
        swallow(&mut from, until).await;
        Err(Reset)
    }

    async fn forward(mut self, from: &mut ReadHalf<'_>, to: &mut WriteHalf<'_>) -> Result<(), Reset> {
        let mut buffer = [0; BUFFER];
        loop {
            let count = from.read(&mut buffer).await.map_err(|_| Reset)?;
            if self.delay > Duration::ZERO {
                tokio::time::sleep(self.delay).await;
            }
            if count == 0 {
                let _ = to.shutdown().await;
                return Ok(());
            }
            self.write(&buffer[..count], to).await?;
        }
    }

    async fn write(&mut self, mut bytes: &[u8], to: &mut WriteHalf<'_>) -> Result<(), Reset> {
        while !bytes.is_empty() {
            let most = self.pieces.as_mut().map_or(bytes.len(), |(most, chance)| 1 + chance.of(*most));
            let (piece, rest) = bytes.split_at(most.min(bytes.len()));
            to.write_all(piece).await.map_err(|_| Reset)?;
            bytes = rest;
        }
        Ok(())
    }
}

/// Reads, and tells nobody.
async fn swallow(from: &mut ReadHalf<'_>, until: Instant) {
    let mut buffer = [0; BUFFER];
    let _ =
        tokio::time::timeout_at(until, async { while from.read(&mut buffer).await.is_ok_and(|count| count > 0) {} })
            .await;
    sleep_until(until).await;
}
