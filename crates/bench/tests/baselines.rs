//! The servers to compare with do what they are compared in: a client that is not ours hears what is said in its room.

#![allow(clippy::unwrap_used, reason = "a test fails with what went wrong")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Ended with the test.
struct Server(Child, String);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(kind: &str) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gifchat-bench"));
    let mut child = command.args(["serve", kind]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("http://").expect("it prints its address").to_owned();
    Server(child, address)
}

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    async fn join(server: &Server, room: &str) -> Self {
        let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", server.1);
        let mut client = Self(connect_async(url).await.unwrap().0);
        assert!(client.hear().await.starts_with("0{\"sid\":"));
        client.say("40/chat,").await;
        let connected = client.hear().await;
        assert!(connected.starts_with("40/chat,{\"sid\":"), "{connected}");
        client.say(&format!("42/chat,0[\"joinroom\",\"{room}\"]")).await;
        assert_eq!(client.hear().await, "43/chat,0[true]");
        client
    }

    async fn say(&mut self, packet: &str) {
        self.0.send(Message::text(packet)).await.unwrap();
    }

    async fn hear(&mut self) -> String {
        loop {
            let packet = self.0.next().await.unwrap().unwrap().into_text().unwrap();
            // Some servers ask for a heartbeat as soon as they can.
            if packet.as_str() != "2" {
                return packet.to_string();
            }
            self.say("3").await;
        }
    }
}

async fn delivers_to_the_room_and_to_nobody_else(kind: &str) {
    let server = start(kind);
    let mut one = Client::join(&server, "a").await;
    let mut two = Client::join(&server, "a").await;
    let mut other = Client::join(&server, "b").await;
    drop(Client::join(&server, "a").await);

    // Longer than what fits the short form of a frame, and masked by a client that is not ours.
    let text = "x".repeat(300);
    for round in 0..3 {
        one.say(&format!("42/chat,[\"chat\",{{\"room\":\"a\",\"chat\":\"{round} {text}\"}}]")).await;
        for client in [&mut one, &mut two] {
            let event = client.hear().await;
            let event: serde_json::Value = serde_json::from_str(event.strip_prefix("42/chat,").unwrap()).unwrap();
            assert_eq!(event[0], "chat");
            assert_eq!(event[1]["room"], "a");
            assert_eq!(event[1]["chat"], format!("{round} {text}"));
            assert_eq!(event[1]["user"], "#a1b2c3");
        }
    }
    other.say("42/chat,[\"chat\",{\"room\":\"b\",\"chat\":\"alone\"}]").await;
    assert!(other.hear().await.contains("alone"), "nothing else has come before");
}

#[tokio::test]
async fn the_raw_server_that_writes_each_delivers() {
    delivers_to_the_room_and_to_nobody_else("raw-each").await;
}

#[tokio::test]
async fn the_raw_server_that_gathers_delivers() {
    delivers_to_the_room_and_to_nobody_else("raw-gather").await;
}

#[cfg(feature = "rivals")]
#[tokio::test]
async fn socketioxide_delivers() {
    delivers_to_the_room_and_to_nobody_else("socketioxide").await;
}

/// The whole comparison, as small as it can be.
#[test]
fn every_part_of_the_comparison_has_a_row_for_every_server() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gifchat-bench"));
    command.args(["compare", "--servers", "raw-each,raw-gather", "--rooms-of", "5", "--letters", "50"]);
    command.args(["--connections", "20", "--rounds", "1", "--warm-up", "0", "--seconds", "1", "--rate", "1000"]);
    command.args(["--load", "calm", "--idle", "20", "--settle", "0", "--clients", "50", "--cycles", "200"]);
    command.args(["--reading", "5", "--stalling", "1", "--stalled-seconds", "1"]);
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success());
    let out = String::from_utf8(output.stdout).unwrap();
    let rows = |server: &str| out.lines().filter(|line| line.starts_with(&format!("| {server} |"))).count();
    // Paired needs a second core, and has no row for the base itself.
    let paired = usize::from(std::thread::available_parallelism().unwrap().get() > 1);
    assert_eq!((rows("raw-each"), rows("raw-gather")), (5, 5 + paired), "{out}");
}
