//! Throwing out who is in a room: over every transport, whether the client reads or not, and nothing comes after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gifchat_realtime::{Config, DisconnectReason, Frame, Namespace, Socket};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

use crate::support::{Client, Poller, Server, within};
use crate::wire::{ALL, EVENTS, PLAIN, SOCKET_IO, Wire, holds, serve};

const WORD: usize = 10_000;

async fn start() -> Server {
    // What waits for those who do not read is to find room.
    let config = Config { outbox_bytes: 64 << 20, outbox_packets: 1 << 20, ..Config::default() };
    serve(config, Namespace::new("/chat")).await
}

/// Everybody is in `room`, and in a room of its own, which is named by its id.
async fn seat(server: &mut Server) -> Socket {
    let socket = within(server.connected.recv()).await.unwrap();
    socket.join("room");
    socket.join(socket.id());
    socket
}

async fn wire(server: &mut Server, path: &str) -> (Wire, Socket) {
    let wire = Wire::open(server.address, path).await;
    (wire, seat(server).await)
}

fn kick() -> Option<Frame> {
    Some(Frame::event("/chat", "kick", &serde_json::json!({ "until": 1 })).unwrap())
}

async fn expel(server: &Server, socket: &Socket) {
    within(server.realtime.to("/chat", socket.id()).expel(kick())).await;
    assert!(!socket.is_connected());
}

fn say(server: &Server, event: &str) {
    server.realtime.to("/chat", "room").emit(event, &"x".repeat(WORD)).unwrap();
}

/// It has ended, once and for that reason.
async fn is_out(server: &mut Server, socket: &Socket) {
    let ended = within(server.ended.recv()).await.unwrap();
    assert_eq!(ended, (socket.id().to_owned(), DisconnectReason::Expelled));
}

/// Somebody in the room who reads: nothing is to be felt there.
struct Canary(Client, Socket);

impl Canary {
    async fn new(server: &mut Server) -> Self {
        let mut client = Client::to(server.address, SOCKET_IO).await;
        client.send("40/chat,").await;
        assert!(client.next().await.starts_with("0{"));
        assert!(client.next().await.starts_with("40/chat,{"));
        Self(client, seat(server).await)
    }

    async fn hears(&mut self, event: &str, times: usize) {
        for _ in 0..times {
            let heard = self.0.next().await;
            assert!(heard.starts_with(&format!("42/chat,[\"{event}\",\"xxx")), "{heard:.60}");
        }
    }

    async fn lives(mut self, server: &mut Server) {
        server.realtime.to("/chat", "room").emit("alive", &0).unwrap();
        assert_eq!(self.0.next().await, "42/chat,[\"alive\",0]");
        assert_eq!(server.realtime.connections(), 1);
        assert!(self.1.is_connected());
        assert!(server.ended.try_recv().is_err(), "each end is told once");
    }
}

#[tokio::test]
async fn who_reads_is_told_and_then_it_is_over() {
    let mut server = start().await;
    let mut canary = Canary::new(&mut server).await;
    for (path, last) in [
        (SOCKET_IO, "\u{81}\u{1c}42/chat,[\"kick\",{\"until\":1}]\u{81}\u{8}41/chat,\u{88}\u{2}\u{3}\u{f0}"),
        (PLAIN, "\u{81}\u{19}{\"type\":\"kick\",\"until\":1}\u{88}\u{2}\u{3}\u{f0}"),
        (EVENTS, "event: kick\ndata: {\"until\":1}\n\n\r\n0\r\n\r\n"),
    ] {
        let (mut wire, socket) = wire(&mut server, path).await;
        expel(&server, &socket).await;
        say(&server, "after");
        socket.emit("after", &0).unwrap();
        let (heard, in_order) = wire.drain().await;
        let last: Vec<u8> = last.chars().map(|byte| byte as u8).collect();
        assert!(heard.ends_with(&last), "{path}: {}", String::from_utf8_lossy(&heard));
        assert!(in_order && !holds(&heard, "after"), "{path}");
        is_out(&mut server, &socket).await;
        canary.hears("after", 1).await;
    }
    canary.lives(&mut server).await;
}

/// The windows of these clients are closed and megabytes wait for them.
#[tokio::test]
async fn who_does_not_read_is_cut_off_at_once() {
    const WORDS: usize = 500;
    let mut server = start().await;
    let mut canary = Canary::new(&mut server).await;
    let mut deaf = Vec::new();
    for path in ALL {
        deaf.push((path, wire(&mut server, path).await));
    }
    for _ in 0..WORDS {
        say(&server, "n");
    }
    for (_, (_, socket)) in &deaf {
        expel(&server, socket).await;
        is_out(&mut server, socket).await;
    }
    assert_eq!(server.realtime.connections(), 1);
    say(&server, "after");
    for (path, (wire, _)) in &mut deaf {
        let (heard, in_order) = wire.drain().await;
        assert!(!holds(&heard, "after") && heard.len() < WORDS * WORD / 2, "{path}: {}", heard.len());
        // What an HTTP server has taken is no longer ours; in place of the rest comes the word.
        assert_eq!((in_order, holds(&heard, "kick")), (*path == EVENTS, *path == EVENTS), "{path}");
    }
    canary.hears("n", WORDS).await;
    canary.hears("after", 1).await;
    canary.lives(&mut server).await;
}

/// Nothing waits here, but the system could not send all of it.
#[tokio::test]
async fn what_the_system_holds_for_a_closed_window_is_forgotten() {
    const WORDS: usize = 5;
    let mut server = start().await;
    for path in [SOCKET_IO, PLAIN] {
        let (mut wire, socket) = wire(&mut server, path).await;
        for _ in 0..WORDS {
            say(&server, "n");
        }
        expel(&server, &socket).await;
        let (heard, in_order) = wire.drain().await;
        assert!(heard.len() < WORDS * WORD && !in_order && !holds(&heard, "kick"), "{path}: {}", heard.len());
        is_out(&mut server, &socket).await;
    }
}

#[tokio::test]
async fn a_poll_is_answered_with_the_word_and_the_next_refused() {
    const FAREWELL: &str = "42/chat,[\"kick\",{\"until\":1}]\u{1e}41/chat,";
    let mut server = start().await;
    let canary = Canary::new(&mut server).await;
    for waits in [true, false] {
        let poller = Poller::open(server.address, "EIO=4").await;
        assert_eq!(poller.post("40/chat,").await, 200);
        assert!(poller.get().await.starts_with("40/chat,"));
        let socket = seat(&mut server).await;
        if waits {
            let poll = tokio::spawn({
                let (http, url) = (poller.http.clone(), poller.url.clone());
                async move { http.get(url).send().await.unwrap().text().await.unwrap() }
            });
            // Other requests go and come meanwhile, so that one will lie there; what is asserted holds if not, too.
            for _ in 0..10 {
                within(poller.http.get(format!("http://{}{EVENTS}x", server.address)).send()).await.unwrap();
            }
            expel(&server, &socket).await;
            assert_eq!(within(poll).await.unwrap(), FAREWELL);
        } else {
            socket.emit("waits", &0).unwrap();
            expel(&server, &socket).await;
            assert_eq!(poller.post("42/chat,[\"say\"]").await, 400);
            assert_eq!(poller.get().await, FAREWELL);
        }
        assert_eq!(poller.get().await, "1");
        let next = within(poller.http.get(&poller.url).send()).await.unwrap();
        assert_eq!(next.status(), 400);
        assert_eq!(poller.post("42/chat,[\"say\"]").await, 400);
        is_out(&mut server, &socket).await;
    }
    canary.lives(&mut server).await;
}

/// One event is being handled, one waits behind it, and one waits in its request for room.
#[tokio::test]
async fn a_request_that_waits_for_room_is_refused() {
    let (gate, marks) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicU64::new(0)));
    let chat = Namespace::new("/chat").on("mark", {
        let (gate, marks) = (Arc::clone(&gate), Arc::clone(&marks));
        move |_, _| {
            marks.fetch_add(1, Ordering::SeqCst);
            let gate = Arc::clone(&gate);
            async move { drop(gate.acquire().await.unwrap()) }
        }
    });
    let mut server = serve(Config { inbound_packets: 1, ..Config::default() }, chat).await;
    let poller = Poller::open(server.address, "EIO=4").await;
    assert_eq!(poller.post("40/chat,").await, 200);
    let socket = seat(&mut server).await;
    let (sent, expelled) = tokio::join!(poller.post(["42/chat,[\"mark\"]"; 4].join("\u{1e}")), async {
        while marks.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        expel(&server, &socket).await;
    });
    assert_eq!((sent, expelled), (400, ()));
    gate.add_permits(1);
    is_out(&mut server, &socket).await;
    assert_eq!(marks.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_stream_that_is_no_tcp_socket_is_ended_the_same_way() {
    let mut server = start().await;
    for reads in [true, false] {
        let (ours, mut theirs) = tokio::io::duplex(1024);
        let service = TowerToHyperService::new(server.realtime.plain_service("/chat"));
        let http = hyper::server::conn::http1::Builder::new();
        tokio::spawn(http.serve_connection(TokioIo::new(ours), service).with_upgrades());
        let hello = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        theirs.write_all(hello.as_bytes()).await.unwrap();
        let socket = seat(&mut server).await;
        if !reads {
            say(&server, "n");
        }
        expel(&server, &socket).await;
        say(&server, "after");
        let mut heard = Vec::new();
        let _ = within(theirs.read_to_end(&mut heard)).await;
        assert!(!holds(&heard, "after") && heard.len() < WORD);
        assert_eq!(holds(&heard, "{\"type\":\"kick\",\"until\":1}"), reads);
        is_out(&mut server, &socket).await;
    }
}

#[tokio::test]
async fn what_is_kept_for_one_that_is_held_goes_too() {
    let mut server = start().await;
    let canary = Canary::new(&mut server).await;
    for path in ALL {
        let mut wire = Wire::open(server.address, path).await;
        let socket = within(server.connected.recv()).await.unwrap();
        socket.hold("room");
        socket.hold("own");
        server.realtime.to("/chat", "room").emit_frame(&Frame::event("/chat", "kept", &0).unwrap());
        let out = server.realtime.to("/chat", "own").expel(kick());
        // Too late, whether it is done or not.
        socket.release("own", vec![Frame::event("/chat", "kept", &1).unwrap()], None);
        socket.release("room", vec![], None);
        within(out).await;
        let (heard, in_order) = wire.drain().await;
        assert!(in_order && holds(&heard, "kick") && !holds(&heard, "kept"), "{path}");
        is_out(&mut server, &socket).await;
    }
    let Canary(mut client, socket) = canary;
    for _ in ALL {
        assert_eq!(client.next().await, "42/chat,[\"kept\",0]");
    }
    Canary(client, socket).lives(&mut server).await;
}

#[tokio::test]
async fn whoever_joined_before_is_found_and_nobody_is_no_harm() {
    let mut server = start().await;
    let realtime = server.realtime.clone();
    let mut canary = Canary::new(&mut server).await;
    for round in 0..50 {
        let (socket, mut stream) = realtime.event_stream("/chat", gifchat_realtime::Admission::new(())).unwrap();
        // The same name again and again: it is another topic each time.
        socket.join("own");
        let (first, second) = (realtime.to("/chat", "own").expel(None), realtime.to("/chat", "own").expel(kick()));
        socket.join("own");
        if round % 2 == 0 {
            within(first).await;
        } else {
            // It has begun all the same.
            drop(first);
            within(second).await;
        }
        assert!(!socket.is_connected(), "{round}");
        assert!(within(stream.frame()).await.is_none(), "{round}");
        is_out(&mut server, &socket).await;
    }
    within(realtime.to("/chat", "nobody").expel(kick())).await;
    within(realtime.to("/elsewhere", "room").expel(kick())).await;
    within(realtime.to_all("/chat").except(&[canary.1.id()]).expel(kick())).await;
    within(realtime.to("/chat", "room").to("nobody").except_room(canary.1.id()).expel(kick())).await;
    say(&server, "n");
    canary.hears("n", 1).await;
    canary.lives(&mut server).await;
    within(realtime.shutdown()).await;
    within(realtime.to_all("/chat").expel(kick())).await;
}

/// Others write without a pause. What was said when it was over reaches none of those who went, and all who stayed hear
/// everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_comes_after_it_while_others_write() {
    const LAST: u64 = 20_000;
    let mut server = start().await;
    let mut canary = Canary::new(&mut server).await;
    let said = Arc::new(AtomicU64::new(0));
    let mut people = Vec::new();
    for index in 0..12 {
        let path = ALL[index % ALL.len()];
        let (mut wire, socket) = wire(&mut server, path).await;
        let (go, gone) = tokio::sync::oneshot::channel::<()>();
        // One half of them reads all the time, the other only when it is over.
        let heard = tokio::spawn(async move {
            if index >= 6 {
                let _ = gone.await;
            }
            wire.drain().await.0
        });
        people.push((path, socket, go, heard));
    }
    let writer = tokio::task::spawn_blocking({
        let (said, realtime) = (Arc::clone(&said), server.realtime.clone());
        move || {
            for number in 1..=LAST {
                said.store(number, Ordering::SeqCst);
                realtime.to("/chat", "room").emit("n", &format!("#{number}#")).unwrap();
            }
        }
    });
    for (index, (path, socket, go, heard)) in people.into_iter().enumerate() {
        while said.load(Ordering::SeqCst) < index as u64 * 1000 {
            tokio::task::yield_now().await;
        }
        expel(&server, &socket).await;
        let over = said.load(Ordering::SeqCst);
        let _ = go.send(());
        let heard = String::from_utf8_lossy(&within(heard).await.unwrap()).into_owned();
        // The last piece may have been cut off.
        let whole = heard.rsplit_once('#').map_or("", |(whole, _)| whole);
        let numbers = whole.split('#').filter_map(|piece| piece.parse::<u64>().ok());
        let mut next = None;
        for number in numbers {
            assert!(number <= over, "{path}: {number} was said after {over}");
            assert!(next.is_none_or(|next| next == number), "{path}: {number}");
            next = Some(number + 1);
        }
        is_out(&mut server, &socket).await;
    }
    within(writer).await.unwrap();
    for number in 1..=LAST {
        assert_eq!(canary.0.next().await, format!("42/chat,[\"n\",\"#{number}#\"]"));
    }
    canary.lives(&mut server).await;
}
