//! Rooms and nothing else: what the bench drives.
//!
//! `cargo run --release -p gifchat-realtime --example fanout -- [--listen ADDRESS] [--workers N]`
//!
//! In namespace `/chat`, event `joinroom` with a name joins that room, and event `chat` with `{room, chat}` is
//! broadcast to it, the sender included.

mod support;

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};

use gifchat_realtime::{Config, Incoming, Namespace, Realtime, Socket};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Said {
    room: String,
    chat: String,
}

#[derive(Serialize)]
struct Chat<'a> {
    _id: String,
    room: &'a str,
    user: &'static str,
    chat: &'a str,
    #[serde(rename = "createdAt")]
    created_at: jiff::Timestamp,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = support::options(&["listen", "workers"])?;
    let shards = options.get("workers").map_or(Ok(0), |workers| workers.parse())?;
    let config = Config { shards, inbound_packets: 4096, inbound_bytes: 4 << 20, ..Config::default() };
    let chat = Namespace::new("/chat")
        .on("joinroom", |socket, event| async move {
            if let Some(room) = event.arg::<String>(0) {
                socket.join(&room);
                let _ = event.ack(&true);
            }
        })
        .on("chat", say);
    let realtime = Realtime::builder(config).namespace(chat).build()?;
    let listener = support::listen(&options).await?;
    realtime.serve(listener, realtime.service(), support::asked_to_end()).await;
    Ok(())
}

static SAID: AtomicU64 = AtomicU64::new(1);

async fn say(socket: Socket, event: Incoming) {
    if let Some(said) = event.arg::<Said>(0) {
        let chat = Chat {
            _id: format!("{:024x}", SAID.fetch_add(1, Ordering::Relaxed)),
            room: &said.room,
            user: "#a1b2c3",
            chat: &said.chat,
            created_at: now(),
        };
        // Nothing new while the deliveries of what was said before are far behind.
        socket.ready().await;
        let _ = socket.within(&said.room).emit("chat", &chat);
        let _ = event.ack(&true);
    }
}

#[allow(clippy::disallowed_methods, reason = "an example tells the real time")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
