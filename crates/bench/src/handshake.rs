//! From HTTP to WebSocket, as a client (RFC 6455 section 4.1).

use std::net::SocketAddr;

use anyhow::ensure;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Asks for the upgrade to Engine.IO 4 over WebSocket; what has come after the 101 answer. The accept key is not
/// looked at: a bench is no test of conformance.
pub async fn upgrade(stream: &mut TcpStream, server: SocketAddr, cookie: &str) -> anyhow::Result<Vec<u8>> {
    let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
    let request = format!(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{cookie}\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    loop {
        ensure!(answer.len() < 16 * 1024, "an endless head");
        ensure!(stream.read_buf(&mut answer).await? > 0, "the server closed: {}", String::from_utf8_lossy(&answer));
        let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let is_switched = answer.starts_with(b"HTTP/1.1 101 ");
        ensure!(is_switched, "the upgrade was refused: {}", String::from_utf8_lossy(&answer));
        return Ok(answer.split_off(end + 4));
    }
}
