//! Speaking to many: who is meant, once each, and what may be lost.

use gifchat_realtime::{Config, DisconnectReason, Frame, Namespace, Socket};

use crate::support::{Client, SOCKET_IO, Server, start, watch, within};

/// So many clients in `/chat`, with their sockets in the same order.
async fn joined(server: &mut Server, count: usize) -> (Vec<Client>, Vec<Socket>) {
    let (mut clients, mut sockets) = (Vec::new(), Vec::new());
    for _ in 0..count {
        clients.push(Client::join(server).await);
        sockets.push(within(server.connected.recv()).await.unwrap());
    }
    (clients, sockets)
}

/// Everybody hears what was meant for it, once, and nothing else.
async fn hear(server: &Server, clients: &mut [Client], expected: &[&[u32]]) {
    server.realtime.to_all("/chat").emit("end", &0).unwrap();
    for (index, client) in clients.iter_mut().enumerate() {
        for number in expected[index] {
            assert_eq!(client.next().await, format!("42/chat,[\"n\",{number}]"), "client {index}");
        }
        assert_eq!(client.next().await, "42/chat,[\"end\",0]", "client {index}");
    }
}

#[tokio::test]
async fn several_rooms_are_reached_once_each_without_those_left_out() {
    let mut server = start(Config::default()).await;
    let (mut clients, sockets) = joined(&mut server, 4).await;
    for (socket, rooms) in sockets.iter().zip([&["red", "blue"][..], &["red"], &["blue", "quiet"], &[]]) {
        rooms.iter().for_each(|room| socket.join(room));
    }
    let to_red = || server.realtime.to("/chat", "red");
    to_red().to("blue").emit("n", &1).unwrap();
    to_red().to("blue").except_room("quiet").emit("n", &2).unwrap();
    to_red().to("blue").except(&[sockets[0].id()]).local().emit("n", &3).unwrap();
    server.realtime.to_all("/chat").except_room("red").except_room("quiet").emit("n", &4).unwrap();
    server.realtime.to_all("/chat").to("blue").emit("n", &5).unwrap();
    to_red().to("nobody").except_room("nobody").emit("n", &6).unwrap();
    hear(&server, &mut clients, &[&[1, 2, 5, 6], &[1, 2, 3, 6], &[1, 3, 5], &[4]]).await;
}

#[tokio::test]
async fn a_socket_speaks_to_the_others_or_to_all_of_its_room() {
    let mut server = start(Config::default()).await;
    let (mut clients, sockets) = joined(&mut server, 3).await;
    sockets[0].join("red");
    sockets[1].join("red");
    sockets[0].to("red").emit("n", &1).unwrap();
    sockets[0].within("red").emit("n", &2).unwrap();
    sockets[0].broadcast().emit("n", &3).unwrap();
    sockets[2].to("red").except(&[sockets[1].id()]).emit("n", &4).unwrap();
    hear(&server, &mut clients, &[&[2, 4], &[1, 2, 3], &[3]]).await;
}

#[tokio::test]
async fn a_selection_is_found_moved_and_ended() {
    let mut server = start(Config::default()).await;
    let (mut clients, sockets) = joined(&mut server, 4).await;
    let realtime = server.realtime.clone();
    sockets[0].join("red");
    sockets[1].join("red");
    let ids = |found: Vec<Socket>| {
        let index = |socket: Socket| sockets.iter().position(|one| one.id() == socket.id()).unwrap();
        let mut found: Vec<usize> = found.into_iter().map(index).collect();
        found.sort_unstable();
        found
    };
    assert_eq!(ids(realtime.to("/chat", "red").sockets().await), [0, 1]);
    assert_eq!(ids(realtime.to_all("/chat").except_room("red").sockets().await), [2, 3]);
    assert_eq!(ids(realtime.to("/chat", "nobody").sockets().await), [0; 0]);
    assert_eq!(ids(realtime.to("/elsewhere", "red").sockets().await), [0; 0]);
    assert_eq!(realtime.socket("/chat", sockets[3].id()).await.unwrap().id(), sockets[3].id());
    assert!(realtime.socket("/chat", "nobody").await.is_none());
    assert!(realtime.socket("/elsewhere", sockets[3].id()).await.is_none());

    realtime.to_all("/chat").except_room("red").join("blue");
    // What a selection does is done when what is asked behind it is answered, and then what that asked for.
    realtime.to("/chat", "red").leave("red");
    while ids(realtime.to("/chat", "red").sockets().await) != [0; 0] {}
    while ids(realtime.to("/chat", "blue").sockets().await) != [2, 3] {}
    realtime.to("/chat", "blue").emit("n", &1).unwrap();
    realtime.to("/chat", "red").emit("n", &2).unwrap();
    hear(&server, &mut clients, &[&[], &[], &[1], &[1]]).await;

    realtime.to("/chat", "blue").disconnect();
    for client in &mut clients[2..] {
        assert_eq!(client.next().await, "41/chat,");
        assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::ServerDisconnected);
    }
    assert_eq!(ids(realtime.to_all("/chat").sockets().await), [0, 1]);
    assert!(realtime.socket("/chat", sockets[3].id()).await.is_none());
    assert!(server.ended.try_recv().is_err());
}

#[tokio::test]
async fn only_hints_are_lost_on_who_does_not_read() {
    let config = Config { outbox_bytes: 64 << 20, ..Config::default() };
    let mut server = watch(config, Namespace::new("/")).await;
    let mut client = Client::narrow(server.address, SOCKET_IO).await;
    client.send("40").await;
    let socket = within(server.connected.recv()).await.unwrap();
    // Far more than the system takes for a client that reads nothing.
    let word = "x".repeat(10_000);
    for number in 0..1000 {
        server.realtime.to_all("/").emit("n", &(number, &word)).unwrap();
    }
    let hint = || Frame::event("/", "hint", &1).unwrap();
    server.realtime.to_all("/").volatile().emit_frame(&hint());
    server.realtime.to_all("/").to("nobody").volatile().emit_frame(&hint());
    socket.join("room");
    server.realtime.to("/", "room").to("other").volatile().emit_frame(&hint());
    socket.emit_volatile(hint());
    socket.emit("end", &0).unwrap();
    assert!(client.next().await.starts_with("0{"));
    assert!(client.next().await.starts_with("40{"));
    for number in 0..1000 {
        let heard = client.next().await;
        assert!(heard.starts_with(&format!("42[\"n\",[{number},")), "{number}: {:.40}", heard);
    }
    assert_eq!(client.next().await, "42[\"end\",0]");
    // It has taken all there was: now it hears hints.
    socket.emit_volatile(hint());
    assert_eq!(client.next().await, "42[\"hint\",1]");
    server.realtime.to("/", "room").to("other").volatile().emit_frame(&hint());
    assert_eq!(client.next().await, "42[\"hint\",1]");
}
