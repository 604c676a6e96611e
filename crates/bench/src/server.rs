//! The server under test: a child of ours with a data folder of its own, or one that runs already.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::entry::Mode;
use crate::process;

const START_TIME: Duration = Duration::from_secs(30);

/// What can be started: a server that prints its address.
#[derive(Clone, Debug)]
pub struct Program {
    pub name: String,
    pub mode: Mode,
    pub path: PathBuf,
    pub arguments: Vec<String>,
}

/// What a server must allow.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub members: u32,
    pub connections: u32,
}

pub struct Server {
    pub address: SocketAddr,
    /// `None`: nothing can be said of its process.
    pub pid: Option<u32>,
    /// Killed when this is dropped.
    child: Option<Child>,
    _data: Option<tempfile::TempDir>,
}

impl Server {
    /// A server that runs already.
    pub fn running(address: SocketAddr, pid: Option<u32>) -> anyhow::Result<Self> {
        ensure!(address.ip().is_loopback(), "load is for servers on this machine: {address} is not");
        Ok(Self { address, pid, child: None, _data: None })
    }

    /// Starts the program, on `core` only if that is given.
    pub async fn start(program: &Program, limits: Limits, core: Option<usize>) -> anyhow::Result<Self> {
        Self::start_in(program, limits, core, &std::env::temp_dir()).await
    }

    /// As [`Server::start`], with its data somewhere below `folder`.
    pub async fn start_in(
        program: &Program,
        limits: Limits,
        core: Option<usize>,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let data = tempfile::tempdir_in(folder)?;
        let mut command = Command::new(&program.path);
        command.args(&program.arguments);
        if program.mode == Mode::App {
            command.args(app_settings(data.path(), limits));
        }
        let mut child =
            spawn(command, core).with_context(|| format!("{} cannot be started", program.path.display()))?;
        let out = child.stdout.take().context("its output is piped")?;
        let address = tokio::time::timeout(START_TIME, printed_address(BufReader::new(out)))
            .await
            .context("the server did not print its address in time")??;
        Ok(Self { address, pid: child.id(), child: Some(child), _data: Some(data) })
    }

    /// Ends it, and waits until its memory and its share of the processor are free again.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        match &mut self.child {
            Some(child) => child.kill().await.context("the server cannot be ended"),
            None => Ok(()),
        }
    }
}

fn spawn(mut command: Command, core: Option<usize>) -> anyhow::Result<Child> {
    let ours = process::cores()?;
    // A child inherits the cores of who starts it, with all the threads it will ever have.
    if let Some(core) = core {
        process::pin(&[core])?;
    }
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn();
    process::pin(&ours)?;
    Ok(child?)
}

/// The first `http://address:port` that it prints.
async fn printed_address(mut out: BufReader<ChildStdout>) -> anyhow::Result<SocketAddr> {
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
fn app_settings(data: &Path, limits: Limits) -> Vec<String> {
    let members = limits.members.to_string();
    let connections = (limits.connections + 100).to_string();
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
        // Rooms fill up within seconds: what newcomers have to solve then is not to be measured.
        ("work-bits", "1"),
    ];
    settings.iter().flat_map(|(name, value)| [format!("--{name}"), (*value).to_owned()]).collect()
}
