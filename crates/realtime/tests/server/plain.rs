//! WebSockets without Socket.IO: JSON objects, or just messages.

use std::time::Duration;

use futures_util::SinkExt;
use gifchat_realtime::{Args, Config, ConnectError, DisconnectReason, Frame, Message as Raw, Namespace, Realtime};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::support::{Client, Server, mount, watched, within};

async fn start(config: Config) -> Server {
    let chat = Namespace::new("/chat")
        .on("say", |socket, event| async move {
            assert!(socket.is_plain());
            let object: serde_json::Value = event.arg(0).unwrap();
            let text = object["text"].clone();
            event.ack(&text).unwrap();
        })
        .on_message(|socket, message| async move { socket.send(message) });
    let (chat, connected, ended) = watched(chat);
    let closed = Namespace::new("/closed").on_connect(|_, _| async { Err(ConnectError::new("no")) });
    let realtime = Realtime::builder(config).namespace(chat).namespace(closed).build().unwrap();
    let router = axum::Router::new()
        .route_service("/plain", realtime.plain_service("/chat"))
        .route_service("/closed", realtime.plain_service("/closed"))
        .route_service("/raw", realtime.raw_service("/chat"));
    let address = mount(&realtime, router).await;
    Server { realtime, address, connected, ended }
}

#[tokio::test]
async fn commands_are_answered_by_their_reference() {
    let server = start(Config::default()).await;
    let mut client = Client::to(server.address, "/plain").await;
    for (reference, text, answer) in [
        ("1", "\"x\"", "\"data\":\"x\""),
        ("-1.5e3", "{\"a\":1}", "\"a\":1"),
        ("\"a\\u0022b\"", "[1,2]", "\"data\":[1,2]"),
        ("\"\"", "null", "\"data\":null"),
    ] {
        // Nobody handles this, and nobody asked to be answered that.
        client.send("{\"type\":\"stray\",\"ref\":99}").await;
        client.send("{\"type\":\"say\",\"text\":1}").await;
        client.send("{\"type\":\"say\",\"text\":1,\"ref\":null}").await;
        client.send(&format!("{{\"ref\":{reference},\"type\":\"say\",\"text\":{text}}}")).await;
        assert_eq!(client.next().await, format!("{{\"type\":\"ack\",\"ref\":{reference},{answer}}}"));
    }
}

#[tokio::test]
async fn events_are_objects_with_their_name_as_type() {
    let mut server = start(Config::default()).await;
    let mut client = Client::to(server.address, "/plain").await;
    let socket = within(server.connected.recv()).await.unwrap();
    assert_eq!(socket.namespace(), "/chat");
    socket.join("room");
    let room = || server.realtime.to("/chat", "room");
    room().emit("news", &serde_json::json!({"a": 1})).unwrap();
    room().emit("word", "x").unwrap();
    socket.emit_with("two", &Args::of(&1).unwrap().and(&2).unwrap()).unwrap();
    socket.emit_with("none", &Args::none()).unwrap();
    assert_eq!(client.next().await, "{\"type\":\"news\",\"a\":1}");
    assert_eq!(client.next().await, "{\"type\":\"word\",\"data\":\"x\"}");
    assert_eq!(client.next().await, "{\"type\":\"two\",\"data\":[1,2]}");
    assert_eq!(client.next().await, "{\"type\":\"none\"}");
    let ack = socket.emit_with_ack("ask", &1, Duration::from_secs(1)).await;
    assert_eq!(ack.unwrap_err(), gifchat_realtime::AckError::Unsupported);
}

/// What a client wrote with spaces and line breaks is still one object, and one event of a stream.
#[tokio::test]
async fn what_another_client_wrote_in_its_own_way_arrives_whole() {
    let mut server = start(Config::default()).await;
    let mut client = Client::to(server.address, "/plain").await;
    let socket = within(server.connected.recv()).await.unwrap();
    for (written, plain) in [("{ }", "{\"type\":\"n\"}"), ("{\n\n\"a\": 1 }", "{\"type\":\"n\",\"a\":1}")] {
        let value: Box<serde_json::value::RawValue> = serde_json::from_str(written).unwrap();
        let frame = Frame::event("/chat", "n", &value).unwrap();
        socket.emit_frame(frame);
        let heard: serde_json::Value = serde_json::from_str(&client.next().await).unwrap();
        assert_eq!(heard, serde_json::from_str::<serde_json::Value>(plain).unwrap());
    }
}

#[tokio::test]
async fn each_violation_has_its_close_code() {
    let mut server = start(Config { max_message: 1000, ..Config::default() }).await;
    let text = |text: &str| Message::text(text);
    let broken = Message::Frame(tungstenite::protocol::frame::Frame::message(
        Bytes::from_static(b"\xff"),
        tungstenite::protocol::frame::coding::OpCode::Data(tungstenite::protocol::frame::coding::Data::Text),
        true,
    ));
    let long_reference = format!("{{\"type\":\"say\",\"ref\":\"{}\"}}", "x".repeat(63));
    for (path, message, code) in [
        ("/plain", text("hello"), 1007),
        ("/plain", text("[]"), 1007),
        ("/plain", text("{\"type\":1}"), 1007),
        ("/plain", text("{\"type\":\"say\",\"ref\":[]}"), 1007),
        ("/plain", text(&long_reference), 1007),
        ("/plain", broken.clone(), 1007),
        ("/raw", broken, 1007),
        ("/plain", Message::binary(vec![1]), 1003),
        ("/plain", text(&"x".repeat(1001)), 1009),
        ("/raw", Message::binary(vec![0; 1001]), 1009),
    ] {
        let mut client = Client::to(server.address, path).await;
        within(server.connected.recv()).await.unwrap();
        client.0.send(message.clone()).await.unwrap();
        assert_eq!(client.close_code().await, Some(code), "{path} {message}");
        assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::ProtocolError);
    }
    assert_eq!(server.realtime.connections(), 0);
}

#[tokio::test]
async fn who_is_refused_is_told_and_closed() {
    let server = start(Config::default()).await;
    let mut client = Client::to(server.address, "/closed").await;
    assert_eq!(client.next().await, "{\"type\":\"connect_error\",\"message\":\"no\"}");
    assert_eq!(client.close_code().await, Some(1000));
}

#[tokio::test]
async fn a_request_that_is_no_websocket_is_told_so() {
    let server = start(Config::default()).await;
    let answer = reqwest::get(format!("http://{}/plain", server.address)).await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["upgrade"]), (426, &"websocket".parse().unwrap()));
}

async fn stays_while_it_answers_pings(path: &str) {
    let patience = Duration::from_secs(1);
    let config = Config { ping_interval: patience / 10, ping_timeout: patience, ..Config::default() };
    let mut server = start(config).await;
    let mut alive = Client::to(server.address, path).await;
    let socket = within(server.connected.recv()).await.unwrap();
    let heard = tokio::time::timeout(patience * 3 / 2, alive.next()).await;
    assert!(heard.is_err(), "nothing is said, and it is not closed");
    assert!(socket.is_connected() && server.ended.try_recv().is_err());
    // From here on nobody reads, so nobody answers.
    let ended = within(server.ended.recv()).await.unwrap();
    assert_eq!(ended, (socket.id().to_owned(), DisconnectReason::PingTimeout));
}

#[tokio::test]
async fn who_answers_pings_stays_and_who_does_not_goes() {
    tokio::join!(stays_while_it_answers_pings("/plain"), stays_while_it_answers_pings("/raw"));
}

#[tokio::test]
async fn messages_are_what_they_are() {
    let mut server = start(Config::default()).await;
    let mut client = Client::to(server.address, "/raw").await;
    let socket = within(server.connected.recv()).await.unwrap();
    for text in ["", "2", "40", "{}", "가"] {
        client.send(text).await;
        assert_eq!(within(futures_util::StreamExt::next(&mut client.0)).await.unwrap().unwrap(), Message::text(text));
    }
    client.0.send(Message::binary(vec![0, 255])).await.unwrap();
    assert_eq!(client.next_binary().await, [0, 255]);
    socket.send(Raw::Text("x".into()));
    socket.send(Raw::Binary(vec![].into()));
    assert_eq!(client.next().await, "x");
    assert_eq!(client.next_binary().await, [0; 0]);
    socket.disconnect();
    assert_eq!(client.close_code().await, Some(1000));
    assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::ServerDisconnected);
}
