//! A server on a port of its own, and a client of a few lines.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use gifchat_realtime::{Admission, Config, ConnectError, DisconnectReason, Namespace, Realtime, Refused, Socket};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub const PATIENCE: Duration = Duration::from_secs(20);

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
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router: axum::Router = axum::Router::new()
        .route_service("/socket.io/", realtime.service())
        .route_service("/socket.io/{file}", realtime.service());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Server { realtime, address, connected, ended }
}

pub struct Client(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    pub async fn open(server: &Server) -> Self {
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", server.address);
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let mut client = Self(socket);
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
