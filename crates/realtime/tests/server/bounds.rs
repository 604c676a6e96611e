//! How many connections there may be, and how long one may say nothing.

use std::net::IpAddr;
use std::time::Duration;

use futures_util::StreamExt;
use gifchat_realtime::{Admission, Config, Namespace, Realtime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::support::{Client, Poller, SOCKET_IO, mount, start, within};

#[tokio::test]
async fn one_address_has_so_many_and_a_network_of_ipv6_is_one() {
    let config = Config { max_per_address: 2, ..Config::default() };
    let realtime = Realtime::builder(config)
        .admit(|parts| {
            let address = parts.headers.get("x-address").map(|address| address.to_str().unwrap().parse::<IpAddr>());
            Ok(match address {
                Some(address) => Admission::new(()).from_address(address.unwrap()),
                None => Admission::new(()),
            })
        })
        .build()
        .unwrap();
    let server = mount(&realtime, axum::Router::new()).await;
    let open = async |address: Option<&str>| {
        let mut request = format!("ws://{server}{SOCKET_IO}").into_client_request().unwrap();
        if let Some(address) = address {
            request.headers_mut().insert("x-address", address.parse().unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => Ok(socket),
            Err(tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    };
    let first = open(Some("2001:db8::1")).await.unwrap();
    let _second = open(Some("2001:db8::ffff:2")).await.unwrap();
    assert_eq!(open(Some("2001:db8::3")).await.err(), Some(503));
    let _neighbour = open(Some("2001:db8:0:1::1")).await.unwrap();
    let _four = [open(Some("192.0.2.1")).await.unwrap(), open(Some("::ffff:192.0.2.1")).await.unwrap()];
    assert_eq!(open(Some("192.0.2.1")).await.err(), Some(503));
    let _unknown = [open(None).await.unwrap(), open(None).await.unwrap(), open(None).await.unwrap()];
    drop(first);
    within(async { while open(Some("2001:db8::4")).await.is_err() {} }).await;
}

#[tokio::test]
async fn so_many_may_not_have_joined_yet() {
    let server = start(Config { max_pending: 2, ..Config::default() }).await;
    let url = format!("http://{}/socket.io/?EIO=4&transport=polling", server.address);
    let mut pending = Client::open(&server).await;
    let poller = Poller::open(server.address, "EIO=4").await;
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 503);
    pending.send("40/nowhere,").await;
    assert!(pending.next().await.starts_with("44/nowhere"));
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 503, "who was refused is not in");
    pending.send("40/chat,").await;
    assert!(pending.next().await.starts_with("40/chat,"));
    assert_eq!(poller.post("40/chat,").await, 200);
    assert!(poller.get().await.starts_with("40/chat,"));
    let _both = [Client::open(&server).await, Client::open(&server).await];
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 503);
}

#[tokio::test]
async fn a_websocket_that_never_joins_is_closed_and_its_place_is_free() {
    let config = Config { connect_timeout: Duration::from_secs(1), max_connections: 1, ..Config::default() };
    let mut server = start(config).await;
    let mut client = Client::open(&server).await;
    assert_eq!(client.close_code().await, Some(1008));
    let mut next = Client::join(&server).await;
    next.send("41/chat,").await;
    assert_eq!(next.close_code().await, Some(1008), "who has left has so long again");
    assert!(within(server.ended.recv()).await.is_some());
    assert!(server.ended.try_recv().is_err(), "who was never in has no end");
    assert_eq!(server.realtime.connections(), 0);
}

#[tokio::test]
async fn a_silent_connection_is_closed_before_it_is_one() {
    let second = Duration::from_secs(1);
    let config = Config { header_timeout: second, connect_timeout: second, ..Config::default() };
    let realtime = Realtime::builder(config).namespace(Namespace::new("/")).build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn({
        let realtime = realtime.clone();
        async move { realtime.serve(listener, realtime.service(), async { _ = ended.await }).await }
    });
    let mut canary = Client::to(address, SOCKET_IO).await;
    canary.send("40").await;
    for said in ["", "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n"] {
        let mut silent = TcpStream::connect(address).await.unwrap();
        silent.write_all(said.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A reset is an end, too.
        let _ = within(silent.read_to_end(&mut answer)).await;
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 408"), "{answer:?}");
    }
    assert!(canary.next().await.starts_with("0{"));
    assert!(canary.next().await.starts_with("40{"));
    assert_eq!(realtime.connections(), 1);
    end.send(()).unwrap();
    within(serving).await.unwrap();
    while let Some(Ok(_)) = within(canary.0.next()).await {}
    assert!(TcpStream::connect(address).await.is_err());
}
