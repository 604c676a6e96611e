//! Clients of Engine.IO 3 and Socket.IO protocol 4: the generation that pings by itself and joins `/` unasked.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use gifchat_realtime::{Config, DisconnectReason, Namespace};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, Poller, Server, watch, within};

const WEBSOCKET: &str = "/socket.io/?EIO=3&transport=websocket";

async fn start(config: Config) -> Server {
    let root = Namespace::new("/").on("echo", |socket, event| async move {
        socket.emit_with("echo", event.args()).unwrap();
    });
    watch(config, root).await
}

async fn join(server: &Server) -> Client {
    let mut client = Client::to(server.address, WEBSOCKET).await;
    assert!(client.next().await.starts_with("0{"));
    assert_eq!(client.next().await, "40");
    client
}

#[tokio::test]
async fn it_is_in_the_root_namespace_without_asking() {
    let mut server = start(Config::default()).await;
    let mut client = join(&server).await;
    assert_eq!(within(server.connected.recv()).await.unwrap().namespace(), "/");
    client.send("40").await;
    client.send("42[\"echo\",\"가\",1]").await;
    assert_eq!(client.next().await, "42[\"echo\",\"가\",1]", "asking all the same changes nothing");
    assert!(server.connected.try_recv().is_err());
}

#[tokio::test]
async fn a_query_of_the_namespace_stands_for_the_auth_object() {
    let (asked_to, mut asked) = tokio::sync::mpsc::channel(1);
    let custom = Namespace::new("/custom").on_connect(move |_, auth| {
        let asked_to = asked_to.clone();
        async move {
            asked_to.send(auth.raw().to_owned()).await.unwrap();
            Ok(())
        }
    });
    let server = watch(Config::default(), custom).await;
    let mut client = join(&server).await;
    client.send("40/custom?token=a%20b,").await;
    assert_eq!(client.next().await, "40/custom,");
    assert_eq!(within(asked.recv()).await.unwrap(), "{\"token\":\"a b\"}");
}

#[tokio::test]
async fn its_pings_are_answered_and_keep_it_and_silence_ends_it() {
    let patience = Duration::from_millis(500);
    let config = Config { ping_interval: patience, ping_timeout: patience, ..Config::default() };
    let mut server = start(config).await;
    let mut alive = join(&server).await;
    let stays = async {
        loop {
            alive.send("2").await;
            assert_eq!(alive.next().await, "3");
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(patience * 3, stays).await.is_err(), "it stays as long as it pings");
    assert!(server.ended.try_recv().is_err());
    assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::PingTimeout);
    assert_eq!(alive.close_code().await, Some(1008));
}

#[tokio::test]
async fn polling_counts_letters_as_javascript_does() {
    let server = start(Config::default()).await;
    let poller = Poller::open(server.address, "EIO=3").await;
    assert_eq!(poller.get().await, "2:40");
    assert_eq!(poller.post("16:42[\"echo\",\"가😀\"]1:2").await, 200);
    let mut heard = String::new();
    while heard.len() < "16:42[\"echo\",\"가😀\"]1:3".len() {
        heard += &poller.get().await;
    }
    assert!(["16:42[\"echo\",\"가😀\"]1:3", "1:316:42[\"echo\",\"가😀\"]"].contains(&heard.as_str()), "{heard}");
    assert_eq!(poller.post("99:42[\"echo\"]").await, 400);
}

#[tokio::test]
async fn it_changes_over_to_websocket_and_loses_nothing() {
    let mut server = start(Config::default()).await;
    let poller = Poller::open(server.address, "EIO=3").await;
    assert_eq!(poller.get().await, "2:40");
    let socket = within(server.connected.recv()).await.unwrap();
    let sid = poller.url.rsplit_once("sid=").unwrap().1;
    let mut websocket = Client::to(server.address, &format!("{WEBSOCKET}&sid={sid}")).await;
    let waiting = tokio::spawn(async move { poller.get().await });
    websocket.send("2probe").await;
    assert_eq!(websocket.next().await, "3probe");
    assert_eq!(within(waiting).await.unwrap(), "1:6", "the poll that waits is let go");
    for number in 0..10 {
        socket.emit("n", &number).unwrap();
    }
    websocket.send("5").await;
    for number in 0..10 {
        assert_eq!(websocket.next().await, format!("42[\"n\",{number}]"));
    }
    websocket.send("42[\"echo\",1]").await;
    assert_eq!(websocket.next().await, "42[\"echo\",1]");
    assert!(server.connected.try_recv().is_err());
    websocket.0.send(Message::Close(None)).await.unwrap();
    while let Some(Ok(_)) = within(websocket.0.next()).await {}
    assert_eq!(within(server.ended.recv()).await.unwrap(), (socket.id().to_owned(), DisconnectReason::TransportClosed));
}

#[tokio::test]
async fn a_newer_client_must_not_ping() {
    let mut server = start(Config::default()).await;
    let mut client = Client::to(server.address, crate::support::SOCKET_IO).await;
    client.send("40").await;
    within(server.connected.recv()).await.unwrap();
    client.send("2").await;
    assert_eq!(client.close_code().await, Some(1002));
    assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::ProtocolError);
}
