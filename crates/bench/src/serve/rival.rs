//! socketioxide on axum, as its own examples set it up.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use socketioxide::SocketIo;
use socketioxide::extract::{AckSender, Data, SocketRef};

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

pub fn run(listen: SocketAddr, workers: u16) -> anyhow::Result<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(usize::from(workers)).enable_all().build()?;
    runtime.block_on(serve(listen))
}

async fn serve(listen: SocketAddr) -> anyhow::Result<()> {
    let (layer, io) = SocketIo::new_layer();
    io.ns("/chat", async |socket: SocketRef| {
        socket.on("joinroom", async |socket: SocketRef, Data::<String>(room), ack: AckSender| {
            socket.join(room);
            // Nobody may have asked for it.
            let _ = ack.send(&true);
        });
        socket.on("chat", async |socket: SocketRef, Data::<Said>(said)| {
            let chat = Chat {
                _id: "0123456789abcdef01234567",
                room: &said.room,
                user: "#a1b2c3",
                chat: &said.chat,
                created_at: "2026-01-01T00:00:00.000Z",
            };
            // An error means that some receivers are full or gone; there is nobody to tell.
            let _ = socket.within(said.room.clone()).emit("chat", &chat).await;
        });
    });
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("http://{}", listener.local_addr()?);
    let router: axum::Router = axum::Router::new().layer(layer);
    // axum sets no TCP_NODELAY by itself; without it Nagle's algorithm would be measured.
    axum::serve(axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true))), router).await?;
    Ok(())
}
