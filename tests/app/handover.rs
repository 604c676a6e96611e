//! The program is run as systemd runs it: it is given its socket, and says how it is. Restarted under load, it refuses nobody
//! and loses nothing.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

use crate::cli::{Running, gifchat};
use crate::support::numbered::{history, name_of};
use crate::support::steady::{Orders, Steady, Way};
use crate::support::{PATIENCE, Person, eventually};

/// In milliseconds.
const SPREAD: u64 = 700;
const RESTARTS: usize = 4;
const VISITORS: usize = 8;
/// What every member is to have acknowledged in each life of the program.
const EACH: u64 = 10;

/// The service manager: holds the socket, and is told how the service is.
struct Manager {
    folder: TempDir,
    listener: TcpListener,
    address: SocketAddr,
    told: UnixDatagram,
}

impl Manager {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let told = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        told.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { folder, listener, address, told }
    }

    /// The socket is descriptor 3 of the program, as sd_listen_fds(3) has it.
    fn command(&self, socket: OwnedFd) -> Command {
        let data = self.folder.path().join("data");
        let plain = gifchat(&[]);
        let script =
            "export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=gifchat.socket; exec \"$0\" \"$@\" 3<&0 </dev/null";
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(plain.get_program());
        // The setting is of no importance: nobody may listen there.
        command.args(["--listen", "192.0.2.1:1", "--message-rate", "0", "--reconnect-spread"]);
        command.arg(format!("{SPREAD}ms")).arg("--data").arg(data);
        for (name, value) in plain.get_envs() {
            if value.is_none() {
                command.env_remove(name);
            }
        }
        command.env("NOTIFY_SOCKET", self.folder.path().join("notify")).env("WATCHDOG_USEC", "60000000");
        command.stdin(Stdio::from(socket));
        command
    }

    fn start(&self) -> Running {
        let server = Running::start(self.command(self.listener.try_clone().unwrap().into()));
        assert_eq!(server.address, self.address);
        server
    }

    /// What it says of itself next.
    fn next(&self) -> Vec<String> {
        let mut datagram = [0; 4096];
        let length = self.told.recv(&mut datagram).expect("it says how it is");
        String::from_utf8(datagram[..length].to_vec()).unwrap().lines().map(str::to_owned).collect()
    }

    /// The same, but for its saying that it lives.
    fn news(&self) -> Vec<String> {
        std::iter::repeat_with(|| self.next()).find(|said| *said != ["WATCHDOG=1"]).unwrap()
    }

    fn is_told_of_a_begin(&self) {
        assert_eq!(self.news(), ["READY=1", &format!("STATUS=Open at http://{}", self.address)]);
        assert_eq!(self.next(), ["WATCHDOG=1"]);
    }

    fn is_told_of_an_end(&self) {
        let last = self.news();
        assert_eq!((last[0].as_str(), last.len()), ("STOPPING=1", 3));
        // The ten seconds of `shutdown_timeout` and a little more, in microseconds.
        let extension: u64 = last[2].strip_prefix("EXTEND_TIMEOUT_USEC=").unwrap().parse().unwrap();
        assert!((10_000_000..60_000_000).contains(&extension), "{extension}");
    }
}

fn end(server: &mut Running) {
    kill_process(Pid::from_child(&server.child), Signal::TERM).unwrap();
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

/// Every message of the room: `seq` by client message id; and the newest number, which may be that of a coming or going.
async fn messages(person: &Person, room: &str) -> (HashMap<String, i64>, i64) {
    let all = history(person, room).await;
    let mut messages = HashMap::new();
    for message in all.iter().filter(|entry| name_of(entry) == "chat") {
        let id = message["clientMessageId"].as_str().unwrap().to_owned();
        assert_eq!(messages.insert(id, message["seq"].as_i64().unwrap()), None, "said once: {message}");
    }
    (messages, all.len() as i64)
}

/// Connects anew for each question, all the time. How many were answered, and how many were closed without an answer, as
/// one may be that was let in when the end had begun and had not asked yet.
async fn visit(address: SocketAddr, orders: watch::Receiver<Orders>) -> (u64, u64) {
    let (mut answered, mut closed) = (0, 0);
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    while *orders.borrow() == Orders::Talk {
        ticks.tick().await;
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("nobody is refused");
        let mut answer = String::new();
        let asked = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await;
        if asked.is_ok() && stream.read_to_string(&mut answer).await.is_ok() && !answer.is_empty() {
            assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("ok\n"), "{answer}");
            answered += 1;
        } else {
            closed += 1;
        }
    }
    (answered, closed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_under_load_refuses_nobody_and_loses_nothing() {
    let mut manager = Manager::new();
    let mut server = manager.start();
    manager.is_told_of_a_begin();
    let owner = Person::at_address(manager.address);
    let room = owner.make_room("t", 10, "").await;
    let (orders, told) = watch::channel(Orders::Talk);
    let mut counts = Vec::new();
    let mut lives = Vec::new();
    for way in [Way::SocketIo, Way::Polling, Way::Plain, Way::Events] {
        let person = Person::at_address(manager.address);
        person.look(&room).await;
        let member = Steady::new(way, person, &room, told.clone());
        counts.push(member.counts.clone());
        lives.push(tokio::spawn(member.live()));
    }
    let visitors: Vec<_> = (0..VISITORS).map(|_| tokio::spawn(visit(manager.address, told.clone()))).collect();
    for _ in 0..=RESTARTS {
        let before: Vec<u64> = counts.iter().map(|counts| counts.acked()).collect();
        eventually("everybody is back and talks", async || {
            assert!(lives.iter().all(|life| !life.is_finished()), "nobody gives up");
            counts.iter().zip(&before).all(|(counts, before)| counts.acked() >= before + EACH)
        })
        .await;
        let restarted = tokio::task::spawn_blocking(move || {
            end(&mut server);
            manager.is_told_of_an_end();
            // Nobody is there now; who comes waits in the socket.
            let mut early = TcpStream::connect(manager.address).expect("nobody is refused");
            early.write_all(b"GET /readyz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
            let server = manager.start();
            manager.is_told_of_a_begin();
            let mut answer = String::new();
            early.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
            (manager, server)
        });
        (manager, server) = restarted.await.unwrap();
    }
    orders.send_replace(Orders::Finish);
    let (mut answered, mut closed) = (0, 0);
    for visitor in visitors {
        let (yes, no) = visitor.await.unwrap();
        (answered, closed) = (answered + yes, closed + no);
    }
    println!("{} connections: {answered} answered, {closed} closed at an end, none refused", answered + closed);
    assert!(answered > (RESTARTS * VISITORS) as u64);
    assert!(closed <= (RESTARTS + 1) as u64 * VISITORS as u64, "each end closes one of each visitor at most");
    eventually("all that was said is acknowledged", async || counts.iter().all(|counts| counts.is_even())).await;
    let (stored, newest) = messages(&owner, &room).await;
    orders.send_replace(Orders::HearUntil(newest));
    let mut delays = HashSet::new();
    let mut acked = 0;
    for life in lives {
        let member = tokio::time::timeout(PATIENCE, life).await.expect("everybody hears everything").unwrap();
        assert!(member.last >= newest);
        for (id, seq) in &member.acked {
            assert_eq!(stored.get(id), Some(seq), "{id} was acknowledged");
        }
        acked += member.acked.len();
        assert!(member.lives as usize > RESTARTS, "{:?} has lived {} times", member.way, member.lives);
        assert!(member.told.iter().all(|delay| *delay <= SPREAD), "{:?}", member.told);
        if member.way != Way::Polling {
            assert!(member.told.len() > RESTARTS, "{:?} was told {} times", member.way, member.told.len());
        }
        delays.extend(member.told);
    }
    assert_eq!(acked, stored.len(), "what is stored was acknowledged, sooner or later");
    assert!(delays.len() > 1, "not all at once");
}

/// A socket that does not listen, or speaks another protocol, is one sentence, and nothing is touched.
#[test]
fn what_is_handed_over_must_be_a_listening_tcp_socket() {
    let manager = Manager::new();
    let (ours, _theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let bound = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    for socket in [OwnedFd::from(ours), OwnedFd::from(bound)] {
        let output = manager.command(socket).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("no TCP socket that listens was handed over by systemd: give"), "{text}");
        assert!(!manager.folder.path().join("data").exists());
    }
}

/// Numbers of another process's sockets are none of ours.
#[test]
fn what_was_handed_to_another_process_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut command = gifchat(&["--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
    command.env("LISTEN_PID", "1").env("LISTEN_FDS", "1");
    let mut server = Running::start(command);
    assert_ne!(server.address.port(), 0);
    end(&mut server);
}

#[test]
fn a_manager_that_does_not_read_holds_nobody_up() {
    let manager = Manager::new();
    let stuffing = UnixDatagram::unbound().unwrap();
    stuffing.set_nonblocking(true).unwrap();
    while stuffing.send_to(b"X_FULL=1", manager.folder.path().join("notify")).is_ok() {}
    let mut server = manager.start();
    let mut stream = TcpStream::connect(manager.address).unwrap();
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    end(&mut server);
}
