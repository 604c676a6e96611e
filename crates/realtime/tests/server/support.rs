//! A server on a port of its own, and a client of a few lines.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use gifchat_realtime::{Admission, Config, ConnectError, DisconnectReason, Namespace, Realtime, Refused, Socket};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub const PATIENCE: Duration = Duration::from_secs(20);

pub const SOCKET_IO: &str = "/socket.io/?EIO=4&transport=websocket";

pub struct Server {
    pub realtime: Realtime,
    pub address: SocketAddr,
    /// Sockets that were let in, and why they went.
    pub connected: mpsc::Receiver<Socket>,
    pub ended: mpsc::Receiver<(String, DisconnectReason)>,
}

/// Echoes `say` to the room it names, `slow` after the others were asked, and refuses who says so.
pub async fn start(config: Config) -> Server {
    let (connected_to, connected) = mpsc::channel(1000);
    let (ended_to, ended) = mpsc::channel(1000);
    let namespace = Namespace::new("/chat")
        .on_connect(|_, auth| async move {
            match auth.read::<serde_json::Value>() {
                Some(auth) if auth["refuse"] == true => {
                    Err(ConnectError { message: "no".into(), data: Some(serde_json::json!({ "code": 7 })) })
                }
                _ => Ok(()),
            }
        })
        .on_connected(move |socket| {
            let connected_to = connected_to.clone();
            async move {
                socket.join("room");
                let _ = socket.emit("welcome", socket.id());
                let _ = connected_to.send(socket).await;
            }
        })
        .on("echo", |socket, event| async move {
            // The first of a burst takes longest: order must not depend on it.
            if event.arg::<u32>(0) == Some(0) {
                tokio::task::yield_now().await;
            }
            let _ = socket.emit("echo", &event.arg::<u32>(0));
        })
        .on("count", |_, event| async move {
            let got: Option<serde_json::Value> = event.arg(0);
            let _ = event.ack(&serde_json::json!({ "got": got }));
        })
        .on("panic", |_, _| async move { panic!("as asked") })
        .on_disconnect(move |socket, reason| {
            let ended_to = ended_to.clone();
            async move {
                let _ = ended_to.send((socket.id().to_owned(), reason)).await;
            }
        });
    let realtime = Realtime::builder(config)
        .guard(|parts| match parts.headers.get("origin") {
            Some(origin) if origin == "http://evil.example" => {
                Err(Refused::new(http::StatusCode::FORBIDDEN, "foreign"))
            }
            _ => Ok(()),
        })
        .admit(|_| Ok(Admission::new(7_u32)))
        .namespace(namespace)
        .build()
        .unwrap();
    let address = mount(&realtime, axum::Router::new()).await;
    Server { realtime, address, connected, ended }
}

/// Serves what is in the router, and Socket.IO.
pub async fn mount(realtime: &Realtime, router: axum::Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router =
        router.route_service("/socket.io/", realtime.service()).route_service("/socket.io/{file}", realtime.service());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// A server of one namespace, whose comings and goings are told.
pub async fn watch(config: Config, namespace: Namespace) -> Server {
    let (namespace, connected, ended) = watched(namespace);
    let realtime = Realtime::builder(config).namespace(namespace).build().unwrap();
    let address = mount(&realtime, axum::Router::new()).await;
    Server { realtime, address, connected, ended }
}

pub fn watched(
    namespace: Namespace,
) -> (Namespace, mpsc::Receiver<Socket>, mpsc::Receiver<(String, DisconnectReason)>) {
    let (connected_to, connected) = mpsc::channel(1000);
    let (ended_to, ended) = mpsc::channel(1000);
    let namespace = namespace
        .on_connected(move |socket| {
            let connected_to = connected_to.clone();
            async move { drop(connected_to.send(socket).await) }
        })
        .on_disconnect(move |socket, reason| {
            let ended_to = ended_to.clone();
            async move { drop(ended_to.send((socket.id().to_owned(), reason)).await) }
        });
    (namespace, connected, ended)
}

/// Requests of a client that polls, by hand.
pub struct Poller {
    pub http: reqwest::Client,
    pub url: String,
}

impl Poller {
    /// Opens a connection; what its open packet is framed with is up to the version.
    pub async fn open(address: SocketAddr, query: &str) -> Self {
        let http = reqwest::Client::new();
        let url = format!("http://{address}/socket.io/?transport=polling&{query}");
        let body = http.get(&url).send().await.unwrap().text().await.unwrap();
        let open: serde_json::Value = serde_json::from_str(&body[body.find('{').unwrap()..]).unwrap();
        Self { http, url: format!("{url}&sid={}", open["sid"].as_str().unwrap()) }
    }

    pub async fn get(&self) -> String {
        String::from_utf8(self.get_bytes().await).unwrap()
    }

    pub async fn get_bytes(&self) -> Vec<u8> {
        let answer = within(self.http.get(&self.url).send()).await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap().to_vec()
    }

    pub async fn post(&self, body: impl Into<reqwest::Body>) -> u16 {
        within(self.http.post(&self.url).body(body).send()).await.unwrap().status().as_u16()
    }

    pub async fn post_octets(&self, body: Vec<u8>) -> u16 {
        let request = self.http.post(&self.url).header("content-type", "application/octet-stream").body(body);
        within(request.send()).await.unwrap().status().as_u16()
    }
}

pub struct Client(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    /// A WebSocket, and nothing said.
    pub async fn to(address: SocketAddr, path: &str) -> Self {
        let (socket, _) = tokio_tungstenite::connect_async(format!("ws://{address}{path}")).await.unwrap();
        Self(socket)
    }

    /// The same with a receive buffer so small that what is not read is soon not taken.
    pub async fn narrow(address: SocketAddr, path: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = MaybeTlsStream::Plain(socket.connect(address).await.unwrap());
        let url = format!("ws://{address}{path}");
        Self(tokio_tungstenite::client_async(url, stream).await.unwrap().0)
    }

    pub async fn open(server: &Server) -> Self {
        let mut client = Self::to(server.address, SOCKET_IO).await;
        assert!(client.next().await.starts_with("0{"));
        client
    }

    pub async fn join(server: &Server) -> Self {
        let mut client = Self::open(server).await;
        client.send("40/chat,").await;
        assert!(client.next().await.starts_with("40/chat,{\"sid\":"));
        assert!(client.next().await.starts_with("42/chat,[\"welcome\","));
        client
    }

    pub async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The status code with which the server closes; `None` when it says none.
    pub async fn close_code(&mut self) -> Option<u16> {
        loop {
            match within(self.0.next()).await {
                Some(Ok(Message::Close(close))) => return close.map(|close| close.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    pub async fn next_binary(&mut self) -> Vec<u8> {
        match within(self.0.next()).await {
            Some(Ok(Message::Binary(bytes))) => bytes.to_vec(),
            other => panic!("{other:?} is not binary"),
        }
    }

    /// The next text, pings answered.
    pub async fn next(&mut self) -> String {
        loop {
            match tokio::time::timeout(PATIENCE, self.0.next()).await.unwrap() {
                Some(Ok(Message::Text(text))) if text.as_str() == "2" => self.send("3").await,
                Some(Ok(Message::Text(text))) => return text.to_string(),
                Some(Ok(Message::Close(_))) | Some(Err(_)) | None => return String::from("closed"),
                Some(Ok(_)) => {}
            }
        }
    }
}

pub async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("in time")
}
