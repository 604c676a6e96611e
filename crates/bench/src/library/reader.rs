//! One connection that asks one thing after the other.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

/// The longest answer.
const MOST: usize = 1 << 20;

pub struct Reader {
    stream: BufReader<TcpStream>,
    server: SocketAddr,
}

impl Reader {
    pub fn connect(server: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream), server })
    }

    /// How long the whole answer took, and its body.
    #[allow(clippy::disallowed_methods, reason = "a bench measures time that has really passed")]
    pub fn get(&mut self, path: &str) -> anyhow::Result<(Duration, String)> {
        let begin = Instant::now();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n\r\n", self.server);
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        ensure!(line.contains(" 200 "), "{path} was answered {line}");
        let mut length = None;
        while line != "\r\n" {
            line.clear();
            ensure!(self.stream.read_line(&mut line)? > 0, "the server has hung up");
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = Some(value.trim().parse::<usize>()?);
            }
        }
        let length = length.filter(|length| *length <= MOST).context("an answer without a length")?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((begin.elapsed(), String::from_utf8(body)?))
    }
}
