//! The server under test: a child of ours with a data folder of its own, or one that runs already.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::Options;
use crate::entry::Mode;

const START_TIME: Duration = Duration::from_secs(30);

pub struct Server {
    pub address: SocketAddr,
    /// `None`: nothing can be said of its process.
    pub pid: Option<u32>,
    /// Killed when this is dropped.
    _child: Option<Child>,
    _data: Option<tempfile::TempDir>,
}

impl Server {
    pub async fn start(options: &Options) -> anyhow::Result<Self> {
        if let Some(address) = options.server {
            ensure!(address.ip().is_loopback(), "load is for servers on this machine: {address} is not");
            return Ok(Self { address, pid: options.pid, _child: None, _data: None });
        }
        let program = options.program.as_deref().context("--program is missing")?;
        let data = tempfile::tempdir()?;
        let mut command = Command::new(program);
        if options.mode == Mode::App {
            command.args(app_settings(data.path(), options));
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let out = child.stdout.take().context("its output is piped")?;
        let address = tokio::time::timeout(START_TIME, printed_address(BufReader::new(out)))
            .await
            .context("the server did not print its address in time")??;
        Ok(Self { address, pid: child.id(), _child: Some(child), _data: Some(data) })
    }
}

/// The first `http://address:port` that it prints.
async fn printed_address(mut out: BufReader<tokio::process::ChildStdout>) -> anyhow::Result<SocketAddr> {
    let mut line = String::new();
    loop {
        line.clear();
        ensure!(out.read_line(&mut line).await? > 0, "the server ended before it printed its address");
        let Some((_, address)) = line.split_once("http://") else { continue };
        let end = address.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(address.len());
        return address[..end].parse().with_context(|| format!("no address in {line:?}"));
    }
}

/// Limits that protect a server from exactly this are taken away; everything else is as people get it.
fn app_settings(data: &Path, options: &Options) -> Vec<String> {
    let members = options.rooms_of.iter().max().copied().unwrap_or(2).to_string();
    let connections = (options.connections + 100).to_string();
    let data = data.join("data").display().to_string();
    let settings = [
        ("listen", "127.0.0.1:0"),
        ("data", data.as_str()),
        ("log", "warn"),
        ("rooms", "200000"),
        ("members-per-room", members.as_str()),
        ("admissions-per-room", "200000"),
        ("max-connections", connections.as_str()),
        ("message-rate", "0"),
        ("room-rate", "0"),
    ];
    settings.iter().flat_map(|(name, value)| [format!("--{name}"), (*value).to_owned()]).collect()
}
