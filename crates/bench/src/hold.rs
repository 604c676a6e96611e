//! A process of people who enter a room and then read nothing. Its parent may also stop it altogether.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

use crate::client::Shared;
use crate::entry::{Mode, Room, enter};
use crate::{alone, process};

/// What is printed when everybody is in.
pub const READY: &str = "everybody is in";
/// Who does not read must say something, or the server takes them for dead and there is nothing to see.
const HEARTBEAT: Duration = Duration::from_secs(5);

#[derive(Args, Debug)]
pub struct HoldOptions {
    mode: Mode,
    #[arg(long)]
    server: SocketAddr,
    /// The room's id.
    #[arg(long)]
    room: String,
    #[arg(long)]
    people: u32,
    /// Bytes that the kernel may hold for each of them.
    #[arg(long)]
    receive_buffer: u32,
}

impl HoldOptions {
    /// The arguments that make these options.
    pub fn arguments(mode: Mode, server: SocketAddr, room: &str, people: u32, receive_buffer: u32) -> Vec<String> {
        [
            "hold",
            mode.name(),
            "--server",
            &server.to_string(),
            "--room",
            room,
            "--people",
            &people.to_string(),
            "--receive-buffer",
            &receive_buffer.to_string(),
        ]
        .map(str::to_owned)
        .to_vec()
    }
}

/// Enters, says so, and holds until the process is ended.
pub async fn run(options: &HoldOptions) -> anyhow::Result<()> {
    process::raise_open_files(u64::from(options.people))?;
    alone(hold(options)).await
}

async fn hold(options: &HoldOptions) -> anyhow::Result<()> {
    let shared = Shared::new();
    shared.receive_buffer.set(Some(options.receive_buffer));
    let room = Room::known(options.room.clone());
    let mut people = Vec::new();
    for index in 0..options.people {
        people.push(enter(options.mode, &shared, options.server, &room, 1, index).await?);
    }
    println!("{READY}");
    // The thread is held, so nothing is read any more.
    loop {
        std::thread::park_timeout(HEARTBEAT);
        for one in &people {
            // Who has been closed cannot say anything; that is no matter here.
            let _ = one.send(b"3");
        }
    }
}
