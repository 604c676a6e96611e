//! A WebSocket that says something every three seconds, and logs what it is told.
//!
//! `cargo run -p gifchat-realtime --example ws_ticker -- [--listen ADDRESS]`, then for example
//! `websocat ws://127.0.0.1:<port>/`. Any path will do.

mod support;

use std::error::Error;
use std::time::Duration;

use gifchat_realtime::{Config, Message, Namespace, Realtime, Socket};

const EVERY: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = support::options(&["listen"])?;
    let ticker = Namespace::new("/")
        .on_connected(|socket| async move {
            tokio::spawn(tick(socket));
        })
        .on_message(|socket, message| async move {
            if let Message::Text(text) = message {
                println!("{}: {text}", socket.id());
            }
        })
        .on_disconnect(|socket, reason| async move { println!("{}: gone, {reason}", socket.id()) });
    let realtime = Realtime::builder(Config::default()).namespace(ticker).build()?;
    let listener = support::listen(&options).await?;
    realtime.serve(listener, realtime.raw_service("/"), support::asked_to_end()).await;
    Ok(())
}

async fn tick(socket: Socket) {
    loop {
        tokio::time::sleep(EVERY).await;
        if !socket.is_connected() {
            return;
        }
        socket.send(Message::Text("서버에서 클라이언트로 메시지를 보냅니다.".into()));
    }
}
