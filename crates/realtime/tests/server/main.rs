//! A whole server on a port of its own, and clients that behave well, badly, or not at all.
#![allow(clippy::unwrap_used, reason = "a test may end where it fails")]

mod binary;
mod bounds;
mod engine_3;
mod event_stream;
mod expel;
mod hold;
mod kick;
mod namespaces;
mod operators;
mod plain;
mod shutdown;
mod support;
mod two_rooms;
mod wire;

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use gifchat_realtime::{AckError, Config, DisconnectReason};
use support::{Client, PATIENCE, start, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn events_of_one_client_are_handled_in_order() {
    let server = start(Config::default()).await;
    let mut client = Client::join(&server).await;
    for number in 0..500 {
        client.send(&format!("42/chat,[\"echo\",{number}]")).await;
    }
    for number in 0..500 {
        assert_eq!(client.next().await, format!("42/chat,[\"echo\",{number}]"));
    }
}

#[tokio::test]
async fn broadcasts_reach_the_room_but_those_excepted_in_one_order() {
    let mut server = start(Config::default()).await;
    let mut clients = Vec::new();
    let mut sockets = Vec::new();
    for _ in 0..4 {
        clients.push(Client::join(&server).await);
        sockets.push(within(server.connected.recv()).await.unwrap());
    }
    for number in 0..100 {
        server.realtime.to("/chat", "room").except(&[sockets[0].id()]).emit("n", &number).unwrap();
        server.realtime.to_all("/chat").emit("all", &number).unwrap();
        sockets[1].emit("own", &number).unwrap();
    }
    for (index, client) in clients.iter_mut().enumerate() {
        for number in 0..100 {
            if index != 0 {
                assert_eq!(client.next().await, format!("42/chat,[\"n\",{number}]"));
            }
            assert_eq!(client.next().await, format!("42/chat,[\"all\",{number}]"));
            if index == 1 {
                assert_eq!(client.next().await, format!("42/chat,[\"own\",{number}]"));
            }
        }
    }
    sockets[2].leave("room");
    server.realtime.to("/chat", "room").emit("n", "left").unwrap();
    server.realtime.to_all("/chat").emit("all", "end").unwrap();
    assert_eq!(clients[2].next().await, "42/chat,[\"all\",\"end\"]");
    assert_eq!(clients[3].next().await, "42/chat,[\"n\",\"left\"]");
}

#[tokio::test]
async fn acknowledgements_go_both_ways() {
    let mut server = start(Config::default()).await;
    let mut client = Client::join(&server).await;
    client.send("42/chat,9[\"count\",[1,2]]").await;
    assert_eq!(client.next().await, "43/chat,9[{\"got\":[1,2]}]");

    let socket = within(server.connected.recv()).await.unwrap();
    assert_eq!(socket.peer::<u32>(), Some(&7));
    let asked = tokio::spawn({
        let socket = socket.clone();
        async move { socket.emit_with_ack("ask", "?", PATIENCE).await.map(|answer| answer.arg::<u32>(0)) }
    });
    assert_eq!(client.next().await, "42/chat,1[\"ask\",\"?\"]");
    client.send("43/chat,1[42]").await;
    assert_eq!(within(asked).await.unwrap(), Ok(Some(42)));

    let unanswered = socket.emit_with_ack("ask", "?", Duration::from_millis(20)).await;
    assert_eq!(unanswered.unwrap_err(), AckError::TimedOut);
    let cut = tokio::spawn(async move { socket.emit_with_ack("ask", "?", PATIENCE).await.map(|_| ()) });
    while !client.next().await.contains("/chat,3[") {}
    drop(client);
    assert_eq!(within(cut).await.unwrap(), Err(AckError::Disconnected));
}

#[tokio::test]
async fn a_refusal_reaches_the_client_with_its_data() {
    let mut server = start(Config::default()).await;
    let mut client = Client::open(&server).await;
    client.send("40/nowhere,").await;
    assert_eq!(client.next().await, "44/nowhere,{\"message\":\"Invalid namespace\"}");
    client.send("40/chat,{\"refuse\":true}").await;
    assert_eq!(client.next().await, "44/chat,{\"message\":\"no\",\"data\":{\"code\":7}}");
    client.send("40/chat,{\"refuse\":false}").await;
    assert!(client.next().await.starts_with("40/chat,{\"sid\":"));
    within(server.connected.recv()).await.unwrap();
    assert!(server.ended.try_recv().is_err(), "who was refused has not been there");
}

#[tokio::test]
async fn each_end_runs_its_handler_once_with_its_reason() {
    let mut server = start(Config::default()).await;

    let mut leaves = Client::join(&server).await;
    leaves.send("41/chat,").await;
    assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::ClientLeft);

    drop(Client::join(&server).await);
    assert!(matches!(
        within(server.ended.recv()).await.unwrap().1,
        DisconnectReason::TransportClosed | DisconnectReason::TransportError
    ));

    let mut violates = Client::join(&server).await;
    violates.send("42/chat,{}").await;
    assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::ProtocolError);
    assert_eq!(violates.next().await, "closed");

    let mut kicked = Client::join(&server).await;
    let mut socket = None;
    while let Ok(newest) = server.connected.try_recv() {
        socket = Some(newest);
    }
    let socket = match socket {
        Some(socket) => socket,
        None => within(server.connected.recv()).await.unwrap(),
    };
    socket.disconnect();
    socket.disconnect();
    assert!(!socket.is_connected());
    assert_eq!(kicked.next().await, "41/chat,");
    assert_eq!(
        within(server.ended.recv()).await.unwrap(),
        (socket.id().to_owned(), DisconnectReason::ServerDisconnected)
    );
    kicked.send("42/chat,[\"echo\",1]").await;
    kicked.send("40/chat,").await;
    assert!(kicked.next().await.starts_with("40/chat,{\"sid\":"), "nothing was heard of a socket that was ended");

    let _stays = Client::join(&server).await;
    within(server.realtime.shutdown()).await;
    let mut reasons = vec![within(server.ended.recv()).await.unwrap().1, within(server.ended.recv()).await.unwrap().1];
    reasons.dedup();
    assert_eq!(reasons, [DisconnectReason::ServerShutdown]);
    assert!(server.ended.try_recv().is_err());
    assert_eq!(server.realtime.connections(), 0);
}

/// A client that joins and then never reads: its window closes while others go on.
#[tokio::test]
async fn who_does_not_read_is_closed_by_bound_and_by_time_and_nobody_else_feels_it() {
    for (config, reason) in [
        (Config { outbox_bytes: 200_000, ..Config::default() }, DisconnectReason::OutboxFull),
        (
            Config {
                outbox_bytes: usize::MAX,
                outbox_packets: usize::MAX,
                stall_limit: Duration::from_millis(300),
                ..Config::default()
            },
            DisconnectReason::Stalled,
        ),
    ] {
        let mut server = start(config).await;
        let mut reads = Client::join(&server).await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut deaf = socket.connect(server.address).await.unwrap();
        let hello = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        deaf.write_all(hello.as_bytes()).await.unwrap();
        deaf.write_all(b"\x81\x88\x00\x00\x00\x0040/chat,").await.unwrap();
        for _ in 0..2 {
            within(server.connected.recv()).await.unwrap();
        }
        let word = "x".repeat(10_000);
        let mut sent = 0;
        let ended = loop {
            server.realtime.to("/chat", "room").emit("n", &word).unwrap();
            sent += 1;
            assert_eq!(reads.next().await.len(), 10_000 + 16);
            if let Ok(ended) = server.ended.try_recv() {
                break ended;
            }
            assert!(sent < 200_000, "it was never closed");
        };
        assert_eq!(ended.1, reason);
        server.realtime.to("/chat", "room").emit("n", "still here").unwrap();
        assert_eq!(reads.next().await, "42/chat,[\"n\",\"still here\"]");
        assert!(server.ended.try_recv().is_err());
        drop(deaf);
    }
}

#[tokio::test]
async fn silence_is_closed() {
    let config = Config {
        ping_interval: Duration::from_millis(100),
        ping_timeout: Duration::from_secs(1),
        connect_timeout: Duration::from_secs(1),
        ..Config::default()
    };
    let mut server = start(config).await;
    let mut idle = Client::open(&server).await;
    assert_eq!(idle.next().await, "closed", "it never joined a namespace");
    let mut mute = Client::join(&server).await;
    assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::PingTimeout);
    // It reads only now: the ping lies there, and then the end.
    while !matches!(within(mute.0.next()).await, None | Some(Err(_)) | Some(Ok(Message::Close(_)))) {}
    let mut alive = Client::join(&server).await;
    let echoed = tokio::time::timeout(Duration::from_millis(1500), alive.next()).await;
    assert!(echoed.is_err(), "a client that answers pings stays");
}

#[tokio::test]
async fn no_bytes_of_a_stranger_reach_anybody_else() {
    let mut server = start(Config::default()).await;
    let mut canary = Client::join(&server).await;
    within(server.connected.recv()).await.unwrap();
    let payloads: [&str; 12] = [
        "42/chat,[\"panic\"]",
        "42/chat,[{\"toString\":1}]",
        "42/chat,[\"error\",1]",
        "4511-/chat,[\"x\",{\"_placeholder\":true,\"num\":0}]",
        "4",
        "",
        "9",
        "42/chat,[\"connect\"]",
        "40/chat,",
        "2probe",
        "42[\"x\"]",
        "43/chat,99999999999999999999[1]",
    ];
    for payload in payloads {
        let mut hostile = Client::join(&server).await;
        let _ = hostile.0.send(Message::text(payload)).await;
        let _ = hostile.0.send(Message::binary(vec![0xff; 100])).await;
        while hostile.next().await != "closed" {}
    }
    let deep = format!("42/chat,[\"echo\",{}{}]", "[".repeat(30_000), "]".repeat(30_000));
    let mut nested = Client::join(&server).await;
    nested.send(&deep).await;
    assert_eq!(nested.next().await, "42/chat,[\"echo\",null]");
    let mut raw = TcpStream::connect(server.address).await.unwrap();
    raw.write_all(b"POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\n4\xff\xff").await.unwrap();
    let mut answer = String::new();
    raw.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    canary.send("42/chat,[\"echo\",5]").await;
    assert_eq!(canary.next().await, "42/chat,[\"echo\",5]");
}

#[tokio::test]
async fn polling_keeps_to_the_protocol() {
    let server = start(Config { max_payload: 1000, ..Config::default() }).await;
    let http = reqwest::Client::new();
    let url = format!("http://{}/socket.io/?EIO=4&transport=polling", server.address);
    let get = |url: String| {
        let http = http.clone();
        async move {
            let answer = http.get(url).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        }
    };
    let post = |url: String, body: &'static str| {
        let http = http.clone();
        async move { http.post(url).body(body).send().await.unwrap().status().as_u16() }
    };
    let refused = |code: u8, message: &str| (400, format!("{{\"code\":{code},\"message\":\"{message}\"}}"));
    assert_eq!(get(url.replace("EIO=4", "EIO=9")).await, refused(5, "Unsupported protocol version"));
    assert_eq!(get(url.replace("polling", "smoke")).await, refused(0, "Transport unknown"));
    assert_eq!(get(format!("{url}&sid=nobody")).await, refused(1, "Session ID unknown"));
    assert_eq!(post(url.clone(), "").await, 400);
    let foreign = http.get(&url).header("origin", "http://evil.example").send().await.unwrap();
    assert_eq!(foreign.status(), 403);

    let open = |answer: String| -> String {
        let open: serde_json::Value = serde_json::from_str(answer.strip_prefix('0').unwrap()).unwrap();
        assert_eq!(open["maxPayload"], 1000);
        format!("{url}&sid={}", open["sid"].as_str().unwrap())
    };
    let session = open(get(url.clone()).await.1);
    assert_eq!(post(session.clone(), "40/chat,").await, 200);
    let mut heard = String::new();
    while !heard.contains("welcome") {
        let (status, body) = get(session.clone()).await;
        assert_eq!(status, 200);
        heard.push_str(&body);
    }
    assert_eq!(
        post(session.clone(), "42/chat,[\"echo\",1]\x1e42/chat,[\"echo\",2]\x1e42/chat,[\"echo\",3]").await,
        200
    );
    let mut heard = String::new();
    while heard.matches("echo").count() < 3 {
        heard = heard + "\x1e" + &get(session.clone()).await.1;
    }
    let order: Vec<&str> = heard.split('\x1e').filter(|packet| !packet.is_empty()).collect();
    assert_eq!(order, ["42/chat,[\"echo\",1]", "42/chat,[\"echo\",2]", "42/chat,[\"echo\",3]"]);

    // Two polls at once end the connection, and so does a body over the limit.
    let (one, two) = tokio::join!(get(session.clone()), get(session.clone()));
    let mut both = [one, two];
    both.sort();
    assert_eq!(both[0], (200, "1".to_owned()), "the first is told that it is over");
    assert_eq!(both[1].0, 400);
    assert_eq!(get(session).await, refused(1, "Session ID unknown"));
    let session = open(get(url.clone()).await.1);
    let large = http.post(&session).body("4".repeat(1001)).send().await.unwrap();
    assert_eq!(large.status(), 413);
    assert_eq!(get(session).await, refused(1, "Session ID unknown"));
}

#[tokio::test]
async fn there_is_room_for_so_many() {
    let server = start(Config { max_connections: 1, ..Config::default() }).await;
    let only = Client::join(&server).await;
    let url = format!("http://{}/socket.io/?EIO=4&transport=polling", server.address);
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 503);
    drop(only);
    // Its place is free as soon as the server has seen it go.
    within(async { while reqwest::get(&url).await.unwrap().status() != 200 {} }).await;
}
