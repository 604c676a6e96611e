//! Namespaces: made on demand, counted, guarded by several, and what a connection brings along.

use std::sync::{Arc, Mutex};

use gifchat_realtime::{Admission, Builder, Config, ConnectError, CorsLayer, Handshake, Namespace, Realtime};

use crate::support::{Client, SOCKET_IO, mount, watched, within};

async fn serve(builder: Builder) -> (Realtime, std::net::SocketAddr) {
    let realtime = builder.build().unwrap();
    let address = mount(&realtime, axum::Router::new()).await;
    (realtime, address)
}

async fn open(address: std::net::SocketAddr) -> Client {
    let mut client = Client::to(address, SOCKET_IO).await;
    assert!(client.next().await.starts_with("0{"));
    client
}

#[tokio::test]
async fn one_is_made_when_a_client_asks_for_it() {
    let (room, mut connected, _) = watched(Namespace::new("/any"));
    let builder = Realtime::builder(Config::default()).namespaces(|name| name.starts_with("/room-"), room);
    let (realtime, address) = serve(builder.namespace(Namespace::new("/room-fixed"))).await;
    let mut clients = Vec::new();
    for name in ["/room-1", "/room-2", "/room-1"] {
        let mut client = open(address).await;
        client.send(&format!("40{name},")).await;
        assert!(client.next().await.starts_with(&format!("40{name},{{\"sid\"")));
        assert_eq!(within(connected.recv()).await.unwrap().namespace(), name);
        clients.push(client);
    }
    realtime.to_all("/room-1").emit("n", &1).unwrap();
    realtime.to_all("/room-2").emit("n", &2).unwrap();
    for (client, expected) in clients.iter_mut().zip(["/room-1,[\"n\",1]", "/room-2,[\"n\",2]", "/room-1,[\"n\",1]"]) {
        assert_eq!(client.next().await, format!("42{expected}"));
    }
    let mut client = open(address).await;
    client.send("40/any,").await;
    assert_eq!(client.next().await, "44/any,{\"message\":\"Invalid namespace\"}", "its own name does not matter");
    client.send("40/room-fixed,").await;
    assert!(client.next().await.starts_with("40/room-fixed,{\"sid\""));
    assert!(connected.try_recv().is_err(), "one that was named comes first");
    let long = format!("/room-{}", "x".repeat(300));
    client.send(&format!("40{long},")).await;
    assert_eq!(client.next().await, format!("44{},{{\"message\":\"Invalid namespace\"}}", &long[..64]));
}

#[tokio::test]
async fn a_connection_is_in_so_many() {
    let config = Config { max_namespaces: 2, ..Config::default() };
    let builder = Realtime::builder(config).namespaces(|_| true, Namespace::new("/any"));
    let (_realtime, address) = serve(builder).await;
    let mut client = open(address).await;
    for name in ["/1", "/2"] {
        client.send(&format!("40{name},")).await;
        assert!(client.next().await.starts_with(&format!("40{name},{{")));
    }
    client.send("40/3,").await;
    assert_eq!(client.next().await, "44/3,{\"message\":\"Too many namespaces\"}");
    client.send("41/1,").await;
    client.send("40/3,").await;
    assert!(client.next().await.starts_with("40/3,{\"sid\""), "one that was left makes room");
}

#[tokio::test]
async fn several_are_asked_in_order_until_one_refuses() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let mut guarded = Namespace::new("/guarded");
    for name in ["first", "second", "third"] {
        let asked = Arc::clone(&asked);
        guarded = guarded.on_connect(move |_, auth| {
            let asked = Arc::clone(&asked);
            async move {
                tokio::task::yield_now().await;
                asked.lock().unwrap().push(name);
                let refuses = auth.read::<serde_json::Value>().is_some_and(|auth| auth["refused by"] == name);
                if refuses { Err(ConnectError::new(name)) } else { Ok(()) }
            }
        });
    }
    let (_realtime, address) = serve(Realtime::builder(Config::default()).namespace(guarded)).await;
    let mut client = open(address).await;
    client.send("40/guarded,{\"refused by\":\"second\"}").await;
    assert_eq!(client.next().await, "44/guarded,{\"message\":\"second\"}");
    assert_eq!(std::mem::take(&mut *asked.lock().unwrap()), ["first", "second"]);
    client.send("40/guarded,").await;
    assert!(client.next().await.starts_with("40/guarded,{\"sid\""));
    assert_eq!(*asked.lock().unwrap(), ["first", "second", "third"]);
}

#[tokio::test]
async fn what_no_other_handles_goes_to_the_last() {
    let named = |name: &'static str| {
        move |_: gifchat_realtime::Socket, event: gifchat_realtime::Incoming| async move {
            let heard = event.name().to_owned();
            event.ack(&(name, heard)).unwrap();
        }
    };
    let root = Namespace::new("/").on("own", named("own")).on_other(named("other"));
    let (_realtime, address) = serve(Realtime::builder(Config::default()).namespace(root)).await;
    let mut client = open(address).await;
    client.send("40").await;
    assert!(client.next().await.starts_with("40{"));
    client.send("421[\"own\"]").await;
    client.send("422[\"stray\"]").await;
    assert_eq!(client.next().await, "431[[\"own\",\"own\"]]");
    assert_eq!(client.next().await, "432[[\"other\",\"stray\"]]");
}

#[tokio::test]
async fn the_request_that_opened_a_connection_is_kept_with_its_sockets() {
    let (root, mut connected, _) = watched(Namespace::new("/"));
    let builder = Realtime::builder(Config::default()).admit(|parts| Ok(Admission::new(Handshake::of(parts))));
    let (_realtime, address) = serve(builder.namespace(root)).await;
    let mut websocket = Client::to(address, &format!("{SOCKET_IO}&token=x")).await;
    websocket.send("40").await;
    let socket = within(connected.recv()).await.unwrap();
    let handshake = socket.peer::<Handshake>().unwrap();
    assert!(handshake.is_websocket() && handshake.uri.query().unwrap().ends_with("&token=x"));
    assert_eq!(handshake.headers["host"], address.to_string());
    let polling = crate::support::Poller::open(address, "EIO=4&token=y").await;
    assert_eq!(polling.post("40").await, 200);
    let socket = within(connected.recv()).await.unwrap();
    let handshake = socket.peer::<Handshake>().unwrap();
    assert!(!handshake.is_websocket() && handshake.uri.query().unwrap().ends_with("&token=y"));
}

#[tokio::test]
async fn a_cookie_and_headers_are_added_where_they_are_asked_for() {
    let config = Config { cookie: Some("io".into()), ..Config::default() };
    let builder = Realtime::builder(config).headers(|parts, headers, is_first| {
        assert!(parts.uri.path().starts_with("/socket.io"));
        headers.insert("x-first", http::HeaderValue::from_static(if is_first { "yes" } else { "no" }));
    });
    let (_realtime, address) = serve(builder).await;
    let url = format!("http://{address}/socket.io/?EIO=4&transport=polling");
    let first = reqwest::get(&url).await.unwrap();
    let cookie = first.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert_eq!(first.headers()["x-first"], "yes");
    let body = first.text().await.unwrap();
    let open: serde_json::Value = serde_json::from_str(&body[1..]).unwrap();
    let sid = open["sid"].as_str().unwrap();
    assert_eq!(cookie, format!("io={sid}; Path=/; HttpOnly; SameSite=Lax"));
    let next = reqwest::Client::new().post(format!("{url}&sid={sid}")).body("40").send().await.unwrap();
    assert_eq!((next.status().as_u16(), &next.headers()["x-first"]), (200, &http::HeaderValue::from_static("no")));
    assert!(!next.headers().contains_key("set-cookie"));
    let (_, answer) = tokio_tungstenite::connect_async(format!("ws://{address}{SOCKET_IO}")).await.unwrap();
    assert!(answer.headers()["set-cookie"].to_str().unwrap().starts_with("io="));
    assert_eq!(answer.headers()["x-first"], "yes");

    let (_realtime, address) = serve(Realtime::builder(Config::default())).await;
    let bare = reqwest::get(format!("http://{address}/socket.io/?EIO=4&transport=polling")).await.unwrap();
    assert!(!bare.headers().contains_key("set-cookie"));
}

#[tokio::test]
async fn pages_of_other_origins_connect_only_where_they_may() {
    let preflight = async |builder: Builder| {
        let (_realtime, address) = serve(builder).await;
        let request = reqwest::Client::new()
            .request(http::Method::OPTIONS, format!("http://{address}/socket.io/?EIO=4&transport=polling"))
            .header("origin", "http://elsewhere.example")
            .header("access-control-request-method", "POST");
        let answer = request.send().await.unwrap();
        let origin = answer.headers().get("access-control-allow-origin");
        let get = reqwest::Client::new().get(format!("http://{address}/socket.io/?EIO=4&transport=polling"));
        let get = get.header("origin", "http://elsewhere.example").send().await.unwrap();
        assert_eq!(get.headers().get("access-control-allow-origin"), origin);
        (answer.status().as_u16(), origin.map(|origin| origin.to_str().unwrap().to_owned()))
    };
    let builder = || Realtime::builder(Config::default());
    assert_eq!(preflight(builder()).await, (400, None));
    assert_eq!(preflight(builder().cors(CorsLayer::permissive())).await, (200, Some("*".into())));
}
