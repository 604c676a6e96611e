//! How long a search in the server's library takes: the real program over HTTP, with a library of as many entries as asked for,
//! beside a request that looks for nothing.

mod fill;
mod reader;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use clap::Args;

use crate::durable::beside;
use crate::entry::Mode;
use crate::latency::Latencies;
use crate::server::{Limits, Program, Server};
use reader::Reader;

#[derive(Args, Debug)]
pub struct LibraryOptions {
    /// The program `gifchat`. Unless given: the one beside this program.
    #[arg(long)]
    program: Option<PathBuf>,
    /// GIFs of the library.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    entries: u32,
    /// Requests of each kind.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    requests: u32,
}

/// What is looked for: words of every 12th entry, of every 10th, of few, of none, beginnings of many, words that half of the
/// entries have and never together, and everything.
const QUERIES: [&str; 15] = [
    "고양이",
    "cat",
    "고양이 cat",
    "cat dance",
    "unused",
    "unused cat",
    "w41",
    "w1 w2",
    "고",
    "c",
    "nowhere",
    "odd even",
    "odd even w",
    "odd w1 w2",
    "",
];

/// Prints the table.
pub async fn run(options: &LibraryOptions) -> anyhow::Result<()> {
    let path = options.program.clone().map_or_else(beside, Ok)?;
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    prepare(&path, &data)?;
    let about = fill::fill(&data.join("gifchat.db"), options.entries)?;
    let settings = [("listen", "127.0.0.1:0"), ("log", "warn"), ("search-rate", "0"), ("library-entries", "1000000")];
    let arguments = settings.iter().flat_map(|(name, value)| [format!("--{name}"), (*value).to_owned()]);
    let arguments = arguments.chain(["--data".to_owned(), data.display().to_string()]).collect();
    // Its settings are all here.
    let program = Program { name: "app".to_owned(), mode: Mode::Fanout, path, arguments };
    let server = Server::start(&program, Limits { members: 2, connections: 1 }, None).await?;
    let mut reader = Reader::connect(server.address)?;

    println!("{about}\n");
    println!("| looked for | found on the first page | p50 ms | p99 ms |\n|---|---|---|---|");
    measure(&mut reader, "nothing (`/healthz`)", "/healthz", options.requests)?;
    for query in QUERIES {
        let name = if query.is_empty() { "everything".to_owned() } else { format!("`{query}`") };
        measure(&mut reader, &name, &format!("/library?q={}", encoded(query)), options.requests)?;
    }
    deep(&mut reader, "`cat`, page after page", "cat", options.requests)?;
    measure(&mut reader, "tags that begin with `c`", "/library/tags?prefix=c", options.requests)?;
    server.stop().await
}

fn measure(reader: &mut Reader, name: &str, path: &str, requests: u32) -> anyhow::Result<()> {
    let mut latencies = Latencies::default();
    let mut found = 0;
    for request in 0..requests + requests / 10 {
        let (time, body) = reader.get(path)?;
        found = body.matches("\"id\":").count();
        // The first ones find everything cold.
        if request >= requests / 10 {
            latencies.add(time);
        }
    }
    print(name, found, &latencies);
    Ok(())
}

/// Each page begins where the one before ended.
fn deep(reader: &mut Reader, name: &str, query: &str, requests: u32) -> anyhow::Result<()> {
    let (mut latencies, mut found, mut after) = (Latencies::default(), 0, String::new());
    for _ in 0..requests {
        let (time, body) = reader.get(&format!("/library?q={}&after={after}", encoded(query)))?;
        latencies.add(time);
        found += body.matches("\"id\":").count();
        let next = body.split("\"next\":\"").nth(1).and_then(|rest| rest.split('"').next());
        after = next.unwrap_or_default().to_owned();
    }
    print(name, found, &latencies);
    Ok(())
}

fn print(name: &str, found: usize, latencies: &Latencies) {
    let millis = |share| latencies.quantile(share).unwrap_or_default().as_secs_f64() * 1e3;
    println!("| {name} | {found} | {:.2} | {:.2} |", millis(0.5), millis(0.99));
}

/// Has the program make its tables.
fn prepare(program: &Path, data: &Path) -> anyhow::Result<()> {
    let made = Command::new(program).args(["gifs", "list", "--data"]).arg(data).output();
    let made = made.with_context(|| format!("{} cannot be started", program.display()))?;
    ensure!(made.status.success(), "the tables were not made: {}", String::from_utf8_lossy(&made.stderr));
    Ok(())
}

fn encoded(query: &str) -> String {
    query.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
