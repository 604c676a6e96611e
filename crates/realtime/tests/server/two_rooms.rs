//! A socket in a room and in one of its own: held in both, let go in both, and what comes in which order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gifchat_realtime::{Config, Frame, Namespace, Socket};

use crate::support::{Server, within};
use crate::wire::{ALL, EVENTS, SOCKET_IO, Wire, serve};

async fn start() -> Server {
    let config = Config { outbox_bytes: 64 << 20, outbox_packets: 1 << 20, ..Config::default() };
    serve(config, Namespace::new("/chat")).await
}

/// A client that is in neither room yet.
async fn wire(server: &mut Server, path: &str) -> (Wire, Socket) {
    let wire = Wire::open(server.address, path).await;
    (wire, within(server.connected.recv()).await.unwrap())
}

fn event(name: &str, number: u64) -> Frame {
    Frame::event("/chat", name, &format!("#{name}{number}#")).unwrap()
}

/// The room's numbers are ids, those of its own are not.
fn said(number: u64) -> Frame {
    event("s", number).with_id(number)
}

fn whispered(number: u64) -> Frame {
    event("w", number).with_number(number)
}

fn say(server: &Server, number: u64) {
    server.realtime.to("/chat", "room").emit_frame(&said(number));
}

fn whisper(server: &Server, number: u64) {
    server.realtime.to("/chat", "own").emit_frame(&whispered(number));
}

/// All that came until now, and the ids of an event stream.
async fn heard(wire: &mut Wire, socket: &Socket) -> (Vec<String>, Vec<u64>) {
    socket.emit_frame(event("end", 0));
    let text = wire.read_until("#end0#").await;
    let words = text.split('#').enumerate().filter(|(index, _)| index % 2 == 1).map(|(_, word)| word.to_owned());
    let ids = text.lines().filter_map(|line| line.strip_prefix("id: ")).map(|id| id.parse().unwrap());
    (words.collect(), ids.collect())
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn nothing_of_either_room_comes_before_the_answer() {
    for path in ALL {
        // A new one each time: numbers never go back.
        let mut server = start().await;
        let (mut wire, socket) = wire(&mut server, path).await;
        say(&server, 1);
        whisper(&server, 1);
        socket.hold("room");
        socket.hold("own");
        // What is kept; the first of each has been read with what is stored.
        (10..13).for_each(|number| say(&server, number));
        (3..6).for_each(|number| whisper(&server, number));
        socket.release("own", vec![event("ack", 0)], Some(3));
        // Between the two: of its own it hears, of the room not yet.
        say(&server, 13);
        whisper(&server, 6);
        socket.release("room", vec![said(9), said(10)], Some(10));
        say(&server, 14);
        whisper(&server, 7);
        say(&server, 15);
        let (words_heard, ids) = heard(&mut wire, &socket).await;
        let expected = "ack0 w4 w5 w6 s9 s10 s11 s12 s13 s14 w7 s15 end0";
        assert_eq!(words_heard, words(expected), "{path}");
        let expected: Vec<u64> = if path == EVENTS { (9..=15).collect() } else { vec![] };
        assert_eq!(ids, expected, "{path}");
    }
}

/// Numbers of one room say nothing about the other.
#[tokio::test]
async fn each_room_waits_for_its_own_numbers() {
    for path in ALL {
        // A new one each time: numbers never go back.
        let mut server = start().await;
        let (mut wire, socket) = wire(&mut server, path).await;
        socket.hold("room");
        socket.hold("own");
        socket.release("own", vec![event("ack", 0)], Some(2));
        socket.release("room", vec![], Some(40));
        whisper(&server, 2);
        say(&server, 39);
        whisper(&server, 3);
        say(&server, 40);
        whisper(&server, 4);
        say(&server, 41);
        let (words_heard, _) = heard(&mut wire, &socket).await;
        assert_eq!(words_heard, words("ack0 w3 w4 s41 end0"), "{path}");
    }
}

/// A thousand events of one publisher, to the room, to its own, to both, to the room but for another, and to the socket.
#[tokio::test]
async fn one_publisher_is_heard_in_its_order() {
    let mut server = start().await;
    for path in ALL {
        for is_released in [false, true] {
            let (mut wire, socket) = wire(&mut server, path).await;
            for room in ["room", "own"] {
                if is_released {
                    socket.hold(room);
                    socket.release(room, vec![], Some(500));
                } else {
                    socket.join(room);
                }
            }
            for number in 0..1000 {
                let frame = event("n", number);
                let to = |room| server.realtime.to("/chat", room);
                match number % 5 {
                    0 => to("room").emit_frame(&frame),
                    1 => to("own").emit_frame(&frame),
                    2 => to("room").to("own").emit_frame(&frame),
                    3 => to("room").except_room("of another").emit_frame(&frame),
                    _ => socket.emit_frame(frame),
                }
            }
            let (words_heard, _) = heard(&mut wire, &socket).await;
            let expected: Vec<String> = (0..1000).map(|number| format!("n{number}")).chain(words("end0")).collect();
            assert_eq!(words_heard, expected, "{path}");
        }
    }
}

/// What goes to a room without somebody is kept and counted like anything else there.
#[tokio::test]
async fn what_leaves_out_a_room_is_held_and_in_order() {
    let mut server = start().await;
    let (mut writer, writes) = wire(&mut server, SOCKET_IO).await;
    writes.join("room");
    writes.join("of the writer");
    let realtime = server.realtime.clone();
    let but_writer = |number| realtime.to("/chat", "room").except_room("of the writer").emit_frame(&said(number));
    let mut readers = Vec::new();
    for path in ALL {
        readers.push((path, wire(&mut server, path).await));
    }
    readers.iter().for_each(|(_, (_, socket))| socket.hold("room"));
    for number in (1..=8).step_by(2) {
        say(&server, number);
        but_writer(number + 1);
    }
    for (_, (_, socket)) in &readers {
        socket.release("room", vec![event("ack", 0)], Some(3));
    }
    // Held again with the number still to come; and one that is left out brings it.
    readers.iter().for_each(|(_, (_, socket))| socket.hold("room"));
    readers.iter().for_each(|(_, (_, socket))| socket.release("room", vec![], Some(10)));
    say(&server, 9);
    but_writer(10);
    but_writer(11);
    say(&server, 12);
    let typing = Frame::event("/chat", "t", "#t#").unwrap();
    // Who is to hear a hint has taken what came before.
    assert_eq!(heard(&mut writer, &writes).await.0, words("s1 s3 s5 s7 s9 s12 end0"));
    for (path, (wire, socket)) in &mut readers {
        assert_eq!(heard(wire, socket).await.0, words("ack0 s4 s5 s6 s7 s8 s11 s12 end0"), "{path}");
    }
    server.realtime.to("/chat", "room").except_room("of the writer").volatile().emit_frame(&typing);
    assert_eq!(heard(&mut writer, &writes).await.0, words("end0"));
    for (path, (wire, socket)) in &mut readers {
        assert_eq!(heard(wire, socket).await.0, words("t end0"), "{path}");
    }
}

/// Somebody comes again and again while others say and whisper: each room's numbers come once, without a gap, and none
/// before the answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_seam_in_either_room_while_others_write() {
    const LAST: u64 = 10_000;
    let mut server = start().await;
    let stored: Arc<[AtomicU64; 2]> = Arc::default();
    let writer = tokio::task::spawn_blocking({
        let (stored, realtime) = (Arc::clone(&stored), server.realtime.clone());
        move || {
            for number in 1..=LAST {
                stored[0].store(number, Ordering::SeqCst);
                realtime.to("/chat", "room").emit_frame(&said(number));
                stored[1].store(number, Ordering::SeqCst);
                realtime.to("/chat", "own").emit_frame(&whispered(number));
            }
        }
    });
    for round in 0..12 {
        let (mut wire, socket) = wire(&mut server, ALL[round % 3]).await;
        socket.hold("room");
        socket.hold("own");
        let now = [stored[0].load(Ordering::SeqCst), stored[1].load(Ordering::SeqCst)];
        socket.release("own", vec![event("ack", 0)], Some(now[1]));
        socket.release("room", vec![], Some(now[0]));
        let until = (now[0] + 200).min(LAST);
        while stored[1].load(Ordering::SeqCst) < until {
            tokio::task::yield_now().await;
        }
        let (words_heard, _) = heard(&mut wire, &socket).await;
        assert_eq!(words_heard[0], "ack0");
        for (letter, now) in ["s", "w"].into_iter().zip(now) {
            let numbers = words_heard.iter().filter_map(|word| word.strip_prefix(letter)?.parse::<u64>().ok());
            let numbers: Vec<u64> = numbers.collect();
            let gap = numbers.iter().zip(now + 1..).find(|(number, expected)| *number != expected);
            assert!(gap.is_none(), "{letter} after {now}: {gap:?}");
        }
    }
    within(writer).await.unwrap();
}
