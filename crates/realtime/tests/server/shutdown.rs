//! The end of a server: what waits is sent, who does not read is not waited for, and every handler runs once.

use std::collections::HashSet;
use std::time::Duration;

use gifchat_realtime::{Admission, Config, DisconnectReason, Namespace, Realtime};
use tokio::net::TcpListener;

use crate::support::{Client, Poller, SOCKET_IO, Server, mount, watch, watched, within};

/// A client that has joined and reads nothing, while more waits for it than the system takes.
async fn deaf(server: &mut Server) -> (Client, usize) {
    let mut client = Client::narrow(server.address, SOCKET_IO).await;
    client.send("40").await;
    let socket = within(server.connected.recv()).await.unwrap();
    let word = "x".repeat(10_000);
    for number in 0..1000 {
        socket.emit("n", &(number, &word)).unwrap();
    }
    (client, 1000)
}

#[tokio::test]
async fn what_waits_reaches_who_begins_to_read() {
    let config = Config { outbox_bytes: 64 << 20, flush_timeout: crate::support::PATIENCE, ..Config::default() };
    let mut server = watch(config, Namespace::new("/")).await;
    let (mut client, count) = deaf(&mut server).await;
    let realtime = server.realtime.clone();
    let ending = tokio::spawn(async move { realtime.shutdown().await });
    // Its handler does not wait for it.
    assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::ServerShutdown);
    assert!(client.next().await.starts_with("0{"));
    assert!(client.next().await.starts_with("40{"));
    for number in 0..count {
        assert!(client.next().await.starts_with(&format!("42[\"n\",[{number},")));
    }
    assert_eq!(client.close_code().await, Some(1001));
    within(ending).await.unwrap();
    assert!(server.ended.try_recv().is_err());
}

#[tokio::test]
async fn who_does_not_read_holds_up_the_end_no_longer_than_allowed() {
    let config = Config {
        outbox_bytes: 64 << 20,
        flush_timeout: Duration::from_millis(200),
        stall_limit: Duration::from_secs(600),
        ping_interval: Duration::from_secs(600),
        ..Config::default()
    };
    let mut server = watch(config, Namespace::new("/")).await;
    let (_client, _) = deaf(&mut server).await;
    tokio::time::timeout(Duration::from_secs(10), server.realtime.shutdown()).await.expect("it is not waited for");
    assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::ServerShutdown);
    assert!(server.ended.try_recv().is_err());
    assert_eq!(server.realtime.connections(), 0);
}

#[tokio::test]
async fn every_handler_runs_once_whatever_carries_its_connection() {
    let (root, connected, ended) = watched(Namespace::new("/"));
    let config = Config { outbox_bytes: 64 << 20, flush_timeout: Duration::from_millis(200), ..Config::default() };
    let realtime = Realtime::builder(config).namespace(root).build().unwrap();
    let router = axum::Router::new()
        .route_service("/plain", realtime.plain_service("/"))
        .route_service("/raw", realtime.raw_service("/"));
    let address = mount(&realtime, router).await;
    let mut server = Server { realtime, address, connected, ended };
    let (_deaf, _) = deaf(&mut server).await;
    let mut clients = Vec::new();
    for path in [SOCKET_IO, "/socket.io/?EIO=3&transport=websocket", "/plain", "/raw"] {
        let mut client = Client::to(address, path).await;
        if path == SOCKET_IO {
            client.send("40").await;
        }
        within(server.connected.recv()).await.unwrap();
        clients.push(client);
    }
    let poller = Poller::open(address, "EIO=3").await;
    assert_eq!(poller.get().await, "2:40");
    within(server.connected.recv()).await.unwrap();
    let polls = tokio::spawn(async move { poller.get().await });
    let (_reader, _stream) = server.realtime.event_stream("/", Admission::new(())).unwrap();
    // One that is on its way in.
    let _pending = Client::to(address, SOCKET_IO).await;

    let both = async { tokio::join!(server.realtime.shutdown(), server.realtime.to_all("/").sockets()) };
    within(both).await;
    let mut ended = HashSet::new();
    for _ in 0..7 {
        let (id, reason) = within(server.ended.recv()).await.unwrap();
        assert_eq!(reason, DisconnectReason::ServerShutdown);
        assert!(ended.insert(id), "each once");
    }
    assert!(server.ended.try_recv().is_err());
    let body = within(polls).await.unwrap();
    assert_eq!(body, "1:1", "the poll that waits is told");
    for mut client in clients {
        assert_eq!(client.close_code().await, Some(1001));
    }
    assert_eq!(server.realtime.connections(), 0);
}

#[tokio::test]
async fn serving_ends_with_its_connections() {
    let (root, mut connected, mut ended) = watched(Namespace::new("/"));
    let realtime = Realtime::builder(Config::default()).namespace(root).build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, asked) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        realtime.serve(listener, realtime.service(), async { _ = asked.await }).await;
    });
    let mut client = Client::to(address, SOCKET_IO).await;
    client.send("40").await;
    within(connected.recv()).await.unwrap();
    let poller = Poller::open(address, "EIO=3").await;
    assert_eq!(poller.get().await, "2:40");
    within(connected.recv()).await.unwrap();
    end.send(()).unwrap();
    within(serving).await.unwrap();
    for _ in 0..2 {
        assert_eq!(within(ended.recv()).await.unwrap().1, DisconnectReason::ServerShutdown);
    }
    assert_eq!(client.close_code().await, Some(1001));
    assert!(poller.http.get(&poller.url).send().await.is_err());
    assert!(ended.try_recv().is_err());
}
