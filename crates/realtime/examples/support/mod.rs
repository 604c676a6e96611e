//! What the examples have in common: `--listen`, and an orderly end.
#![allow(dead_code, reason = "each example takes what it needs")]

use std::collections::HashMap;
use std::error::Error;

use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted: who finds no place there tries again after a second.
const BACKLOG: u32 = 4096;

/// The words of the command line: `--name value`, for each of `names`.
pub fn options(names: &[&str]) -> Result<HashMap<String, String>, Box<dyn Error>> {
    let mut options = HashMap::new();
    // The first is the program.
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let name = word.strip_prefix("--").filter(|name| names.contains(name));
        let name = name.ok_or_else(|| format!("unknown option {word}; there are: {}", names.join(", ")))?;
        let value = words.next().ok_or_else(|| format!("{word} takes a value"))?;
        options.insert(name.to_owned(), value);
    }
    Ok(options)
}

/// Listens where `--listen` says, on a free port of this machine without it, and prints the address.
pub async fn listen(options: &HashMap<String, String>) -> Result<TcpListener, Box<dyn Error>> {
    let address = options.get("listen").map_or("127.0.0.1:0", String::as_str);
    let address = tokio::net::lookup_host(address).await?.next().ok_or("no such address")?;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    let listener = socket.listen(BACKLOG)?;
    println!("http://{}", listener.local_addr()?);
    Ok(listener)
}

/// Returns when the process is asked to end.
pub async fn asked_to_end() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
