//! As much of an HTTP client as entering a room needs.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const MOST: u64 = 4 * 1024 * 1024;
/// Connections from one source address: fewer than Linux's usual range of local ports.
const PER_SOURCE: u32 = 25_000;

pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Answer {
    /// All cookies it sets, as a `Cookie` header has them.
    pub fn cookies(&self) -> String {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let cookies = lines.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        cookies.filter_map(|(_, value)| value.trim().split(';').next()).collect::<Vec<_>>().join("; ")
    }
}

/// Opens connection number `index`. The source is one of 127.0.0.1, 127.0.0.2, ... Dropping the connection resets it, so
/// that a million of them leave no ports behind that have to wait.
pub async fn connect(server: SocketAddr, index: u32, receive_buffer: Option<u32>) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let source = Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + index / PER_SOURCE);
    if source != Ipv4Addr::LOCALHOST {
        socket.bind((source, 0).into())?;
    }
    socket.set_nodelay(true)?;
    socket.set_zero_linger()?;
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes)?;
    }
    socket.connect(server).await.context("the server does not accept")
}

/// One request on a connection of its own, which has to be granted.
pub async fn request(server: SocketAddr, method: &str, path: &str, cookie: &str, form: &str) -> anyhow::Result<Answer> {
    let answer = ask(server, method, path, cookie, form).await?;
    let status = answer.status;
    ensure!((200..400).contains(&status), "{method} {path} was answered {status}: {}", answer.body);
    Ok(answer)
}

/// One request on a connection of its own, however it is answered.
pub async fn ask(server: SocketAddr, method: &str, path: &str, cookie: &str, form: &str) -> anyhow::Result<Answer> {
    let mut stream = connect(server, 0, None).await?;
    let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
    // Pages as a browser asks for them, and the new room as a program does.
    let accept = if method == "GET" { "text/html" } else { "application/json" };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\nAccept: {accept}\r\n{cookie}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP answer")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no HTTP status")?;
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_beyond_the_ports_of_one_address_come_from_the_next() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = listener.local_addr().unwrap();
        for (index, source) in [(0, "127.0.0.1"), (PER_SOURCE - 1, "127.0.0.1"), (2 * PER_SOURCE, "127.0.0.3")] {
            let _client = connect(server, index, None).await.unwrap();
            let (_, peer) = listener.accept().await.unwrap();
            assert_eq!(peer.ip().to_string(), source);
        }
    }

    #[test]
    fn cookies_are_sent_back_without_their_attributes() {
        let head = "HTTP/1.1 201 Created\r\nSet-Cookie: a=1; HttpOnly; Path=/\r\nset-cookie: b=2".to_owned();
        assert_eq!(Answer { status: 201, head, body: String::new() }.cookies(), "a=1; b=2");
    }
}
