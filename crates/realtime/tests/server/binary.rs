//! Bytes in arguments, both ways, in both versions, over everything that carries them.

use futures_util::SinkExt;
use gifchat_realtime::{Args, Binary, Config, DisconnectReason, Namespace};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, PATIENCE, Poller, Server, watch, within};

const PLACEHOLDER: &str = "{\"_placeholder\":true,\"num\":0}";

async fn start(config: Config) -> Server {
    let root = Namespace::new("/")
        .on("echo", |socket, event| async move {
            assert_eq!(event.arg::<Binary>(0).unwrap().0, [1, 2, 3][..]);
            socket.emit_with("echo", event.args()).unwrap();
        })
        .on("is bytes", |_, event| async move {
            let is_bytes = event.arg::<Binary>(0).is_some();
            event.ack(&is_bytes).unwrap();
        })
        .on("ask", |_, event| async move {
            let args = event.args().clone();
            event.ack_with(&args);
        });
    watch(config, root).await
}

fn echo() -> String {
    format!("451-[\"echo\",{PLACEHOLDER}]")
}

async fn join(server: &mut Server, query: &str) -> Client {
    let mut client = Client::to(server.address, &format!("/socket.io/?transport=websocket&{query}")).await;
    assert!(client.next().await.starts_with("0{"));
    if query.starts_with("EIO=4") {
        client.send("40").await;
    }
    assert!(client.next().await.starts_with("40"));
    client
}

#[tokio::test]
async fn attachments_come_back_over_websocket_in_each_version() {
    let mut server = start(Config::default()).await;
    for (query, bytes) in [("EIO=4", &[1, 2, 3][..]), ("EIO=3", &[4, 1, 2, 3])] {
        let mut client = join(&mut server, query).await;
        client.send(&echo()).await;
        client.0.send(Message::binary(bytes.to_vec())).await.unwrap();
        assert_eq!(client.next().await, echo());
        assert_eq!(client.next_binary().await, bytes);
    }
    for (query, text) in [("EIO=4&b64=1", "bAQID"), ("EIO=3&b64=1", "b4AQID")] {
        let mut client = join(&mut server, query).await;
        client.send(&echo()).await;
        client.send(text).await;
        assert_eq!(client.next().await, echo());
        assert_eq!(client.next().await, text);
    }
}

#[tokio::test]
async fn attachments_come_back_over_polling_in_each_version() {
    let server = start(Config::default()).await;
    let echo = echo();
    let length = echo.len();
    let counted = format!("{length}:{echo}6:b4AQID");
    let mut binary = vec![0];
    binary.extend(length.to_string().bytes().map(|digit| digit - b'0'));
    binary.push(255);
    binary.extend(echo.bytes());
    binary.extend([1, 4, 255, 4, 1, 2, 3]);

    let newer = Poller::open(server.address, "EIO=4").await;
    assert_eq!(newer.post("40").await, 200);
    assert!(newer.get().await.starts_with("40{"));
    assert_eq!(newer.post(format!("{echo}\x1ebAQID")).await, 200);
    assert_eq!(newer.get().await, format!("{echo}\x1ebAQID"));

    let base64 = Poller::open(server.address, "EIO=3&b64=1").await;
    assert_eq!(base64.get().await, "2:40");
    assert_eq!(base64.post(counted.clone()).await, 200);
    assert_eq!(base64.get().await, counted);

    let older = Poller::open(server.address, "EIO=3").await;
    assert_eq!(older.get().await, "2:40");
    for is_binary in [true, false] {
        let status =
            if is_binary { older.post_octets(binary.clone()).await } else { older.post(counted.clone()).await };
        assert_eq!(status, 200);
        assert_eq!(older.get_bytes().await, binary, "who takes binary gets binary, whatever it sends");
    }
}

#[tokio::test]
async fn attachments_that_wait_for_a_poll_go_the_new_way_in_order() {
    let mut server = start(Config::default()).await;
    for (query, bytes) in [("EIO=4", &[1, 2, 3][..]), ("EIO=3", &[4, 1, 2, 3])] {
        let poller = Poller::open(server.address, query).await;
        if query == "EIO=4" {
            assert_eq!(poller.post("40").await, 200);
        }
        assert!(poller.get().await.contains("40"));
        let socket = within(server.connected.recv()).await.unwrap();
        for number in 0..5 {
            socket.emit("n", &number).unwrap();
            socket.emit("echo", &Binary(vec![1, 2, 3].into())).unwrap();
        }
        let (_, sid) = poller.url.rsplit_once("sid=").unwrap();
        let path = format!("/socket.io/?transport=websocket&{query}&sid={sid}");
        let mut websocket = Client::to(server.address, &path).await;
        websocket.send("2probe").await;
        assert_eq!(websocket.next().await, "3probe");
        websocket.send("5").await;
        for number in 0..5 {
            assert_eq!(websocket.next().await, format!("42[\"n\",{number}]"));
            assert_eq!(websocket.next().await, echo());
            assert_eq!(websocket.next_binary().await, bytes);
        }
    }
}

#[tokio::test]
async fn acknowledgements_bring_attachments_both_ways() {
    let mut server = start(Config::default()).await;
    let mut client = join(&mut server, "EIO=4").await;
    client.send(&format!("451-9[\"ask\",{PLACEHOLDER}]")).await;
    client.0.send(Message::binary(vec![7])).await.unwrap();
    assert_eq!(client.next().await, format!("461-9[{PLACEHOLDER}]"));
    assert_eq!(client.next_binary().await, [7]);

    let socket = within(server.connected.recv()).await.unwrap();
    let asked = tokio::spawn(async move {
        let question = Args::of(&Binary(vec![8].into())).unwrap();
        let answer = socket.emit_with_and_ack("ask", &question, PATIENCE).await.unwrap();
        answer.arg::<(u8, Binary)>(0)
    });
    assert_eq!(client.next().await, format!("451-1[\"ask\",{PLACEHOLDER}]"));
    assert_eq!(client.next_binary().await, [8]);
    client.send(&format!("461-1[[5,{PLACEHOLDER}]]")).await;
    client.0.send(Message::binary(vec![9])).await.unwrap();
    assert_eq!(within(asked).await.unwrap(), Some((5, Binary(vec![9].into()))));
}

/// What a client may not say about attachments ends its connection, and only its own.
async fn is_closed_after(config: Config, said: &[Message]) {
    let mut server = start(config).await;
    let mut canary = join(&mut server, "EIO=3").await;
    let mut client = join(&mut server, "EIO=4").await;
    for message in said {
        let _ = client.0.send(message.clone()).await;
    }
    assert_eq!(within(server.ended.recv()).await.unwrap().1, DisconnectReason::ProtocolError, "{said:?}");
    assert_eq!(client.next().await, "closed");
    canary.send("2").await;
    assert_eq!(canary.next().await, "3");
    assert!(server.ended.try_recv().is_err());
}

#[tokio::test]
async fn what_is_wrong_about_attachments_closes() {
    let announced = |count: usize| Message::text(format!("45{count}-[\"echo\",{PLACEHOLDER}]"));
    let wrong = || Message::text("451-[\"echo\",{\"_placeholder\":true,\"num\":1}]");
    let default = Config::default;
    let two = || Config { max_attachments: 2, ..default() };
    is_closed_after(default(), &[wrong(), Message::binary(vec![1])]).await;
    is_closed_after(two(), &[announced(3)]).await;
    is_closed_after(Config { max_attachments: 0, ..default() }, &[announced(1)]).await;
    is_closed_after(default(), &[Message::binary(vec![1])]).await;
    is_closed_after(default(), &[announced(1), Message::text("42[\"ask\"]")]).await;
    is_closed_after(default(), &[announced(1), announced(1)]).await;
    let small = Config { max_message: 100, max_payload: 100, inbound_bytes: 100, ..default() };
    is_closed_after(small, &[announced(2), Message::binary(vec![1; 60]), Message::binary(vec![1; 60])]).await;
}

#[tokio::test]
async fn only_a_placeholder_of_an_attachment_is_bytes() {
    let mut server = start(Config::default()).await;
    let mut client = join(&mut server, "EIO=4").await;
    let asked = [PLACEHOLDER, "{\"_placeholder\":false,\"num\":0}", "{\"num\":0}", "[1]"];
    for (id, argument) in asked.iter().enumerate() {
        client.send(&format!("451-{id}[\"is bytes\",{argument}]")).await;
        client.0.send(Message::binary(vec![1])).await.unwrap();
        assert_eq!(client.next().await, format!("43{id}[{}]", id == 0));
        client.send(&format!("42{id}[\"is bytes\",{argument}]")).await;
        assert_eq!(client.next().await, format!("43{id}[false]"), "nothing came with it");
    }
}

#[tokio::test]
async fn so_many_attachments_are_taken_and_without_any_text_goes_on() {
    let mut server = start(Config { max_attachments: 2, ..Config::default() }).await;
    let mut client = join(&mut server, "EIO=4").await;
    client.send(&format!("452-[\"echo\",{PLACEHOLDER},{{\"_placeholder\":true,\"num\":1}}]")).await;
    client.0.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    client.0.send(Message::binary(vec![])).await.unwrap();
    assert!(client.next().await.starts_with("452-[\"echo\","));
    assert_eq!((client.next_binary().await, client.next_binary().await), (vec![1, 2, 3], vec![]));
    let mut server = start(Config { max_attachments: 0, ..Config::default() }).await;
    let mut client = join(&mut server, "EIO=4").await;
    client.send("422[\"ask\",1]").await;
    assert_eq!(client.next().await, "432[1]");
}
