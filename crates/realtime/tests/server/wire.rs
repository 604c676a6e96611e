//! Clients that are nothing but bytes: what a connection carries, and how it ends.

use std::net::SocketAddr;

use axum::routing::get;
use gifchat_realtime::{Admission, Config, Namespace, Realtime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{Server, watched, within};

/// The transports that push, by the way to them.
pub const SOCKET_IO: &str = "/socket.io/?EIO=4&transport=websocket";
pub const PLAIN: &str = "/plain";
pub const EVENTS: &str = "/events";
pub const ALL: [&str; 3] = [SOCKET_IO, PLAIN, EVENTS];

/// A server of one namespace, `/chat`, over all transports.
pub async fn serve(config: Config, chat: Namespace) -> Server {
    let connected_to = tokio::sync::mpsc::channel(1000);
    let (chat, mut connected, ended) = watched(chat);
    let realtime = Realtime::builder(config).namespace(chat).build().unwrap();
    // The readers of event streams are told of like everybody else.
    let readers = connected_to.0.clone();
    tokio::spawn(async move {
        while let Some(socket) = connected.recv().await {
            let _ = readers.send(socket).await;
        }
    });
    let events = {
        let realtime = realtime.clone();
        move || async move {
            let (socket, stream) = realtime.event_stream("/chat", Admission::new(())).unwrap();
            connected_to.0.send(socket).await.unwrap();
            axum::body::Body::new(stream)
        }
    };
    let router = axum::Router::new()
        .route_service(PLAIN, realtime.plain_service("/chat"))
        .route(EVENTS, get(events))
        .route_service("/socket.io/", realtime.service());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = realtime.clone();
    tokio::spawn(async move { server.serve(listener, router, std::future::pending()).await });
    Server { realtime, address, connected: connected_to.1, ended }
}

pub struct Wire {
    stream: TcpStream,
    /// What was read and not asked for yet.
    rest: Vec<u8>,
}

impl Wire {
    /// Opens a connection, and joins. Its receive buffer is so small that what is not read is soon not taken.
    pub async fn open(address: SocketAddr, path: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut wire = Self { stream: socket.connect(address).await.unwrap(), rest: Vec::new() };
        let hello = if path == EVENTS {
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        } else {
            format!(
                "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
        };
        wire.stream.write_all(hello.as_bytes()).await.unwrap();
        if path == SOCKET_IO {
            wire.say("40/chat,").await;
        }
        wire
    }

    pub async fn say(&mut self, text: &str) {
        let frame = [&[0x81, 0x80 | text.len() as u8, 0, 0, 0, 0], text.as_bytes()].concat();
        // It may have been cut off.
        let _ = self.stream.write_all(&frame).await;
    }

    /// All that comes up to this word.
    pub async fn read_until(&mut self, word: &str) -> String {
        let mut piece = [0; 4096];
        let mut seen = 0;
        loop {
            let found = find(&self.rest[seen..], word);
            if let Some(at) = found {
                let rest = self.rest.split_off(seen + at + word.len());
                return String::from_utf8_lossy(&std::mem::replace(&mut self.rest, rest)).into_owned();
            }
            seen = self.rest.len().saturating_sub(word.len());
            let read = within(self.stream.read(&mut piece)).await.unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&self.rest));
            self.rest.extend_from_slice(&piece[..read]);
        }
    }

    /// Reads until there is nothing more: what came, and whether it ended in order.
    pub async fn drain(&mut self) -> (Vec<u8>, bool) {
        let mut all = std::mem::take(&mut self.rest);
        let mut piece = [0; 4096];
        loop {
            match within(self.stream.read(&mut piece)).await {
                Ok(0) => return (all, true),
                Ok(read) => all.extend_from_slice(&piece[..read]),
                Err(_) => return (all, false),
            }
        }
    }
}

fn find(bytes: &[u8], word: &str) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word.as_bytes())
}

pub fn holds(bytes: &[u8], word: &str) -> bool {
    find(bytes, word).is_some()
}
