//! Streams of events: no gap and no double around their start, bounded, and ended once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gifchat_realtime::{Admission, Config, DisconnectReason, EventStream, Frame, Namespace, Socket};
use http_body_util::BodyExt;

use crate::support::{Server, watch, within};

async fn start(config: Config) -> Server {
    watch(config, Namespace::new("/chat")).await
}

fn open(server: &Server) -> (Socket, EventStream) {
    let (socket, stream) = server.realtime.event_stream("/chat", Admission::new(())).unwrap();
    socket.join("room");
    (socket, stream)
}

/// The same, with everything kept until it is released.
fn hold(server: &Server) -> (Socket, EventStream) {
    let (socket, stream) = server.realtime.event_stream("/chat", Admission::new(())).unwrap();
    socket.hold("room");
    (socket, stream)
}

fn event(number: u64) -> Frame {
    Frame::event("/chat", "n", &number).unwrap().with_id(number)
}

/// Reads until the event of that number, and gives all numbers, which each have their right data.
async fn read_until(stream: &mut EventStream, last: u64) -> Vec<u64> {
    let mut text = String::new();
    let mut numbers = Vec::new();
    while numbers.last() != Some(&last) {
        let piece = within(stream.frame()).await.expect("it goes on").unwrap().into_data().unwrap();
        text += std::str::from_utf8(&piece).unwrap();
        while numbers.last() != Some(&last)
            && let Some((event, rest)) = text.split_once("\n\n")
        {
            let lines: Vec<&str> = event.lines().collect();
            let number = lines[0].strip_prefix("id: ").unwrap();
            assert_eq!(lines[1..], ["event: n", &format!("data: {number}")]);
            numbers.push(number.parse().unwrap());
            text = rest.to_owned();
        }
    }
    numbers
}

#[tokio::test]
async fn what_was_stored_and_what_is_said_meanwhile_come_once_each() {
    let server = start(Config::default()).await;
    let (socket, mut stream) = hold(&server);
    let said = |numbers: std::ops::RangeInclusive<u64>| {
        numbers.for_each(|number| server.realtime.to("/chat", "room").emit_frame(&event(number)));
    };
    said(5..=5);
    // All of it has been heard when this is answered.
    assert_eq!(server.realtime.to("/chat", "room").sockets().await.len(), 1);
    socket.release("room", vec![event(4), event(5), event(6)], Some(6));
    // Stored before, and on its way only now.
    said(6..=20);
    assert_eq!(read_until(&mut stream, 20).await, (4..=20).collect::<Vec<_>>());
    assert!(socket.is_connected());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missed_or_doubled_while_others_write() {
    let config = Config { outbox_bytes: usize::MAX, outbox_packets: usize::MAX, ..Config::default() };
    let server = start(config).await;
    let stored = Arc::new(AtomicU64::new(0));
    let writer = tokio::task::spawn_blocking({
        let (stored, realtime) = (Arc::clone(&stored), server.realtime.clone());
        move || {
            for number in 1..=20_000 {
                stored.store(number, Ordering::SeqCst);
                realtime.to("/chat", "room").emit_frame(&event(number));
            }
        }
    });
    for _ in 0..20 {
        let (socket, mut stream) = hold(&server);
        let now = stored.load(Ordering::SeqCst);
        let first: Vec<Frame> = (1..=now).map(event).collect();
        socket.release("room", first, Some(now));
        let next = (stored.load(Ordering::SeqCst) + 100).min(20_000);
        assert!(read_until(&mut stream, next).await.iter().copied().eq(1..=next));
    }
    within(writer).await.unwrap();
}

#[tokio::test]
async fn who_takes_nothing_is_ended_by_bytes_and_by_time() {
    let stall_limit = Duration::from_millis(200);
    let default = Config::default();
    for (config, reason) in [
        (Config { outbox_bytes: 10_000, ..default.clone() }, DisconnectReason::OutboxFull),
        (Config { outbox_packets: 10, ..default.clone() }, DisconnectReason::OutboxFull),
        (Config { stall_limit, ..default }, DisconnectReason::Stalled),
    ] {
        let mut server = start(config).await;
        let (_reads, mut reads) = open(&server);
        let (socket, mut stream) = open(&server);
        let few = if reason == DisconnectReason::Stalled { 5 } else { 1000 };
        for number in 1..=few {
            server.realtime.to("/chat", "room").emit_frame(&event(number));
            assert_eq!(read_until(&mut reads, number).await, [number]);
        }
        assert_eq!(within(server.ended.recv()).await.unwrap(), (socket.id().to_owned(), reason));
        assert!(within(stream.frame()).await.is_none(), "nothing more comes");
        server.realtime.to("/chat", "room").emit_frame(&event(5000));
        assert_eq!(read_until(&mut reads, 5000).await, [5000]);
        drop(stream);
        within(server.realtime.shutdown()).await;
        assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::ServerShutdown);
        assert!(server.ended.try_recv().is_err(), "each end is told once");
    }
}

#[tokio::test]
async fn one_that_is_never_released_is_bounded_too() {
    let mut server = start(Config { outbox_bytes: 10_000, ..Config::default() }).await;
    let (_socket, mut stream) = hold(&server);
    for number in 1..=1000 {
        server.realtime.to("/chat", "room").emit_frame(&event(number));
    }
    assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::OutboxFull);
    assert!(within(stream.frame()).await.is_none());
}

#[tokio::test]
async fn dropping_it_is_its_end() {
    let mut server = start(Config::default()).await;
    let (socket, stream) = open(&server);
    assert_eq!(server.realtime.connections(), 1);
    drop(stream);
    let ended = within(server.ended.recv()).await.unwrap();
    assert_eq!(ended, (socket.id().to_owned(), DisconnectReason::TransportClosed));
    assert!(!socket.is_connected());
    assert_eq!(server.realtime.connections(), 0);
    within(server.realtime.shutdown()).await;
    assert!(server.ended.try_recv().is_err());
}

#[tokio::test]
async fn at_the_end_of_the_server_what_waits_is_sent_and_then_it_ends() {
    let mut server = start(Config::default()).await;
    let (_socket, mut stream) = open(&server);
    (1..=3).for_each(|number| server.realtime.to("/chat", "room").emit_frame(&event(number)));
    within(server.realtime.shutdown()).await;
    assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::ServerShutdown);
    assert_eq!(read_until(&mut stream, 3).await, [1, 2, 3]);
    assert!(within(stream.frame()).await.is_none());
}

#[tokio::test]
async fn what_a_client_wrote_over_several_lines_is_one_event() {
    let server = start(Config::default()).await;
    let (socket, mut stream) = open(&server);
    let value: Box<serde_json::value::RawValue> = serde_json::from_str("{\n\r\n\"a\": \"\\n\"}").unwrap();
    socket.emit_frame(Frame::event("/chat", "n", &value).unwrap());
    let piece = within(stream.frame()).await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(piece, "event: n\ndata: {   \"a\": \"\\n\"}\n\n");
}

#[tokio::test]
async fn there_must_be_room_and_such_a_namespace() {
    let server = start(Config { max_connections: 1, ..Config::default() }).await;
    let refused = |namespace: &str| server.realtime.event_stream(namespace, Admission::new(())).map(|_| ());
    assert_eq!(refused("/nowhere").unwrap_err().status, 404);
    let _stream = open(&server);
    assert_eq!(refused("/chat").unwrap_err().status, 503);
}
