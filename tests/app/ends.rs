//! The program is told to end: everybody is told, nothing acknowledged is lost, and it is out in time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli::{Running, gifchat};
use crate::support::{DOORS, Deaf, Person};

/// Longer than the three seconds that what waits may take to go out.
const LIMIT: Duration = Duration::from_secs(5);
/// For a machine with much else to do.
const SLACK: Duration = Duration::from_secs(5);

fn start(folder: &TempDir) -> Running {
    let data = folder.path().join("data");
    let limit = format!("{}s", LIMIT.as_secs());
    Running::start(gifchat(&[
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
        "--shutdown-timeout",
        &limit,
        // Whoever does not read is still there when it ends.
        "--outbox-bytes",
        "64MiB",
        "--outbox-frames",
        "1000000",
        "--message-rate",
        "0",
    ]))
}

/// A program that reads a room's events, and is stopped in the middle of it.
struct Stopped(std::process::Child);

impl Stopped {
    fn start(person: &Person, room: &str) -> Self {
        let mut child = Command::new("curl")
            .args(["-sN", "-H", &format!("Cookie: {}", person.cookie())])
            .arg(format!("http://{}/room/{room}/events", person.host()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("curl is there");
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "event: snapshot"), "it has begun");
        kill_process(Pid::from_child(&child), Signal::STOP).unwrap();
        Self(child)
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A connection in `/chat` whose poll waits. It is sent right behind a request whose answer has come: so it is there.
async fn waiting_poll(person: &Person) -> TcpStream {
    let path = "/socket.io/?EIO=4&transport=polling";
    let opened = person.get(path).await.text().await.unwrap();
    let open: Value = serde_json::from_str(&opened[1..]).unwrap();
    let path = format!("{path}&sid={}", open["sid"].as_str().unwrap());
    assert_eq!(person.request(Method::POST, &path).body("40/chat,").send().await.unwrap().status(), 200);
    assert!(person.get(&path).await.text().await.unwrap().starts_with("40/chat,"));
    let mut stream = TcpStream::connect(person.host()).unwrap();
    let head = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
    stream.write_all((head("/healthz") + &head(&path)).as_bytes()).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"ok\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    stream
}

fn read_out(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_told_and_it_is_out_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = start(&folder);
    let people: Vec<Person> = (0..10).map(|_| Person::at_address(server.address)).collect();
    let room = people[0].make_room("t", 20, "").await;
    for person in &people {
        person.look(&room).await;
    }
    let mut deaf = Vec::new();
    for (person, door) in people[1..].iter().zip(DOORS) {
        deaf.push(Deaf::enter(person, &room, door).await);
    }
    let _stopped = Stopped::start(&people[5], &room);
    // More than a kernel keeps for who does not read.
    let mut talker = people[0].enter(&room).await;
    let text = "가".repeat(2000);
    let mut acked = 0;
    for _ in 0..15 {
        let asked: Vec<u64> = (0..60).map(|_| talker.ask("chat", json!({"room": room, "chat": text}))).collect();
        for id in asked {
            acked = talker.answer(id).await["seq"].as_i64().unwrap();
        }
    }
    assert_eq!(acked, 900);

    let poll = waiting_poll(&people[6]).await;
    let web_socket = people[7].enter(&room).await;
    let plain = people[8].enter_plain(&room).await;
    let mut events = people[9].events(&room, None).await;
    events.snapshot().await;

    // Some is on its way when the signal comes.
    for _ in 0..60 {
        talker.ask("chat", json!({"room": room, "chat": "on its way"}));
    }
    kill_process(Pid::from_child(&server.child), Signal::TERM).unwrap();
    #[allow(clippy::disallowed_methods, reason = "the program's time is the real one")]
    let since = Instant::now();
    let out = tokio::task::spawn_blocking(move || {
        let status = server.child.wait().unwrap();
        (status.code(), since.elapsed())
    });
    let answer = tokio::task::spawn_blocking(move || read_out(poll)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n1"), "a poll is answered: {answer}");
    assert_eq!(web_socket.end().await.0, "1001");
    assert_eq!(plain.end().await, Some(1001));
    while events.try_next().await.is_some() {}
    let (how, answers) = talker.end().await;
    assert_eq!(how, "1001");
    let (code, took) = out.await.unwrap();
    assert_eq!(code, Some(0));
    assert!(took < LIMIT + SLACK, "{took:?}");
    for deaf in &mut deaf {
        let (seqs, _) = deaf.hear_out("nothing").await;
        assert!(seqs.iter().copied().eq(1..=seqs.len() as i64), "{:?} has heard {seqs:?}", deaf.door);
    }

    acked = answers.iter().filter_map(|answer| answer["seq"].as_i64()).fold(acked, i64::max);
    let again = start(&folder);
    let history = people[0].moved_to(again.address).get_json(&format!("/room/{room}/messages?limit=100")).await;
    let stored: Vec<i64> =
        history.as_array().unwrap().iter().map(|message: &Value| message["seq"].as_i64().unwrap()).collect();
    let newest = *stored.last().unwrap();
    assert!(newest >= acked, "{newest} is stored, {acked} was acknowledged");
    assert!(stored.into_iter().eq(newest - 99..=newest));
}

/// Connects as soon as nobody listens any more: then the end has begun.
fn until_refused(address: SocketAddr) {
    while TcpStream::connect(address).is_ok() {}
}

/// Whether the other end, on this machine, has accepted the connection and read all that we have said (proc(5)).
fn is_read(stream: &TcpStream) -> bool {
    let port = |address: std::io::Result<SocketAddr>| format!(":{:04X}", address.unwrap().port());
    let (us, them) = (port(stream.local_addr()), port(stream.peer_addr()));
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let is_other_end = fields[1].ends_with(&them) && fields[2].ends_with(&us);
        is_other_end && fields[4].ends_with(":00000000") && fields[9] != "0"
    })
}

#[test]
fn it_is_not_ready_while_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = start(&folder);
    let half = |path: &str| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: test\r\n").unwrap();
        stream
    };
    let finish = |mut stream: TcpStream| {
        stream.write_all(b"\r\n").unwrap();
        read_out(stream)
    };
    let (ready, alive, page) = (half("/readyz"), half("/healthz"), half("/"));
    for stream in [&ready, &alive, &page] {
        while !is_read(stream) {}
    }
    kill_process(Pid::from_child(&server.child), Signal::TERM).unwrap();
    until_refused(server.address);
    let answer = finish(ready);
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.ends_with("ending\n"), "{answer}");
    assert!(finish(alive).starts_with("HTTP/1.1 200 "), "it lives until it is out");
    assert!(finish(page).starts_with("HTTP/1.1 200 "), "who had begun to ask is answered");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
