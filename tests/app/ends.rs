//! The program is told to end: everybody is told, nothing acknowledged is lost, and it is out in time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use gifchat::app::LAST_WRITES;
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use crate::cli::{Running, gifchat};
use crate::support::numbered::{history, name_of, seqs_of};
use crate::support::{DOORS, Deaf, Person, Transport};

/// Longer than the three seconds that what waits may take to go out.
const LIMIT: Duration = Duration::from_secs(5);
/// For a machine with much else to do.
const SLACK: Duration = Duration::from_secs(5);

/// Within it clients are to come back.
const SPREAD: Duration = Duration::from_secs(2);

fn start(folder: &TempDir) -> Running {
    start_with(folder, &[])
}

fn start_with(folder: &TempDir, flags: &[&str]) -> Running {
    start_within(LIMIT, folder, flags)
}

fn start_within(limit: Duration, folder: &TempDir, flags: &[&str]) -> Running {
    let data = folder.path().join("data");
    let (limit, spread) = (format!("{}ms", limit.as_millis()), format!("{}s", SPREAD.as_secs()));
    let always = [
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
        "--shutdown-timeout",
        &limit,
        "--reconnect-spread",
        &spread,
        // Whoever does not read is still there when it ends.
        "--outbox-bytes",
        "64MiB",
        "--outbox-frames",
        "1000000",
        "--message-rate",
        "0",
    ];
    Running::start(gifchat(&[&always, flags].concat()))
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

/// The delay that a client is told.
fn delay(told: &Value) -> u64 {
    let delay = told["reconnectionDelay"].as_u64().unwrap();
    assert!(u128::from(delay) <= SPREAD.as_millis(), "{told}");
    delay
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
    assert_eq!(acked, 6 + 900, "six have come");

    let poll = waiting_poll(&people[6]).await;
    let mut web_socket = people[7].enter(&room).await;
    let mut plain = people[8].enter_plain(&room).await;
    let mut events = people[9].events(&room, None).await;
    // Who came last has the last number, if nothing of what follows is stored.
    acked = acked.max(events.snapshot().await.0["seq"].as_i64().unwrap());

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
    assert!(answer.starts_with("HTTP/1.1 200 "), "a poll is answered: {answer}");
    let packets = answer.split_once("\r\n\r\n").unwrap().1;
    let told = packets.strip_prefix("42/chat,[\"shutdown\",").unwrap().strip_suffix("]\u{1e}1").unwrap();
    let mut delays = vec![delay(&serde_json::from_str(told).unwrap())];
    delays.push(delay(&web_socket.next("shutdown").await));
    assert_eq!(web_socket.end().await.0, "1012");
    delays.push(delay(&plain.next("shutdown").await));
    assert_eq!(plain.end().await, Some(1012));
    let mut last = None;
    while let Some(event) = events.try_next().await {
        last = Some(event);
    }
    let last = last.unwrap();
    assert_eq!(last.heard.name, "shutdown");
    delays.push(delay(&last.heard.payload));
    assert_eq!(last.retry, delays.last().copied());
    delays.push(delay(&talker.next("shutdown").await));
    let (how, answers) = talker.end().await;
    assert_eq!(how, "1012");
    assert!(delays.iter().any(|delay| *delay != delays[0]), "not all at once: {delays:?}");
    let (code, took) = out.await.unwrap();
    assert_eq!(code, Some(0));
    assert!(took < LIMIT + SLACK, "{took:?}");
    for deaf in &mut deaf {
        let (seqs, _) = deaf.hear_out("nothing").await;
        let whole = (deaf.head + 1..).take(seqs.len());
        assert!(seqs.iter().copied().eq(whole), "{:?} has heard {seqs:?}", deaf.door);
    }

    acked = answers.iter().filter_map(|answer| answer["seq"].as_i64()).fold(acked, i64::max);
    let again = start(&folder);
    let newest = people[0].moved_to(again.address).get_json(&format!("/room/{room}/messages?limit=100")).await;
    let stored = seqs_of(&newest);
    let newest = *stored.last().unwrap();
    assert_eq!(
        newest, acked,
        "what is stored was acknowledged before the connection was closed, and the other way round"
    );
    assert!(stored.into_iter().eq(newest - 99..=newest));
}

/// A stranger keeps the database locked, and far more waits for it than can be tried in time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_cannot_be_closed_does_not_hold_it_up_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let limit = Duration::from_millis(100);
    let mut server = start_within(limit, &folder, &[]);
    let person = Person::at_address(server.address);
    let room = person.make_room("t", 2, "").await;
    let mut connections = vec![person.enter(&room).await];
    for _ in 1..64 {
        connections.push(person.connect(Transport::WebSocket).await);
    }
    let data = folder.path().join("data");
    let file = format!("sqlite://{}", data.join("gifchat.db").display());
    let mut stranger = SqliteConnection::connect(&file).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut stranger).await.unwrap();
    // One less than may be under way: what comes after them is answered.
    for io in &mut connections {
        for _ in 0..63 {
            io.ask("chat", json!({"room": room, "chat": "in vain"}));
        }
    }
    for io in &mut connections {
        io.call("join", json!(room)).await;
    }
    #[allow(clippy::disallowed_methods, reason = "the program's time is the real one")]
    let since = Instant::now();
    kill_process(Pid::from_child(&server.child), Signal::TERM).unwrap();
    let out = tokio::task::spawn_blocking(move || (server.child.wait().unwrap().code(), since.elapsed()));
    let (code, took) = out.await.unwrap();
    assert_eq!(code, Some(0));
    assert!(took < limit + LAST_WRITES + SLACK, "{took:?}");
    let state = std::fs::read_to_string(data.join("state")).unwrap();
    assert!(state.starts_with("running "), "it has not ended in order: {state}");
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

fn finish(mut stream: TcpStream, rest: &str) -> String {
    stream.write_all(rest.as_bytes()).unwrap();
    read_out(stream)
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
    let finish = |stream: TcpStream| finish(stream, "\r\n");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_posts_when_it_has_begun_is_told_so_and_nothing_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = start(&folder);
    let person = Person::at_address(server.address);
    let room = person.make_room("t", 2, "").await;
    let mut io = person.enter(&room).await;
    assert_eq!(io.call("chat", json!({"room": room, "chat": "before"})).await["seq"], 2);
    let body = json!({"chat": "too late"}).to_string();
    let mut post = TcpStream::connect(server.address).unwrap();
    write!(
        post,
        "POST /room/{room}/chat HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        person.host(),
        person.cookie(),
        body.len()
    )
    .unwrap();
    while !is_read(&post) {}
    kill_process(Pid::from_child(&server.child), Signal::TERM).unwrap();
    let answer = tokio::task::spawn_blocking(move || {
        until_refused(server.address);
        let answer = finish(post, &body);
        assert_eq!(server.child.wait().unwrap().code(), Some(0));
        answer
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\r\nretry-after: ") && answer.contains("\"/problems/shutting-down\""), "{answer}");
    let again = start(&folder);
    let history = history(&person.moved_to(again.address), &room).await;
    assert!(history.iter().map(name_of).eq(["join", "chat"]), "{history:?}");
}

/// What a new connection is answered.
fn ask(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
    read_out(stream)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_it_lets_nobody_in_it_goes_on_for_a_while_and_a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = start_with(&folder, &["--shutdown-delay", "1h"]);
    let person = Person::at_address(server.address);
    let room = person.make_room("t", 2, "").await;
    let mut io = person.enter(&room).await;
    kill_process(Pid::from_child(&server.child), Signal::TERM).unwrap();
    while ask(server.address, "/readyz").starts_with("HTTP/1.1 200 ") {}
    assert!(ask(server.address, "/readyz").starts_with("HTTP/1.1 503 "));
    assert!(ask(server.address, "/").starts_with("HTTP/1.1 200 "), "it still serves");
    assert_eq!(io.call("chat", json!({"room": room, "chat": "still here"})).await["seq"], 2);
    let guest = Person::at_address(server.address);
    let mut newcomer = guest.enter_plain(&room).await;
    assert_eq!(newcomer.call("chat", json!({"room": room, "chat": "me too"})).await["seq"], 4);
    kill_process(Pid::from_child(&server.child), Signal::TERM).unwrap();
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
}

#[test]
fn the_while_is_as_long_as_it_was_set_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = start_with(&folder, &["--shutdown-delay", "1s"]);
    #[allow(clippy::disallowed_methods, reason = "the program's time is the real one")]
    let since = Instant::now();
    kill_process(Pid::from_child(&server.child), Signal::TERM).unwrap();
    until_refused(server.address);
    assert!(since.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
