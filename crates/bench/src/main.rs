//! `gifchat-bench`: opens N Socket.IO connections in rooms of K against a server on this machine, and reports what a
//! delivery costs; `compare` does so with several servers side by side. The method is in docs/performance.md and in
//! this crate's README.
//!
//! The generator must not be what is measured: one thread, raw sockets, frames that are looked at only as far as
//! needed.

mod client;
mod compare;
mod durable;
mod entry;
mod gifs;
mod handshake;
mod hold;
mod http;
mod latency;
#[cfg(feature = "sqlite")]
mod library;
mod load;
mod process;
mod report;
mod scenario;
mod scene;
mod serve;
mod server;
mod websocket;

use clap::{Parser, Subcommand};

use entry::Mode;

/// Opens Socket.IO connections in rooms against a server, and reports the cost of a delivery as a Markdown table.
#[derive(Parser, Debug)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// The whole product: a session and an admission for everybody, messages that are stored and acknowledged.
    App(scenario::Options),
    /// The delivery engine alone: the example `fanout` of crates/realtime.
    Fanout(scenario::Options),
    /// Several servers side by side, in rounds that take turns.
    Compare(compare::CompareOptions),
    /// Messages that are on the disk when they are acknowledged, beside SQLite alone.
    Durable(durable::DurableOptions),
    /// Searches in a library of tens of thousands of GIFs.
    #[cfg(feature = "sqlite")]
    Library(library::LibraryOptions),
    /// GIFs and their renditions: sizes, likeness, processor time beside other programs.
    Gifs(gifs::GifsOptions),
    /// Runs one of the servers to compare with.
    Serve(serve::ServeOptions),
    /// People who read nothing, for `compare`.
    #[command(hide = true)]
    Hold(hold::HoldOptions),
}

fn main() -> anyhow::Result<()> {
    let command = Cli::parse().command;
    // A loop of its own, without a runtime around it; and what only computes.
    match &command {
        Command::Serve(options) => return serve::run(options),
        Command::Gifs(options) => return gifs::run(options),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::App(options) => scenario::run(Mode::App, &options).await,
            Command::Fanout(options) => scenario::run(Mode::Fanout, &options).await,
            Command::Compare(options) => compare::run(&options).await,
            Command::Durable(options) => durable::run(&options).await,
            #[cfg(feature = "sqlite")]
            Command::Library(options) => library::run(&options).await,
            Command::Hold(options) => hold::run(&options).await,
            Command::Serve(_) | Command::Gifs(_) => Ok(()),
        }
    })
}

/// Runs a measurement with a set of tasks of its own, which ends with it.
async fn alone<T>(measurement: impl Future<Output = T>) -> T {
    tokio::task::LocalSet::new().run_until(measurement).await
}
