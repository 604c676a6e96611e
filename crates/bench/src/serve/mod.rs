//! Servers to compare with: the limits of the machine, and a rival. They speak what the generator speaks: namespace
//! `/chat`, `joinroom` with a name, `chat` with `{room, chat}`, which everybody in the room gets, the sender included.

mod connection;
mod protocol;
mod raw;
#[cfg(feature = "rivals")]
mod rival;

use std::net::SocketAddr;

use anyhow::ensure;
use clap::{Args, ValueEnum};

use raw::Writing;

#[derive(Args, Debug)]
pub struct ServeOptions {
    kind: Kind,
    /// Where to listen; the address is printed when it listens.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Threads; the raw servers have one.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// An epoll loop that writes one prebuilt frame per receiver: the limit for a calm server.
    RawEach,
    /// The same loop, which reads all that waits and then writes once per receiver: the limit for a busy one.
    RawGather,
    /// socketioxide on axum.
    #[cfg(feature = "rivals")]
    Socketioxide,
}

/// Serves until the process is ended.
pub fn run(options: &ServeOptions) -> anyhow::Result<()> {
    crate::process::raise_open_files(0)?;
    let writing = match options.kind {
        Kind::RawEach => Writing::Each,
        Kind::RawGather => Writing::Gather,
        #[cfg(feature = "rivals")]
        Kind::Socketioxide => return rival::run(options.listen, options.workers),
    };
    ensure!(options.workers == 1, "the raw servers have one thread");
    let mut server = raw::Server::bind(options.listen, writing)?;
    println!("http://{}", server.address()?);
    server.run()
}
