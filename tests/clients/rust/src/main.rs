//! What `rust_socketio` can do, against the echo server: `gifchat-rust-client ADDRESS polling|websocket|upgrade`; its
//! status is 0 when all came back. This client cannot answer an acknowledgement, has one attachment for a packet at most,
//! and does not find it when it came over WebSocket: bytes are for polling.

use std::error::Error;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use rust_socketio::client::Client;
use rust_socketio::{ClientBuilder, Payload, TransportType};
use serde_json::{Value, json};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const PATIENCE: Duration = Duration::from_secs(10);
const MESSAGES: u64 = 100;

/// A namespace, and all that it heard.
struct Ear {
    client: Client,
    heard: Receiver<(String, Payload)>,
}

impl Ear {
    fn open(address: &str, namespace: &str, transport: TransportType, auth: Value) -> Outcome<Self> {
        let (note, heard) = sync_channel(2 * MESSAGES as usize);
        let client = ClientBuilder::new(address)
            .namespace(namespace)
            .transport_type(transport)
            .reconnect(false)
            .auth(auth)
            .on_any(move |event, payload, _| {
                let _ = note.send((String::from(event), payload));
            })
            .connect()?;
        Ok(Self { client, heard })
    }

    /// The arguments of the next event, which has to be `wanted`.
    fn hears(&self, wanted: &str) -> Outcome<Payload> {
        let (event, payload) = self.heard.recv_timeout(PATIENCE)?;
        if event == wanted { Ok(payload) } else { Err(format!("{event} came instead of {wanted}: {payload:?}").into()) }
    }

    fn ask(&self, args: &[Value]) -> Outcome<Payload> {
        let (answer, answered) = sync_channel(1);
        let told = move |payload, _: rust_socketio::RawClient| {
            let _ = answer.send(payload);
        };
        self.client.emit_with_ack("message-with-ack", Payload::Text(args.to_vec()), PATIENCE, told)?;
        Ok(answered.recv_timeout(PATIENCE)?)
    }
}

fn same(found: &Payload, wanted: &Payload, what: &str) -> Outcome {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found:?} instead of {wanted:?}").into()) }
}

fn talk(address: &str, namespace: &str, transport: TransportType) -> Outcome {
    let auth = json!({"token": "열쇠 \"1\""});
    let bytes_too = matches!(transport, TransportType::Polling);
    let ear = Ear::open(address, namespace, transport, auth.clone())?;
    same(&ear.hears("auth")?, &Payload::Text(vec![auth]), "auth")?;
    let args = vec![json!(1), json!("셋 ㅋㅋ 👋"), json!({"4": [true, null, -0.5]}), json!([]), json!("")];
    ear.client.emit("message", Payload::Text(args.clone()))?;
    same(&ear.hears("message-back")?, &Payload::Text(args.clone()), "a message")?;
    if bytes_too {
        let bytes = Payload::Binary(vec![0, 1, 4, 30, 127, 128, 254, 255].into());
        ear.client.emit("message", bytes.clone())?;
        same(&ear.hears("message-back")?, &bytes, "bytes")?;
    }
    // It gives the arguments of an ack as one list.
    same(&ear.ask(&args)?, &Payload::Text(vec![Value::Array(args)]), "an ack")?;
    for number in 0..MESSAGES {
        ear.client.emit("message", json!(number))?;
    }
    for number in 0..MESSAGES {
        same(&ear.hears("message-back")?, &Payload::Text(vec![json!(number)]), "the order")?;
    }
    let large = vec![json!("x".repeat(300_000))];
    ear.client.emit("message", Payload::Text(large.clone()))?;
    same(&ear.hears("message-back")?, &Payload::Text(large), "a large message")?;
    ear.client.disconnect()?;
    Ok(())
}

fn main() -> Outcome {
    let args: Vec<_> = std::env::args().collect();
    let [_, address, transport] = args.as_slice() else { return Err("ADDRESS polling|websocket|upgrade".into()) };
    let transport = match transport.as_str() {
        "polling" => TransportType::Polling,
        "websocket" => TransportType::Websocket,
        "upgrade" => TransportType::WebsocketUpgrade,
        other => return Err(format!("no transport is called {other}").into()),
    };
    for namespace in ["/", "/custom"] {
        talk(address, namespace, transport.clone())?;
    }
    Ok(())
}
