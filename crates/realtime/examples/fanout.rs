//! Rooms and nothing else: what the bench drives.
//!
//! `cargo run --release -p gifchat-realtime --example fanout -- [--listen ADDRESS] [--workers N]`
//!
//! In namespace `/chat`, event `joinroom` with a name joins that room, and event `chat` with `{room, chat}` is
//! broadcast to it, the sender included.

use std::error::Error;

use gifchat_realtime::{Config, Incoming, Namespace, Realtime};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Said {
    room: String,
    chat: String,
}

#[derive(Serialize)]
struct Chat<'a> {
    _id: &'static str,
    room: &'a str,
    user: &'static str,
    chat: &'a str,
    #[serde(rename = "createdAt")]
    created_at: &'static str,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut listen = String::from("127.0.0.1:0");
    let mut config = Config { inbound_packets: 4096, inbound_bytes: 4 << 20, ..Config::default() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().ok_or("every option takes a value")?;
        match word.as_str() {
            "--listen" => listen = value,
            "--workers" => config.shards = value.parse()?,
            _ => return Err(format!("unknown option {word}; there are --listen and --workers").into()),
        }
    }

    let (hub, handle) = tokio::sync::watch::channel(None::<Realtime>);
    let say = move |_: gifchat_realtime::Socket, event: Incoming| {
        let realtime = handle.borrow().clone();
        async move {
            if let (Some(realtime), Some(said)) = (realtime, event.arg::<Said>(0)) {
                let chat = Chat {
                    _id: "0123456789abcdef01234567",
                    room: &said.room,
                    user: "#a1b2c3",
                    chat: &said.chat,
                    created_at: "2026-01-01T00:00:00.000Z",
                };
                realtime.ready().await;
                let _ = realtime.to("/chat", &said.room).emit("chat", &chat);
                let _ = event.ack(&true);
            }
        }
    };
    let chat = Namespace::new("/chat")
        .on("joinroom", |socket, event| async move {
            if let Some(room) = event.arg::<String>(0) {
                socket.join(&room);
                let _ = event.ack(&true);
            }
        })
        .on("chat", say);
    let realtime = Realtime::builder(config).namespace(chat).build()?;
    hub.send_replace(Some(realtime.clone()));

    let listener = tokio::net::TcpListener::bind(&listen).await?;
    println!("http://{}", listener.local_addr()?);
    let router: axum::Router = axum::Router::new()
        .route_service("/socket.io/", realtime.service())
        .route_service("/socket.io/{file}", realtime.service());
    axum::serve(listener, router).await?;
    Ok(())
}
