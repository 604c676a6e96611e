//! The port: taken before anything else is touched, opened when there is somebody to serve.

use std::io::ErrorKind;
use std::net::SocketAddr;

use anyhow::anyhow;
use tokio::net::{TcpListener, TcpSocket};

/// Connections that wait to be accepted; the kernel may hold it lower (`net.core.somaxconn`).
const BACKLOG: u32 = 4096;

/// A port that is ours and refuses connections until it is opened; or a socket that was handed over, in which they wait.
#[derive(Debug)]
pub enum Port {
    Taken(TcpSocket, SocketAddr),
    Handed(std::net::TcpListener),
}

impl Port {
    /// # Errors
    /// One sentence with its remedy.
    pub fn take(address: SocketAddr) -> anyhow::Result<Self> {
        let socket = bind(address).map_err(|error| explain(address, &error))?;
        Ok(Self::Taken(socket, address))
    }

    /// From now on connections are accepted, or wait for it.
    ///
    /// # Errors
    /// One sentence with its remedy: another program may have begun to listen meanwhile.
    pub fn open(self) -> anyhow::Result<TcpListener> {
        match self {
            Self::Taken(socket, address) => socket.listen(BACKLOG).map_err(|error| explain(address, &error)),
            Self::Handed(listener) => Ok(TcpListener::from_std(listener)?),
        }
    }
}

fn bind(address: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart need not wait for old connections to be forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn explain(address: SocketAddr, error: &std::io::Error) -> anyhow::Error {
    let remedy = match error.kind() {
        ErrorKind::AddrInUse => "stop the program that uses it, or choose another port",
        ErrorKind::PermissionDenied => "choose a port from 1024 up",
        ErrorKind::AddrNotAvailable => "choose an address of this machine",
        _ => "choose another address",
    };
    anyhow!("cannot listen on {address} ({error}): {remedy} with --listen or GIFCHAT_LISTEN")
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    fn port(socket: &Port) -> SocketAddr {
        match socket {
            Port::Taken(socket, _) => socket.local_addr().unwrap(),
            Port::Handed(listener) => listener.local_addr().unwrap(),
        }
    }

    #[tokio::test]
    async fn nobody_is_let_in_before_it_is_opened() {
        let taken = Port::take("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = port(&taken);
        assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
        let _listener = taken.open().unwrap();
        TcpStream::connect(address).unwrap();
    }

    #[tokio::test]
    async fn why_it_cannot_listen_is_one_sentence() {
        let taken = Port::take("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = port(&taken);
        let sentence = format!(
            "cannot listen on {address} (Address already in use (os error 98)): stop the program that uses it, or choose \
             another port with --listen or GIFCHAT_LISTEN"
        );
        // Two may take a port that neither has opened; then the first to open has it.
        let late = Port::take(address).unwrap();
        let _listener = taken.open().unwrap();
        assert_eq!(late.open().unwrap_err().to_string(), sentence);
        assert_eq!(Port::take(address).unwrap_err().to_string(), sentence);
        let error = Port::take("192.0.2.1:80".parse().unwrap()).unwrap_err().to_string();
        assert!(error.contains("choose an address of this machine with --listen"), "{error}");
    }
}
