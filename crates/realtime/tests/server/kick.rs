//! Throwing a client out: at once, whatever waits for it, and nothing of it counts any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gifchat_realtime::{Config, DisconnectReason, Namespace, Socket};
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;
use tokio_tungstenite::MaybeTlsStream;

use crate::support::{Client, SOCKET_IO, Server, watch, within};

struct Scene {
    server: Server,
    socket: Socket,
    client: Client,
    /// Lets the handler go that the client's later events wait behind.
    gate: Arc<Semaphore>,
    marks: Arc<AtomicUsize>,
}

/// A client that does not read, with far more waiting for it than the system takes, and with events that wait behind one
/// that is being handled.
async fn scene() -> Scene {
    let (gate, marks) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let holding = Arc::new(Semaphore::new(0));
    let root = Namespace::new("/")
        .on("hold", {
            let (gate, holding) = (Arc::clone(&gate), Arc::clone(&holding));
            move |_, _| {
                let (gate, holding) = (Arc::clone(&gate), Arc::clone(&holding));
                async move {
                    holding.add_permits(1);
                    gate.acquire().await.unwrap().forget();
                }
            }
        })
        .on("mark", {
            let marks = Arc::clone(&marks);
            move |_, _| {
                marks.fetch_add(1, Ordering::SeqCst);
                async {}
            }
        });
    let mut server = watch(Config { outbox_bytes: 64 << 20, ..Config::default() }, root).await;
    let mut client = Client::narrow(server.address, SOCKET_IO).await;
    client.send("40").await;
    let socket = within(server.connected.recv()).await.unwrap();
    let word = "x".repeat(10_000);
    for _ in 0..1000 {
        socket.emit("n", &word).unwrap();
    }
    speak(&mut client, &["42[\"mark\"]", "42[\"hold\"]", "42[\"mark\"]", "42[\"mark\"]"]).await;
    within(holding.acquire()).await.unwrap().forget();
    assert_eq!(marks.load(Ordering::SeqCst), 1);
    Scene { server, socket, client, gate, marks }
}

/// Writes several frames at once.
async fn speak(client: &mut Client, texts: &[&str]) {
    let MaybeTlsStream::Plain(stream) = client.0.get_mut() else { panic!("it is not plain") };
    let frame = |text: &&str| [&[0x81, 0x80 | text.len() as u8, 0, 0, 0, 0], text.as_bytes()].concat();
    let _ = stream.write_all(&texts.iter().flat_map(frame).collect::<Vec<_>>()).await;
}

/// The client was thrown out: what it said and what it says is lost, and its handler runs once.
async fn is_out(mut scene: Scene, reason: DisconnectReason) {
    assert!(!scene.socket.is_connected());
    speak(&mut scene.client, &["42[\"mark\"]"; 3]).await;
    scene.gate.add_permits(1);
    let ended = within(scene.server.ended.recv()).await.unwrap();
    assert_eq!(ended, (scene.socket.id().to_owned(), reason));
    assert_eq!(scene.marks.load(Ordering::SeqCst), 1, "only what was said before counts");
    assert_eq!(scene.server.realtime.connections(), 0);
    scene.socket.emit("n", "lost").unwrap();
    scene.socket.join("room");
    assert!(scene.server.realtime.to_all("/").sockets().await.is_empty());
    assert!(scene.server.realtime.to("/", "room").sockets().await.is_empty());
    scene.socket.close();
    within(scene.server.realtime.shutdown()).await;
    assert!(scene.server.ended.try_recv().is_err());
}

#[tokio::test]
async fn closing_a_socket_does_not_wait_for_its_client() {
    let scene = scene().await;
    scene.socket.close();
    is_out(scene, DisconnectReason::ServerDisconnected).await;
}

#[tokio::test]
async fn closing_a_selection_does_not_wait_for_its_clients() {
    let scene = scene().await;
    scene.server.realtime.to_all("/").close();
    // When this is answered that has been done.
    scene.server.realtime.to_all("/").sockets().await;
    is_out(scene, DisconnectReason::ServerDisconnected).await;
}

#[tokio::test]
async fn expelling_does_not_wait_for_clients_either() {
    let scene = scene().await;
    within(scene.server.realtime.to_all("/").expel(None)).await;
    is_out(scene, DisconnectReason::Expelled).await;
}

#[tokio::test]
async fn who_is_ended_before_it_is_in_is_told_and_may_ask_again() {
    let asked = Arc::new(AtomicUsize::new(0));
    let root = Namespace::new("/").on_connect(move |socket, _| {
        if asked.fetch_add(1, Ordering::SeqCst) == 0 {
            socket.disconnect();
        }
        async { Ok(()) }
    });
    let mut server = watch(Config::default(), root).await;
    let mut client = Client::to(server.address, SOCKET_IO).await;
    assert!(client.next().await.starts_with("0{"));
    client.send("40").await;
    assert_eq!(client.next().await, "41");
    client.send("40").await;
    assert!(client.next().await.starts_with("40{"));
    assert!(server.connected.recv().await.unwrap().is_connected());
    assert!(server.ended.try_recv().is_err(), "who was never in has no end");
}

#[tokio::test]
async fn ending_a_namespace_takes_effect_before_the_client_knows() {
    let mut scene = scene().await;
    scene.socket.disconnect();
    assert!(!scene.socket.is_connected());
    speak(&mut scene.client, &["42[\"mark\"]"; 3]).await;
    scene.gate.add_permits(1);
    let ended = within(scene.server.ended.recv()).await.unwrap();
    assert_eq!(ended, (scene.socket.id().to_owned(), DisconnectReason::ServerDisconnected));
    assert_eq!(scene.marks.load(Ordering::SeqCst), 1);
    // The connection goes on: what was emitted before comes, and then the word.
    assert!(scene.client.next().await.starts_with("0{"));
    assert!(scene.client.next().await.starts_with("40{"));
    for _ in 0..1000 {
        assert!(scene.client.next().await.starts_with("42[\"n\","));
    }
    assert_eq!(scene.client.next().await, "41");
    assert!(scene.server.ended.try_recv().is_err());
}
