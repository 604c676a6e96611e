//! An echo server for the protocol suites of Engine.IO and Socket.IO.
//!
//! `cargo run -p gifchat-realtime --example conformance -- [--listen ADDRESS] [--mode socketio|engineio]
//! [--ping-interval MS] [--ping-timeout MS]`
//!
//! - `socketio` (path `/socket.io`, namespaces `/` and `/custom`): on connect `auth` is emitted with the handshake's
//!   auth; `message` comes back as `message-back` with the same arguments, `message-with-ack` is acknowledged with its
//!   arguments, `emit-with-ack` is emitted back with an acknowledgement, which is emitted as `emit-with-ack`; `expel`
//!   throws the client out, with a `message-back` of the same arguments as the last word.
//! - `engineio` (path `/engine.io`): every message is sent back as it came.

mod support;

use std::error::Error;
use std::time::Duration;

use gifchat_realtime::{Admission, Args, Config, CorsLayer, Frame, Handshake, Incoming, Namespace, Realtime, Socket};
use serde_json::value::RawValue;

/// The suites wait for one message after the other, and miss the second of two that come in one read.
const PAUSE: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = support::options(&["listen", "mode", "ping-interval", "ping-timeout"])?;
    let millis = |name: &str, default| options.get(name).map_or(Ok(default), |millis| millis.parse());
    let mode = options.get("mode").map_or("socketio", String::as_str);
    let config = Config {
        path: format!("/{}/", if mode == "engineio" { "engine.io" } else { "socket.io" }),
        ping_interval: Duration::from_millis(millis("ping-interval", 300)?),
        ping_timeout: Duration::from_millis(millis("ping-timeout", 200)?),
        connect_timeout: Duration::from_secs(1),
        first_packet_delay: PAUSE,
        max_payload: 1_000_000,
        max_message: 1_000_000,
        ..Config::default()
    };
    let builder =
        Realtime::builder(config).cors(CorsLayer::permissive()).admit(|parts| Ok(Admission::new(Handshake::of(parts))));
    let realtime = match mode {
        "engineio" => {
            builder.engine(Namespace::new("/").on_message(|socket, message| async move { socket.send(message) }))
        }
        "socketio" => builder.namespace(echoes("/")).namespace(echoes("/custom")),
        other => return Err(format!("unknown mode {other}; there are socketio and engineio").into()),
    }
    .build()?;
    let listener = support::listen(&options).await?;
    realtime.serve(listener, realtime.service(), support::asked_to_end()).await;
    Ok(())
}

fn echoes(name: &str) -> Namespace {
    Namespace::new(name)
        .on_connect(|socket, auth| async move {
            // Said when the client is in.
            socket.set(auth.raw().to_owned());
            Ok(())
        })
        .on_connected(|socket| async move {
            if socket.peer::<Handshake>().is_some_and(|handshake| handshake.is_websocket()) {
                tokio::time::sleep(PAUSE).await;
            }
            let auth = socket.get::<String>().and_then(|auth| serde_json::from_str::<&RawValue>(auth).ok());
            let _ = socket.emit("auth", &auth);
        })
        .on("message", |socket, event| async move {
            let _ = socket.emit_with("message-back", event.args());
        })
        .on("message-with-ack", |_, event| async move {
            let args = event.args().clone();
            event.ack_with(&args);
        })
        .on("expel", |socket, event| async move {
            socket.join(socket.id());
            if let Ok(farewell) = Frame::event_with(socket.namespace(), "message-back", event.args()) {
                socket.within(socket.id()).expel(Some(farewell)).await;
            }
        })
        .on("emit-with-ack", |socket, event| async move {
            // Not awaited here: the answer comes behind this event.
            tokio::spawn(ask(socket, event));
        })
}

async fn ask(socket: Socket, event: Incoming) {
    let answered = socket.emit_with_and_ack("emit-with-ack", event.args(), Duration::from_secs(5)).await;
    let answer = answered.map_or_else(|_| Args::none(), |answer| answer.args().clone());
    let _ = socket.emit_with("emit-with-ack", &answer);
}
