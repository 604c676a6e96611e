//! The program begins: the port is taken first and opened last.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::process::Stdio;

use socket2::{Domain, Socket, Type};
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};

use crate::cli::{Running, gifchat};

/// A port that nobody else gets, and that a program may still listen on.
fn reserved() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

/// Nobody is let in (or left waiting) while the database is still being brought up to date.
#[tokio::test]
async fn who_comes_before_everything_is_ready_is_refused() {
    let (_port, address) = reserved();
    let listen = address.to_string();
    loop {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        // Somebody else writes to the database, so that its tables cannot be made yet.
        let database = SqliteConnectOptions::new().filename(data.join("gifchat.db")).create_if_missing(true);
        let mut stranger = database.journal_mode(SqliteJournalMode::Wal).connect().await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut stranger).await.unwrap();
        let mut command = gifchat(&["--listen", &listen, "--data", data.to_str().unwrap()]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // It is made just before the database is opened, and long after the port was taken.
        while !data.join("secret").exists() && child.try_wait().unwrap().is_none() {}
        assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
        sqlx::query("ROLLBACK").execute(&mut stranger).await.unwrap();
        // On a very busy machine it has given up waiting for the stranger; then that was no proof.
        if let Some(server) = Running::of(child) {
            assert_eq!(server.address, address);
            TcpStream::connect(address).unwrap();
            return;
        }
    }
}
