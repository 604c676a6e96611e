//! The program begins: the port is taken first and opened last.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use socket2::{Domain, Socket, Type};
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};

use crate::cli::{Running, gifchat};

/// A port that nobody else gets, and that a program may still listen on.
fn reserved() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

/// Somebody else who writes to the database, so that its tables cannot be made yet. Its folder is made for it.
async fn stranger(data: &Path) -> SqliteConnection {
    std::fs::create_dir(data).unwrap();
    let database = SqliteConnectOptions::new().filename(data.join("gifchat.db")).create_if_missing(true);
    let mut stranger = database.journal_mode(SqliteJournalMode::Wal).connect().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut stranger).await.unwrap();
    stranger
}

/// Nobody is let in (or left waiting) while the database is still being brought up to date.
#[tokio::test]
async fn who_comes_before_everything_is_ready_is_refused() {
    let (_port, address) = reserved();
    let listen = address.to_string();
    loop {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut stranger = stranger(&data).await;
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

/// Whoever started it by mistake, or a supervisor, need not wait for a long migration.
#[tokio::test]
async fn a_signal_ends_the_start_at_once() {
    loop {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let _stranger = stranger(&data).await;
        let mut command = gifchat(&["--listen", "127.0.0.1:0", "--log", "off", "--data", data.to_str().unwrap()]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while !data.join("secret").exists() && child.try_wait().unwrap().is_none() {}
        // On a very busy machine it has given up waiting for the stranger by now.
        if child.try_wait().unwrap().is_none() {
            kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            assert!(output.stderr.is_empty(), "it did not wait for the stranger: {output:?}");
            return;
        }
    }
}
