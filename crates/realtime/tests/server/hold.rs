//! Held sockets: what is said around a moment comes once each, in order, and not before it is let go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gifchat_realtime::{Config, DisconnectReason, Frame, Socket};

use crate::support::{Client, Server, start, within};

/// One that is in no room but that which it is held in.
async fn joined(server: &mut Server) -> (Client, Socket) {
    let client = Client::join(server).await;
    let socket = within(server.connected.recv()).await.unwrap();
    socket.leave("room");
    (client, socket)
}

fn event(number: u64) -> Frame {
    Frame::event("/chat", "n", &number).unwrap().with_id(number)
}

fn say(server: &Server, numbers: impl IntoIterator<Item = u64>) {
    numbers.into_iter().for_each(|number| server.realtime.to("/chat", "held").emit_frame(&event(number)));
}

async fn hear(client: &mut Client, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        assert_eq!(client.next().await, format!("42/chat,[\"n\",{number}]"));
    }
}

#[tokio::test]
async fn nothing_comes_before_it_is_let_go_and_then_everything_once() {
    let mut server = start(Config::default()).await;
    let (mut client, socket) = joined(&mut server).await;
    say(&server, 1..=3);
    socket.hold("held");
    say(&server, 4..=6);
    // What is for itself alone is not held back.
    socket.emit("alone", &0).unwrap();
    server.realtime.to("/chat", "held").emit("plain", &0).unwrap();
    assert_eq!(client.next().await, "42/chat,[\"alone\",0]");
    socket.release("held", vec![event(1), event(5)], Some(5));
    say(&server, 7..=8);
    hear(&mut client, [1, 5, 6]).await;
    assert_eq!(client.next().await, "42/chat,[\"plain\",0]");
    hear(&mut client, 7..=8).await;
    // Held again, it is the same; let go without a number, it gets all.
    socket.hold("held");
    say(&server, 9..=10);
    socket.release("held", vec![], None);
    say(&server, 11..=11);
    hear(&mut client, 9..=11).await;
    socket.leave("held");
    say(&server, 12..=12);
    socket.emit("end", &0).unwrap();
    assert_eq!(client.next().await, "42/chat,[\"end\",0]");
}

#[tokio::test]
async fn a_number_that_is_still_to_come_is_waited_for() {
    let mut server = start(Config::default()).await;
    let (mut client, socket) = joined(&mut server).await;
    socket.hold("held");
    socket.release("held", vec![event(3)], Some(3));
    say(&server, 2..=2);
    socket.emit("between", &0).unwrap();
    say(&server, 3..=4);
    hear(&mut client, [3]).await;
    assert_eq!(client.next().await, "42/chat,[\"between\",0]");
    hear(&mut client, [4]).await;
    // What it has got it does not get again, also when it is held anew meanwhile.
    socket.hold("held");
    socket.release("held", vec![event(5)], Some(5));
    socket.hold("held");
    say(&server, 5..=6);
    socket.release("held", vec![], None);
    hear(&mut client, [5, 6]).await;
    // It can be held while it waits, and leave while it is held.
    socket.hold("held");
    socket.release("held", vec![], Some(9));
    socket.hold("held");
    say(&server, 7..=10);
    socket.release("held", vec![], Some(6));
    hear(&mut client, [10]).await;
    socket.hold("held");
    say(&server, 11..=11);
    socket.leave("held");
    socket.release("held", vec![], None);
    say(&server, 12..=12);
    socket.emit("end", &0).unwrap();
    assert_eq!(client.next().await, "42/chat,[\"end\",0]");
}

#[tokio::test]
async fn selections_find_who_is_held() {
    let mut server = start(Config::default()).await;
    let (mut client, socket) = joined(&mut server).await;
    let (mut other, member) = joined(&mut server).await;
    member.join("held");
    socket.hold("held");
    let all = || server.realtime.to("/chat", "held");
    assert_eq!(all().sockets().await.len(), 2);
    all().to("elsewhere").emit("n", &1).unwrap();
    member.to("held").emit("n", &2).unwrap();
    socket.to("held").emit("n", &3).unwrap();
    all().to("elsewhere").except(&[socket.id()]).emit("n", &4).unwrap();
    all().volatile().emit("n", &5).unwrap();
    server.realtime.to_all("/chat").emit("n", &6).unwrap();
    hear(&mut other, [1, 3, 4, 5, 6]).await;
    hear(&mut client, [6]).await;
    socket.release("held", vec![], None);
    hear(&mut client, [1, 2]).await;
    socket.hold("held");
    all().disconnect();
    assert_eq!(client.next().await, "41/chat,");
}

#[tokio::test]
async fn what_is_kept_is_bounded() {
    for config in
        [Config { outbox_bytes: 10_000, ..Config::default() }, Config { outbox_packets: 100, ..Config::default() }]
    {
        let mut server = start(config).await;
        let (_client, socket) = joined(&mut server).await;
        socket.hold("held");
        say(&server, 1..=1000);
        let ended = within(server.ended.recv()).await.unwrap();
        assert_eq!(ended, (socket.id().to_owned(), DisconnectReason::OutboxFull));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_seam_while_others_write() {
    const LAST: u64 = 30_000;
    let config = Config { outbox_bytes: usize::MAX, outbox_packets: usize::MAX, ..Config::default() };
    let mut server = start(config).await;
    let mut people = Vec::new();
    for _ in 0..20 {
        people.push(joined(&mut server).await);
    }
    // A store whose newest number can be read before that is published.
    let stored = Arc::new(AtomicU64::new(0));
    let writer = tokio::task::spawn_blocking({
        let (stored, realtime) = (Arc::clone(&stored), server.realtime.clone());
        move || {
            for first in (1..=LAST).step_by(10) {
                stored.store(first + 9, Ordering::SeqCst);
                (first..first + 10).for_each(|number| realtime.to("/chat", "held").emit_frame(&event(number)));
            }
        }
    });
    for (index, (client, socket)) in people.iter_mut().enumerate() {
        let mut since = 0;
        // Some come back several times.
        for _ in 0..=index % 3 {
            socket.hold("held");
            let now = stored.load(Ordering::SeqCst);
            socket.release("held", vec![Frame::event("/chat", "now", &now).unwrap()], Some(now));
            let answer = format!("42/chat,[\"now\",{now}]");
            loop {
                let heard = client.next().await;
                if heard == answer {
                    break;
                }
                since += 1;
                assert_eq!(heard, format!("42/chat,[\"n\",{since}]"), "before it was held again");
            }
            assert!(since <= now);
            since = now;
            let next = (now + 50).min(LAST);
            hear(client, now + 1..=next).await;
            since = since.max(next);
        }
    }
    within(writer).await.unwrap();
}
