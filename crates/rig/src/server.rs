//! The server under test: the real binary, as an operator starts it, in a process of its own.

use std::collections::VecDeque;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// How long it may take to open, recovery after a crash included.
const START_TIME: Duration = Duration::from_secs(60);
/// How long it may take to end in order; its own limit is 10 s.
const END_TIME: Duration = Duration::from_secs(60);
/// Lines of its log that are kept for a report.
const LAST_LINES: usize = 40;
/// What it prints when it is open.
const OPEN: &str = "GIF Chat is open at http://";

/// How to start it. Starting again with the same data folder and the address it had is a restart.
#[derive(Clone, Debug)]
pub struct Options {
    pub binary: PathBuf,
    pub data: PathBuf,
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// By the names of docs/settings.md.
    pub settings: Vec<(&'static str, String)>,
    /// Beside the environment that we have ourselves.
    pub env: Vec<(String, String)>,
}

/// A running server. Killed when this is dropped.
pub struct Server {
    address: SocketAddr,
    pid: u32,
    child: Child,
    log: Log,
}

impl Server {
    /// Starts it and waits until it says that it is open.
    ///
    /// # Errors
    /// When it cannot be started, ends, or is not open within a minute; with the end of its log.
    pub async fn start(options: &Options) -> anyhow::Result<Self> {
        let listen = if options.listen.port() == 0 { free_port(options.listen)? } else { options.listen };
        let mut command = Command::new(&options.binary);
        command.arg("--listen").arg(listen.to_string()).arg("--data").arg(&options.data);
        for (name, value) in &options.settings {
            command.arg(format!("--{}", name.replace('_', "-"))).arg(value);
        }
        command.envs(options.env.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("{} cannot be started", options.binary.display()))?;
        let pid = child.id().context("it has just been started")?;
        let out = child.stdout.take().context("its output is piped")?;
        let log = Log::default();
        tokio::spawn(log.clone().keep(child.stderr.take().context("its log is piped")?));
        let mut out = BufReader::new(out).lines();
        let address = match tokio::time::timeout(START_TIME, opened(&mut out)).await {
            Ok(Ok(address)) => address,
            Ok(Err(error)) => bail!("{error:#}; its log ends with\n{log}"),
            Err(_) => bail!("the server was not open within {START_TIME:?}; its log ends with\n{log}"),
        };
        // Whatever else it prints is taken off its hands.
        tokio::spawn(async move { while let Ok(Some(_)) = out.next_line().await {} });
        Ok(Self { address, pid, child, log })
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The last lines of its log.
    pub fn log(&self) -> String {
        self.log.to_string()
    }

    /// Whether it has ended by itself; then how.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// SIGKILL, and waits until the system has taken everything back: its port, its lock, its memory.
    ///
    /// # Errors
    /// When it had ended before.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        if let Some(status) = self.ended()? {
            bail!("the server ended by itself ({status}); its log ends with\n{}", self.log);
        }
        self.child.kill().await.context("the server cannot be killed")
    }

    /// SIGTERM, and waits until it has ended.
    ///
    /// # Errors
    /// When it has not ended within a minute; it is killed then.
    pub async fn terminate(mut self) -> anyhow::Result<ExitStatus> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).context("a process has an id")?;
        // Not yet reaped, so the id is still its own.
        ensure!(self.ended()?.is_none(), "the server ended by itself; its log ends with\n{}", self.log);
        kill_process(pid, Signal::TERM)?;
        match tokio::time::timeout(END_TIME, self.child.wait()).await {
            Ok(status) => Ok(status?),
            Err(_) => bail!("the server did not end within {END_TIME:?}; its log ends with\n{}", self.log),
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({}, process {})", self.address, self.pid)
    }
}

async fn opened(out: &mut Lines<BufReader<ChildStdout>>) -> anyhow::Result<SocketAddr> {
    while let Some(line) = out.next_line().await? {
        if let Some(address) = line.trim().strip_prefix(OPEN) {
            return address.parse().with_context(|| format!("no address in {line:?}"));
        }
    }
    bail!("the server ended before it was open")
}

/// A free port below those that the system gives to outgoing connections. From among those, a client's connection could
/// take the server's port while that is down, and even connect to itself there.
fn free_port(near: SocketAddr) -> anyhow::Result<SocketAddr> {
    const LOWEST: u16 = 12_000;
    const COUNT: u16 = 18_000;
    // Two rigs at once begin their search in different places.
    let begin = (u64::from(std::process::id()) * 7919 % u64::from(COUNT)) as u16;
    (0..COUNT)
        .map(|step| SocketAddr::new(near.ip(), LOWEST + (begin + step) % COUNT))
        .find(|address| TcpListener::bind(address).is_ok())
        .context("no port is free")
}

/// Where a server listens when nothing else is asked for.
pub fn anywhere() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// The end of the server's log, for whoever has to find out what happened.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<VecDeque<String>>>);

impl Log {
    async fn keep(self, from: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() == LAST_LINES {
                kept.pop_front();
            }
            kept.push_back(line);
        }
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that behaves like the server as far as this module can tell.
    fn stub(how: &str) -> Options {
        Options {
            binary: concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/stub.sh").into(),
            data: PathBuf::from("data"),
            listen: anywhere(),
            settings: vec![("empty_grace", String::from("5s"))],
            env: vec![(String::from("STUB"), how.to_owned())],
        }
    }

    #[tokio::test]
    async fn it_is_started_with_its_settings_and_ended_in_order() {
        let server = Server::start(&stub("stays")).await.unwrap();
        assert!((12_000..30_000).contains(&server.address().port()), "{server:?}");
        while server.log().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(server.log(), "    --empty-grace 5s\n");
        assert_eq!(server.terminate().await.unwrap().code(), Some(7));
    }

    #[tokio::test]
    async fn who_does_not_open_has_not_started() {
        let error = Server::start(&stub("closed")).await.unwrap_err();
        assert!(error.to_string().contains("ended before it was open"), "{error}");
    }

    #[tokio::test]
    async fn a_server_that_ended_by_itself_was_not_killed_by_us() {
        Server::start(&stub("stays")).await.unwrap().kill().await.unwrap();
        let mut server = Server::start(&stub("ends")).await.unwrap();
        server.child.wait().await.unwrap();
        assert!(server.kill().await.unwrap_err().to_string().contains("exit status: 3"));
    }
}
